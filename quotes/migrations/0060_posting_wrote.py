"""Remember which records a form has written, so that its answer is not told again when they were taken back."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("quotes", "0059_search_quick")]

    operations = [
        migrations.AddField(
            model_name="posting",
            name="wrote",
            field=models.JSONField(
                db_default={},
                editable=False,
                help_text="Its records by table, and the number of its last event.",
            ),
        )
    ]
