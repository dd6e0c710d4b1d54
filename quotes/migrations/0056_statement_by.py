"""Let who entered or edited a statement have contributed to every quote that shows it."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("quotes", "0055_known_sizes")]

    operations = [migrations.RunSQL((SQL / "statement_by.sql").read_text(encoding="utf-8"))]
