"""The list of suggested and decided links, one link with its two ends, and what a new one could lead to."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.http import Http404, QueryDict
from django.urls import reverse
from django.utils.dateparse import parse_datetime

from quotes.models import AuditEvent, Link, Quote, SameUtterance, Speaker, Statement
from quotes.models.link import UNSCORED, rank
from quotes.search import keyset, reading
from quotes.search.engine import search
from quotes.search.names import names
from quotes.search.statements import ends_of, said_in_words
from quotes.search.verification import name_of
from quotes.text import days
from quotes.text.linkjudging import SAME

PER_PAGE = 20
MOST_COUNTED = 1_000
"""The list counts no further: beyond that nobody works by the number, and counting would cost more than the list."""
OFFERED = 8
SHORTEST = 2
"""Letters from which the dialog begins to search."""

TYPES: tuple[tuple[str, str], ...] = (
    (SAME, "may be the same utterance as"),
    *((kind.value, str(kind.label)) for kind in Link.Type),
)
"""Every kind of suggestion, with its words from the source to the target."""

type Suggestion = Link | SameUtterance


@dataclass(frozen=True, slots=True)
class End:
    """A statement at one end of a link."""

    statement: Statement
    quote: Quote | None
    said: str

    @property
    def text(self) -> str:
        """Its best-supported wording, or our line on it."""
        return self.quote.text if self.quote is not None else self.statement.gist


@dataclass(frozen=True, slots=True)
class Row:
    """One suggestion or link in the list."""

    link: Suggestion
    source: End
    target: End

    @property
    def same(self) -> bool:
        """Whether it suggests to join the two."""
        return isinstance(self.link, SameUtterance)

    @property
    def words(self) -> str:
        """What the source is said to do to the target."""
        return str(self.link.get_type_display())

    @property
    def mark(self) -> str:
        """The name of its symbol and colour."""
        return "same" if self.same else str(self.link.type)

    @property
    def address(self) -> str:
        """Where it stands by itself."""
        return reverse("link-same" if self.same else "link", args=[self.link.pk])

    @property
    def percent(self) -> int | None:
        """Its score of a hundred; None when a person proposed it."""
        return None if self.link.score is None else round(self.link.score * 100)

    @property
    def by(self) -> str:
        """Who suggested it, when that was a person."""
        made = self.link.created_by
        return name_of(made) if made is not None and self.link.score is None else ""


@dataclass(frozen=True, slots=True)
class LinkList:
    """A page of the list. `total` stops at MOST_COUNTED, and then it is not exact."""

    rows: Sequence[Row]
    total: int
    exact: bool
    next: str
    speaker: Speaker | None


def link_list(
    user: Any, *, state: str = "", kind: str = "", speaker: str = "", least: float = 0.0, cursor: str = ""
) -> LinkList:
    """Read a page of suggestions, the likeliest first, or of decided links, the latest first.

    Args:
        state: of `Link.State`; suggested when empty.
        kind: a value of TYPES, or empty.
        speaker: the slug, or any spelling of the name, of one whose statement stands at either end; or empty.
        least: the score from which suggestions are shown; what people propose has none and is always shown.
        cursor: as the page before gave it.

    Raises:
        Http404: for a cursor that no page gave.
    """
    state = state or Link.State.SUGGESTED
    about = None
    narrowed = Q(state=state)
    if speaker:
        about = _speaker(speaker)
        narrowed &= Q(source__speaker=about) | Q(target__speaker=about) if about else Q(pk__in=[])
    if least:
        narrowed &= Q(score__gte=least) | Q(score__isnull=True)
    sources: list[QuerySet[Any]] = []
    if kind != SAME:
        sources.append(Link.objects.visible_to(user).filter(narrowed, **({"type": kind} if kind else {})))
    if kind in ("", SAME):
        sources.append(SameUtterance.objects.visible_to(user).filter(narrowed))
    counted = 0
    for found in sources:
        if counted <= MOST_COUNTED:
            counted += found.order_by()[: MOST_COUNTED + 1 - counted].count()
    page = _merged(sources, cursor, decided=state != Link.State.SUGGESTED)
    rows = rows_of(page[:PER_PAGE])
    following = _cursor(page[PER_PAGE - 1]) if len(page) > PER_PAGE else ""
    return LinkList(rows, min(counted, MOST_COUNTED), counted <= MOST_COUNTED, following, about)


def _speaker(text: str) -> Speaker | None:
    """Who is meant by a slug or by a name in any spelling."""
    found = Speaker.objects.filter(slug=text.strip().lower()).first()
    if found is None:
        meant = names().search("speaker", text, 1)
        found = Speaker.objects.filter(pk=meant[0].key[1]).first() if meant else None
    return found.present if found is not None else None


def _merged(sources: Sequence[QuerySet[Any]], cursor: str, *, decided: bool) -> list[Any]:
    """The rows of the page from both tables in one order: by value, then by a number that tells the tables apart."""
    value: Any = None
    code = 0
    if cursor:
        text, code = keyset.read(cursor)
        value = _value(text, decided=decided)
    found: list[Any] = []
    for rows in sources:
        order = Coalesce("decided_at", "created_at") if decided else rank()
        rows = rows.annotate(place=order)
        if cursor:
            # Of equal value: those whose number is lower than that of the last row.
            below = (code - 1 - _bit(rows.model)) // 2
            rows = rows.filter(Q(place__lt=value) | Q(place=value, pk__lte=below))
        rows = rows.select_related("decided_by", "created_by").order_by(F("place").desc(), "-pk")
        found += rows[: PER_PAGE + 1]
    return sorted(found, key=lambda row: (row.place, _code(row)), reverse=True)[: PER_PAGE + 1]


def _bit(model: Any) -> int:
    return 1 if model is SameUtterance else 0


def _code(row: Any) -> int:
    return int(row.pk) * 2 + _bit(type(row))


def _cursor(row: Any) -> str:
    value = row.place if not isinstance(row.place, float) else repr(row.place)
    return keyset.write(value, _code(row))


def _value(text: str | None, *, decided: bool) -> Any:
    try:
        if text is None:
            raise ValueError
        if not decided:
            number = float(text)
            if not 0 <= number <= UNSCORED:
                raise ValueError
            return number
        moment = parse_datetime(text)
        if moment is None or moment.tzinfo is None:
            raise ValueError
    except ValueError as error:
        raise Http404 from error
    return moment


def rows_of(links: Sequence[Any]) -> list[Row]:
    """Give visible links as rows, in a number of queries that does not grow with them."""
    ends = ends_of(links)
    return [Row(link, _end(ends[link.source_id]), _end(ends[link.target_id])) for link in links]


def _end(statement: Statement) -> End:
    return End(statement, statement.shown_quote, said_in_words(statement))


def one(user: Any, key: int, *, same: bool = False) -> Row:
    """Read one link with its two ends.

    Raises:
        Http404: when it is not there, or not for `user` to know of.
    """
    model: Any = SameUtterance if same else Link
    link = model.objects.visible_to(user).filter(pk=key).select_related("decided_by", "created_by").first()
    if link is None:
        raise Http404
    return rows_of([link])[0]


@dataclass(frozen=True, slots=True)
class Undoable:
    """One's last deed on a link, which can be taken back."""

    address: str
    version: int
    words: str


