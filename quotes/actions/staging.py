"""What an import does, as SQL over a staging table: sets of rows, not rows.

Every record of a file is copied as JSON into a temporary table. For each kind of record, in the order in which
they refer to each other, one table is made in which references are resolved, the record that is there already is
found by its natural key, and what differs is named. Everything after that is a statement over all rows at once.
The SQL is put together from the models' own fields; no text of a file ever becomes part of it.
"""

# ruff: noqa: S608  names of tables and columns only, from the models

# house: steps of quotes.actions.imports.run, which says by whom; one procedure, so it stays in one file

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import models

STAGE = "import_stage"
ORDER = (
    "topic",
    "measure",
    "speaker",
    "speakername",
    "tenure",
    "outlet",
    "article",
    "capture",
    "statement",
    "quote",
    "relay",
    "figure",
    "evidence",
    "link",
)
"""Models, each behind those it refers to."""

COMPLETED_LATER = {"speaker", "outlet", "statement"}
"""Kinds whose new records are looked up again after they were entered."""

MOST = 1_000
"""Faults that are asked for at once; more are not listed anyway."""

REFUSED = "refused:"
"""Stands before the model of a staged record that the schema refused: others may still refer to it."""

KEPT_BY_US = {
    "id",
    "version",
    "created_at",
    "created_by",
    "updated_at",
    "updated_by",
    "decided_by",
    "decided_at",
    "joined_into",
}
LED_ON = {"speaker": "redirects_to_id", "statement": "joined_into_id"}
"""Records that can turn out to be others, with the column that leads on: a file may go on naming them."""
APPEND_ONLY = {"capture", "evidence"}
LONG = {"body", "text", "original_text", "gist", "excerpt", "headline", "prefix", "suffix"}
"""Texts that nothing is looked up by."""
NATURAL_KEYS: dict[str, tuple[str, ...]] = {
    "topic": ("slug",),
    "measure": ("slug",),
    "speaker": ("slug",),
    "speakername": ("speaker", "text", "language"),
    "tenure": ("person", "title", "starts"),
    "outlet": ("slug",),
    "article": ("url",),
    "capture": ("article", "sha256"),
    "statement": ("uid",),
    "quote": ("uid",),
    "relay": ("quote", "position"),
    "figure": ("quote", "measure"),
    "evidence": ("quote", "kind", "url", "timecode", "stance"),
    "link": ("source", "target", "type"),
}
TYPES = {
    models.BooleanField: "boolean",
    models.PositiveIntegerField: "integer",
    models.PositiveSmallIntegerField: "smallint",
    models.DecimalField: "numeric",
    models.FloatField: "double precision",
    models.DateField: "date",
    models.DateTimeField: "timestamptz",
}
# Whose words a part or a role belongs to: adding one changes what a quote with checks shows. As verbatim_quotes_of has
# it, but for all rows of a file at once.
PARTS = {
    "relay": "EXISTS (SELECT FROM quotes_check c WHERE c.quote_id = x.quote_id)",
    "figure": "EXISTS (SELECT FROM quotes_check c WHERE c.quote_id = x.quote_id)",
    "tenure": (
        "EXISTS (SELECT FROM quotes_check c JOIN quotes_quote q ON q.id = c.quote_id"
        " JOIN quotes_statement s ON s.id = q.statement_id WHERE s.speaker_id = x.person_id)"
    ),
}
# Of which statements a row that is there already tells: where it is, and where the file would have it.
TELLS_OF = {
    "statement": "s.id = x.existing",
    "quote": "s.id = x.statement_id OR s.id = (SELECT q.statement_id FROM quotes_quote q WHERE q.id = x.existing)",
    "relay": "s.id = (SELECT q.statement_id FROM quotes_quote q WHERE q.id = x.quote_id)",
    "figure": "s.id = (SELECT q.statement_id FROM quotes_quote q WHERE q.id = x.quote_id)",
    "link": "s.id IN (x.source_id, x.target_id)",
}
_HELD_BACK = "(s.record = 'off' OR s.embargoed_until > now())"
# What a reference may lead to that is held back, as a condition on the key that it leads to.
HELD_BACK = {
    "statement": f"EXISTS (SELECT FROM quotes_statement s WHERE s.id = {{0}} AND {_HELD_BACK})",
    "quote": (
        "EXISTS (SELECT FROM quotes_quote q JOIN quotes_statement s ON s.id = q.statement_id"
        f" WHERE q.id = {{0}} AND {_HELD_BACK})"
    ),
    # An article is known to everybody as soon as one of its quotes is, or when it has none.
    "article": (
        "(SELECT bool_and(s.record = 'off' OR coalesce(s.embargoed_until > now(), false)) FROM quotes_quote q"
        " JOIN quotes_statement s ON s.id = q.statement_id WHERE q.article_id = {0})"
    ),
}


