"""Let only few years stand in for the days of a search: many are more to compare than they spare."""

from pathlib import Path

from django.db import migrations

from ._back import definition

SQL = Path(__file__).parent / "sql"


BACK = (
    definition("search_faster.sql", "verbatim_search"),
    "DROP FUNCTION verbatim_search_years(date, date);",
)


class Migration(migrations.Migration):
    dependencies = [("quotes", "0053_audit_open")]

    operations = [migrations.RunSQL((SQL / "search_years.sql").read_text(encoding="utf-8"), "\n".join(BACK))]
