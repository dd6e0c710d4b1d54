"""What joining, splitting, merging and undoing touch, as rows that can be compared (invariant 9)."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import connection

from quotes.actions import speakers as speaking
from quotes.actions import statements as stating
from quotes.actions.joining import plan_join
from quotes.models import Joining, Merging, Speaker, Statement

COMPARED = (
    "speaker",
    "speakername",
    "tenure",
    "statement",
    "quote",
    "relay",
    "figure",
    "link",
    "sameutterance",
    "standing",
    "contribution",
    "searchdoc",
)
COUNTED_ON = ("version", "updated_at", "updated_by_id", "since")
"""What goes on counting: the version and stamps of a record, and since when a standing is what it is."""


def rows() -> dict[str, dict[Any, dict[str, Any]]]:
    """Return every row of the tables compared, by its key, all columns but those that go on counting."""
    # What is left for the commit is done first.
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    found = {}
    for name in (*COMPARED, "statement_topics"):
        model: Any = (
            Statement.topics.through if name == "statement_topics" else apps.get_model("quotes", name)
        )
        columns = [one.attname for one in model._meta.concrete_fields if one.attname not in COUNTED_ON]
        key = (lambda row: (row["statement_id"], row["topic_id"])) if name == "statement_topics" else None
        found[name] = {
            key(row) if key else row[model._meta.pk.attname]: {c: v for c, v in row.items() if key is None}
            for row in model.objects.values(*columns)
        }
    return found


def join(kept: Any, gone: Any, *, by: Any, despite: bool = False) -> Joining:
    """Join two statements as somebody does who has just looked at the preview."""
    kept, gone = Statement.objects.get(pk=kept.pk), Statement.objects.get(pk=gone.pk)
    shown = plan_join(kept, gone).shown
    return stating.join(kept, gone, seen=(kept.version, gone.version), shown=shown, despite=despite, by=by)


def split(statement: Any, quotes: Any, uid: str, *, by: Any) -> Joining:
    """Split quotes off a statement as it is now."""
    statement = Statement.objects.get(pk=statement.pk)
    return stating.split(statement, quotes, uid=uid, gist="Another one.", seen=statement.version, by=by)


def merge(gone: Any, kept: Any, *, by: Any, despite: bool = False) -> Merging:
    """Merge a speaker into another one as both are now."""
    gone, kept = Speaker.objects.get(pk=gone.pk), Speaker.objects.get(pk=kept.pk)
    return speaking.merge(gone, kept, seen=(gone.version, kept.version), despite=despite, by=by)


def undo(move: Any, *, by: Any) -> None:
    """Undo a joining, a split or a merging."""
    if isinstance(move, Joining):
        stating.undo(move, by=by)
    else:
        speaking.unmerge(move, by=by)


def nothing_is_astray() -> None:
    """Check in SQL that nothing hangs on what was given up, and that all promises of the database hold now."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        for question in (
            "SELECT count(*) FROM quotes_quote q JOIN quotes_statement s ON s.id = q.statement_id"
            " WHERE s.joined_into_id IS NOT NULL",
            "SELECT count(*) FROM quotes_statement s JOIN quotes_speaker p ON p.id IN (s.speaker_id, s.uttered_by_id)"
            " WHERE p.redirects_to_id IS NOT NULL",
            "SELECT count(*) FROM quotes_tenure t JOIN quotes_speaker p ON p.id = t.organisation_id"
            " WHERE p.redirects_to_id IS NOT NULL",
            "SELECT count(*) FROM quotes_searchdoc d JOIN quotes_statement s ON s.id = d.statement_id"
            " WHERE s.joined_into_id IS NOT NULL",
            "SELECT count(*) FROM quotes_statement s WHERE s.joined_into_id IS NULL"
            " AND NOT EXISTS (SELECT FROM quotes_searchdoc d WHERE d.statement_id = s.id)",
            "SELECT count(*) FROM quotes_quote q LEFT JOIN quotes_standing g ON g.quote_id = q.id"
            " WHERE g.quote_id IS NULL",
            "SELECT count(*) FROM quotes_link WHERE source_id = target_id",
        ):
            cursor.execute(question)
            assert cursor.fetchone() == (0,), question
