"""What imports have proposed, as somebody decides on it: present and proposed value, who worked on it, its cost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db.models import Count, Q
from django.urls import reverse

from quotes.models import AuditEvent, ImportDecision, ImportRow, Standing
from quotes.models.proposal import flat, hidden_from, kind_of, records_of
from quotes.text.worddiff import diff

PAGE = 20
"""Proposals on one page; each may have a dozen fields to read."""
SHOWN_BY = {
    "statement": "quote__statement",
    "speaker": "quote__statement__speaker",
    "tenure": "quote__statement__speaker",
    "article": "quote__article",
    "outlet": "quote__article__outlet",
    "quote": "quote",
    "relay": "quote",
    "figure": "quote",
}
"""By kind of record: how a quote's standing leads to the record that the quote shows."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a proposal. `before` and `after` are its words in pieces, with what differs marked."""

    name: str
    label: str
    before: list[tuple[str, bool]]
    after: list[tuple[str, bool]]
    moved_from: str | None = None
    same: bool = False


@dataclass(slots=True)
class Proposal:
    """One record that a file has otherwise, as it stands now."""

    row: ImportRow
    kind: str
    title: str
    address: str
    version: int | None
    fields: list[Field]
    decided: list[ImportDecision] = field(default_factory=list)
    worked_by: str = ""
    worked_at: Any = None
    verified: int = 0

    @property
    def is_new(self) -> bool:
        """Whether accepting would enter a record that is not there yet."""
        return self.version is None


@dataclass(frozen=True, slots=True)
class Page:
    """Some proposals, how many are open in all, and after which one the next page begins."""

    proposals: list[Proposal]
    total: int
    after: int | None


def open_count(user: Any) -> int:
    """Count the proposals that wait for a decision, for whoever may see all that they tell of."""
    if not user.has_perm("quotes.view_restricted"):
        return 0
    return ImportRow.objects.open_proposals().count()


def waiting(*, user: Any, after: int = 0) -> Page:
    """Return a page of the proposals that wait, the oldest first.

    Args:
        user: who looks; rows about what she may not know of are left out.
        after: the id of the last row on the page before.
    """
    rows = list(
        ImportRow.objects.open_proposals()
        .filter(pk__gt=after)
        .select_related("run__by")
        .order_by("pk")[: PAGE + 1]
    )
    return Page(
        proposals=told(rows[:PAGE], user=user),
        total=open_count(user),
        after=rows[PAGE - 1].pk if len(rows) > PAGE else None,
    )


def told(rows: Sequence[ImportRow], *, user: Any) -> list[Proposal]:
    """Return the proposals of some rows as they stand now; one query for each kind of record, however many rows."""
    records = records_of(rows)
    hidden = hidden_from(user, rows, records)
    rows = [row for row in rows if row.pk not in hidden]
    decisions: dict[int, list[ImportDecision]] = defaultdict(list)
    for decision in ImportDecision.objects.filter(row__in=rows).select_related("by"):
        decisions[decision.row_id].append(decision)
    found = [_proposal(row, records.get(row.pk), decisions[row.pk]) for row in rows]
    _say_who(found, records, user)
    _say_what_it_costs(found, records)
    return found


def _proposal(row: ImportRow, record: Any, decisions: list[ImportDecision]) -> Proposal:
    decided = {decision.field for decision in decisions}
    return Proposal(
        row=row,
        kind=str(apps.get_model(row.model)._meta.verbose_name),
        title=" · ".join(words(part) for part in flat(row.key) if part not in (None, "")),
        address=_address(record),
        version=record.version if record is not None else None,
        fields=[_field(row, record, name) for name in row.after or {} if name not in decided],
        decided=decisions,
    )


