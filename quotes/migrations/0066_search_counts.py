"""Count facets first and sift them afterwards, where most of them are asked for."""

from pathlib import Path

from django.db import migrations

from ._back import definition

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("quotes", "0065_letter_alerts")]

    operations = [
        migrations.RunSQL(
            (SQL / "search_counts.sql").read_text(encoding="utf-8"),
            definition("search_faster.sql", "verbatim_search_counts"),
        )
    ]
