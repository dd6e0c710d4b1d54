"""Let the app's role hang no trigger of the house's on a table of its own."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql" / "no_triggers.sql"


class Migration(migrations.Migration):
    dependencies = [("quotes", "0062_features_again")]

    operations = [migrations.RunSQL(SQL.read_text(encoding="utf-8"), migrations.RunSQL.noop)]
