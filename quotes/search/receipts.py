"""A receipt: a statement with all that it rests on, and the part of the log that recorded it, to be verified offline.

The file ends with the SHA-256 of everything before. Inside, every event stands with all that its hash was made of, and
every transaction with the hashes of all of its events, so that `scripts/verify_receipt.py` can compute them again up to
the transaction's place in the chain. That place can be compared with a checkpoint kept outside the database.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from quotes.models import WORDS_AROUND, AuditEvent, AuditSeal, Quote, Statement
from quotes.models.statement import open_to
from quotes.search import shapes
from quotes.search.statements import StatementPage
from quotes.text.auditchain import instant

FORMAT = "verbatim-receipt-1"
MOST_LEAVES = 2_000
"""Events of one transaction whose hashes are given; a larger one, an import, is named only by its place."""
MOST_EVENTS = 5_000


def receipt_of(page: StatementPage, user: Any) -> dict[str, Any]:
    """Gather a receipt, as far as `user` may know of what it tells."""
    told = shapes.statement(page, user)
    told.pop("links")
    told.pop("history")
    events = list(
        AuditEvent.objects.visible_to(user)
        .of_statement(page.statement)
        .filter(seal__position__isnull=False)
        .order_by("pk")[:MOST_EVENTS]
    )
    events = _without_hidden(events, user)
    seals = list(AuditSeal.objects.filter(pk__in={event.seal_id for event in events}).order_by("position"))
    short = [seal.pk for seal in seals if (seal.events or 0) <= MOST_LEAVES]
    leaves: dict[int, list[str]] = {}
    for seal, leaf in AuditEvent.objects.filter(seal__in=short).order_by("pk").values_list("seal_id", "leaf"):
        leaves.setdefault(seal, []).append(bytes(leaf).hex())
    return {
        "format": FORMAT,
        "made_at": timezone.now(),
        "made_for": user.get_username(),
        "statement": told,
        "events": [_event(event) for event in events],
        "seals": [
            {
                "id": seal.pk,
                "position": seal.position,
                "transaction": seal.transaction,
                "events": seal.events,
                "sealed_at": instant(seal.sealed_at) if seal.sealed_at else None,
                "previous": seal.previous,
                "hash": seal.hash,
                "leaves": leaves.get(seal.pk),
            }
            for seal in seals
        ],
    }


def _without_hidden(events: Sequence[AuditEvent], user: Any) -> list[AuditEvent]:
    """Leave out events that name another statement of which `user` may not know: it may be held back since.

    And those of a quote with words around it that may be held back: an event stands whole or not at all.
    """
    if user.has_perm("quotes.view_restricted"):
        return list(events)
    named = {event.pk: set(_statements_in(event)) for event in events}
    # One that was split off and is undone is gone: there is nothing to be known of it.
    hidden = set(
        Statement.objects.filter(pk__in=set().union(*named.values()))
        .exclude(open_to(user))
        .values_list("pk", flat=True)
    )
    own = {event.record_pk or 0 for event in events if event.table == Quote._meta.db_table}
    crowded = set(Quote.objects.filter(pk__in=own).crowded(user).values_list("pk", flat=True))
    return [
        event
        for event in events
        if named[event.pk].isdisjoint(hidden)
        and not (
            event.table == Quote._meta.db_table and event.record_pk in crowded and _has_words_around(event)
        )
    ]


def _has_words_around(event: AuditEvent) -> bool:
    sides = [json.loads(side) for side in (event.before, event.after) if side]
    return any(side.get(name) for side in sides for name in WORDS_AROUND)


def _statements_in(event: AuditEvent) -> Iterator[int]:
    """Give the keys of all statements that an event tells of."""
    models = {model._meta.db_table: model for model in apps.get_app_config("quotes").get_models()}
    model = models.get(event.table)
    columns = [
        column.column
        for column in (model._meta.concrete_fields if model is not None else ())
        if column.related_model is Statement
    ]
    for side in (event.before, event.after):
        row = json.loads(side) if side else {}
        yield from (int(row[column]) for column in columns if row.get(column) is not None)


def _event(event: AuditEvent) -> dict[str, Any]:
    return {
        "id": event.pk,
        "seal": event.seal_id,
        "at": instant(event.at),
        "actor_pk": event.actor_pk,
        "actor": event.actor,
        "verb": event.verb,
        "table": event.table,
        "record_pk": event.record_pk,
        "statement_pk": event.statement_pk,
        "before": event.before,
        "after": event.after,
        "leaf": bytes(event.leaf).hex(),
    }


def as_data(told: dict[str, Any]) -> str:
    """Return the receipt as JSON on one line; the page shows it as text, and a parser of HTML gives it back."""
    return json.dumps(told, cls=DjangoJSONEncoder, sort_keys=True)


def closed(body: str) -> bytes:
    """Return the file: the page, and at its end the hash of all that stands before."""
    content = body.rstrip().encode() + b"\n"
    return content + f"<!-- sha256 {hashlib.sha256(content).hexdigest()} -->\n".encode()
