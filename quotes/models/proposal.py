"""The record that a row of an import is about, found again by its natural key; many rows at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Q

from .article import Article
from .importrun import ImportRow
from .quote import Quote
from .statement import Statement

# The lookup of the first part of each kind's natural key: what narrows the search, before the whole key is compared.
FIRST = {
    "speakername": "speaker__slug",
    "tenure": "person__slug",
    "article": "url",
    "statement": "uid",
    "quote": "uid",
    "relay": "quote__uid",
    "figure": "quote__uid",
    "link": "source__uid",
}
RELATED = {"quote": ("capture__article", "standing"), "relay": ("quote",), "figure": ("quote",)}
PARTS = ("relay", "figure")


def kind_of(row: ImportRow) -> str:
    """Return the name of the row's model, as `quote`."""
    return row.model.removeprefix("quotes.")


def flat(key: Iterable[Any]) -> tuple[Any, ...]:
    """Return a natural key as `natural_key()` gives it: references in a file are lists of their own."""
    return tuple(part for given in key for part in (given if isinstance(given, list) else [given]))


def records_of(rows: Iterable[ImportRow]) -> dict[int, Any]:
    """Return the record of each row that has one, by the row's id; one query for each kind of record."""
    found: dict[int, Any] = {}
    of_kind: dict[str, list[ImportRow]] = defaultdict(list)
    for row in rows:
        if row.model:
            of_kind[kind_of(row)].append(row)
    for kind, asked in of_kind.items():
        held = {
            record.natural_key(): record for record in _candidates(kind, [flat(row.key)[0] for row in asked])
        }
        for row in asked:
            key = flat(row.key)
            # A symmetric link may be stored from its other end.
            record = held.get(key) or (held.get((key[1], key[0], key[2])) if kind == "link" else None)
            if record is not None:
                found[row.pk] = record
    return found


def hidden_from(user: Any, rows: Iterable[ImportRow], records: dict[int, Any]) -> set[int]:
    """Return the ids of the rows that tell of a statement or an article that `user` may not know of (invariant 12)."""
    if user.has_perm("quotes.view_restricted"):
        return set()
    about = {row.pk: _statements(row, records.get(row.pk)) for row in rows}
    # A part that is not there yet hangs on its quote.
    lone = {flat(row.key)[0]: row.pk for row in rows if kind_of(row) in PARTS and row.pk not in records}
    seen = set(
        Statement.objects.visible_to(user)
        .filter(pk__in=set().union(*about.values()))
        .values_list("pk", flat=True)
    )
    quotes = (
        set(Quote.objects.visible_to(user).filter(uid__in=lone).values_list("uid", flat=True))
        if lone
        else set()
    )
    articles = {row.pk: records[row.pk].pk for row in rows if kind_of(row) == "article" and row.pk in records}
    known = (
        set(Article.objects.visible_to(user).filter(pk__in=articles.values()).values_list("pk", flat=True))
        if articles
        else set()
    )
    return (
        {pk for pk, needed in about.items() if needed - seen}
        | {pk for uid, pk in lone.items() if uid not in quotes}
        | {pk for pk, article in articles.items() if article not in known}
    )


def _candidates(kind: str, firsts: list[Any]) -> models.QuerySet[Any]:
    model: Any = apps.get_model("quotes", kind)
    path = FIRST.get(kind, "slug")
    asked = Q(**{f"{path}__in": firsts})
    if kind == "link":
        asked |= Q(target__uid__in=firsts)
    references = [
        one.name
        for one in model._meta.concrete_fields
        if one.is_relation and one.related_model.__module__.startswith("quotes.")
    ]
    rows = model._base_manager.filter(asked)
    # Without names it would follow every reference there is, and topics and measures have none.
    if references:
        rows = rows.select_related(*references, *RELATED.get(kind, ()))
    if kind == "quote":
        # A captured article is long, and nobody looks at it here.
        rows = rows.defer("capture__body")
    return rows.prefetch_related("topics") if kind == "statement" else rows


def _statements(row: ImportRow, record: Any) -> set[int]:
    """Return the ids of the statements that must be visible for the row to be."""
    kind = kind_of(row)
    if record is None:
        return set()
    if kind == "statement":
        return {record.pk}
    if kind == "quote":
        return {record.statement_id}
    if kind in PARTS:
        return {record.quote.statement_id}
    return {record.source_id, record.target_id} if kind == "link" else set()
