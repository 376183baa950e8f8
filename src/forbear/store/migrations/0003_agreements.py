"""Requests with their clocks, and settlements."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0002_evidence"),
    ]

    operations = [
        migrations.CreateModel(
            name="Request",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=16, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("hardship", "hardship"),
                            ("dispute", "dispute"),
                            ("complaint", "complaint"),
                            ("plan", "plan"),
                            ("extension", "extension"),
                            ("written_notice", "written_notice"),
                            ("credit_objection", "credit_objection"),
                            ("data_copy", "data_copy"),
                            ("correction", "correction"),
                            ("wrong_person", "wrong_person"),
                            ("report_caller", "report_caller"),
                            ("lawyer", "lawyer"),
                            ("other", "other"),
                        ],
                        max_length=24,
                    ),
                ),
                ("loans", models.JSONField(default=list)),
                (
                    "line",
                    models.CharField(
                        blank=True, help_text="The disputed line, as LOAN:INSTALMENT", max_length=64
                    ),
                ),
                ("words", models.TextField(blank=True)),
                ("told", models.JSONField(default=dict, help_text="Structured answers, as a month's budget")),
                ("attachments", models.JSONField(default=list)),
                ("source", models.CharField(max_length=16)),
                ("opened_at", models.DateTimeField()),
                ("due_on", models.DateField()),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "open"), ("answered", "answered"), ("withdrawn", "withdrawn")],
                        default="open",
                        max_length=12,
                    ),
                ),
                ("outcome", models.CharField(blank=True, max_length=16)),
                ("answer", models.TextField(blank=True)),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                ("review_on", models.DateField(blank=True, null=True)),
                (
                    "answered_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "borrower",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="requests",
                        to="store.borrower",
                    ),
                ),
                (
                    "hold",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="store.hold"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["state", "due_on"], name="store_reque_state_3df7bf_idx")],
            },
        ),
        migrations.CreateModel(
            name="Settlement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("loans", models.JSONField(default=list)),
                ("amount", models.BigIntegerField()),
                ("outstanding", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("minor_unit", models.IntegerField()),
                ("by", models.DateField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("proposed", "proposed"),
                            ("offered", "offered"),
                            ("kept", "kept"),
                            ("lapsed", "lapsed"),
                            ("declined", "declined"),
                            ("cancelled", "cancelled"),
                        ],
                        max_length=12,
                    ),
                ),
                ("paid", models.BigIntegerField(default=0)),
                ("proposed_on", models.DateField()),
                ("offered_on", models.DateField(blank=True, null=True)),
                ("because", models.CharField(blank=True, max_length=300)),
                (
                    "borrower",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="settlements",
                        to="store.borrower",
                    ),
                ),
                (
                    "hold",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="store.hold"
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="settlements_proposed",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "signed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="settlements_signed",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["state"], name="store_settl_state_6c6d72_idx")],
            },
        ),
    ]
