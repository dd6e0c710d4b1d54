"""Let who imported an accepted value have contributed to the quotes that show it."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("quotes", "0048_jump_rights")]

    operations = [migrations.RunSQL((SQL / "accepted_by.sql").read_text(encoding="utf-8"))]
