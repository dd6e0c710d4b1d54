"""What the latest statements of a speaker add up to: standing, months, topics, outlets, figures, conflicts.

Everything here is counted over at most `CONSIDERED` statements, the latest ones, so that a page costs the same in a
house of a million. For nearly all speakers that is all of them; where it is not, the page says so.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Case, Count, F, IntegerField, Min, Q, Value, When
from django.urls import NoReverseMatch, reverse

from quotes.models import Figure, Link, Quote, Speaker, Standing, Statement, Tenure, Topic
from quotes.text import days

CONSIDERED = 1_500
"""Statements that are looked at: some months of a head of state, the whole record of nearly everybody else."""
TOPICS_SHOWN = 12
OUTLETS_SHOWN = 6
MEASURES_SHOWN = 6
YEARS_SHOWN = 6
TOPICS_BY_YEAR = 8
COLLEAGUES_SHOWN = 8
FEWEST_MONTHS = 12
"""Bars at least: one alone would say nothing about the time before it."""
MONTHS_SHOWN = 24
"""Bars in the chart of activity; older statements are in the list below it."""
ORDER = (*Standing.BEST_FIRST, *Standing.ADVERSE)


@dataclass(frozen=True, slots=True)
class Month:
    """How many statements of one month have which standing."""

    first: dt.date
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """The month in words."""
        return days.in_words(self.first, "month")

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Share:
    """A name with a number and, of a hundred, how long its bar is."""

    name: str
    number: int
    width: int
    url: str = ""


@dataclass(frozen=True, slots=True)
class TopicYears:
    """How often a topic was spoken about in each year shown."""

    topic: Topic
    numbers: Sequence[tuple[int, int]]

    @property
    def total(self) -> int:
        """In all of them."""
        return sum(number for _, number in self.numbers)


@dataclass(frozen=True, slots=True)
class Lane:
    """A role as a bar of the timeline: `open` when it is held still, `vague` when its start is not known."""

    title: str
    label: str
    x: str
    width: str
    y: int
    text_y: int
    open: bool
    vague: bool


@dataclass(frozen=True, slots=True)
class Timeline:
    """Roles over time, drawn; the list beside it says the same in words."""

    width: int
    height: int
    lanes: Sequence[Lane]
    ticks: Sequence[tuple[str, int]]
    foot: int


@dataclass(frozen=True, slots=True)
class Considered:
    """The latest statements of a speaker: key, day as far as known, and what each stands at."""

    keys: Sequence[int]
    days: dict[int, tuple[dt.date | None, str | None]]
    best: dict[int, str]
    adverse: frozenset[int]
    all: bool

    @property
    def counts(self) -> dict[str, int]:
        """How many of them have which standing; those without a wording have none."""
        return dict(Counter(self.best.values()))


def consider(speaker: Speaker, user: Any) -> Considered:
    """Look at the latest statements of a speaker, as far as `user` may know of them."""
    found = _latest(speaker, user)
    shown = found[:CONSIDERED]
    keys = [key for key, _, _ in shown]
    # One pass over the standings instead of a question for each statement.
    place = Case(
        *(When(value=value, then=Value(number)) for number, value in enumerate(ORDER)),
        output_field=IntegerField(),
    )
    standings = list(
        Standing.objects.filter(quote__statement__in=keys)
        .order_by()
        .values_list("quote__statement")
        .annotate(best=Min(place), bad=Count("pk", filter=Q(value__in=Standing.ADVERSE)))
    )
    return Considered(
        keys=keys,
        days={key: (day, precision) for key, day, precision in shown},
        best={key: str(ORDER[number]) for key, number, _ in standings},
        adverse=frozenset(key for key, _, bad in standings if bad),
        all=len(found) <= CONSIDERED,
    )


def _latest(speaker: Speaker, user: Any) -> list[tuple[int, dt.date | None, str | None]]:
    """Return keys and days of the latest of all that `Statement.of_speaker` finds, and one more if there is more.

    Each road to them is asked by itself, in the order of an index: the speaker's own (statement_of_speaker), those out
    of her mouth, those of her spokespeople. One question with an “or” would sort all she ever said.
    """
    visible = Statement.objects.visible_to(user)
    voices = list(Tenure.objects.speaking_for(speaker))
    roads = [visible.filter(speaker=speaker), visible.filter(uttered_by=speaker)]
    if voices:
        roads.append(visible.spoken_as(voices))
    found: dict[int, tuple[int, dt.date | None, str | None]] = {}
    for road in roads:
        rows = road.order_by(F("said_on").desc(nulls_last=True)).values_list(
            "pk", "said_on", "said_on_precision"
        )
        found |= {row[0]: row for row in rows[: CONSIDERED + 1]}
    newest = sorted(found.values(), key=lambda row: (row[1] or dt.date.min, row[0]), reverse=True)
    return newest[: CONSIDERED + 1]


def activity(seen: Considered) -> tuple[list[Month], int]:
    """Count statements by month and standing, and how many that are; none is guessed into a month."""
    rows: Counter[tuple[dt.date, str]] = Counter()
    dated = 0
    for key, (day, precision) in seen.days.items():
        if day is None or precision == "year":
            continue
        dated += 1
        if key in seen.best:
            rows[day.replace(day=1), seen.best[key]] += 1
    months_seen = {day.replace(day=1) for day, precision in seen.days.values() if day and precision != "year"}
    if not months_seen:
        return [], dated
    last = max(months_seen)
    first = max(
        min(*months_seen, months_before(last, FEWEST_MONTHS - 1)), months_before(last, MONTHS_SHOWN - 1)
    )
    if not seen.all:
        # The oldest month is cut where the looking ended.
        first = max(first, min(months_before(min(months_seen), -1), last))
    months = {}
    month = first
    while month <= last:
        months[month] = Month(month)
        month = months_before(month, -1)
    for (month, standing), number in rows.items():
        if month in months:
            months[month].counts[standing] = number
    return list(months.values()), dated


def months_before(month: dt.date, number: int) -> dt.date:
    """Return the first day of the month so many months before."""
    count = month.year * 12 + month.month - 1 - number
    return dt.date(count // 12, count % 12 + 1, 1)


def topics_of(seen: Considered) -> list[Topic]:
    """Return what they are about most, each with the `number` of statements."""
    return list(
        Topic.objects.filter(statements__in=seen.keys)
        .annotate(number=Count("statements"))
        .order_by("-number", "name", "pk")[:TOPICS_SHOWN]
    )


def topics_by_year(seen: Considered) -> tuple[list[int], list[TopicYears]]:
    """Return the latest years, and how often each of the most frequent topics was spoken about in them."""
    years = sorted({day.year for day, _ in seen.days.values() if day is not None}, reverse=True)[:YEARS_SHOWN]
    years.reverse()
    counts: dict[int, Counter[int]] = defaultdict(Counter)
    for topic, key in Topic.statements.through.objects.filter(statement__in=seen.keys).values_list(
        "topic", "statement"
    ):
        day = seen.days[key][0]
        if day is not None and day.year in years:
            counts[topic][day.year] += 1
    most = sorted(counts, key=lambda topic: (-counts[topic].total(), topic))[:TOPICS_BY_YEAR]
    named = Topic.objects.in_bulk(most)
    return years, [
        TopicYears(named[topic], [(year, counts[topic][year]) for year in years]) for topic in most
    ]


def outlets_of(seen: Considered) -> list[Share]:
    """Return through which outlets they were reported most."""
    rows = list(
        Quote.objects.filter(statement__in=seen.keys)
        .order_by()
        .values_list("article__outlet__name", "article__outlet__slug")
        .annotate(number=Count("statement", distinct=True))
        .order_by("-number", "article__outlet__name")[:OUTLETS_SHOWN]
    )
    most = max((number for _, _, number in rows), default=1)
    return [Share(name, number, round(100 * number / most), slug) for name, slug, number in rows]


def spellings_found(seen: Considered) -> dict[str, int]:
    """Return how many quotes print the speaker's name in which way."""
    printed = Quote.objects.filter(statement__in=seen.keys).exclude(speaker_as_printed="")
    return dict(printed.order_by().values_list("speaker_as_printed").annotate(number=Count("pk")))


