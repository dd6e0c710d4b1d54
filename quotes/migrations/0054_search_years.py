"""Let only few years stand in for the days of a search: many are more to compare than they spare."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("quotes", "0053_audit_open")]

    operations = [migrations.RunSQL((SQL / "search_years.sql").read_text(encoding="utf-8"))]
