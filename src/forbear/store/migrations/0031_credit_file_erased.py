from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0030_suit_current")]

    operations = [
        migrations.AddField(
            model_name="creditreport",
            name="erased_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
