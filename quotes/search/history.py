"""What happened to a statement, in words: who, when, and field by field what changed."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.contrib.auth.models import AbstractUser, User
from django.db import models
from django.db.models import Q

from quotes.models import (
    WORDS_AROUND,
    Article,
    Assignment,
    AuditEvent,
    Capture,
    Link,
    Measure,
    Outlet,
    Quote,
    Statement,
    Tenure,
    Topic,
)
from quotes.search.history_words import OWN_WORDS, QUIET, TOLD
from quotes.text import days

PAGE = 100
"""Events read at a time; a page of history shows as many, put together by deed."""


@dataclass(frozen=True, slots=True)
class Change:
    """One field: what it was and what it became, in words; None where there was nothing to be."""

    label: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One record written: “changed the quote”, its uid or words, and its fields."""

    deed: str
    noun: str
    nouns: str
    name: str
    changes: Sequence[Change]


@dataclass(frozen=True, slots=True)
class Line:
    """What is told in one line: an entry, or several alike (“added 14 quotes”) by their names."""

    entry: Entry
    names: Sequence[str]


@dataclass(frozen=True, slots=True)
class Deed:
    """All that one person did in one go."""

    key: int
    who: str
    at: dt.datetime
    verb: str
    entries: Sequence[Entry]
    statement_pk: int | None = None

    @property
    def lines(self) -> list[Line]:
        """Its entries in order; those that only add or remove are told together."""
        lines: dict[Any, list[Entry]] = {}
        for place, entry in enumerate(self.entries):
            alike = (entry.deed, entry.noun) if not entry.changes else place
            lines.setdefault(alike, []).append(entry)
        return [Line(entries[0], [entry.name for entry in entries]) for entries in lines.values()]


@dataclass(frozen=True, slots=True)
class History:
    """A page of history, newest first; `older` leads to the next one, None at the end."""

    deeds: Sequence[Deed]
    older: int | None
    is_older_page: bool = False


@dataclass(slots=True)
class _Names:
    """Names of the records that events point to, looked up once for a whole page and only if visible."""

    user: Any
    wanted: dict[type[models.Model], set[int]] = field(default_factory=dict)
    found: dict[tuple[type[models.Model], int], str] = field(default_factory=dict)
    crowded: set[int] = field(default_factory=set)
    """Quotes whose words around may be held back from `user` (invariant 12)."""

    def want(self, model: type[models.Model], key: Any) -> None:
        if key is not None:
            self.wanted.setdefault(model, set()).add(int(key))

    def look_up(self) -> None:
        for model, keys in self.wanted.items():
            manager: Any = model._default_manager
            visible = manager.visible_to(self.user) if hasattr(manager, "visible_to") else manager.all()
            if model is Quote:
                visible = visible.only("uid", "text")
            if model is Capture:
                visible = visible.defer("body").select_related("article")
            for record in visible.filter(pk__in=keys):
                self.found[model, record.pk] = _name(record)

    def look_around(self, quotes: set[Any]) -> None:
        """Find out of which quotes the words around are not to be told."""
        if quotes:
            found = Quote.objects.filter(pk__in=quotes).crowded(self.user)
            self.crowded = set(found.values_list("pk", flat=True))

    def known(self, model: type[models.Model], key: Any, changes: list[Change]) -> list[Change]:
        """Leave out of the changes of a record what the user may not know of."""
        if model is not Quote or key not in self.crowded:
            return changes
        return [change for change in changes if change.label not in WORDS_AROUND]

    def get(self, model: type[models.Model], key: Any) -> str | None:
        """Return the name; None for a record that is gone, or that this user may not know of."""
        return self.found.get((model, int(key)))


def _name(record: models.Model) -> str:
    if isinstance(record, Statement | Quote):
        return str(record.uid)
    if isinstance(record, Capture):
        return f"text of {record.captured_at:%-d %b %Y} ({record.sha256[:8]})"
    if isinstance(record, AbstractUser):
        return record.get_full_name() or record.get_username()
    return str(record)


def history_of(statement: Statement, user: Any, *, before: int | None = None) -> History:
    """Return what happened to `statement` and to what its quotes rest on, newest first.

    Args:
        user: who looks: an event that tells of a record she may not know of is left out (invariant 12).
        before: only events older than the one with this key.
    """
    events = list(_events(statement, user, before)[: PAGE + 1])
    older = events[PAGE - 1].pk if len(events) > PAGE else None
    return History(deeds_of(events[:PAGE], user), older, before is not None)


