"""Let nobody but a person undo what was moved."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("quotes", "0040_near")]

    operations = [migrations.RunSQL((SQL / "joining_closed.sql").read_text(encoding="utf-8"))]
