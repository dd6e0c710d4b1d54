"""The ledger of a number over time: who gave it, as of when, how it compares with the one before."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db.models import Count, F, Max, Prefetch
from django.http import Http404

from quotes.models import Figure, Measure, Outlet, Quote, Relay, Speaker, Statement, independent_roots
from quotes.models.standing import best_supported
from quotes.search.statements import said_in_words
from quotes.search.stepcharts import Chart, Point, step_chart
from quotes.text import comparing
from quotes.text.comparing import Told, Verdict
from quotes.text.dates import PartialDate

SHOWN = 200
"""Statements in one ledger; older ones are reached by the dates of the form."""
OTHERS_SHOWN = 6
"""Measures named as “not the same as this one”."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One number as some of a statement's quotes give it."""

    figure: Figure
    figures: Sequence[Figure]

    @property
    def words(self) -> str:
        """With its bound."""
        return words_of(self.figure)

    @property
    def outlets(self) -> list[str]:
        """Who prints it so, each once."""
        return list(dict.fromkeys(figure.quote.article.outlet.name for figure in self.figures))


@dataclass(frozen=True, slots=True)
class Against:
    """An entry set against an earlier one: the verdict, and the sentence to copy."""

    entry: Entry
    other: Entry
    verdict: Verdict
    sentence: str


@dataclass(frozen=True)
class Entry:
    """One statement in the ledger: the number that most of its reports give, and the other readings of it."""

    statement: Statement
    readings: Sequence[Reading]
    against: list[Against] = field(default_factory=list, compare=False)

    @property
    def figure(self) -> Figure:
        """The reading that most reports give."""
        return self.readings[0].figure

    @property
    def words(self) -> str:
        """That number with its bound."""
        return words_of(self.figure)

    @cached_property
    def speaker(self) -> Speaker:
        """Who said it, as of now: merged speakers are one."""
        return self.statement.speaker.present

    @cached_property
    def quotes(self) -> list[Quote]:
        """The quotes that give a number of this measure."""
        return [figure.quote for reading in self.readings for figure in reading.figures]

    @cached_property
    def shown(self) -> Quote | None:
        """The best supported of them."""
        return best_supported(self.quotes)

    @property
    def standing(self) -> str:
        """What the number stands at."""
        return self.shown.standing.value if self.shown else "unchecked"

    @property
    def depth(self) -> str:
        """How far back it was traced."""
        return self.shown.standing.depth if self.shown else "cited"

    @property
    def adverse(self) -> list[str]:
        """Disputed, misattributed and retracted reports beside the shown one (invariant 3)."""
        found = [
            quote.standing.value for quote in self.quotes if quote.standing.value in quote.standing.ADVERSE
        ]
        return [value for value in dict.fromkeys(found) if value != self.standing]

    @property
    def reports(self) -> int:
        """How many articles give it."""
        return len({quote.article_id for quote in self.quotes})

    @cached_property
    def roots(self) -> list[Outlet]:
        """From which independent houses (invariant 6)."""
        return independent_roots(self.quotes)

    @property
    def said(self) -> str:
        """When it was said, as far as is known."""
        return said_in_words(self.statement)

    @property
    def told(self) -> Told:
        """Its number as a comparison takes it."""
        return told_of(self.figure, self.statement)


@dataclass(frozen=True, slots=True)
class Other:
    """Another measure that is easily taken for this one, and why it is not."""

    measure: Measure
    because: str


@dataclass(frozen=True)
class Ledger:
    """All that the page of a measure shows."""

    measure: Measure
    entries: Sequence[Entry]
    older: int
    speakers: Sequence[tuple[Speaker, int]]
    others: Sequence[Other]
    chosen: Against | None = None
    missing: str = ""

    @property
    def conflicts(self) -> list[Against]:
        """The pairs of neighbours that cannot both be true."""
        return [pair for entry in self.entries for pair in entry.against if pair.verdict.kind == "conflict"]

    @property
    def reports(self) -> int:
        """How many articles the shown statements were read in."""
        return len({quote.article_id for entry in self.entries for quote in entry.quotes})