@dataclass(frozen=True, slots=True)
class Column:
    """One field of a model as the import sees it."""

    name: str
    column: str
    expression: str
    default: str
    refers: bool = False
    target: str = ""  # the kind of record that it refers to
    later: bool = False  # a reference to its own kind: filled in when all of them are there


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of record: its table, its columns, and how its key finds the record that is there."""

    name: str
    table: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    model: Any

    @property
    def staged(self) -> str:
        """The name of its temporary table."""
        return f"import_{self.name}"

    @property
    def label(self) -> str:
        """The name of its model in a file."""
        return f"quotes.{self.name}"

    def column(self, name: str) -> Column:
        """Return the column of a field."""
        return next(column for column in self.columns if column.name == name)


def kinds() -> Iterator[Kind]:
    """Give every kind of record in the order of writing."""
    for name in ORDER:
        model = apps.get_model("quotes", name)
        columns = tuple(
            _column(one)
            for one in model._meta.concrete_fields
            if one.name not in KEPT_BY_US and not one.generated
        )
        yield Kind(name, model._meta.db_table, columns, NATURAL_KEYS[name], model)


def _column(one: Any) -> Column:
    name, column = one.name, f'"{one.column}"'
    if one.is_relation:
        target = one.related_model._meta.model_name
        own = one.related_model is one.model
        return Column(
            name,
            column,
            _resolved(target, f"s.fields -> '{name}'"),
            "NULL",
            refers=True,
            target=target,
            later=own,
        )
    if isinstance(one, models.JSONField):
        return Column(name, column, f"s.fields -> '{name}'", f"'{json.dumps(one.get_default())}'::jsonb")
    kind = next((sql for type_, sql in TYPES.items() if type(one) is type_), "text")
    default = "NULL" if one.null else _default(one, kind)
    return Column(name, column, f"(s.fields ->> '{name}')::{kind}", default)


def _default(one: Any, kind: str) -> str:
    if one.has_default():
        return f"'{one.get_default()}'::{kind}"
    return "''" if kind == "text" else "NULL"


def _resolved(target: str, reference: str) -> str:
    """Return the subquery that finds the id of a record by its natural key, a JSON list."""
    if target == "capture":
        return (
            "(SELECT c.id FROM quotes_capture c JOIN quotes_article a ON a.id = c.article_id"
            f" WHERE a.url = {reference} ->> 0 AND c.sha256 = {reference} ->> 1)"
        )
    (key,) = NATURAL_KEYS[target]
    found = "t.id"
    if target in LED_ON:
        # What was merged or joined is meant where it is now. (The function is for the few that were.)
        further = LED_ON[target]
        found = f"CASE WHEN t.{further} IS NULL THEN t.id ELSE verbatim_final_{target}(t.id) END"
    return f"(SELECT {found} FROM quotes_{target} t WHERE t.{key} = {reference} ->> 0)"


def create_stage() -> str:
    """Return the SQL of the table that files are copied into; what an earlier one left in this transaction goes."""
    left = ", ".join((STAGE, "import_statement_topics", *(f"import_{name}" for name in ORDER)))
    return (
        f"DROP TABLE IF EXISTS {left}; CREATE TEMPORARY TABLE {STAGE}"
        " (seq bigint, file smallint, line integer, col integer, idx integer,"
        " model text, entry jsonb) ON COMMIT DROP"
    )


def resolve(kind: Kind) -> str:
    """Return the SQL that makes the kind's own table: typed columns, resolved references, the record that is there."""
    columns = ", ".join(
        f"NULL::bigint AS {c.column}"
        if c.later
        else f"CASE WHEN s.fields ? '{c.name}' THEN {c.expression} ELSE {c.default} END AS {c.column}"
        for c in kind.columns
    )
    return (
        f"CREATE TEMPORARY TABLE {kind.staged} ON COMMIT DROP AS"
        " SELECT x.*, e.id AS existing, '{}'::text[] AS changed, false AS proposed, false AS created FROM ("
        # OFFSET 0: the fields are taken out of the entry once for each row, not once for each column.
        f"SELECT s.seq, s.fields, {columns} FROM (SELECT seq, entry -> 'fields' AS fields FROM {STAGE}"
        f" WHERE model = '{kind.label}' OFFSET 0) s) x LEFT JOIN {kind.table} e ON {_same_record(kind)}"
    )


