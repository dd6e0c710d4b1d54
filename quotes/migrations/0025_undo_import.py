"""Let an import be taken back whole, captures and evidence included."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("quotes", "0020_verify")]

    operations = [migrations.RunSQL((SQL / "undo_import.sql").read_text(encoding="utf-8"))]
