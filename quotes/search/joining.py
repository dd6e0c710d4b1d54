"""Which statements may be one, where a joined one is found, and what was joined and split."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Q
from django.http import Http404

from quotes.models import Joining, Link, Quote, SameUtterance, Statement
from quotes.models.statement import open_to

OFFERED = 12
NEAR = dt.timedelta(days=3)
"""How far apart two statements are said that are offered to be joined; any other can be named by its uid."""
MOST_STEPS = 64


def statement_named(uid: str, user: Any) -> Statement:
    """Return a statement by its uid.

    Raises:
        Http404: when there is none that `user` may know of, or it was joined into another.
    """
    found = (
        Statement.objects.visible_to(user)
        .select_related("speaker", "uttered_by", "joined_into")
        .filter(uid=uid)
        .first()
    )
    if found is None:
        raise Http404
    return found


def signpost(uid: str, user: Any) -> str:
    """Return the uid under which a statement is found that is not there any more, or an empty text.

    It was joined into another, or it was split off one and that was undone. Nobody is led from or to what is held
    back from them.
    """
    statement = Statement.objects.filter(open_to(user), uid=uid).select_related("joined_into").first()
    if statement is None:
        undone = (
            Joining.objects.visible_to(user)
            .filter(other_uid=uid, kind=Joining.Kind.SPLIT, undone_at__isnull=False)
            .select_related("statement__joined_into")
            .last()
        )
        if undone is None or Statement.objects.filter(uid=uid).exists():
            return ""
        statement = undone.statement
    elif statement.joined_into is None:
        return ""
    for _ in range(MOST_STEPS):
        if statement.joined_into is None:
            break
        statement = statement.joined_into
    visible = Statement.objects.visible_to(user).filter(pk=statement.pk).exists()
    return statement.uid if visible else ""


def offered(statement: Statement, user: Any) -> Sequence[Statement]:
    """Return statements that `statement` may be joined with: suggested ones first, then near ones by the speaker."""
    pairs = (
        SameUtterance.objects.visible_to(user).suggested().filter(Q(source=statement) | Q(target=statement))
    )
    suggested = [
        pair.target_id if pair.source_id == statement.pk else pair.source_id
        for pair in pairs.best_first()[:OFFERED]
    ]
    shown = Statement.objects.visible_to(user).select_related("speaker")
    found = shown.in_bulk(suggested)
    first = [found[key] for key in suggested if key in found]
    near = shown.filter(speaker=statement.speaker).exclude(pk__in=[statement.pk, *suggested])
    if statement.said_on is not None:
        near = near.filter(
            Q(said_on__range=(statement.said_on - NEAR, statement.said_on + NEAR)) | Q(said_on__isnull=True)
        )
    return [*first, *near.newest_first()[: OFFERED - len(first)]]


def joinings_of(statement: Statement, user: Any) -> list[Joining]:
    """Return the joins and splits that this statement rests on, the latest first, as far as `user` may know of both."""
    found = Joining.objects.standing().filter(
        Q(statement=statement) | Q(other=statement, kind=Joining.Kind.SPLIT)
    )
    if not user.has_perm("quotes.view_restricted"):
        # After a split the two go on by themselves: one may be held back, or be joined into what is, and the other not.
        whole = Q(other__joined_into__isnull=True) | open_to(user, "other__joined_into__")
        found = found.filter(whole, open_to(user, "statement__"), open_to(user, "other__"))
    return list(found.select_related("by", "statement"))


def joining_to_undo(key: int, uid: str, user: Any) -> Joining:
    """Return a joining by its key and a statement it belongs to, undone or not.

    Raises:
        Http404: when there is none that `user` may know of.
    """
    found = (
        Joining.objects.visible_to(user)
        .filter(Q(statement__uid=uid) | Q(other_uid=uid), pk=key)
        .select_related("statement", "by", "undone_by")
        .first()
    )
    if found is None:
        raise Http404
    return found


def moved_quotes(joining: Joining, user: Any) -> list[Quote]:
    """Return the quotes that a joining moved and that are still there."""
    return list(
        Quote.objects.visible_to(user)
        .filter(pk__in=joining.moved["quotes"])
        .select_related("standing", "article__outlet", "statement")
        .order_by("pk")
    )


def quotes_on(statement: Statement, user: Any) -> list[Quote]:
    """Return the quotes of a statement in the order in which they were entered."""
    return list(
        Quote.objects.visible_to(user)
        .filter(statement=statement)
        .select_related("standing", "article__outlet")
        .order_by("pk")
    )


class LinksSeen:
    """Which links of some statements somebody may know of: what moves unseen is not told."""

    def __init__(self, user: Any, statements: Sequence[int]) -> None:
        ends = Q(source__in=statements) | Q(target__in=statements)
        self._keys = set(Link.objects.visible_to(user).filter(ends).values_list("pk", flat=True))

    def of(self, links: Iterable[Link]) -> list[Link]:
        """Return those of `links` that may be shown."""
        return [link for link in links if link.pk in self._keys]