def words_of(figure: Figure) -> str:
    """Return a figure with its bound in words: “about 55,000”, “between 100,000 and 140,000”."""
    return comparing.number_in_words(figure.low, figure.high, figure.bound)


def as_of(figure: Figure) -> PartialDate | None:
    """Return the day, month or year that a figure counts to; None when it is not known."""
    return PartialDate(figure.as_of, figure.as_of_precision) if figure.as_of else None


def told_of(figure: Figure, statement: Statement) -> Told:
    """Return a figure as `comparing` takes it.

    Args:
        figure: with its measure and quote at hand.
        statement: the quote's own, with its speaker.
    """
    speaker = statement.speaker.present
    return Told(
        low=figure.low,
        high=figure.high,
        bound=figure.bound,
        measure=figure.measure.slug,
        measure_name=figure.measure.name,
        unit=figure.measure.unit,
        speaker=speaker.slug,
        speaker_name=speaker.name,
        method=figure.method,
        as_of=as_of(figure),
        statement=statement.uid,
        source=figure.quote.article.outlet.name,
    )


def ledger(
    slug: str,
    user: Any,
    *,
    speaker: str = "",
    since: dt.date | None = None,
    until: dt.date | None = None,
    pair: tuple[str, str] = ("", ""),
) -> Ledger:
    """Return the ledger of a measure, oldest number first.

    Args:
        slug: of the measure.
        user: who looks; what they may not know of is as if it were not there.
        speaker: only what this speaker said, and those who speak for them; empty for all.
        since, until: only numbers as of these days or between them.
        pair: uids of two statements in the ledger to compare; empty for none.

    Raises:
        Http404: when there is no such measure or speaker.
    """
    measure = Measure.objects.filter(slug=slug).first()
    if measure is None:
        raise Http404
    seen = Figure.objects.visible_to(user).filter(measure=measure)
    found = seen
    if speaker:
        chosen = Speaker.objects.filter(slug=speaker).first()
        if chosen is None:
            raise Http404
        spoken = Statement.objects.visible_to(user).of_speaker(chosen.present)
        found = found.filter(quote__statement__in=spoken.values("pk"))
    if since:
        found = found.filter(as_of__gte=since)
    if until:
        found = found.filter(as_of__lte=until)
    statements = (
        found.order_by()
        .values_list("quote__statement")
        .annotate(latest=Max("as_of"))
        .order_by(F("latest").desc(nulls_last=True), "-quote__statement")
    )
    keys = [key for key, _ in statements[: SHOWN + 1]]
    older = found.values("quote__statement").distinct().count() - SHOWN if len(keys) > SHOWN else 0
    entries = _entries(found.filter(quote__statement__in=keys[:SHOWN]))
    _set_against(entries)
    first, second = (_entry_of(entries, uid) for uid in pair)
    missing = ""
    if any(pair) and not (first and second):
        missing = "One of the two statements that you chose has no number in this ledger."
    elif first and first is second:
        missing = "You chose the same statement twice: a number is not compared with itself."
    return Ledger(
        measure=measure,
        entries=entries,
        older=older,
        speakers=_speakers(seen),
        others=_others(measure),
        chosen=against(first, second) if first and second and not missing else None,
        missing=missing,
    )


def with_quotes(figures: Any) -> Any:
    """Add what a row of figures shows, in a number of queries that does not grow with the rows."""
    relays = Relay.objects.select_related("outlet__owner").order_by("position")
    published = Quote.objects.select_related("article")
    return figures.select_related(
        "measure",
        "quote__standing",
        "quote__article__outlet__owner",
        "quote__statement__speaker__redirects_to",
    ).prefetch_related(Prefetch("quote__relays", relays), Prefetch("quote__statement__quotes", published))