def _same_record(kind: Kind) -> str:
    if kind.name == "link":
        # A symmetric link is one, whichever end a file names first (models.Link). Each way is one look into the index.
        way = "(SELECT l.id FROM quotes_link l WHERE l.type = x.type AND l.source_id = x.{} AND l.target_id = x.{})"
        return (
            f"e.id = coalesce({way.format('source_id', 'target_id')}, CASE WHEN x.type IN"
            f" ('conflicts_figure', 'contradicts') THEN {way.format('target_id', 'source_id')} END)"
        )
    pairs = []
    for name in kind.key:
        column = kind.column(name).column
        same = "IS NOT DISTINCT FROM" if name == "starts" else "="
        pairs.append(f"e.{column} {same} x.{column}")
    return " AND ".join(pairs)


def unresolved(kind: Kind, *, later: bool = False) -> Iterator[tuple[str, str]]:
    """Give for each reference the SQL that finds the rows whose target is nowhere: seq, the reference as JSON.

    A target that is in the files but was refused itself, or not written because of another fault, is told of once,
    at its own place.
    """
    for column in kind.columns:
        if column.refers and column.later == later:
            yield (
                column.name,
                f"SELECT seq, fields -> '{column.name}' FROM {kind.staged} x WHERE {column.column} IS NULL"
                f" AND fields -> '{column.name}' <> 'null'::jsonb"
                f" AND NOT EXISTS (SELECT FROM {STAGE} t"
                f" WHERE {_in_files(column.target, f"x.fields -> '{column.name}'")})"
                f" ORDER BY seq LIMIT {MOST}",
            )


def forget(kind: Kind) -> Iterator[str]:
    """Give the SQL after which what is held back from whoever imports is nowhere, for what would be new on it.

    Else a file would tell by its refusal which uids and addresses are not held, and by the lack of one which are. What
    the files name themselves stays: they may have brought it in.
    """
    for column in kind.columns:
        if column.target in HELD_BACK and not column.later:
            # First what the files do not hold, which is little of a large file; each of that is looked up once.
            yield (
                f"WITH elsewhere AS MATERIALIZED (SELECT x.seq, x.{column.column} AS key FROM {kind.staged} x"
                f" WHERE x.existing IS NULL AND x.{column.column} IS NOT NULL AND NOT EXISTS (SELECT FROM {STAGE} t"
                f" WHERE {_in_files(column.target, f"x.fields -> '{column.name}'")})),"
                " held AS MATERIALIZED (SELECT key FROM (SELECT DISTINCT key FROM elsewhere) once"
                f" WHERE {HELD_BACK[column.target].format('key')})"
                f" UPDATE {kind.staged} x SET {column.column} = NULL FROM elsewhere JOIN held USING (key)"
                " WHERE x.seq = elsewhere.seq"
            )


def _in_files(target: str, reference: str) -> str:
    models_ = f"t.model IN ('quotes.{target}', '{REFUSED}quotes.{target}')"
    if target == "capture":
        return (
            f"{models_} AND t.entry -> 'fields' -> 'article' ->> 0 = {reference} ->> 0"
            f" AND t.entry -> 'fields' ->> 'sha256' = {reference} ->> 1"
        )
    (key,) = NATURAL_KEYS[target]
    return f"{models_} AND t.entry -> 'fields' ->> '{key}' = {reference} ->> 0"


