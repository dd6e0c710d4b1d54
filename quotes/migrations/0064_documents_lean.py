"""What a count reads of a document stands before its words, and nothing else stands there (R5).

A row of a table is read from the left: to come to the facets behind the words meant to step over those, which lie in
other parts of memory. The sources that a report is traced to, and what a statement holds, are asked for by their terms
and never counted; each of them was taken up and put aside again in every count.
"""

from pathlib import Path
from string import Template

from django.db import migrations

from ._back import definition

SQL = Path(__file__).parent / "sql"

TYPES = {
    "statement_id": "bigint",
    "day": "date",
    "last_day": "date",
    "open_from": "timestamptz",
    "facets": "integer[]",
    "terms": "tsvector",
    "pairs": "integer[]",
    "lines": "text",
}
FACETS_FIRST = [*TYPES]
WORDS_FIRST = ["statement_id", "day", "last_day", "open_from", "terms", "pairs", "lines", "facets"]
COUNTED = "ARRAY(SELECT f FROM unnest(facets) f WHERE f < 9 << 27)"
ALL = r"""facets || ARRAY(SELECT verbatim_facet(split_part(t, '.', 1)::integer, split_part(t, '.', 2)::bigint)
  FROM (SELECT substr(u, 2) AS t FROM unnest(tsvector_to_array(terms)) u WHERE u ~ '^#(9|10)\.') told
  ORDER BY split_part(t, '.', 1)::integer, split_part(t, '.', 2)::bigint)"""
"""The sources and what is held, out of the terms, in the order in which they stood."""


def documents(columns):
    """Return the function that writes documents, giving its columns in this order."""
    text = definition("documents_quick.sql", "verbatim_documents")
    if columns == WORDS_FIRST:
        return text
    body, facets, rest = text.rpartition(",\n    facets.codes\n")
    start, opens, words = body.rpartition(
        "coalesce(s.embargoed_until, timestamptz '0001-01-01 00:00:00+00') END,\n"
    )
    if not (facets and opens):
        raise ValueError("documents_quick.sql is not what this migration was written for")
    return f"{start}{opens}    {COUNTED.replace('facets', 'facets.codes')},\n{words}\n{rest}"


def in_order(columns, facets):
    """Return the whole change: the function goes, as it gives rows of the table, the tables change, it comes back.

    Args:
        columns: of the documents; the sample has its level behind them.
        facets: SQL for the facets of a row as it was.
    """
    tables = Template((SQL / "documents_lean.sql").read_text(encoding="utf-8")).substitute(
        columns=", ".join(columns),
        declared=", ".join(f"{name} {TYPES[name]} NOT NULL" for name in columns),
        moved=", ".join(facets if name == "facets" else name for name in columns),
    )
    return "\n".join(
        [
            "DROP FUNCTION verbatim_documents(bigint[]);",
            tables,
            documents(columns),
            "REVOKE ALL ON FUNCTION verbatim_documents(bigint[]) FROM PUBLIC;",
        ]
    )


class Migration(migrations.Migration):
    dependencies = [("quotes", "0063_no_triggers")]

    operations = [migrations.RunSQL(in_order(FACETS_FIRST, COUNTED), in_order(WORDS_FIRST, ALL))]
