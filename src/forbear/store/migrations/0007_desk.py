"""Skills, teams and assignment."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("store", "0006_agencies")]

    operations = []