def deeds_of(events: Sequence[AuditEvent], user: Any) -> list[Deed]:
    """Put events into words, together where one person did them in one go to one statement.

    Args:
        events: newest first, of tables in `TOLD`, visible to `user`.
    """
    rows = [(event, *_rows(event)) for event in events]
    names = _Names(user)
    for event, was, became in rows:
        for row in (was, became):
            for column, model in _pointers(event.table).items():
                names.want(model, row.get(column))
    names.look_up()
    names.look_around({event.record_pk for event in events if event.table == Quote._meta.db_table})
    deeds = []
    for _, group in groupby(
        rows, key=lambda row: (row[0].seal_id, row[0].verb, row[0].actor, row[0].statement_pk)
    ):
        first, entries = None, []
        for event, was, became in group:
            first = first or event
            entry = _entry(event, was, became, names)
            if entry is not None:
                entries.append(entry)
        if first is not None and entries:
            # Within a deed in the order in which it was done.
            who = first.actor or "the system"
            deeds.append(Deed(first.pk, who, first.at, first.verb, entries[::-1], first.statement_pk))
    return deeds


def described(
    rows: Sequence[tuple[str, dict[str, Any]]], user: Any
) -> list[tuple[str, str, Sequence[Change]]]:
    """Put whole rows of the log into words: what each is called, its name, and all that it said."""
    names = _Names(user)
    for table, row in rows:
        for column, model in _pointers(table).items():
            names.want(model, row.get(column))
    names.look_up()
    names.look_around({row["id"] for table, row in rows if table == Quote._meta.db_table})
    told: list[tuple[str, str, Sequence[Change]]] = []
    for table, row in rows:
        model = TOLD[table][2]
        changes = names.known(model, row.get("id"), _changes(model, {}, row, names))
        told.append((TOLD[table][0], _called(table, row, names), changes))
    return told


def _events(statement: Statement, user: Any, before: int | None) -> models.QuerySet[AuditEvent]:
    links = list(Link.objects.visible_to(user).touching(statement).values_list("pk", flat=True))
    speakers = [key for key in (statement.speaker_id, statement.uttered_by_id) if key is not None]
    tenures = list(Tenure.objects.filter(person__in=speakers).values_list("pk", flat=True))
    articles = {quote.article_id for quote in statement.quotes.all()}
    told = Q(statement_pk=statement.pk, table__in=TOLD) | Q(table="quotes_link", record_pk__in=links)
    # What its quotes rest on: only what was changed, for it was there before them.
    for table, keys in (
        ("quotes_speaker", speakers),
        ("quotes_tenure", tenures),
        ("quotes_article", articles),
    ):
        told |= Q(table=table, record_pk__in=keys, before__isnull=False, after__isnull=False)
    events = AuditEvent.objects.visible_to(user).filter(told).newest_first()
    return events if before is None else events.filter(pk__lt=before)


def _rows(event: AuditEvent) -> tuple[dict[str, Any], dict[str, Any]]:
    return (
        json.loads(event.before) if event.before else {},
        json.loads(event.after) if event.after else {},
    )


def _pointers(table: str) -> dict[str, type[models.Model]]:
    """Columns of a table that hold another record's key, with that record's model."""
    return {
        column.column: column.related_model
        for column in TOLD[table][2]._meta.concrete_fields
        if isinstance(column, models.ForeignKey)
    }


def _entry(event: AuditEvent, was: dict[str, Any], became: dict[str, Any], names: _Names) -> Entry | None:
    """Put one event into words; None when it tells of a record that is not to be known."""
    noun, nouns, model = TOLD[event.table]
    row = became or was
    pointers = _pointers(event.table)
    if any(
        pointers[column] is Statement and names.get(Statement, value) is None
        for side in (was, became)
        for column, value in side.items()
        if column in pointers and value is not None
    ):
        return None
    deed = "added" if not was else "removed" if not became else "changed"
    changes = []
    if was and became:
        changes = _changes(model, was, became, names)
        if not changes:
            return None
        changes = names.known(model, event.record_pk, changes)
    elif model is Assignment and was:
        deed, changes = "ended", [one for one in _changes(model, {}, was, names) if one.label == "to"]
    elif model in OWN_WORDS:
        deed, changes = OWN_WORDS[model], _changes(model, {}, became, names)
    elif model is Link:
        changes = [Change("state", None, str(row.get("state")))]
    return Entry(deed, noun, nouns, _called(event.table, row, names), changes)


