"""Join two statements that are one utterance, split one that was two, and undo either exactly (invariant 9).

Standing stays with each quote (invariant 5). A quote that moves shows another statement's date and occasion, so its
checks count no more (invariant 4); undone, it shows what was checked, and they count again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.models import Q
from django.db.models.deletion import ProtectedError
from django.utils.dateparse import parse_datetime

from quotes.models import Joining, Link, Quote, SameUtterance, Statement
from quotes.models.base import uid_validator

from .audit import acting
from .joining import DECISION, JoinPlan, plan_join, wider
from .refusals import Changed, NotAllowed, NotValid

NO_RIGHT = "Your account may look at statements, but not join or split them."
CHANGED = "One of the two was changed since it was shown. Look at what is there now."


def join(
    kept: Statement, gone: Statement, *, seen: tuple[int, int], shown: str, despite: bool, by: Any
) -> Joining:
    """Make `gone` the same statement as `kept`: its quotes, links and topics move, its uid leads there.

    Args:
        kept: the one that stays.
        gone: the one that becomes a signpost.
        seen: the versions of both that were on the screen.
        shown: `JoinPlan.shown` of the preview.
        despite: whether what stands against it was read and overruled.
        by: who joins them.

    Raises:
        NotAllowed: without the right.
        Changed: when anything that moves is no longer as shown.
        NotValid: across different voices or days, when something held back would come out, and when what stands
            against it was not overruled.
    """
    if not by.has_perm("quotes.join_statement"):
        raise NotAllowed(NO_RIGHT)
    with acting(by=by, verb="statements.join"):
        kept, gone = _locked(kept, gone)
        if (kept.version, gone.version) != seen:
            raise Changed(CHANGED)
        plan = plan_join(kept, gone)
        if plan.refusals:
            raise NotValid(" ".join(plan.refusals))
        if plan.shown != shown:
            raise Changed(CHANGED)
        if plan.against and not despite:
            raise NotValid("Say that you have read what stands against it.", "despite")
        return _joined(plan, by)


def _joined(plan: JoinPlan, by: Any) -> Joining:
    kept, gone = plan.kept, plan.gone
    decided = [
        (pair.like.pk, _decision(pair.like), _decision(pair.link))
        for pair in plan.left
        if pair.adopted and pair.like is not None
    ]
    # First the note: the database keeps with it what the quotes show until now.
    joining = Joining.objects.create(
        kind=Joining.Kind.JOIN,
        statement=kept,
        other=gone,
        other_uid=gone.uid,
        by=by,
        moved={
            "quotes": [quote.pk for quote in plan.quotes],
            "topics": [topic.pk for topic in plan.topics],
            "links": [[link.pk, list(ends)] for link, ends in plan.links],
            "decided": decided,
        },
    )
    Quote.objects.filter(statement=gone).order_by("pk").update(statement=kept)
    for link, ends in plan.links:
        Link.objects.filter(pk=link.pk).update(**dict.fromkeys(ends, kept))
    for key, _, after in decided:
        Link.objects.filter(pk=key).update(**_as_columns(after))
    kept.topics.add(*plan.topics)
    Statement.objects.filter(pk=gone.pk).update(joined_into=kept)
    return joining


def split(
    statement: Statement,
    quotes: Sequence[Quote],
    *,
    uid: str,
    gist: str,
    seen: int,
    by: Any,
) -> Joining:
    """Make some quotes of a statement another statement, by the same speaker, of the same day and terms.

    Links stay where they were made, and so does the original: whose it is cannot be told from the quotes.

    Args:
        quotes: those that go; at least one must go and one stay.
        uid: of the new statement, free as yet.
        gist: one neutral line for it.
        seen: the version of the statement that was on the screen.
        by: who splits it.

    Raises:
        NotAllowed: without the right.
        Changed: when the statement was changed, or one of the quotes is not its own any more.
        NotValid: when nothing would go or stay, or the uid cannot be taken.
    """
    if not by.has_perm("quotes.join_statement"):
        raise NotAllowed(NO_RIGHT)
    _require_free(uid)
    if not gist.strip():
        raise NotValid("Say in one neutral line what the other statement is.", "gist")
    with acting(by=by, verb="statements.split"):
        statement = _lock([statement.pk])[0]
        if statement.version != seen or statement.joined_into_id is not None:
            raise Changed("The statement was changed since it was shown. Look at what is there now.")
        own = set(Quote.objects.filter(statement=statement).values_list("pk", flat=True))
        going = [quote.pk for quote in quotes]
        if not going:
            raise NotValid("Choose the quotes that are another statement.", "quotes")
        if not own.issuperset(going):
            raise Changed("One of the quotes is not on this statement any more. Look at what is there now.")
        if len(own) == len(set(going)):
            raise NotValid("One quote at least has to stay; else nothing is split.", "quotes")
        try:
            other = Statement.objects.create(
                uid=uid,
                gist=gist.strip(),
                **{name: getattr(statement, name) for name in COPIED},
            )
        except IntegrityError as error:
            raise NotValid(f"{uid} is taken.", "uid") from error
        topics = list(statement.topics.all())
        other.topics.set(topics)
        joining = Joining.objects.create(
            kind=Joining.Kind.SPLIT,
            statement=statement,
            other=other,
            other_uid=uid,
            by=by,
            moved={
                "quotes": sorted(going),
                "topics": sorted(topic.pk for topic in topics),
                "lines": _lines(Statement.objects.get(pk=other.pk)),
            },
        )
        Quote.objects.filter(pk__in=going).order_by("pk").update(statement=other)
    return joining


COPIED = (
    "speaker",
    "uttered_by",
    "said_on",
    "said_on_precision",
    "occasion",
    "original_language",
    "record",
    "embargoed_until",
)
"""What a statement that was split off has from the one it was part of; its terms above all, so nothing comes out."""


_COLUMNS = tuple(f"{name}_id" if name in ("speaker", "uttered_by") else name for name in COPIED)


def _require_free(uid: str) -> None:
    try:
        uid_validator(uid)
    except ValidationError as error:
        raise NotValid(str(error.messages[0]), "uid") from error
    if Statement.objects.filter(uid=uid).exists():
        raise NotValid(f"{uid} is taken.", "uid")


def undo(joining: Joining, *, by: Any) -> None:
    """Give back the rows as they were before a join or a split.

    What was entered since stays where it was entered; what was moved is given back with what was changed in it.

    Args:
        joining: one that stands.
        by: who undoes it.

    Raises:
        NotAllowed: without the right.
        Changed: when it was undone already.
        NotValid: when what was done since stands in the way; the sentence names it.
    """
    if not by.has_perm("quotes.join_statement"):
        raise NotAllowed(NO_RIGHT)
    verb = "statements.unjoin" if joining.kind == Joining.Kind.JOIN else "statements.unsplit"
    try:
        with acting(by=by, verb=verb):
            # The statements first, in one order, as every other deed here does.
            rows = {row.pk: row for row in _lock([joining.statement_id, joining.other_id])}
            now = Joining.objects.select_for_update(of=("self",)).get(pk=joining.pk)
            if now.undone_at is not None:
                raise Changed("It was undone already.")
            kept, other = rows[now.statement_id], rows[now.other_id]
            if now.kind == Joining.Kind.JOIN:
                _unjoin(now, kept, other, by)
            else:
                _unsplit(now, kept, other, by)
    except (IntegrityError, ProtectedError) as error:
        raise NotValid(
            "It cannot be undone any more: other records rest on what would be given back."
        ) from error


def _unjoin(joining: Joining, kept: Statement, gone: Statement, by: Any) -> None:
    if kept.joined_into_id is not None:
        raise NotValid(_joined_itself(kept))
    _require_here(joining, kept)
    if sentence := wider(gone, kept):
        raise NotValid(f"{kept.uid} was put under stricter terms since. {sentence}")
    Statement.objects.filter(pk=gone.pk).update(joined_into=None)
    moved = joining.moved
    Quote.objects.filter(pk__in=moved["quotes"]).order_by("pk").update(statement=gone)
    for key, ends in moved["links"]:
        link = Link.objects.filter(pk=key).first()
        # A link that was taken away since stays away.
        if link is not None:
            Link.objects.filter(pk=key).update(
                **{end: gone for end in ends if getattr(link, f"{end}_id") == kept.pk}
            )
    for key, before, after in moved["decided"]:
        # Decided anew since: that decision stands.
        Link.objects.filter(pk=key, **_as_columns(after)).update(**_as_columns(before))
    kept.topics.remove(*moved["topics"])
    _close(joining, by)


def _unsplit(joining: Joining, origin: Statement, other: Statement, by: Any) -> None:
    for one in (origin, other):
        if one.joined_into_id is not None:
            raise NotValid(_joined_itself(one))
    _require_here(joining, other)
    if sentence := wider(origin, other):
        raise NotValid(sentence)
    if standing := list(_built_on(joining, other)):
        raise NotValid(f"{other.uid} was worked on since: {'; '.join(standing)}. Undo or move that first.")
    Quote.objects.filter(pk__in=joining.moved["quotes"]).order_by("pk").update(statement=origin)
    _close(joining, by)
    # Nobody has answered these: they were measured on a statement that is none.
    SameUtterance.objects.filter(
        Q(source=other) | Q(target=other), state=SameUtterance.Answer.SUGGESTED
    ).delete()
    Link.objects.touching(other).filter(
        state=Link.State.SUGGESTED, decided_by=None, score__isnull=False
    ).delete()
    other.delete()


def _built_on(joining: Joining, other: Statement) -> Any:
    """What has come to a statement since it was split off."""
    # Not by its version: joining it and undoing that counts on.
    if _lines(other) != joining.moved["lines"]:
        yield "its own lines were changed"
    quotes = Quote.objects.filter(statement=other).exclude(pk__in=joining.moved["quotes"])
    for uid in quotes.values_list("uid", flat=True)[:3]:
        yield f"quote {uid} was entered on it"
    if set(other.topics.values_list("pk", flat=True)) != set(joining.moved["topics"]):
        yield "its topics were changed"
    made = Link.objects.touching(other).exclude(
        state=Link.State.SUGGESTED, decided_by=None, score__isnull=False
    )
    for link in made.select_related("source", "target")[:3]:
        yield f"it has a link, {link.source.uid} {link.get_type_display()} {link.target.uid}"
    answered = SameUtterance.objects.filter(Q(source=other) | Q(target=other)).exclude(
        state=SameUtterance.Answer.SUGGESTED
    )
    for row in answered.select_related("source", "target")[:3]:
        yield f"{row.source.uid} and {row.target.uid} were said not to be one"
    for uid in Statement.objects.filter(joined_into=other).values_list("uid", flat=True)[:3]:
        yield f"{uid} was joined into it"
    for split_off in Joining.objects.standing().filter(statement=other, kind=Joining.Kind.SPLIT)[:3]:
        yield f"{split_off.other_uid} was split off it"


def _lines(statement: Statement) -> list[str]:
    """What a statement says of itself, as JSON."""
    return [str(getattr(statement, name)) for name in (*_COLUMNS, "gist", "original_text")]


def _require_here(joining: Joining, statement: Statement) -> None:
    """Refuse when quotes that were moved have been moved on."""
    away = (
        Quote.objects.filter(pk__in=joining.moved["quotes"])
        .exclude(statement=statement)
        .select_related("statement")
        .order_by("pk")
    )
    if found := list(away[:3]):
        named = ", ".join(f"{quote.uid} to {quote.statement.uid}" for quote in found)
        raise NotValid(f"Quotes were moved on since: {named}. Undo that first.")


def _joined_itself(statement: Statement) -> str:
    into = statement.joined_into
    return f"{statement.uid} was itself joined into {into.uid if into else 'another'} since. Undo that first."


def _close(joining: Joining, by: Any) -> None:
    # The time is the database's.
    Joining.objects.filter(pk=joining.pk).update(undone_at=joining.at, undone_by=by)


def _locked(kept: Statement, gone: Statement) -> tuple[Statement, Statement]:
    rows = {row.pk: row for row in _lock([kept.pk, gone.pk])}
    return rows[kept.pk], rows[gone.pk]


def _lock(keys: Sequence[int]) -> list[Statement]:
    """Return statements as they are now, held against everybody who would attach something to them."""
    rows = (
        Statement.objects.filter(pk__in=keys)
        .select_related("speaker", "uttered_by", "joined_into")
        .select_for_update(of=("self",))
        .order_by("pk")
    )
    found = list(rows)
    if len(found) < len(set(keys)):
        raise Changed("One of the statements is not there any more.")
    return found


def _decision(link: Link) -> list[Any]:
    """What was decided on a link, as JSON."""
    values = [getattr(link, name) for name in DECISION]
    return [value.isoformat() if hasattr(value, "isoformat") else value for value in values]


def _as_columns(decision: Sequence[Any]) -> dict[str, Any]:
    values = dict(zip(DECISION, decision, strict=True))
    moment = values["decided_at"]
    return {**values, "decided_at": parse_datetime(moment) if moment else None}
