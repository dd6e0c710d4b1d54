"""When mail tells of what is new in a saved search. Nothing could set `by_mail`, so nothing is carried over."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("quotes", "0044_near_few")]

    operations = [
        migrations.RemoveField(model_name="savedsearch", name="by_mail"),
        migrations.AddField(
            model_name="savedsearch",
            name="mail",
            field=models.CharField(
                choices=[("never", "No mail"), ("at_once", "At once"), ("daily", "Once a day")],
                default="never",
                max_length=7,
            ),
        ),
        migrations.AddField(
            model_name="savedsearch", name="mailed_to", field=models.BigIntegerField(default=0)
        ),
        migrations.AddConstraint(
            model_name="savedsearch",
            constraint=models.CheckConstraint(
                condition=models.Q(mail__in=["never", "at_once", "daily"]), name="savedsearch_mail_is_one"
            ),
        ),
    ]
