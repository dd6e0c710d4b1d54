"""Every hit of a search as a set, for what leaves as a file."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("quotes", "0033_same_utterance")]

    operations = [
        migrations.RunSQL(
            (SQL / "search_all.sql").read_text(encoding="utf-8"),
            "DROP FUNCTION verbatim_search_all",
        )
    ]
