"""Outside agencies, and which cases are with them."""

from django.db import models


class Agency(models.Model):
    """An outside agency as the permit needs it: on the public list, in good standing, contracted."""

    code = models.CharField(max_length=32, primary_key=True)
    name_zh = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200)
    registration = models.CharField(max_length=64, blank=True)
    telephone = models.CharField(max_length=32, blank=True)
    address = models.CharField(max_length=300, blank=True)
    listed_on = models.DateField(null=True, blank=True)
    contracted = models.BooleanField(default=False)
    suspended_at = models.DateTimeField(null=True, blank=True)
    suspended_because = models.CharField(max_length=300, blank=True)


class Placement(models.Model):
    """A case handed to an agency, from `placed_at` until `ended_at`."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="placements")
    borrower = models.ForeignKey("store.Borrower", on_delete=models.PROTECT, related_name="placements")
    loans = models.JSONField(default=list)
    placed_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_because = models.CharField(max_length=64, blank=True)

    class Meta:
        indexes = [models.Index(fields=["borrower", "ended_at"])]