def compare(kind: Kind, *, later: bool = False) -> str | None:
    """Return the SQL that names in `changed` what a file has otherwise than the record that is there."""
    differs = ", ".join(
        f"CASE WHEN x.fields ? '{c.name}' AND x.{c.column} IS DISTINCT FROM e.{c.column}{_unless_merged(c)}"
        f" THEN '{c.name}' END"
        for c in kind.columns
        if c.later == later and c.name not in kind.key
    )
    if not differs:
        return None
    return (
        f"UPDATE {kind.staged} x SET changed = x.changed || array_remove(ARRAY[{differs}]::text[], NULL)"
        f" FROM {kind.table} e WHERE e.id = x.existing"
        f" AND cardinality(array_remove(ARRAY[{differs}]::text[], NULL)) > 0"
    )


def _unless_merged(column: Column) -> str:
    """A file neither undoes a merging nor makes another of it: people do, on the speaker's page."""
    return " AND e.redirects_to_id IS NULL" if column.name == "redirects_to" else ""


def left_behind(kind: Kind) -> str | None:
    """Return the SQL that drops rows of what a merging or joining left behind; None where nothing can be.

    The record kept has the like of it, so a file that goes on naming the old one changes nothing.
    """
    if kind.name == "link":
        return (
            "DELETE FROM import_link x USING quotes_statement s, quotes_statement t"
            " WHERE s.uid = x.fields -> 'source' ->> 0 AND t.uid = x.fields -> 'target' ->> 0"
            " AND (s.joined_into_id IS NOT NULL OR t.joined_into_id IS NOT NULL)"
            " AND ((x.source_id = x.target_id AND s.id <> t.id) OR EXISTS (SELECT FROM quotes_link l"
            " WHERE l.type = x.type AND ((l.source_id = s.id AND l.target_id = t.id)"
            " OR (x.type IN ('conflicts_figure', 'contradicts') AND l.source_id = t.id AND l.target_id = s.id))))"
        )
    whose = {"speakername": "speaker", "tenure": "person"}.get(kind.name)
    if whose is None:
        return None
    same = " AND ".join(
        f"e.{column} IS NOT DISTINCT FROM x.{column}"
        for column in (kind.column(name).column for name in kind.key if name != whose)
    )
    return (
        f"DELETE FROM {kind.staged} x USING quotes_speaker p, {kind.table} e"
        f" WHERE p.slug = x.fields -> '{whose}' ->> 0 AND p.redirects_to_id IS NOT NULL"
        f" AND e.{kind.column(whose).column} = p.id AND {same}"
    )


def propose(kind: Kind, *, blind: bool = False) -> list[str]:
    """Return the SQL that sets aside what an import may not write: it becomes a proposal for a curator.

    That is every change of a record that a person has worked on, and every change or new part that would alter
    what a quote with checks shows (issue 3, point 3; invariant 10). And every change of what is held back from
    whoever imports: a file that says `on` would else open to everybody what she may not even see (invariant 12).

    Args:
        kind: of record.
        blind: whether the importing person may not see what is held back.
    """
    checked = (
        "EXISTS (SELECT FROM quotes_check c"
        f" WHERE c.quote_id = ANY (verbatim_quotes_of('{kind.table}', ARRAY[x.existing])))"
    )
    touched = (
        f"""EXISTS (SELECT FROM quotes_auditevent a WHERE a."table" = '{kind.table}' AND a.record_pk = x.existing"""
        " AND a.actor_pk IS NOT NULL AND a.verb NOT LIKE 'imports.%')"
    )
    statements = [
        f"UPDATE {kind.staged} x SET proposed = true WHERE x.existing IS NOT NULL AND NOT x.created"
        f" AND cardinality(x.changed) > 0 AND ({touched} OR {checked})"
    ]
    if kind.name in PARTS:
        statements.append(
            f"UPDATE {kind.staged} x SET proposed = true WHERE x.existing IS NULL AND {PARTS[kind.name]}"
        )
    if blind and (kind.name in TELLS_OF or kind.name == "article"):
        held_back = (
            HELD_BACK["article"].format("x.existing")
            if kind.name == "article"
            else f"EXISTS (SELECT FROM quotes_statement s WHERE ({TELLS_OF[kind.name]}) AND {_HELD_BACK})"
        )
        statements.append(
            f"UPDATE {kind.staged} x SET proposed = true WHERE x.existing IS NOT NULL AND NOT x.created"
            f" AND cardinality(x.changed) > 0 AND {held_back}"
        )
    return statements


