"""The evidence log's tables, and the triggers that keep them from being changed."""

import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from forbear.store import guards


def put_up(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Forbid changes and deletions."""
    guards.put_up(schema_editor.connection)


def take_down(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Allow them, so that the tables can go."""
    guards.take_down(schema_editor.connection)


def a_key() -> models.BigAutoField:
    """The primary key of a table without one of its own."""
    return models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


def protected(to: str, related_name: str) -> models.ForeignKey:
    """A row of another table that can't go while this one is there."""
    return models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name=related_name, to=to)


class Migration(migrations.Migration):
    dependencies = [("store", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Attachment",
            fields=[
                ("sha256", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("media_type", models.CharField(max_length=100)),
                ("size", models.BigIntegerField()),
                ("erased_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Head",
            fields=[
                ("borrower", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("number", models.IntegerField()),
                ("hash", models.CharField(blank=True, max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name="Seal",
            fields=[
                ("number", models.IntegerField(primary_key=True, serialize=False)),
                ("day", models.DateField(unique=True)),
                ("made_at", models.DateTimeField()),
                ("first_seq", models.BigIntegerField()),
                ("count", models.BigIntegerField()),
                ("settled", models.BigIntegerField()),
                ("line", models.TextField()),
                ("signature", models.CharField(max_length=128)),
            ],
        ),
        migrations.CreateModel(
            name="Event",
            fields=[
                ("id", a_key()),
                ("event_id", models.CharField(max_length=36, unique=True)),
                ("borrower", models.CharField(blank=True, max_length=64)),
                ("number", models.IntegerField()),
                ("kind", models.CharField(max_length=32)),
                ("at", models.DateTimeField()),
                ("line", models.TextField()),
                ("hash", models.CharField(max_length=64)),
            ],
            options={
                "indexes": [models.Index(fields=["kind", "at"], name="store_event_kind_ce88ce_idx")],
                "constraints": [
                    models.UniqueConstraint(fields=("borrower", "number"), name="event_once_per_number")
                ],
            },
        ),
        migrations.CreateModel(
            name="Leaf",
            fields=[
                ("seq", models.BigIntegerField(primary_key=True, serialize=False)),
                (
                    "event",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="leaf", to="store.event"
                    ),
                ),
                ("seal", protected("store.seal", "leaves")),
            ],
        ),
        migrations.CreateModel(
            name="Enclosure",
            fields=[
                ("id", a_key()),
                ("attachment", protected("store.attachment", "enclosures")),
                ("event", protected("store.event", "enclosures")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("event", "attachment"), name="enclosed_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Personal",
            fields=[
                ("id", a_key()),
                ("field", models.CharField(max_length=64)),
                ("salt", models.CharField(max_length=64, null=True)),
                ("value", models.TextField(null=True)),
                ("event", protected("store.event", "values")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("event", "field"), name="value_once_per_field")
                ],
            },
        ),
        migrations.RunPython(put_up, take_down),
    ]