def _entries(figures: Any) -> list[Entry]:
    by_statement: dict[int, list[Figure]] = {}
    for figure in with_quotes(figures).order_by("pk"):
        by_statement.setdefault(figure.quote.statement_id, []).append(figure)
    entries = [entry_of(found) for found in by_statement.values()]
    return sorted(entries, key=_in_time)


def _in_time(entry: Entry) -> tuple[Any, ...]:
    known = as_of(entry.figure)
    return (known is None, known.interval if known else (), entry.speaker.name, entry.statement.pk)


def entry_of(figures: Sequence[Figure]) -> Entry:
    """Return one statement's figures of one measure as an entry: the same number in many reports is one reading."""
    told: dict[tuple[Any, ...], list[Figure]] = {}
    for figure in figures:
        same = (figure.low, figure.high, figure.bound, figure.as_of, figure.as_of_precision, figure.method)
        told.setdefault(same, []).append(figure)
    readings = [Reading(found[0], found) for found in told.values()]
    return Entry(
        statement=figures[0].quote.statement,
        readings=sorted(readings, key=lambda reading: (-len(reading.figures), reading.figure.pk)),
    )


def _set_against(entries: Sequence[Entry]) -> None:
    """Set every entry against the one before it of the same speaker, and against the one right before it."""
    before: dict[str, Entry] = {}
    last: Entry | None = None
    for entry in entries:
        same = before.get(entry.speaker.slug)
        for other in (same, last if last is not same else None):
            if other is not None:
                entry.against.append(against(entry, other))
        before[entry.speaker.slug] = last = entry


def against(entry: Entry, other: Entry) -> Against:
    """Return how one entry stands to another, with the sentence to copy."""
    first, second = entry.told, other.told
    verdict = comparing.compare_figures(first, second)
    return Against(entry, other, verdict, comparing.sentence(first, second, verdict))


def _entry_of(entries: Iterable[Entry], uid: str) -> Entry | None:
    return next((entry for entry in entries if entry.statement.uid == uid), None) if uid else None


def _speakers(figures: Any) -> list[tuple[Speaker, int]]:
    """Who gave numbers of this measure, and in how many statements; those who gave most first."""
    rows = (
        figures.order_by()
        .values_list("quote__statement__speaker")
        .annotate(number=Count("quote__statement", distinct=True))
    )
    numbers = dict(rows)
    found: Counter[Speaker] = Counter()
    for speaker in Speaker.objects.select_related("redirects_to").filter(pk__in=numbers):
        found[speaker.present] += numbers[speaker.pk]
    return sorted(found.items(), key=lambda pair: (-pair[1], pair[0].name))


def _others(measure: Measure) -> list[Other]:
    """Name the measures that share a word of substance with this one, and why their numbers do not compare."""
    own = _substance(measure.name)
    found = []
    for other in Measure.objects.exclude(pk=measure.pk).order_by("name", "pk"):
        if shared := own & _substance(other.name):
            because = comparing.why_not_the_same(measure.name, measure.unit, other.name, other.unit)
            found.append((-len(shared), Other(other, " ".join(because))))
    return [other for _, other in sorted(found, key=lambda pair: pair[0])[:OTHERS_SHOWN]]


def _substance(name: str) -> set[str]:
    return {word.strip(":,()").casefold() for word in name.split() if len(word.strip(":,()")) > 4}


def chart_of(found: Ledger) -> Chart | None:
    """Return the step chart of a ledger, or None when no number in it has a day."""
    points = []
    for entry in found.entries:
        day = as_of(entry.figure)
        if day is not None:
            figure = entry.figure
            points.append(
                Point(
                    figure.low, figure.high, figure.bound, day.first, day.last, entry.speaker.name,
                    words_of(figure), day.in_words,
                )
            )  # fmt: skip
    return step_chart(points, len(found.entries) - len(points))
