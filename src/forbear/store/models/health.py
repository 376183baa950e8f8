"""Which of the lender's processes are alive."""

from django.db import models


class Heartbeat(models.Model):
    """When a worker's thread of a name last went round; over all machines the newest counts."""

    name = models.CharField(max_length=32, primary_key=True)
    at = models.DateTimeField()
