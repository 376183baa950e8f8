"""Requests, settlements and what else is agreed."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("store", "0002_evidence")]

    operations = []
