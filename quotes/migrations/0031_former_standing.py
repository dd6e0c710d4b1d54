"""What each quote stood at before, for the backlog as it was at the end of a day."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

SQL = Path(__file__).parent / "sql"
BACK = """
DROP TRIGGER standing_is_remembered ON quotes_standing;
DROP TRIGGER quote_forgets_former_standing ON quotes_quote;
DROP FUNCTION verbatim_remember_standing(), verbatim_forget_former_standing();
"""


class Migration(migrations.Migration):
    dependencies = [("quotes", "0030_notes")]

    operations = [
        migrations.CreateModel(
            name="FormerStanding",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "value",
                    models.CharField(
                        choices=[
                            ("unchecked", "Unchecked"),
                            ("in_review", "In review"),
                            ("verified", "Verified"),
                            ("disputed", "Disputed"),
                            ("misattributed", "Misattributed"),
                            ("retracted", "Retracted"),
                            ("stale", "Stale"),
                        ],
                        editable=False,
                        max_length=13,
                    ),
                ),
                ("since", models.DateTimeField(editable=False)),
                ("until", models.DateTimeField(editable=False)),
                (
                    "quote",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="former_standings",
                        to="quotes.quote",
                    ),
                ),
            ],
            options={"indexes": [models.Index(fields=["until"], name="former_standing_until")]},
        ),
        migrations.RunSQL((SQL / "former_standing.sql").read_text(encoding="utf-8"), BACK),
    ]
