"""The same answers with less work: what many spellings, a year or a page of rows cost is paid once."""

from pathlib import Path

from django.db import migrations

from ._back import definition

SQL = Path(__file__).parent / "sql"


BACK = (
    definition("search_words.sql", "verbatim_any_word"),
    """
    DROP FUNCTION verbatim_rows(tsquery, bigint[], boolean);
    DROP FUNCTION verbatim_search_sample(integer);
    REVOKE SELECT ON quotes_searchsample3, quotes_searchsample5, quotes_searchsample7, quotes_searchsample9
      FROM verbatim_app;
    """,
)


class Migration(migrations.Migration):
    dependencies = [("quotes", "0051_standing_late")]

    operations = [migrations.RunSQL((SQL / "search_leaner.sql").read_text(encoding="utf-8"), "\n".join(BACK))]