def insert(kind: Kind) -> list[str]:
    """Return the SQL that enters what is new, and, where later steps need it, where it now stands."""
    names = ", ".join(column.column for column in kind.columns)
    version, one = ("", "") if kind.name in APPEND_ONLY else ("version, ", "1, ")
    if kind.name == "link":
        # Who brings a decided link in has decided it (PRODUCT.md, invariant 10).
        version += "decided_by_id, decided_at, "
        one += "CASE WHEN state <> 'suggested' THEN verbatim_actor() END, "
        one += "CASE WHEN state <> 'suggested' THEN now() END, "
    statements = [
        f"INSERT INTO {kind.table} ({version}{names}) SELECT {one}{names} FROM {kind.staged}"
        " WHERE existing IS NULL AND NOT proposed ORDER BY seq"
    ]
    if kind.name in COMPLETED_LATER:
        statements.append(
            f"UPDATE {kind.staged} x SET existing = e.id, created = true FROM {kind.table} e"
            f" WHERE x.existing IS NULL AND NOT x.proposed AND {_same_record(kind)}"
        )
    return statements


def fill_later(kind: Kind) -> Iterator[str]:
    """Give the SQL that resolves references to the own kind, now that all its records are there."""
    for column in kind.columns:
        if column.later:
            yield (
                f"UPDATE {kind.staged} s SET {column.column} = {column.expression}"
                f" WHERE s.fields -> '{column.name}' <> 'null'::jsonb"
            )


def update(kind: Kind) -> str | None:
    """Return the SQL that changes what differs, field by field; None for what is never changed."""
    columns = [column for column in kind.columns if column.name not in kind.key]
    if kind.name in APPEND_ONLY or not columns:
        return None
    sets = ", ".join(
        f"{c.column} = CASE WHEN '{c.name}' = ANY (x.changed) THEN x.{c.column} ELSE e.{c.column} END"
        for c in columns
    )
    if kind.name == "link":
        sets += (
            ", decided_by_id = CASE WHEN 'state' = ANY (x.changed) THEN verbatim_actor() ELSE e.decided_by_id END"
            ", decided_at = CASE WHEN 'state' = ANY (x.changed) THEN now() ELSE e.decided_at END"
        )
    named = ", ".join(f"'{c.name}'" for c in columns)
    return (
        f"UPDATE {kind.table} e SET {sets} FROM {kind.staged} x"
        f" WHERE e.id = x.existing AND NOT x.proposed AND x.changed && ARRAY[{named}]"
    )


# --- Topics of a statement: a list of references, written into a table of its own ---------------------------------

