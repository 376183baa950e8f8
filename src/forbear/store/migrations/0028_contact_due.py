from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0027_promise_difficulty")]

    operations = [
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                fields=["state", "not_before", "borrower", "channel", "contact_id"], name="contact_due"
            ),
        ),
        migrations.RemoveIndex(model_name="contact", name="store_conta_state_6ee6f8_idx"),
    ]
