"""Everybody who signs in: the lender's staff, agencies' people, visitors, auditors."""

from django.contrib.auth.models import AbstractUser
from django.db import models

from forbear.store.models.agency import Agency

ROLES = (
    "collector",
    "lead",
    "compliance",
    "analyst",
    "manager",
    "legal",
    "agency",
    "visitor",
    "auditor",
    "administrator",
)


class Staff(AbstractUser):
    """A person with one role. `number` is what borrowers are told and can check."""

    role = models.CharField(max_length=16, choices=[(role, role) for role in ROLES])
    number = models.CharField(max_length=16, unique=True)
    agency = models.ForeignKey(Agency, null=True, blank=True, on_delete=models.PROTECT, related_name="people")
    team = models.CharField(max_length=64, blank=True)
    languages = models.CharField(max_length=64, default="zh")
    skills = models.CharField(
        max_length=200, blank=True, default="", db_default="", help_text="The stages they work; empty is all"
    )
    capacity = models.IntegerField(
        default=60, db_default=60, help_text="How many cases a day the person can take"
    )
    line = models.CharField(max_length=64, blank=True, help_text="The person's own telephone or SIP line")
