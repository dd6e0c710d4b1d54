"""What an import has proposed, decided field by field: accepted by the version that was on the screen, or declined."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import DataError, IntegrityError
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now
from django.utils import timezone

from quotes.models import ImportDecision, ImportRow, ImportRun
from quotes.models.proposal import kind_of, records_of

from . import records
from .audit import acting
from .importreport import Report
from .staging import NATURAL_KEYS

RIGHT = "quotes.change_speaker"
"""Who keeps the reference records decides on proposals: a curator."""


class NotAllowed(Exception):
    """The person may not decide on proposals."""


class CannotDecide(Exception):
    """Nothing was decided; the text says why in words for the person."""


def decide(row: ImportRow, fields: Iterable[str], verdict: str, *, seen: int | None, by: Any) -> None:
    """Accept or decline some fields of a proposal; all of them or none.

    Args:
        row: the proposal.
        fields: names of fields that it proposes.
        verdict: `accepted` or `declined`.
        seen: the version of the record that was on the screen; None for a record that is not there yet.
        by: who decides.

    Raises:
        NotAllowed: when `by` may not.
        CannotDecide: when a field was decided before, or the database does not take the value.
        quotes.actions.records.Conflict: when somebody has changed the record since it was shown.
    """
    if not by.has_perm(RIGHT):
        raise NotAllowed("A curator decides on what an import has proposed.")
    names = list(dict.fromkeys(fields))
    verb = "imports.accept" if verdict == ImportDecision.Verdict.ACCEPTED else "imports.decline"
    try:
        with acting(by=by, verb=verb):
            held = (
                ImportRow.objects.select_for_update(of=("self",)).open_proposals().filter(pk=row.pk).first()
            )
            decided = set(ImportDecision.objects.filter(row=row).values_list("field", flat=True))
            after: dict[str, Any] = (held.after or {}) if held else {}
            left = [name for name in after if name not in decided]
            if held is None or not names or not set(names) <= set(left):
                raise CannotDecide("This was decided already, or no field was chosen.")
            if verdict == ImportDecision.Verdict.ACCEPTED:
                _accept(held, names, left, seen=seen, by=by)
            ImportDecision.objects.bulk_create(
                ImportDecision(
                    row=held,
                    field=name,
                    digest=_digest_of(held.model, held.key, name, after[name]),
                    verdict=verdict,
                    by=by,
                )
                for name in names
            )
            if set(names) == set(left):
                ImportRow.objects.filter(pk=held.pk).update(settled_at=Now())
    except (IntegrityError, DataError) as error:
        diagnosis = getattr(error.__cause__, "diag", None)
        said = getattr(diagnosis, "message_primary", None) or str(error).splitlines()[0]
        raise CannotDecide(f"The record cannot be like that: {said}") from error


def _digest_of(model: str, key: list[Any], field: str, value: Any) -> str:
    """Return what a proposed value is remembered by: the same record, field and value give the same digest."""
    return hashlib.sha256(json.dumps([model, key, field, value], sort_keys=True).encode()).hexdigest()


# house: a step of quotes.actions.imports.run, which says by whom
def leave_out_declined(report: Report, *, by: Any) -> None:
    """Take out of a report what somebody has declined before, until the file says something else."""
    digests = {
        (number, name): _digest_of(change.model, change.key, name, value)
        for number, change in enumerate(report.changes)
        if change.action == "proposed"
        for name, value in change.after.items()
    }
    declined = set(
        ImportDecision.objects.filter(
            verdict=ImportDecision.Verdict.DECLINED, digest__in=set(digests.values())
        ).values_list("digest", flat=True)
    )
    if not declined:
        return
    kept = []
    for number, change in enumerate(report.changes):
        if change.action == "proposed":
            names = [name for name in change.after if digests[number, name] not in declined]
            change.after = {name: change.after[name] for name in names}
            change.before = {name: value for name, value in change.before.items() if name in names}
            if not names:
                report.declined += 1
                report.proposed[change.model] -= 1
                continue
        kept.append(change)
    report.changes = kept
    report.proposed = {model: number for model, number in report.proposed.items() if number}


# house: a step of quotes.actions.imports.run, which says by whom
def take_over(run: ImportRun, *, by: Any) -> None:
    """Let this import's proposals stand for the same ones of earlier imports, so that each is listed once."""
    same = ImportRow.objects.filter(
        run=run, action="proposed", model=OuterRef("model"), key=OuterRef("key"), after=OuterRef("after")
    )
    ImportRow.objects.open_proposals().exclude(run=run).filter(Exists(same)).update(settled_at=Now())


def _value_of(model: Any, name: str, given: Any) -> Any:
    """Return what a file says of a field as the model keeps it.

    Raises:
        CannotDecide: when it refers to nothing on record, or is no such value.
    """
    one = model._meta.get_field(name)
    try:
        if one.many_to_many:
            return [one.related_model._default_manager.get_by_natural_key(*key) for key in given or []]
        if given is None:
            return None
        if one.is_relation:
            return one.related_model._default_manager.get_by_natural_key(*given)
        return one.to_python(given)
    except ObjectDoesNotExist as error:
        raise CannotDecide(f"{name.replace('_', ' ')}: {given} is not on record any more.") from error
    except ValidationError as error:
        raise CannotDecide(f"{name.replace('_', ' ')}: {' '.join(error.messages)}") from error


def _accept(row: ImportRow, names: list[str], left: list[str], *, seen: int | None, by: Any) -> None:
    record = records_of([row]).get(row.pk)
    model: Any = apps.get_model(row.model)
    after: dict[str, Any] = row.after or {}
    values = {name: _value_of(model, name, after[name]) for name in names}
    if kind_of(row) == "link" and "state" in values:
        suggested = values["state"] == "suggested"
        values |= {
            "decided_by": None if suggested else by,
            "decided_at": None if suggested else timezone.now(),
        }
    if record is None:
        if seen is not None:
            raise records.Conflict(None)
        if set(names) != set(left):
            raise CannotDecide("This would be a new record: it is taken as a whole or not at all.")
        key = {
            name: _value_of(model, name, given)
            for name, given in zip(NATURAL_KEYS[kind_of(row)], row.key, strict=True)
        }
        records.enter(model(**key, **values), by=by, verb="imports.accept")
        return
    if seen is None:
        raise records.Conflict(record)
    topics = values.pop("topics", None)
    records.change(record, values, seen=seen, by=by, verb="imports.accept")
    if topics is not None:
        record.topics.set(topics)
