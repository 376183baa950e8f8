"""What was imported once from the system before Forbear, so that the same row does nothing a second time."""

from django.db import models

#: Where a hold or consent came from that the old system had, and by what a contact went that it made.
IMPORTED = "import"


class ImportedRow(models.Model):
    """One row of a file of what already stood: `digest` names it, `said` what it said, both without telling it."""

    file = models.CharField(max_length=16)
    digest = models.CharField(max_length=64, unique=True)
    said = models.CharField(max_length=64)
    row = models.IntegerField()
    at = models.DateTimeField()