TOPICS_UNRESOLVED = f"""
    SELECT x.seq, named FROM import_statement x, jsonb_array_elements(x.fields -> 'topics') named
    WHERE jsonb_typeof(x.fields -> 'topics') = 'array'
      AND NOT EXISTS (SELECT FROM quotes_topic t WHERE t.slug = named ->> 0)
      AND NOT EXISTS (SELECT FROM {STAGE} t WHERE {_in_files("topic", "named")}) ORDER BY x.seq LIMIT {MOST}
"""
STAGE_TOPICS = """
    CREATE TEMPORARY TABLE import_statement_topics ON COMMIT DROP AS
    SELECT DISTINCT x.seq, x.existing AS statement_id, t.id AS topic_id
    FROM import_statement x, jsonb_array_elements(x.fields -> 'topics') named
    JOIN quotes_topic t ON t.slug = named ->> 0
    WHERE jsonb_typeof(x.fields -> 'topics') = 'array';
    CREATE INDEX ON import_statement_topics (seq); ANALYZE import_statement_topics
"""
COMPARE_TOPICS = """
    UPDATE import_statement x SET changed = x.changed || 'topics'::text
    WHERE x.fields ? 'topics' AND NOT x.created AND x.existing IS NOT NULL
      AND (SELECT array_agg(m.topic_id ORDER BY m.topic_id) FROM quotes_statement_topics m
           WHERE m.statement_id = x.existing)
        IS DISTINCT FROM
          (SELECT array_agg(m.topic_id ORDER BY m.topic_id) FROM import_statement_topics m WHERE m.seq = x.seq)
"""
WRITE_TOPICS = (
    """DELETE FROM quotes_statement_topics m USING import_statement x
       WHERE m.statement_id = x.existing AND NOT x.proposed AND 'topics' = ANY (x.changed)
         AND NOT EXISTS (SELECT FROM import_statement_topics w WHERE w.seq = x.seq AND w.topic_id = m.topic_id)""",
    """INSERT INTO quotes_statement_topics (statement_id, topic_id)
       SELECT w.statement_id, w.topic_id FROM import_statement_topics w JOIN import_statement x USING (seq)
       WHERE NOT x.proposed AND (x.created OR 'topics' = ANY (x.changed)) ORDER BY w.seq
       ON CONFLICT DO NOTHING""",
)

# --- What the database would refuse, found beforehand so that every refused row can be named ----------------------

_MARKS = "[\"“”„«»‹›‘’‚''「」『』〝〞＂]"
FAULTS: dict[str, list[tuple[str, str, str]]] = {
    "capture": [
        (
            "sha256",
            "SELECT seq FROM import_capture WHERE sha256 <> verbatim_sha256(body)",
            "is not the SHA-256 of the body in UTF-8",
        ),
        (
            "captured_at",
            "SELECT seq FROM import_capture WHERE cardinality(changed) > 0",
            "differs from the capture that is held; a capture is never changed",
        ),
    ],
    "evidence": [
        (
            "kind",
            "SELECT seq FROM import_evidence WHERE cardinality(changed) > 0",
            "is on record with other details; evidence is never changed",
        )
    ],
    "speaker": [
        (
            "wikidata_id",
            "SELECT x.seq FROM import_speaker x JOIN quotes_speaker o ON o.wikidata_id = x.wikidata_id"
            " WHERE x.existing IS DISTINCT FROM o.id"
            " UNION SELECT x.seq FROM import_speaker x JOIN import_speaker o USING (wikidata_id)"
            " WHERE x.seq > o.seq AND x.slug <> o.slug",
            "belongs to another speaker",
        )
    ],
    "quote": [
        (
            "capture",
            "SELECT x.seq FROM import_quote x JOIN quotes_capture c ON c.id = x.capture_id"
            " WHERE c.article_id <> x.article_id",
            "is a capture of another article",
        ),
        (
            "start",
            "SELECT x.seq FROM import_quote x JOIN quotes_capture c ON c.id = x.capture_id WHERE x.start IS NOT NULL"
            """ AND substr(c.body, x.start + 1, x."end" - x.start) <> x.text""",
            "does not lead to the text of the quote in the captured article",
        ),
        (
            "kind",
            "SELECT x.seq FROM import_quote x JOIN quotes_capture c ON c.id = x.capture_id"
            " WHERE x.start IS NOT NULL AND x.kind = 'direct'"
            f" AND NOT (substr(c.body, x.start, 1) ~ '{_MARKS}' OR left(x.text, 1) ~ '{_MARKS}')",
            "says direct, but the words do not stand in quotation marks in the captured article",
        ),
    ],
    "link": [
        (
            "target",
            "SELECT seq FROM import_link WHERE source_id = target_id",
            "is the statement itself; a link joins two",
        )
    ],
}
"""By kind of record: the field, the SQL that finds the rows at fault, what is wrong with them."""


