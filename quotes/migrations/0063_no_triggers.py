"""Let the app's role hang no trigger of the house's on a table of its own."""

from pathlib import Path

from django.db import migrations

TEXT = (Path(__file__).parent / "sql" / "no_triggers.sql").read_text(encoding="utf-8")
BACK = TEXT.replace(
    "REVOKE ALL ON FUNCTION %s FROM PUBLIC, verbatim_app", "GRANT EXECUTE ON FUNCTION %s TO PUBLIC"
)


class Migration(migrations.Migration):
    dependencies = [("quotes", "0062_features_again")]

    operations = [migrations.RunSQL(TEXT, BACK)]