def _called(table: str, row: dict[str, Any], names: _Names) -> str:
    """Return what tells this row from others of its table."""
    match table:
        case "quotes_statement" | "quotes_quote":
            return str(row["uid"])
        case "quotes_statement_topics":
            return names.get(Topic, row["topic_id"]) or ""
        case "quotes_relay":
            outlet = row["outlet_id"] and names.get(Outlet, row["outlet_id"])
            return f"{row['position']}: {outlet or row['as_printed']}"
        case "quotes_figure":
            return row["as_printed"] or names.get(Measure, row["measure_id"]) or ""
        case "quotes_evidence":
            return row["kind"].replace("_", " ")
        case "quotes_link":
            ends = (names.get(Statement, row["source_id"]), names.get(Statement, row["target_id"]))
            return f"{ends[0]} {Link.Type(row['type']).label} {ends[1]}"
        case "quotes_sameutterance":
            ends = (names.get(Statement, row["source_id"]), names.get(Statement, row["target_id"]))
            return f"{ends[0]} and {ends[1]}"
        case (
            "quotes_check"
            | "quotes_claim"
            | "quotes_note"
            | "quotes_return"
            | "quotes_withdrawal"
            | "quotes_assignment"
        ):
            return names.get(Quote, row["quote_id"]) or ""
        case "quotes_tenure":
            return str(row["title"])
        case "quotes_article":
            return str(row["headline"])
        case "quotes_capture":
            return f"{names.get(Article, row['article_id']) or 'an article'} ({row['sha256'][:8]})"
        case "quotes_speakername":
            return str(row["text"])
        case "auth_user":
            return str(row["username"])
        case "auth_user_groups" | "mfa_authenticator" | "account_emailaddress":
            return names.get(User, row["user_id"]) or ""
    return str(row.get("name", ""))


def _changes(
    model: type[models.Model], was: dict[str, Any], became: dict[str, Any], names: _Names
) -> list[Change]:
    pointers = {
        f.column: f.related_model for f in model._meta.concrete_fields if isinstance(f, models.ForeignKey)
    }
    found = []
    for column in _columns(model):
        name = str(column.column)
        precision = f"{name}_precision"
        parts = [name, precision] if precision in became else [name]
        if name in QUIET or all(was.get(part) == became.get(part) for part in parts):
            continue
        if not was and became.get(name) in (None, "", False, []):
            continue
        before = _value(column, was, precision, pointers, names) if was else None
        after = _value(column, became, precision, pointers, names)
        if before != after:
            found.append(Change(str(column.verbose_name), before, after))
    return found


def _columns(model: type[models.Model]) -> Iterable[models.Field[Any, Any]]:
    # Who and when stand before the line; what a check of earlier content saw is a hash.
    hidden = {"seen", "by", "at", "full_pass", "check_taken_back"} if model in OWN_WORDS else set()
    return [
        column
        for column in model._meta.concrete_fields
        if column.name not in hidden and not column.name.endswith("_precision")
    ]


def _value(
    column: models.Field[Any, Any],
    row: dict[str, Any],
    precision: str,
    pointers: dict[str, Any],
    names: _Names,
) -> str:
    """Return one value as a person reads it."""
    key = str(column.column)
    value = row.get(key)
    if value is None:
        return days.NOT_KNOWN
    if value in ("", []):
        return "empty"
    if key in pointers:
        return names.get(pointers[key], value) or "another record"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(column, models.DateTimeField):
        return f"{dt.datetime.fromisoformat(value).astimezone(dt.UTC):%-d %b %Y, %H:%M} UTC"
    if isinstance(column, models.DateField):
        return days.in_words(dt.date.fromisoformat(value), row.get(precision) or "day")
    if column.choices:
        return str(dict(column.flatchoices).get(value, value))
    if isinstance(value, list):
        return "; ".join(map(str, value))
    return str(value)
