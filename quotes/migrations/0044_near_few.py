"""Near duplicates among few documents: asked for by all of their words."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("quotes", "0043_search_faster")]

    operations = [
        migrations.RunSQL(
            (SQL / "near_few.sql").read_text(encoding="utf-8"),
            (SQL / "near_quick.sql").read_text(encoding="utf-8"),
        )
    ]
