"""One search document for each statement, kept by the database; and the function that answers a search.

SPEED.md §2.3 measured the design; the SQL is in `sql/search_*.sql`.
"""

from pathlib import Path

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.db import migrations, models

SQL = Path(__file__).parent / "sql"

DECIDES_DOCUMENT = {
    "quotes_statement": ["id"],
    "quotes_statement_topics": ["statement_id"],
    "quotes_quote": ["statement_id"],
    "quotes_relay": ["quote_id"],
    "quotes_figure": ["quote_id"],
    "quotes_standing": ["quote_id"],
    "quotes_article": ["id", "outlet_id", "published_at"],
    "quotes_speaker": ["id", "redirects_to_id"],
    "quotes_tenure": ["person_id"],
}
"""Tables that a document reads, with the column that leads to its statement, then the columns that matter (all)."""
NAMES = ["quotes_speaker", "quotes_speakername", "quotes_outlet", "quotes_topic"]
"""Tables whose names people search by."""
TRANSITIONS = {
    "insert": "REFERENCING NEW TABLE AS new_rows",
    "update": "REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "delete": "REFERENCING OLD TABLE AS old_rows",
}


def triggers() -> str:
    """Return the triggers that are alike for many tables.

    Their names begin with “then”: those of one table fire in the order of their names, and the standing has to be
    locked and written before the document, whichever table was written first. The other order could deadlock.
    """
    lines = [
        f"CREATE TRIGGER then_search_{event} AFTER {event.upper()} ON {table} {rows} FOR EACH STATEMENT "
        f"EXECUTE FUNCTION verbatim_index_concerned({', '.join(f"'{column}'" for column in columns)});"
        for table, columns in DECIDES_DOCUMENT.items()
        for event, rows in TRANSITIONS.items()
        # A new article or speaker has nothing to index yet, and one that goes must have nothing left.
        if len(columns) == 1 or event == "update"
    ]
    lines += [
        f"CREATE TRIGGER then_names AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION verbatim_names_changed();"
        for table in NAMES
    ]
    lines.append(
        "CREATE TRIGGER then_search_truncate AFTER TRUNCATE ON quotes_statement "
        "FOR EACH STATEMENT EXECUTE FUNCTION verbatim_index_emptied();"
    )
    return "\n".join(lines)


RIGHTS = """
REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON quotes_searchdoc, quotes_searchsample, quotes_searchnames FROM verbatim_app;
REVOKE ALL ON quotes_searchsample3, quotes_searchsample5, quotes_searchsample7, quotes_searchsample9 FROM verbatim_app;
REVOKE ALL ON quotes_searchbatch, quotes_searchwork FROM verbatim_app;
REVOKE ALL ON FUNCTION verbatim_documents(bigint[]), verbatim_index(bigint[]), verbatim_index_soon(bigint[]) FROM PUBLIC;
"""
# Partitions, so that the rows of one sample lie together: what is asked is then a few hundred pages, not thousands.
SAMPLE = """
CREATE TABLE quotes_searchsample (
  statement_id bigint NOT NULL, day date NOT NULL, last_day date NOT NULL, open_from timestamptz NOT NULL,
  terms tsvector NOT NULL, pairs integer[] NOT NULL, lines text NOT NULL, facets integer[] NOT NULL,
  level smallint NOT NULL, PRIMARY KEY (statement_id, level)
) PARTITION BY LIST (level);
CREATE TABLE quotes_searchsample3 PARTITION OF quotes_searchsample FOR VALUES IN (3);
CREATE TABLE quotes_searchsample5 PARTITION OF quotes_searchsample FOR VALUES IN (5);
CREATE TABLE quotes_searchsample7 PARTITION OF quotes_searchsample FOR VALUES IN (7);
CREATE TABLE quotes_searchsample9 PARTITION OF quotes_searchsample FOR VALUES IN (9);
CREATE INDEX searchsample_terms ON quotes_searchsample USING gin (terms, pairs) WITH (fastupdate = off);
CREATE INDEX searchsample_newest ON quotes_searchsample (day DESC);
"""
# Plans are forced, and wide columns only make planning slower (SPEED.md §7, 2).
STATISTICS = """
ALTER TABLE quotes_searchdoc ALTER terms SET STATISTICS 10, ALTER pairs SET STATISTICS 10, ALTER lines SET STATISTICS 10;
ALTER TABLE quotes_searchsample ALTER terms SET STATISTICS 10, ALTER pairs SET STATISTICS 10, ALTER lines SET STATISTICS 10;
"""

COLUMNS = [
    (
        "statement",
        models.OneToOneField(
            db_constraint=False,
            on_delete=django.db.models.deletion.DO_NOTHING,
            primary_key=True,
            related_name="+",
            serialize=False,
            to="quotes.statement",
        ),
    ),
    ("day", models.DateField(help_text="When it was said; 1 January of the year 1 when not known.")),
    ("last_day", models.DateField(help_text="The last day that a partial date can mean.")),
    ("open_from", models.DateTimeField(help_text="In the year 9999 when off the record.")),
    ("terms", django.contrib.postgres.search.SearchVectorField()),
    ("pairs", django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField())),
    ("lines", models.TextField()),
    ("facets", django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField())),
]


class Migration(migrations.Migration):
    dependencies = [("quotes", "0003_promises")]

    operations = [
        migrations.CreateModel(
            name="SearchDoc",
            fields=[(name, field.clone()) for name, field in COLUMNS],
            options={
                "default_permissions": (),
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        fastupdate=False, fields=["terms", "pairs"], name="searchdoc_terms"
                    ),
                    models.Index(
                        models.F("day").desc(), models.F("statement").desc(), name="searchdoc_newest"
                    ),
                ],
            },
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(SAMPLE)],
            state_operations=[
                migrations.CreateModel(
                    name="SearchSample",
                    fields=[
                        *((name, field.clone()) for name, field in COLUMNS),
                        ("level", models.SmallIntegerField()),
                    ],
                    options={
                        "default_permissions": (),
                        "indexes": [
                            django.contrib.postgres.indexes.GinIndex(
                                fastupdate=False, fields=["terms", "pairs"], name="searchsample_terms"
                            ),
                            models.Index(models.F("day").desc(), name="searchsample_newest"),
                        ],
                    },
                )
            ],
        ),
        *(
            migrations.RunSQL((SQL / f"search_{part}.sql").read_text(encoding="utf-8"))
            for part in ("words", "document", "query")
        ),
        migrations.RunSQL(triggers()),
        migrations.RunSQL(RIGHTS + STATISTICS),
        # What was there before is indexed when this commits.
        migrations.RunSQL("SELECT verbatim_index_soon(array_agg(id)) FROM quotes_statement"),
    ]
