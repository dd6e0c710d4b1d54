"""What an import brings gets its standing once, when all of it is there, and its documents with less work (R9)."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("quotes", "0050_audit_apart")]

    operations = [
        migrations.RunSQL((SQL / name).read_text(encoding="utf-8"))
        for name in ("standing_late.sql", "documents_quick.sql")
    ]
