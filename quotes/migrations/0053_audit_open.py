"""Find the open seal of a transaction by an index that holds nothing else (R17)."""

from importlib import import_module
from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).parent / "sql"
APART = import_module("quotes.migrations.0050_audit_apart")


def writer():
    """Give the new functions, with the question for a row's entry in its four places."""
    return APART.with_entries((SQL / "audit_open.sql").read_text(encoding="utf-8"))


BACK = APART.writer().replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")


class Migration(migrations.Migration):
    dependencies = [("quotes", "0052_search_leaner")]

    operations = [
        migrations.AddIndex(
            model_name="auditseal",
            index=models.Index(
                condition=models.Q(("events__isnull", True)),
                fields=["transaction"],
                name="auditseal_uncounted",
            ),
        ),
        migrations.RunSQL(writer(), BACK),
        migrations.RemoveIndex(model_name="auditseal", name="auditseal_open"),
    ]
