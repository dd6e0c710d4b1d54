"""The functions behind every write, with the same results for less work (SPEED.md §8, R9 to R11)."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("quotes", "0038_proposals")]

    operations = [migrations.RunSQL((SQL / "fast.sql").read_text(encoding="utf-8"), migrations.RunSQL.noop)]
