"""Figures that were counted ahead, so that nobody waits for them where a book is large."""

from django.db import models


class CachedKpis(models.Model):
    """The figures of a period, counted at a moment: by key their version, part, whole and currency."""

    name = models.CharField(max_length=32, primary_key=True, help_text="Its first and last day")
    found = models.JSONField()
    at = models.DateTimeField()
