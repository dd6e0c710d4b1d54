"""Let moves be undone in any order, with the contributors that there were before."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("quotes", "0046_open_steps")]

    operations = [migrations.RunSQL((SQL / "joining_order.sql").read_text(encoding="utf-8"))]
