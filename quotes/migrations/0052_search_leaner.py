"""The same answers with less work: what many spellings, a year or a page of rows cost is paid once."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("quotes", "0051_standing_late")]

    operations = [migrations.RunSQL((SQL / "search_leaner.sql").read_text(encoding="utf-8"))]
