# house: steps of quotes.actions.statements, which says by whom
"""What joining two statements would move, what stands against it, and what splitting and undoing rest on.

The preview and the deed ask here, so that nobody confirms one thing and does another.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django.utils import timezone

from quotes.models import Link, Quote, SameUtterance, Statement, Tenure, Topic
from quotes.models.base import last_day

DAY = dt.timedelta(days=1)
"""How far a day of publication, told in UTC, may lie from the day at the place where something was said."""
STRICTER = (Statement.Terms.ON, Statement.Terms.BACKGROUND, Statement.Terms.OFF)
DECISION = ("state", "note", "decided_by_id", "decided_at")


@dataclass(frozen=True, slots=True)
class LeftLink:
    """A link that stays with the statement given up, because the one kept has its like."""

    link: Link
    like: Link | None

    @property
    def adopted(self) -> bool:
        """Whether the like takes over its decision: that one was only suggested."""
        return (
            self.like is not None
            and self.like.state == Link.State.SUGGESTED
            and self.link.state != Link.State.SUGGESTED
        )

    @property
    def at_odds(self) -> bool:
        """Whether both were decided, and differently."""
        return (
            self.like is not None
            and self.like.state != self.link.state
            and Link.State.SUGGESTED not in (self.like.state, self.link.state)
        )


@dataclass(frozen=True, slots=True)
class JoinPlan:
    """What joining `gone` into `kept` does.

    Attributes:
        quotes: those of `gone`, which move; `staying`: those of `kept`.
        topics: what `kept` is about from then on, besides its own.
        links: links of `gone` that move, each with the ends to be changed.
        left: links of `gone` that stay behind, as the statement kept has their like.
        between: links between the two, which mean nothing while they are one.
        against: sentences that have to be read before it is done all the same.
        refusals: sentences why it cannot be done.
    """

    kept: Statement
    gone: Statement
    quotes: Sequence[Quote]
    staying: Sequence[Quote]
    topics: Sequence[Topic]
    links: Sequence[tuple[Link, tuple[str, ...]]]
    left: Sequence[LeftLink]
    between: Sequence[Link]
    against: Sequence[str] = field(default=())
    refusals: Sequence[str] = field(default=())
    remarks: Sequence[str] = field(default=())

    @property
    def shown(self) -> str:
        """What was on the screen, in one word; the deed asks whether it still is so."""
        seen = [
            [self.kept.pk, self.kept.version, self.gone.pk, self.gone.version],
            [quote.pk for quote in (*self.quotes, *self.staying)],
            [topic.pk for topic in self.topics],
            [[link.pk, link.version] for link, _ in self.links],
            [[left.link.pk, left.link.version, left.like and left.like.version] for left in self.left],
            [[link.pk, link.version] for link in self.between],
            [*self.against, *self.refusals],
        ]
        return hashlib.sha256(json.dumps(seen).encode()).hexdigest()[:24]

    @property
    def checked(self) -> int:
        """How many of the quotes that move were checked; their checks were made on what is shown now."""
        return sum(quote.standing.value != "unchecked" for quote in self.quotes)


def plan_join(kept: Statement, gone: Statement) -> JoinPlan:
    """Return what joining `gone` into `kept` would do; nothing is written.

    Args:
        kept: the statement that stays, with its uid.
        gone: the one that becomes a signpost to it.
    """
    quotes = list(_quotes(gone))
    staying = list(_quotes(kept))
    own = set(kept.topics.values_list("pk", flat=True))
    links, left, between = _links(kept, gone)
    return JoinPlan(
        kept=kept,
        gone=gone,
        quotes=quotes,
        staying=staying,
        topics=[topic for topic in gone.topics.all() if topic.pk not in own],
        links=links,
        left=left,
        between=between,
        against=[*_decided_between(between), *_rejected(kept, gone)],
        refusals=list(_refusals(kept, gone, staying, quotes, left)),
        remarks=list(_remarks(kept, gone)),
    )


def _quotes(statement: Statement) -> Any:
    return (
        Quote.objects.filter(statement=statement).select_related("standing", "article__outlet").order_by("pk")
    )


def _links(
    kept: Statement, gone: Statement
) -> tuple[list[tuple[Link, tuple[str, ...]]], list[LeftLink], list[Link]]:
    """Sort the links of `gone`: those that move, those whose like is there, those between the two."""
    shown = ("source__speaker", "target__speaker", "decided_by")
    taken = {_key(link): link for link in Link.objects.touching(kept).select_related(*shown)}
    moving, left, between = [], [], []
    for link in Link.objects.touching(gone).select_related(*shown).order_by("pk"):
        ends = tuple(end for end in ("source", "target") if getattr(link, f"{end}_id") == gone.pk)
        if kept.pk in (link.source_id, link.target_id):
            between.append(link)
            continue
        like = taken.get(_key(link, {gone.pk: kept.pk}))
        if like is None:
            moving.append((link, ends))
        else:
            left.append(LeftLink(link, like))
    return moving, left, between


def _key(link: Link, instead: dict[int, int] | None = None) -> tuple[Any, ...]:
    """Return what must be unique about a link; a symmetric one is the same from both ends."""
    ends = [(instead or {}).get(key, key) for key in (link.source_id, link.target_id)]
    return (link.type, *(sorted(ends) if link.type in Link.SYMMETRIC else ends))


def _decided_between(between: Sequence[Link]) -> Iterator[str]:
    for link in between:
        if link.state != Link.State.CONFIRMED:
            continue
        who = f" by {link.decided_by}" if link.decided_by is not None else ""
        when = f" on {_date(link.decided_at)}" if link.decided_at is not None else ""
        yield (
            f"A link says that {link.source.uid} {link.get_type_display()} {link.target.uid}; it was confirmed"
            f"{who}{when}. Statements that are one cannot be so to each other."
        )


def _rejected(kept: Statement, gone: Statement) -> Iterator[str]:
    """Earlier decisions that these are two, or that what was joined into them is."""
    ours, theirs = _family(kept), _family(gone)
    pairs = Q(source__in=ours, target__in=theirs) | Q(source__in=theirs, target__in=ours)
    rejected: Any = SameUtterance.objects.filter(pairs, state=SameUtterance.Answer.REJECTED)
    for row in rejected.select_related("source", "target", "decided_by").order_by("pk"):
        who = f" by {row.decided_by}" if row.decided_by is not None else ""
        when = f" on {_date(row.decided_at)}" if row.decided_at is not None else ""
        yield f"That {row.source.uid} and {row.target.uid} are one utterance was rejected{who}{when}."


def _family(statement: Statement) -> list[int]:
    """The statement and all that were joined into it, step by step."""
    family, step = [statement.pk], [statement.pk]
    while step:
        step = list(Statement.objects.filter(joined_into__in=step).values_list("pk", flat=True))
        family += step
    return family


def _refusals(
    kept: Statement,
    gone: Statement,
    staying: Sequence[Quote],
    moving: Sequence[Quote],
    left: Sequence[LeftLink],
) -> Iterator[str]:
    if kept.pk == gone.pk:
        yield "A statement cannot be joined with itself."
        return
    for one in (kept, gone):
        if one.joined_into is not None:
            yield f"{one.uid} was joined into {one.joined_into.uid} already."
    first, second = span_of(kept, staying), span_of(gone, moving)
    days = meeting(first, second)
    if days is None and first is not None and second is not None:
        yield (
            f"They were not said on the same day: {kept.uid} {_span(first)}, {gone.uid} {_span(second)}."
            " One utterance has one day."
        )
    elif said := _said_after_print(kept, gone, staying, moving):
        yield said
    if sentence := other_voice(kept, gone, days or first or second):
        yield sentence
    if sentence := wider(kept, gone):
        yield f"{sentence} Keep {gone.uid} instead, or bring both to the same terms first."
    for pair in left:
        if pair.at_odds and pair.like is not None:
            yield (
                f"Both have a link “{pair.link.get_type_display()}” with the same statement, one"
                f" {pair.like.state}, the other {pair.link.state}. Decide that first."
            )


def span_of(statement: Statement, quotes: Sequence[Quote]) -> tuple[dt.date, dt.date] | None:
    """Return the first and last day on which it can have been said, None when no day is given.

    Unlike `Statement.days` this takes no day of publication for it: that only bounds it from above.
    """
    if statement.said_on is None:
        return None
    return statement.said_on, last_day(statement.said_on, statement.said_on_precision)


type Span = tuple[dt.date, dt.date]


def meeting(first: Span | None, second: Span | None) -> Span | None:
    """Return the days that two spans share; what is not known shuts nothing out."""
    if first is None or second is None:
        return first or second
    days = max(first[0], second[0]), min(first[1], second[1])
    return days if days[0] <= days[1] else None


def _said_after_print(
    kept: Statement, gone: Statement, staying: Sequence[Quote], moving: Sequence[Quote]
) -> str:
    """Say when one was printed before the other was said, so that they cannot be one."""
    for said, printed, quotes in ((kept, gone, moving), (gone, kept, staying)):
        times = [quote.article.published_at for quote in quotes if quote.article.published_at is not None]
        if said.said_on is None or printed.said_on is not None or not times:
            continue
        day = min(times).astimezone(dt.UTC).date()
        if said.said_on > day + DAY:
            return f"{printed.uid} was printed on {_date(day)}, before {said.uid} was said on {_date(said.said_on)}."
    return ""


def other_voice(kept: Statement, gone: Statement, days: Span | None) -> str:
    """Say why the two have different voices; empty when they have one.

    One voice is the same speaker, or two of whom one spoke for the other that day: by a role that speaks for it,
    or because one of the statements itself says by whose mouth its words were.
    """
    one, other = kept.speaker, gone.speaker
    if one.pk != other.pk and not _speaks_for(kept, gone, days):
        return (
            f"{kept.uid} is by {one.name}, {gone.uid} by {other.name}, and no role is on record by which one"
            " spoke for the other that day."
        )
    mouths = [_mouth(kept, one.pk != other.pk), _mouth(gone, one.pk != other.pk)]
    if None not in mouths and mouths[0] != mouths[1]:
        return f"By different mouths: {kept.uid} by {kept.uttered_by or one}, {gone.uid} by {gone.uttered_by or other}."
    return ""


def _speaks_for(kept: Statement, gone: Statement, days: Span | None) -> bool:
    if kept.uttered_by_id == gone.speaker_id or gone.uttered_by_id == kept.speaker_id:
        return True
    pair = (kept.speaker_id, gone.speaker_id)
    roles = Tenure.objects.filter(speaks_for=True, person__in=pair, organisation__in=pair)
    return (roles.held_between(*days) if days is not None else roles).exists()


def _mouth(statement: Statement, voices_differ: bool) -> int | None:
    """Whose mouth it was, as far as is known; a person who spoke for another is it herself."""
    if statement.uttered_by_id is not None:
        return statement.uttered_by_id
    return statement.speaker_id if voices_differ and statement.speaker.kind == "person" else None


def wider(kept: Statement, gone: Statement) -> str:
    """Say why quotes of `gone` would be seen by more people, or more freely, under `kept`; else empty.

    Joining never widens: the statement kept is held back at least as strictly as the one given up (invariant 12).
    """
    if STRICTER.index(Statement.Terms(kept.record)) < STRICTER.index(Statement.Terms(gone.record)):
        return (
            f"{gone.uid} is {gone.get_record_display()}, {kept.uid} {kept.get_record_display()}: what is held back"
            " would come out."
        )
    now = timezone.now()
    ends = gone.embargoed_until
    if ends is not None and ends > now and (kept.embargoed_until is None or kept.embargoed_until < ends):
        return f"{gone.uid} is under an embargo until {ends:%d %b %Y, %H:%M} (UTC), {kept.uid} is not for so long."
    return ""


def _remarks(kept: Statement, gone: Statement) -> Iterator[str]:
    """What the statement given up knows and the one kept does not; it stays readable in its history."""
    if gone.said_on is not None and kept.said_on != gone.said_on:
        theirs = _span((gone.said_on, last_day(gone.said_on, gone.said_on_precision)))
        yield f"{gone.uid} was said {theirs}; {kept.uid} keeps its own date."
    if gone.occasion and gone.occasion != kept.occasion:
        yield f"{gone.uid} names the occasion “{gone.occasion}”; {kept.uid} keeps its own."
    if gone.original_text and gone.original_text != kept.original_text:
        yield f"{gone.uid} holds the original words; {kept.uid} keeps its own, or none."


def _span(span: Span) -> str:
    return f"on {_date(span[0])}" if span[0] == span[1] else f"between {_date(span[0])} and {_date(span[1])}"


def _date(day: dt.date | None) -> str:
    return f"{day:%-d %b %Y}" if day is not None else "a day not known"
