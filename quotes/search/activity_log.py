"""The audit log as people read it: filtered, page by page; and a statement as it was on a day."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.http import Http404

from quotes.models import Article, AuditEvent, Statement
from quotes.search.activity import check_chain
from quotes.search.desk_lists import midnight
from quotes.search.history import Change, Deed, deeds_of, described
from quotes.search.history_words import TOLD

PAGE = 50
"""Events on one page of the log."""
MOST_CHECKED = 200_000
"""Events up to which the whole chain is verified on a page; longer ones take minutes, and have a command."""
ACCOUNTS = frozenset({"auth_user", "auth_user_groups", "mfa_authenticator", "account_emailaddress"})
KINDS = {table: nouns for table, (_, nouns, _) in TOLD.items() if table != "quotes_statement_topics"} | {
    "quotes_return": "quotes sent back",
    "quotes_withdrawal": "checks taken back",
}
"""Tables that can be filtered by, each with a name of its own."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the log is filtered by; empty is everything."""

    who: str = ""
    verb: str = ""
    kind: str = ""
    since: dt.date | None = None
    until: dt.date | None = None
    statement: str = ""
    before: int | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """One deed, with the uid of the statement that it was done to, if there is one to be seen."""

    deed: Deed
    statement: str


@dataclass(frozen=True, slots=True)
class Log:
    """One page of the log, newest first; `older` leads to the next one."""

    rows: Sequence[Told]
    older: int | None
    kinds: Sequence[tuple[str, str]]


def activity_log(user: Any, asked: Asked) -> Log:
    """Read a page of the log, as far as `user` may know of what it tells.

    Raises:
        Http404: for a statement that is not there, or that `user` may not know of.
    """
    kinds = kinds_for(user)
    events = (
        AuditEvent.objects.visible_to(user).filter(_asked(user, asked), table__in=list(kinds)).newest_first()
    )
    if not user.has_perm("quotes.view_restricted"):
        # An article of which nothing may be known is not told of either; its events belong to no one statement.
        seen = Article.objects.visible_to(user).values("pk")
        events = events.exclude(Q(table="quotes_article") & ~Q(record_pk__in=seen)).exclude(
            table="quotes_capture"
        )
    if asked.before is not None:
        events = events.filter(pk__lt=asked.before)
    found = list(events[: PAGE + 1])
    deeds = deeds_of(found[:PAGE], user)
    uids = dict(
        Statement.objects.visible_to(user)
        .filter(pk__in={deed.statement_pk for deed in deeds if deed.statement_pk})
        .values_list("pk", "uid")
    )
    return Log(
        [Told(deed, uids.get(deed.statement_pk, "") if deed.statement_pk else "") for deed in deeds],
        found[PAGE - 1].pk if len(found) > PAGE else None,
        sorted(((table, noun) for table, noun in KINDS.items() if table in kinds), key=lambda pair: pair[1]),
    )


def kinds_for(user: Any) -> set[str]:
    """Return the tables whose events `user` may read: those of accounts only with the right to view accounts."""
    return {table for table in TOLD if table not in ACCOUNTS or user.has_perm("auth.view_user")}


def _asked(user: Any, asked: Asked) -> Q:
    told = Q()
    if asked.who:
        told &= Q(actor="" if asked.who == "the system" else asked.who)
    if asked.verb:
        # A task alone (“verify”) stands for all its verbs.
        told &= Q(verb=asked.verb) if "." in asked.verb else Q(verb__startswith=f"{asked.verb}.")
    if asked.kind:
        told &= Q(table=asked.kind)
    if asked.since:
        told &= Q(at__gte=midnight(asked.since))
    if asked.until:
        told &= Q(at__lt=midnight(asked.until, 1))
    if asked.statement:
        found = Statement.objects.visible_to(user).filter(uid=asked.statement).first()
        if found is None:
            raise Http404
        told &= Q(statement_pk=found.pk)
    return told


# --- The chain ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the chain holds, in a sentence."""

    holds: bool | None
    sentence: str


def chain_verdict() -> Verdict:
    """Verify the whole chain if it is short enough for a page. For curators; against checkpoints see the command."""
    if AuditEvent.objects.order_by()[: MOST_CHECKED + 1].count() > MOST_CHECKED:
        return Verdict(
            None, f"More than {MOST_CHECKED:,} events: too long for a page. Run “manage.py audit verify”."
        )
    walk = check_chain([])
    if walk.broken is not None:
        return Verdict(False, f"Broken at position {walk.broken.position}: {walk.broken.message}.")
    return Verdict(
        True,
        f"{walk.events:,} events in {walk.seals:,} transactions hold, up to position {walk.last.position} "
        f"with the hash {walk.last.hash[:16]}…",
    )


# --- As it was ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Was:
    """One record as it was: what it is called, its uid or place, and what its fields said."""

    noun: str
    name: str
    fields: Sequence[Change]


@dataclass(frozen=True, slots=True)
class AsItWas:
    """A statement at the end of a day, from the log; `records` is empty when it was not entered yet."""

    day: dt.date
    records: Sequence[Was]


RECONSTRUCTED = ("quotes_statement", "quotes_quote", "quotes_relay", "quotes_figure")


def as_it_was(statement: Statement, day: dt.date, user: Any) -> AsItWas:
    """Put a statement, its quotes, chains and figures together as they were at the end of `day`.

    Args:
        statement: one that `user` may know of.
        day: in the zone of the site.
    """
    quotes = [quote.pk for quote in statement.quotes.all()]
    events = (
        AuditEvent.objects.visible_to(user)
        .filter(table__in=RECONSTRUCTED, at__lt=midnight(day, 1))
        .filter(Q(statement_pk=statement.pk) | Q(table="quotes_quote", record_pk__in=quotes))
        .order_by("pk")
    )
    states: dict[tuple[str, int], dict[str, Any] | None] = {}
    for event in events:
        states[event.table, event.record_pk or 0] = json.loads(event.after) if event.after else None
    rows = [
        (table, row) for (table, _), row in states.items() if row is not None and _belongs(row, statement)
    ]
    rows.sort(key=lambda pair: (RECONSTRUCTED.index(pair[0]), pair[1].get("quote_id", 0), pair[1]["id"]))
    return AsItWas(day, [Was(*told) for told in described(rows, user)])


def _belongs(row: dict[str, Any], statement: Statement) -> bool:
    return row.get("statement_id", statement.pk) == statement.pk
