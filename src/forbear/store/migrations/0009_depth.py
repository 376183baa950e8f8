"""Indexes for what pages count over every case and contact."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0008_agencies")]

    operations = [
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                fields=["stage", "handler", "held", "next_at"],
                condition=models.Q(closed_on=None),
                name="case_depth",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                fields=["leased_until"], condition=models.Q(leased_until__isnull=False), name="case_leased"
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(fields=["at"], condition=models.Q(at__isnull=False), name="contact_made"),
        ),
    ]
