"""What leaves the desk: which records somebody may take along, and each of them as the file format has it.

A selection is everything, or what a search finds; in both only what its person may know of (invariant 12). Records
come through server-side cursors and go on one at a time, so that memory does not grow with their number; only keys of
speakers, outlets, topics and measures are held, which every search holds by name anyhow (`names`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection, transaction
from django.db.models import (
    BooleanField,
    Case,
    DateTimeField,
    Exists,
    F,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Collate

from quotes.importing.schema import MODELS, Field
from quotes.importing.writer import ORDER
from quotes.models import (
    WORDS_AROUND,
    Article,
    Capture,
    Link,
    Measure,
    Outlet,
    Quote,
    Speaker,
    Statement,
    Tenure,
    Topic,
)
from quotes.models.statement import open_to
from quotes.search.compiling import Plan
from quotes.search.engine import every_hit

AT_ONCE = 500
"""Records that are fetched at once; a captured article may be long, so of these fewer."""
CAPTURES_AT_ONCE = 8

BESIDE_THE_DESK = frozenset({"decided_by", "decided_at"})
"""Fields that a file may name but not set; who decided a link is who imports it (invariant 10)."""

PLACE_IN_THE_TEXT = ("capture", "start", "end")
"""Fields of a quote that rest on the captured text: without it in the file, no other desk could take them."""


class Found(Func):
    """Whether the statement with this key is among the hits of a search."""

    output_field = BooleanField()

    def __init__(self, statement: Any, text: str, params: tuple[Any, ...]) -> None:
        super().__init__(statement)
        self.text = text
        self.params = params

    def as_sql(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, tuple[Any, ...]]:  # type: ignore[override]
        """Return the condition; the text of the search comes from `engine`, what was typed is in its parameters."""
        key, params = compiler.compile(self.source_expressions[0])
        return f"{key} IN ({self.text})", (*params, *self.params)


@dataclass(frozen=True, slots=True)
class Selection:
    """What is to leave: all that `user` may know of, or of that what the search `plan` finds."""

    user: Any
    plan: Plan | None = None

    @property
    def statements(self) -> QuerySet[Statement]:
        """The statements of the selection."""
        return self._found(Statement.objects.visible_to(self.user), "pk")

    @property
    def quotes(self) -> QuerySet[Quote]:
        """The quotes of the selection."""
        return self._found(Quote.objects.visible_to(self.user), "statement_id")

    @property
    def sees_all(self) -> bool:
        """Whether nothing is held back from its person."""
        return bool(self.user.has_perm("quotes.view_restricted"))

    def _found(self, records: Any, *paths: str) -> Any:
        if self.plan is None:
            return records
        hits = every_hit(self.plan, held=self.sees_all)
        for path in paths:
            records = records.filter(Found(F(path), hits.text, tuple(hits.params)))
        return records

    def quotes_with_place(self, reader: Any = None) -> QuerySet[Quote]:
        """The quotes, each with what the text around it shows of what is held back.

        `bare` says that there is something of that in its article, `crowded` that the words kept around it may be that.

        Args:
            reader: from whom it is held back; else the selection's own person.
        """
        if reader is None and self.sees_all:
            return self.quotes.annotate(bare=Value(False), crowded=Value(False))
        beside = self._held_back(reader or self.user, article=OuterRef("article"))
        crowded = Quote.objects.filter(pk=OuterRef("pk")).crowded(reader or self.user)
        # Asked only where the first holds, which is seldom: it costs five times as much.
        near = Case(
            When(Exists(beside), then=Exists(crowded)), default=Value(False), output_field=BooleanField()
        )
        return self.quotes.annotate(bare=Exists(beside), crowded=near)

    @staticmethod
    def _held_back(reader: Any, **of: Any) -> QuerySet[Quote]:
        return Quote.objects.filter(**of).exclude(open_to(reader, "statement__"))

    def records_of(self, label: str) -> QuerySet[Any]:
        """The records of one model in the selection, in no order."""
        match label:
            case "quotes.statement":
                return self.statements
            case "quotes.quote":
                return self.quotes_with_place()
            case "quotes.relay" | "quotes.figure" | "quotes.evidence":
                model: Any = apps.get_model(label)
                return self._found(model.objects.visible_to(self.user), "quote__statement_id")
            case "quotes.link":
                return self._found(Link.objects.visible_to(self.user), "source_id", "target_id")
            case "quotes.article":
                articles = Article.objects.visible_to(self.user)
                return (
                    articles if self.plan is None else articles.filter(pk__in=self.quotes.values("article"))
                )
            case "quotes.capture":
                return self._captures()
        return self._references(label)

    def _captures(self) -> QuerySet[Capture]:
        captures = Capture.objects.filter(article__in=Article.objects.visible_to(self.user))
        if self.plan is not None:
            captures = captures.filter(pk__in=self.quotes.values("capture"))
        if self.sees_all:
            return captures
        # The text would give away what is held back in it (as on the article's page).
        return captures.exclude(Exists(self._held_back(self.user, article=OuterRef("article"))))

    def _references(self, label: str) -> QuerySet[Any]:
        model: Any = apps.get_model(label)
        if self.plan is None:
            return model.objects.all()
        match label:
            case "quotes.topic":
                return Topic.objects.filter(pk__in=self.statements.values("topics"))
            case "quotes.measure":
                return Measure.objects.filter(pk__in=self.records_of("quotes.figure").values("measure"))
            case "quotes.outlet":
                return Outlet.objects.filter(pk__in=self._outlets())
        speakers = self._speakers()
        if label == "quotes.speaker":
            return Speaker.objects.filter(pk__in=speakers)
        by = {"quotes.speakername": "speaker__in", "quotes.tenure": "person__in"}[label]
        return model.objects.filter(**{by: speakers})

    def _speakers(self) -> set[int]:
        """Whom the statements name, with those they were merged into and those for whom they held a role."""
        found = _keys(self.statements, "speaker") | _keys(self.statements, "uttered_by")
        fresh = found
        while fresh:
            further = _keys(Speaker.objects.filter(pk__in=fresh), "redirects_to")
            fresh = (further | _keys(Tenure.objects.filter(person__in=fresh), "organisation")) - found
            found |= fresh
        return found

    def _outlets(self) -> set[int]:
        """Who published or passed on the words, with their owners."""
        found = _keys(self.quotes, "article__outlet") | _keys(self.records_of("quotes.relay"), "outlet")
        fresh = found
        while fresh:
            fresh = _keys(Outlet.objects.filter(pk__in=fresh), "owner") - found
            found |= fresh
        return found


def _keys(records: QuerySet[Any], path: str) -> set[int]:
    keys = records.order_by().values_list(path, flat=True).distinct()
    return {key for key in keys.iterator(AT_ONCE) if key is not None}


def records(selection: Selection) -> Iterator[tuple[str, dict[str, Any]]]:
    """Model and fields of every record of a selection, as `writer.write_records` takes them.

    Models come in the order of the format, records in that of their natural keys, byte by byte; so the same content
    gives the same file, whatever database it comes from.
    """
    for label in ORDER:
        fields = {name: one for name, one in MODELS[label].fields.items() if name not in BESIDE_THE_DESK}
        lists = {f"{name}_keys": _list_of(one) for name, one in fields.items() if one.many}
        paths = {name: _paths(name, one) for name, one in fields.items()}
        flat = [path for group in paths.values() for path in group]
        marks = ["bare", "crowded"] if label == "quotes.quote" else []
        rows = (
            selection.records_of(label).annotate(**lists).order_by(*_order(label)).values_list(*flat, *marks)
        )
        size = CAPTURES_AT_ONCE if label == "quotes.capture" else AT_ONCE
        for row in rows.iterator(size):
            record = _fields(row, fields, paths)
            if marks:
                bare, crowded = row[-2:]
                record = without_place(record, bare=bare, crowded=crowded)
            yield label, record


def without_place(fields: dict[str, Any], *, bare: bool, crowded: bool) -> dict[str, Any]:
    """A quote without what must not leave with it: left out, which an import does not take for empty.

    Args:
        bare: without its place in a text that is not in the file. The words around it stay, by which it is found again.
        crowded: without those, which may be words of another quote that is held back.
    """
    out = (PLACE_IN_THE_TEXT if bare else ()) + (WORDS_AROUND if crowded else ())
    return {name: value for name, value in fields.items() if name not in out} if out else fields


def _fields(
    row: tuple[Any, ...], fields: dict[str, Field], paths: dict[str, tuple[str, ...]]
) -> dict[str, Any]:
    record: dict[str, Any] = {}
    at = 0
    for name, field in fields.items():
        width = len(paths[name])
        part = row[at : at + width]
        at += width
        if field.many:
            record[name] = [(key,) for key in part[0]]
        elif field.refers_to:
            record[name] = None if part[0] is None else part
        else:
            record[name] = part[0]
    return record


def _paths(name: str, field: Field) -> tuple[str, ...]:
    if field.many:
        return (f"{name}_keys",)
    if not field.refers_to:
        return (name,)
    return tuple(f"{name}__{part}" for part in key_paths(field.refers_to))


def key_paths(label: str) -> Iterator[str]:
    """The lookups that lead from a record to the parts of its natural key."""
    model = MODELS[label]
    for part in model.key:
        yield from _paths(part, model.fields[part])


def _list_of(field: Field) -> ArraySubquery:
    model: Any = apps.get_model(field.refers_to)
    (key,) = key_paths(field.refers_to)
    return ArraySubquery(
        model.objects.filter(statements=OuterRef("pk")).order_by(Collate(key, "C")).values(key)
    )


def _order(label: str) -> list[Any]:
    return [in_byte_order(label, path) for path in key_paths(label)]


def in_byte_order(label: str, path: str) -> Any:
    """Order by a part of a natural key as every database does it, whatever its language."""
    model: Any = apps.get_model(label)
    *steps, last = path.split("__")
    for step in steps:
        model = model._meta.get_field(step).related_model
    if model._meta.get_field(last).get_internal_type() in ("DateField", "PositiveSmallIntegerField"):
        return F(path).asc(nulls_first=True)
    return Collate(path, "C")


def first_published(statement: str) -> Case:
    """When a statement without a day of its own was first published, as an expression; null for one with a day.

    Args:
        statement: the lookup that leads from the asking query to the statement, ending in `__`, or empty.
    """
    known = Quote.objects.filter(article__published_at__isnull=False)
    first = known.filter(statement=OuterRef(f"{statement}pk")).order_by("article__published_at")
    return Case(
        When(Q(**{f"{statement}said_on__isnull": True}), Subquery(first.values("article__published_at")[:1])),
        output_field=DateTimeField(null=True),
    )


def roles_then(statement: Statement, published: dt.datetime | None) -> list[Tenure]:
    """What the speaker was on the day of a statement, as `Statement.roles`, without asking for its quotes.

    Args:
        published: what `first_published` gave.
    """
    if statement.said_on is not None:
        return statement.roles
    if published is None:
        return []
    day = published.astimezone(dt.UTC).date()
    return statement.speaker.roles_held(day, day)


@contextmanager
def one_moment(milliseconds: int = 0) -> Iterator[None]:
    """See the records as they stand now, whatever is written meanwhile, and write nothing.

    Args:
        milliseconds: how long one statement may take; 0: as long as it needs.
    """
    outermost = not connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        if outermost:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        for name in ("statement_timeout", "idle_in_transaction_session_timeout"):
            cursor.execute("SELECT set_config(%s, %s, true)", [name, str(milliseconds)])
        # Our side waits as long, and a little longer, so that the server cuts, which knows why.
        engine: Any = connection
        with engine.patient(milliseconds / 1000 + 1 if milliseconds else None):
            yield


class _Person:
    """Somebody who has all rights, or none; not an account."""

    def __init__(self, *, entitled: bool) -> None:
        self.entitled = entitled

    def has_perm(self, _name: str) -> bool:
        """Whatever is asked for."""
        return self.entitled


NOBODY = _Person(entitled=False)
"""The public: it has no rights."""

OPERATOR = _Person(entitled=True)
"""Who works at the server itself, from whom the database hides nothing."""


def held_back(selection: Selection) -> int:
    """How many statements of a selection are off the record or under embargo."""
    return selection.statements.exclude(open_to(NOBODY)).count()
