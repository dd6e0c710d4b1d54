"""The values of one facet, to be searched; and what is nearest when nothing has every word."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("quotes", "0036_joining_alone")]

    operations = [
        migrations.RunSQL(
            (SQL / "search_facet.sql").read_text(encoding="utf-8"),
            "DROP FUNCTION verbatim_search_facet; DROP FUNCTION verbatim_search_nearest",
        )
    ]