DONE = {
    "links.confirm": "confirmed",
    "links.reject": "rejected",
    "links.change": "changed",
    "links.make": "linked",
    "links.propose": "proposed",
}


def undoable(user: Any) -> Undoable | None:
    """Return `user`'s last deed, if it was one on a link and nothing has happened to that since."""
    last = AuditEvent.objects.filter(actor_pk=user.pk).newest_first().first()
    if last is None or last.verb not in DONE or not last.after:
        return None
    model: Any = {"quotes_link": Link, "quotes_sameutterance": SameUtterance}.get(last.table)
    version = json.loads(last.after).get("version")
    if model is None:
        return None
    row = model.objects.visible_to(user).filter(pk=last.record_pk, version=version)
    link = row.select_related("source", "target").first()
    if link is None:
        return None
    words = f"You {DONE[last.verb]} “{link.source.uid} {link.get_type_display()} {link.target.uid}”."
    name = "link-same" if model is SameUtterance else "link"
    return Undoable(reverse(name, args=[link.pk]), version, words)


# --- a new link --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Offer:
    """A statement that a new link could lead to, with the links that are there already."""

    end: End
    linked: Sequence[str]


def source_of(user: Any, uid: str) -> End:
    """Read the statement from which a link is made.

    Raises:
        Http404: when it is not there, or not for `user` to know of.
    """
    found = Statement.objects.visible_to(user).filter(uid=uid).first()
    if found is None:
        raise Http404
    return next(iter(_ends([found.pk])))


