"""Documents enter their large index many at a time (R9), and a quote's parts are always looked up by their keys."""

from pathlib import Path

from django.contrib.postgres.indexes import GinIndex
from django.db import migrations

SQL = Path(__file__).parent / "sql"


def in_the_state(model, name):
    """Say in the state that an index has a list of pending entries, as it has by default."""
    return [
        migrations.RemoveIndex(model_name=model, name=name),
        migrations.AddIndex(model_name=model, index=GinIndex(fields=["terms", "pairs"], name=name)),
    ]


class Migration(migrations.Migration):
    dependencies = [("quotes", "0060_posting_wrote")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL((SQL / "documents_pending.sql").read_text(encoding="utf-8"))
            ],
            state_operations=[
                *in_the_state("searchdoc", "searchdoc_terms"),
                *in_the_state("searchsample", "searchsample_terms"),
            ],
        )
    ]
