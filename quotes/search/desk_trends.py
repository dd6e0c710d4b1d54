"""What the desk says of the days before today: the backlog as each day ended, and how today compares."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Aggregate, Count, ExpressionWrapper, F
from django.db.models.functions import TruncDate
from django.utils import timezone

from quotes.models import FormerStanding, Link, Quote, Standing
from quotes.search.charts import Chart, by_month
from quotes.search.desk_lists import OPEN, Asked, Show, listed, midnight, start_of
from quotes.text import days

BACKLOG_DAYS = 14
SPARK = (56, 14)
"""Width and height of the line beside a number, in units of the drawing."""


class _Median(Aggregate):
    """The middle of what it counts; PostgreSQL has the median only as an ordered set."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = models.DurationField()


@dataclass(frozen=True, slots=True)
class Cell:
    """How many stood at this at the end of a day, and their list."""

    label: str
    number: int
    url: str


def backlog(user: Any) -> tuple[Chart | None, list[tuple[str, Sequence[Cell]]]]:
    """Return what waited at the end of each of the last days, today so far included: drawn, and as a table."""
    today = timezone.localdate()
    each = [today - dt.timedelta(days=back) for back in range(BACKLOG_DAYS - 1, -1, -1)]
    first = midnight(each[0])
    came: dict[tuple[dt.date, str], int] = {}

    def count(day: dt.date, value: str, number: int) -> None:
        key = max(day, each[0]), value
        came[key] = came.get(key, 0) + number

    now = Standing.objects.visible_to(user).filter(value__in=OPEN).order_by()
    for day, value, number in now.values_list(TruncDate("since"), "value").annotate(number=Count("pk")):
        count(day, value, number)
    ended = FormerStanding.objects.visible_to(user).filter(value__in=OPEN, until__gte=first).order_by()
    for began, left, value, number in ended.values_list(
        TruncDate("since"), TruncDate("until"), "value"
    ).annotate(number=Count("pk")):
        count(began, value, number)
        count(left, value, -number)

    stood = {
        value: list(itertools.accumulate(came.get((day, value), 0) for day in each))
        for value in map(str, OPEN)
    }
    rows: list[tuple[str, Sequence[Cell]]] = [
        (
            _label(day),
            [
                Cell(str(value.label), stood[str(value)][place], Asked(Show.OPEN, at=day, standing=value).url)
                for value in OPEN
            ],
        )
        for place, day in enumerate(each)
    ]
    chart = by_month(
        [
            (_label(day), {value: numbers[place] for value, numbers in stood.items()})
            for place, day in enumerate(each)
        ],
        wide=(500, 236),
    )
    return chart, rows


def _label(day: dt.date) -> str:
    return f"{day.day} {days.MONTHS[day.month - 1]}"


@dataclass(frozen=True, slots=True)
class Trend:
    """What came in lately: a small line, its end, and how this period compares with the one before."""

    points: str
    end: tuple[str, str]
    told: str


def trend(user: Any, days_back: int, number: int) -> Trend:
    """Compare what came in with the same stretch before: today with this weekday a week ago, up to this hour.

    Args:
        days_back: the period of the desk, in days, today included.
        number: how many came in during it.
    """
    weeks = dt.timedelta(days=7 if days_back == 1 else days_back)
    entered = Quote.objects.visible_to(user).order_by()
    earlier = entered.filter(
        created_at__gte=start_of(days_back) - weeks, created_at__lt=timezone.now() - weeks
    ).count()
    than = (
        f"last {timezone.localdate():%a} by now"
        if days_back == 1
        else f"in the {days_back} days before by now"
    )
    more = number - earlier
    told = f"as many as {than}" if not more else f"{abs(more)} {'more' if more > 0 else 'fewer'} than {than}"
    week = dict(
        entered.filter(created_at__gte=start_of(7))
        .values_list(TruncDate("created_at"))
        .annotate(number=Count("pk"))
    )
    numbers = [week.get(timezone.localdate() - dt.timedelta(days=back), 0) for back in range(6, -1, -1)]
    width, height = SPARK
    highest = max(numbers) or 1
    points = [
        (f"{2 + place * (width - 4) / 6:.1f}", f"{height - 2 - (height - 4) * one / highest:.1f}")
        for place, one in enumerate(numbers)
    ]
    return Trend(" ".join(",".join(point) for point in points), points[-1], told)


def median_wait(user: Any, asked: Asked) -> dt.timedelta | None:
    """Return the median time from entry to verification of the quotes in a list; None of an empty one."""
    waited = ExpressionWrapper(F("standing__since") - F("created_at"), output_field=models.DurationField())
    found: dict[str, Any] = listed(user, asked).order_by().aggregate(median=_Median(waited))
    return found["median"]


def in_words(length: dt.timedelta | None) -> str:
    """Return a length of time as it is told: “2 h 40 min”, “3 d 4 h”."""
    if length is None:
        return ""
    minutes = max(0, round(length.total_seconds() / 60))
    (hours, minutes), (number, left) = divmod(minutes, 60), divmod(minutes // 60, 24)
    if number:
        return f"{number} d {left} h"
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def contradictions(user: Any, number: int) -> list[Link]:
    """Return the suggested contradictions and conflicts of figures that wait longest for somebody's word."""
    return list(
        Link.objects.visible_to(user)
        .suggested()
        .filter(type__in=Link.SYMMETRIC)
        .select_related("source__speaker__redirects_to", "target__speaker__redirects_to")
        .order_by("created_at", "pk")[:number]
    )
