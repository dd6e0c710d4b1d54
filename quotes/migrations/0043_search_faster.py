"""The same answers with less work: the sample is read once, and of many hits in it some 2,500 are counted."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("quotes", "0042_near_quick")]

    operations = [
        migrations.RunSQL((SQL / "search_faster.sql").read_text(encoding="utf-8"), migrations.RunSQL.noop)
    ]
