"""What the latest statements of a speaker add up to: standing, months, topics, outlets, figures, conflicts.

Everything here is counted over at most `CONSIDERED` statements, the latest ones, so that a page costs the same in a
house of a million. For nearly all speakers that is all of them; where it is not, the page says so.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, F
from django.urls import NoReverseMatch, reverse

from quotes.models import Figure, Link, Outlet, Quote, Speaker, Standing, Statement, Tenure, Topic
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
PLACES = {str(value): place for place, value in enumerate((*Standing.BEST_FIRST, *Standing.ADVERSE))}


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
    """The latest statements of a speaker: key, day as far as known, and what each stands at.

    `reports` are their quotes: of which statement, of which outlet, with which name printed.
    """

    keys: Sequence[int]
    days: dict[int, tuple[dt.date | None, str | None]]
    best: dict[int, str]
    adverse: frozenset[int]
    reports: Sequence[tuple[int, int, str]]
    all: bool

    @property
    def counts(self) -> dict[str, int]:
        """How many of them have which standing; those without a wording have none."""
        return dict(Counter(self.best.values()))


@contextmanager
def by_keys() -> Iterator[None]:
    """Have everything inside looked up by its key.

    For what belongs to 1,500 statements the planner would rather read all articles, or all links, with several
    processes: a little quicker on an idle machine, and slower on every other.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('enable_seqscan', 'off', true), set_config('max_parallel_workers_per_gather', '0', true)"
        )
        yield


def consider(speaker: Speaker, user: Any) -> Considered:
    """Look at the latest statements of a speaker, as far as `user` may know of them."""
    found = _latest(speaker, user)
    shown = found[:CONSIDERED]
    keys = [key for key, _, _ in shown]
    # One pass over the quotes for all that is counted of them, instead of one for each: their rows lie far apart, and
    # finding them is what costs.
    best: dict[int, str] = {}
    adverse, reports = set(), []
    quotes = Quote.objects.filter(statement__in=keys).order_by()
    for key, value, outlet, printed in quotes.values_list(
        "statement", "standing__value", "article__outlet", "speaker_as_printed"
    ):
        reports.append((key, outlet, printed))
        if value in Standing.ADVERSE:
            adverse.add(key)
        if value is not None and (key not in best or PLACES[value] < PLACES[best[key]]):
            best[key] = value
    return Considered(
        keys=keys,
        days={key: (day, precision) for key, day, precision in shown},
        best=best,
        adverse=frozenset(adverse),
        reports=reports,
        all=len(found) <= CONSIDERED,
    )


def latest_keys(speaker: Speaker, user: Any) -> list[int]:
    """Return the keys of the statements that `consider` looks at."""
    return [key for key, _, _ in _latest(speaker, user)[:CONSIDERED]]


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


@dataclass(frozen=True, slots=True)
class About:
    """What statements are about: the topics by key, and of each the statements."""

    topics: dict[int, Topic]
    statements: dict[int, list[int]]

    @property
    def most(self) -> list[Topic]:
        """The most frequent topics, each with the `number` of statements."""
        named = sorted(
            self.topics.values(), key=lambda topic: (-len(self.statements[topic.pk]), topic.name, topic.pk)
        )
        for topic in named[:TOPICS_SHOWN]:
            topic.number = len(self.statements[topic.pk])  # type: ignore[attr-defined]
        return named[:TOPICS_SHOWN]


def about(keys: Sequence[int]) -> About:
    """Look up what statements are about, by their keys."""
    found: dict[int, list[int]] = defaultdict(list)
    pairs = Topic.statements.through.objects.filter(statement__in=keys).order_by()
    for topic, key in pairs.values_list("topic", "statement"):
        found[topic].append(key)
    return About(Topic.objects.in_bulk(list(found)), found)


def topics_by_year(seen: Considered, spoken: About) -> tuple[list[int], list[TopicYears]]:
    """Return the latest years, and how often each of the most frequent topics was spoken about in them."""
    years = sorted({day.year for day, _ in seen.days.values() if day is not None}, reverse=True)[:YEARS_SHOWN]
    years.reverse()
    counts: dict[int, Counter[int]] = defaultdict(Counter)
    for topic, keys in spoken.statements.items():
        for key in keys:
            day = seen.days[key][0]
            if day is not None and day.year in years:
                counts[topic][day.year] += 1
    most = sorted(counts, key=lambda topic: (-counts[topic].total(), topic))[:TOPICS_BY_YEAR]
    return years, [
        TopicYears(spoken.topics[topic], [(year, counts[topic][year]) for year in years]) for topic in most
    ]


def outlets_of(seen: Considered) -> list[Share]:
    """Return through which outlets they were reported most."""
    counts = Counter(outlet for _, outlet in {(key, outlet) for key, outlet, _ in seen.reports})
    named = Outlet.objects.filter(pk__in=counts).values_list("pk", "name", "slug")
    rows = sorted(((counts[key], name, slug) for key, name, slug in named), key=lambda row: (-row[0], row[1]))
    most = max(counts.values(), default=1)
    return [
        Share(name, number, round(100 * number / most), slug) for number, name, slug in rows[:OUTLETS_SHOWN]
    ]


def spellings_found(seen: Considered) -> dict[str, int]:
    """Return how many quotes print the speaker's name in which way."""
    return dict(Counter(printed for _, _, printed in seen.reports if printed))


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
