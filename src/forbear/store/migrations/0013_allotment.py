"""Cases worked out for people, and what people can take."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0012_credit_reports")]

    operations = [
        migrations.AddField(
            model_name="staff",
            name="capacity",
            field=models.IntegerField(
                db_default=60, default=60, help_text="How many cases a day the person can take"
            ),
        ),
        migrations.AddField(
            model_name="staff",
            name="skills",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="The stages they work; empty is all",
                max_length=200,
            ),
        ),
        migrations.CreateModel(
            name="Allotment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("made_at", models.DateTimeField()),
                ("team", models.CharField(blank=True, max_length=64)),
                (
                    "state",
                    models.CharField(
                        choices=[("proposed", "proposed"), ("given", "given"), ("undone", "undone")],
                        max_length=12,
                    ),
                ),
                ("lines", models.JSONField(default=list)),
                ("left", models.JSONField(default=dict)),
                ("given_at", models.DateTimeField(blank=True, null=True)),
                ("until", models.DateTimeField(blank=True, null=True)),
                ("undone_at", models.DateTimeField(blank=True, null=True)),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="allotments",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
    ]
