"""What an import brings gets its standing once, when all of it is there, and its documents with less work (R9)."""

from pathlib import Path

from django.db import migrations

from ._back import definition

SQL = Path(__file__).parent / "sql"


BACK = (
    definition("fast.sql", "verbatim_refresh_concerned"),
    """
    DROP TRIGGER a_settle ON quotes_importdecision;
    DROP TABLE quotes_standingwork;
    DROP TABLE quotes_searchwork;
    CREATE TABLE quotes_searchwork (
      transaction text NOT NULL, statement_id bigint NOT NULL, PRIMARY KEY (transaction, statement_id));
    REVOKE ALL ON quotes_searchwork FROM PUBLIC, verbatim_app;
    """,
    definition("search_document.sql", "verbatim_index_batch"),
    definition("search_document.sql", "verbatim_index_soon"),
    "DROP FUNCTION verbatim_settle_waiting(); DROP FUNCTION verbatim_settle();",
)
"""Nothing waits in these tables outside a transaction, so nothing is lost with them."""


class Migration(migrations.Migration):
    dependencies = [("quotes", "0050_audit_apart")]

    operations = [
        migrations.RunSQL((SQL / "standing_late.sql").read_text(encoding="utf-8"), "\n".join(BACK)),
        migrations.RunSQL(
            (SQL / "documents_quick.sql").read_text(encoding="utf-8"),
            definition("search_document.sql", "verbatim_documents"),
        ),
    ]
