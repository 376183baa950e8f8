"""Agencies, visits and court."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("store", "0005_insight")]

    operations = []