def _field(row: ImportRow, record: Any, name: str) -> Field:
    model = apps.get_model(row.model)
    present = as_in_a_file(record, name) if record is not None else None
    proposed, then = (row.after or {}).get(name), (row.before or {}).get(name)
    shown, becomes = words(present), words(proposed)
    moved = record is not None and not _alike(model, name, present, then)
    language = getattr(record, "language", None) or "und"
    if isinstance(present, str) and isinstance(proposed, str) and " " in present and " " in proposed:
        compared = diff(present, proposed, language)
        before = [(piece.text, piece.changed) for piece in compared.first_pieces]
        after = [(piece.text, piece.changed) for piece in compared.second_pieces]
    else:
        before, after = [(shown, shown != becomes)], [(becomes, shown != becomes)]
    return Field(
        name=name,
        label=name.replace("_", " "),
        before=before,
        after=after,
        moved_from=words(then) if moved else None,
        same=record is not None and _alike(model, name, present, proposed),
    )


def as_in_a_file(record: Any, name: str) -> Any:
    """Return a field of a record as a file would write it: references by their natural keys."""
    one = record._meta.get_field(name)
    if one.many_to_many:
        return sorted(list(other.natural_key()) for other in getattr(record, name).all())
    value = getattr(record, name)
    if one.is_relation:
        return list(value.natural_key()) if value is not None else None
    if value is None or isinstance(value, str | int | bool | float | list | dict):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def words(value: Any) -> str:
    """Return a value of a file for people: references by their keys, nothing as such."""
    if isinstance(value, list):
        return ", ".join(words(part) for part in value) or "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "nothing" if value in (None, "") else str(value)


def _alike(model: Any, name: str, first: Any, second: Any) -> bool:
    """Tell whether two values of a file mean the same: dates and numbers may be written in more than one way."""
    one = model._meta.get_field(name)
    if one.many_to_many:
        return sorted(map(tuple, first or [])) == sorted(map(tuple, second or []))
    if one.is_relation:
        return (first or None) == (second or None)
    return bool(one.to_python(first) == one.to_python(second))


def _address(record: Any) -> str:
    kind = record._meta.model_name if record is not None else ""
    if kind in ("statement", "quote"):
        return reverse(kind, args=[record.uid])
    if kind in ("relay", "figure"):
        return reverse("quote", args=[record.quote.uid])
    if kind == "speaker":
        return reverse("speaker", args=[record.slug])
    return reverse("article", args=[record.pk]) if kind == "article" else ""


def _say_who(found: Iterable[Proposal], records: dict[int, Any], user: Any) -> None:
    """Add who last worked on each record, and when; what imports did is not somebody's work on it."""
    asked = Q(pk__in=[])
    for proposal in found:
        record = records.get(proposal.row.pk)
        if record is not None:
            asked |= Q(table=record._meta.db_table, record_pk=record.pk)
    events = (
        AuditEvent.objects.visible_to(user)
        .filter(asked, actor_pk__isnull=False)
        .exclude(verb__startswith="imports.apply")
        .order_by("table", "record_pk", "-pk")
        .distinct("table", "record_pk")
    )
    last = {(event.table, event.record_pk): event for event in events}
    for proposal in found:
        record = records.get(proposal.row.pk)
        event = last.get((record._meta.db_table, record.pk)) if record is not None else None
        if event is not None:
            proposal.worked_by, proposal.worked_at = event.actor, event.at


def _say_what_it_costs(found: Iterable[Proposal], records: dict[int, Any]) -> None:
    """Add how many verified quotes show each record: a change of what they show makes them stale."""
    groups: dict[str, dict[int, list[Proposal]]] = defaultdict(lambda: defaultdict(list))
    for proposal in found:
        record = records.get(proposal.row.pk)
        path = SHOWN_BY.get(kind_of(proposal.row))
        if record is not None and path is not None:
            groups[path][_shown_key(record)].append(proposal)
    for path, asked in groups.items():
        counted = (
            Standing.objects.filter(value=Standing.Value.VERIFIED, **{f"{path}__in": list(asked)})
            .values_list(path)
            .annotate(Count("quote"))
        )
        for key, number in counted:
            for proposal in asked[key]:
                proposal.verified = number


def _shown_key(record: Any) -> int:
    kind = record._meta.model_name
    if kind == "tenure":
        return int(record.person_id)
    return int(record.quote_id if kind in ("relay", "figure") else record.pk)
