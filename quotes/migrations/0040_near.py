"""Near duplicates of a text, found by its rare pairs of words."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("quotes", "0039_fast")]

    operations = [
        migrations.RunSQL((SQL / "near.sql").read_text(encoding="utf-8"), "DROP FUNCTION verbatim_near")
    ]
