"""Near duplicates, with the newest document looked up by its index."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("quotes", "0041_joining_closed")]

    operations = [
        migrations.RunSQL(
            (SQL / "near_quick.sql").read_text(encoding="utf-8"),
            (SQL / "near.sql")
            .read_text(encoding="utf-8")
            .replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"),
        )
    ]
