from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0029_notice_named"),
    ]

    operations = [
        migrations.AlterField(
            model_name="suit",
            name="ended_because",
            field=models.CharField(
                blank=True,
                choices=[
                    ("", ""),
                    ("paid", "paid"),
                    ("settled", "settled"),
                    ("plan", "plan"),
                    ("held", "held"),
                    ("current", "current"),
                    ("dismissed", "dismissed"),
                    ("lapsed", "lapsed"),
                    ("enforced", "enforced"),
                    ("uncollectable", "uncollectable"),
                    ("barred", "barred"),
                    ("lender", "lender"),
                ],
                max_length=16,
            ),
        ),
        migrations.AlterField(
            model_name="suitdeadline",
            name="kind",
            field=models.CharField(
                choices=[
                    ("answer", "answer"),
                    ("mediation", "mediation"),
                    ("accept", "accept"),
                    ("issue", "issue"),
                    ("objection", "objection"),
                    ("defence", "defence"),
                    ("decide", "decide"),
                    ("appeal", "appeal"),
                    ("enforce", "enforce"),
                    ("withdraw", "withdraw"),
                    ("limit", "limit"),
                    ("current", "current"),
                ],
                max_length=16,
            ),
        ),
    ]