def duplicates(kind: Kind) -> str:
    """Return the SQL that finds rows behind another one of the same key: seq, whether the content is the same."""
    key = ", ".join(kind.column(name).column for name in kind.key)
    # What refers to a record that is not written, because something else was refused, has no key to be alike in.
    led = [kind.column(name) for name in kind.key if kind.column(name).refers]
    known = "".join(f" AND {column.column} IS NOT NULL" for column in led)
    # Hardly ever there is one: finding that out takes no sorting, and no look at what the records say.
    any_twice = (
        f"(SELECT EXISTS (SELECT FROM {kind.staged} WHERE true{known} GROUP BY {key} HAVING count(*) > 1))"
    )
    return (
        "SELECT seq, same FROM (SELECT seq, fields = first_value(fields) OVER same AS same,"
        f" row_number() OVER same AS nth FROM {kind.staged} WHERE {any_twice}{known}"
        f" WINDOW same AS (PARTITION BY {key} ORDER BY seq)) d WHERE nth > 1"
    )


# --- Small questions to the staging tables ------------------------------------------------------------------------

COPY = f"COPY {STAGE} (seq, file, line, col, idx, model, entry) FROM STDIN"
ANALYSE_STAGE = (
    # Places of rows are looked up by number; what the records say is never counted, only which model they are of.
    f"CREATE INDEX ON {STAGE} (seq); ANALYZE {STAGE} (seq, model)"
)
STAGED_MODELS = f"SELECT model, count(*) FROM {STAGE} GROUP BY model"
PLACE = f"SELECT file, line, col, idx FROM {STAGE} WHERE seq = %s"


def analyse(kind: Kind) -> str:
    """Return the SQL after which the planner knows how large the kind's own table is, and what it is looked up by."""
    counted = {"seq", "existing", *(kind.column(name).column for name in kind.key if name not in LONG)}
    counted |= {column.column for column in kind.columns if column.refers}
    return f"ANALYZE {kind.staged} ({', '.join(sorted(counted))})"


def drop(kind: Kind) -> str:
    """Return the SQL that leaves rows out, by their numbers."""
    return f"DELETE FROM {kind.staged} WHERE seq = ANY (%s)"


def look(kind: Kind) -> str:
    """Return the SQL that tells whether a record is not there yet, and whether a reference leads nowhere so far."""
    nowhere = " OR ".join(
        f"({c.column} IS NULL AND fields -> '{c.name}' <> 'null'::jsonb)"
        for c in kind.columns
        if c.refers and not c.later
    )
    return (
        "SELECT coalesce(bool_or(existing IS NULL), false),"
        f" coalesce(bool_or({nowhere or 'false'}), false) FROM {kind.staged}"
    )


def count(kind: Kind) -> str:
    """Return the SQL that counts what is proposed, new, changed, and as it was."""
    there = "NOT proposed AND NOT created AND existing IS NOT NULL AND cardinality(changed)"
    return (
        "SELECT count(*) FILTER (WHERE proposed),"
        " count(*) FILTER (WHERE NOT proposed AND (created OR existing IS NULL)),"
        f" count(*) FILTER (WHERE {there} > 0), count(*) FILTER (WHERE {there} = 0) FROM {kind.staged}"
    )


_PLACED = f"JOIN {STAGE} p USING (seq)"


def what_changes(kind: Kind) -> str:
    """Return the SQL of the rows that differ from the record that is there: place, content, both sides of it."""
    return (
        f"SELECT p.file, p.line, p.idx, x.fields, x.changed, x.proposed, to_jsonb(e) FROM {kind.staged} x {_PLACED}"
        f" LEFT JOIN {kind.table} e ON e.id = x.existing"
        " WHERE x.proposed OR (NOT x.created AND cardinality(x.changed) > 0) ORDER BY x.seq LIMIT %s"
    )


def what_is_new(kind: Kind) -> str:
    """Return the SQL of the rows that are new: their place and content."""
    return (
        f"SELECT p.file, p.line, p.idx, x.fields FROM {kind.staged} x {_PLACED}"
        " WHERE x.existing IS NULL AND NOT x.proposed ORDER BY x.seq LIMIT %s"
    )
