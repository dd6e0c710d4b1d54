"""Documents enter their large index many at a time (R9), and a quote's parts are always looked up by their keys."""

import importlib
from pathlib import Path

from django.contrib.postgres.indexes import GinIndex
from django.db import migrations

counting = importlib.import_module("quotes.migrations.0055_known_sizes").counting
SQL = Path(__file__).parent / "sql"


BACK = (
    counting("joining.sql", "verbatim_index", "statements"),
    """
    ALTER FUNCTION verbatim_refresh(bigint[]) RESET enable_seqscan;
    ALTER INDEX searchdoc_terms SET (fastupdate = off);
    DROP INDEX searchsample_terms;
    CREATE INDEX searchsample_terms ON quotes_searchsample USING gin (terms, pairs) WITH (fastupdate = off);
    """,
)


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
                migrations.RunSQL(
                    (SQL / "documents_pending.sql").read_text(encoding="utf-8"), "\n".join(BACK)
                )
            ],
            state_operations=[
                *in_the_state("searchdoc", "searchdoc_terms"),
                *in_the_state("searchsample", "searchsample_terms"),
            ],
        )
    ]