def _ends(keys: Sequence[int]) -> Iterable[End]:
    found = Statement.objects.select_related("speaker").prefetch_related(
        "quotes__standing", "quotes__article"
    )
    statements = found.in_bulk(list(keys))
    return [_end(statements[key]) for key in keys if key in statements]


def offers(user: Any, source: Statement, text: str) -> list[Offer]:
    """Search for statements to link with, best first; `source` itself is left out. Finds uids as well as words."""
    words = text.strip()
    if len(words) < SHORTEST:
        return []
    exact = Statement.objects.visible_to(user).filter(uid=words.lower()).values_list("uid", flat=True)
    query = QueryDict(mutable=True)
    query["q"] = words
    answer = search(reading.read(query), user, facets=False)
    uids = [*exact, *(row.uid for row in answer.rows)]
    keys = dict(Statement.objects.visible_to(user).filter(uid__in=uids).values_list("uid", "pk"))
    order = [keys[uid] for uid in dict.fromkeys(uids) if uid in keys and keys[uid] != source.pk][:OFFERED]
    there: dict[int, list[str]] = {}
    touching = Link.objects.visible_to(user).touching(source)
    for link in touching.filter(Q(source__in=order) | Q(target__in=order)):
        other = link.target_id if link.source_id == source.pk else link.source_id
        words_of = (
            link.get_type_display() if link.source_id == source.pk else Link.INVERSE[Link.Type(link.type)]
        )
        there.setdefault(other, []).append(f"{words_of} ({link.state})")
    return [Offer(end, there.get(end.statement.pk, [])) for end in _ends(order)]


# --- for machines ------------------------------------------------------------------------------------------------


def as_json(found: LinkList) -> dict[str, Any]:
    """Return the list as PRODUCT.md §8 has it: with the features that each score follows from."""
    return {
        "total": found.total,
        "exact": found.exact,
        "results": [row_as_json(row) for row in found.rows],
        "next": found.next or None,
    }


def row_as_json(row: Row) -> dict[str, Any]:
    """Return one suggestion or link."""
    link = row.link
    return {
        "id": link.pk,
        "url": row.address,
        "type": link.type,
        "words": row.words,
        "state": link.state,
        "score": link.score,
        "reasons": link.reasons,
        "features": link.features,
        "method": link.method,
        "note": link.note,
        "source": _end_as_json(row.source),
        "target": _end_as_json(row.target),
        "suggested_by": row.by or None,
        "decided_by": name_of(link.decided_by) if link.decided_by else None,
        "decided_at": link.decided_at,
    }


def _end_as_json(end: End) -> dict[str, Any]:
    it = end.statement
    return {
        "uid": it.uid,
        "url": reverse("statement", args=[it.uid]),
        "speaker": {"slug": it.speaker.slug, "name": it.speaker.name},
        "said_on": days.machine(it.said_on, it.said_on_precision) or None,
        "text": end.text,
        "standing": end.quote.standing.value if end.quote is not None else None,
    }


def waiting(user: Any) -> int:
    """How many suggestions wait for `user`, counted no further than MOST_COUNTED; 0 for who cannot decide on them."""
    if not user.has_perm("quotes.decide_link"):
        return 0
    links = Link.objects.visible_to(user).suggested().order_by()[:MOST_COUNTED].count()
    if links >= MOST_COUNTED:
        return MOST_COUNTED
    same = SameUtterance.objects.visible_to(user).suggested().order_by()
    return int(links + same[: MOST_COUNTED - links].count())
