"""Let who entered or edited a statement have contributed to every quote that shows it."""

import importlib
from pathlib import Path

from django.db import migrations

counting = importlib.import_module("quotes.migrations.0055_known_sizes").counting
SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("quotes", "0055_known_sizes")]

    operations = [
        migrations.RunSQL(
            (SQL / "statement_by.sql").read_text(encoding="utf-8"),
            counting("fast.sql", "verbatim_refresh", "quotes"),
        )
    ]
