from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0028_contact_due")]

    operations = [
        migrations.AddField(
            model_name="notice",
            name="oldest_unpaid_due_on",
            field=models.DateField(null=True, blank=True),
        ),
    ]
