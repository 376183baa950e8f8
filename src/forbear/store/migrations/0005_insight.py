"""Floor, goals, strategies under review."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("store", "0004_portal")]

    operations = []