def figures_of(seen: Considered) -> list[Share]:
    """Return the numbers that were given most, with the page of each."""
    rows = list(
        Figure.objects.filter(quote__statement__in=seen.keys)
        .order_by()
        .values_list("measure__name", "measure__slug")
        .annotate(number=Count("quote__statement", distinct=True))
        .order_by("-number", "measure__name")[:MEASURES_SHOWN]
    )
    return [Share(name, number, 0, _figure_address(slug)) for name, slug, number in rows]


def _figure_address(slug: str) -> str:
    try:
        return reverse("figure", args=[slug])
    except NoReverseMatch:
        return ""


def contradicts_itself(seen: Considered, user: Any) -> bool:
    """Say whether a confirmed link says that one of these statements contradicts or reverses another."""
    turns = (Link.Type.CONTRADICTS, Link.Type.REVERSES)
    return (
        Link.objects.visible_to(user)
        .confirmed()
        .filter(source__in=seen.keys, target__in=seen.keys, type__in=turns)
        .exists()
    )


def also_speaking(speaker: Speaker, current: Sequence[Tenure], today: dt.date) -> list[Tenure]:
    """Return who else speaks today for what this speaker speaks for."""
    places = [tenure.organisation_id for tenure in current if tenure.speaks_for]
    if not places:
        return []
    return list(
        Tenure.objects.filter(organisation__in=places, speaks_for=True)
        .held_on(today)
        .exclude(person=speaker)
        .select_related("person", "organisation")
        .order_by("person__sort_key", "pk")[:COLLEAGUES_SHOWN]
    )


LANE, FOOT, WIDE = 34, 18, 360


def timeline(roles: Sequence[Tenure], today: dt.date) -> Timeline | None:
    """Draw roles over time, the latest at the top; None when no start and no end is known.

    A start that is not known reaches to the left edge, a role without an end to the right one.
    """
    known = [day for role in roles for day in (role.starts, role.ends) if day is not None]
    if not known:
        return None
    first = dt.date(min(known).year, 1, 1)
    last = max(today, *known)
    span = max((last - first).days, 1)

    def across(day: dt.date) -> float:
        return WIDE * (day - first).days / span

    lanes = []
    for number, role in enumerate(roles):
        left = across(role.starts) if role.starts is not None else 0.0
        right = across(min(role.ends, last)) if role.ends is not None else float(WIDE)
        since = days.in_words(role.starts, role.starts_precision)
        until = days.in_words(role.ends, role.ends_precision) if role.ends is not None else "now"
        y = number * LANE
        lanes.append(
            Lane(
                title=role.title,
                label=f"{role.title}, {since} to {until}",
                x=f"{left:.1f}",
                width=f"{max(right - left, 2):.1f}",
                y=y + 16,
                text_y=y + 11,
                open=role.ends is None,
                vague=role.starts is None,
            )
        )
    step = max(1, -(-(last.year - first.year + 1) // 5))
    ticks = [
        (str(year), round(across(dt.date(year, 1, 1)))) for year in range(first.year, last.year + 1, step)
    ]
    return Timeline(
        WIDE,
        len(lanes) * LANE + FOOT,
        lanes,
        [tick for tick in ticks if tick[1] <= WIDE - 24],
        len(lanes) * LANE + 13,
    )
