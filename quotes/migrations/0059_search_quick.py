"""Fetch of many hits as many as are ranked, ask for their time apart, and mark the words of a row with less work."""

from pathlib import Path

from django.db import migrations

from ._back import definition

SQL = Path(__file__).parent / "sql"


BACK = (
    definition("search_leaner.sql", "verbatim_rows"),
    definition("search_years.sql", "verbatim_search"),
)


class Migration(migrations.Migration):
    dependencies = [("quotes", "0058_access")]

    operations = [migrations.RunSQL((SQL / "search_quick.sql").read_text(encoding="utf-8"), "\n".join(BACK))]
