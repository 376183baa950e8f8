from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0032_route_search")]

    operations = [
        migrations.CreateModel(
            name="KeptFigures",
            fields=[
                (
                    "name",
                    models.CharField(
                        help_text="Its first and last day", max_length=32, primary_key=True, serialize=False
                    ),
                ),
                ("found", models.JSONField()),
                ("at", models.DateTimeField()),
            ],
        ),
    ]
