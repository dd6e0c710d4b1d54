"""The desk: how much came in, what waits, what needs a decision, who is on what, and how far back it is traced.

Every number is that of a list, and both are read from the same query: `listed` with the same words. What waits for a
check is counted as /verify/ counts it, and leads there.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.contrib.auth import get_user_model
from django.db import models
from django.db.models import Count, Min
from django.db.models.functions import ExtractHour, Now, TruncDate
from django.urls import reverse
from django.utils import timezone

from quotes.models import Check, Claim, Link, Quote, Standing
from quotes.models.queue import WAITING, QueueQuerySet, Tab
from quotes.search import desk_trends as trends
from quotes.search.charts import Chart
from quotes.search.desk_lists import PERIODS, Asked, Show, listed, start_of
from quotes.search.proposals import open_count
from quotes.search.verification import name_of
from quotes.text import days


@dataclass(frozen=True, slots=True)
class Number:
    """A number and the list that it counts; `of` is what its bar is a share of."""

    label: str
    number: int
    url: str
    look: str = ""
    of: int = 0


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of the intake, drawn: what it counts, and where it stands."""

    label: str
    number: int
    url: str
    x: str
    y: str
    width: str
    height: str
    shown: bool


@dataclass(frozen=True, slots=True)
class Crew:
    """A colleague: what she is on, what she signed, since when she has held the oldest."""

    name: str
    claimed: Number
    signed: Number
    oldest: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A quote that waits for a decision or has waited longest."""

    quote: Quote
    since: dt.datetime


@dataclass(frozen=True, slots=True)
class Desk:
    """All that the desk shows."""

    today: dt.date
    now: dt.datetime
    days: int
    periods: Sequence[tuple[str, str, bool]]
    new: Number
    trend: trends.Trend
    first: Number
    second: Number
    signable: Number | None
    disputed: Number
    verified: Number
    signed: Number
    median: str
    oldest: Waiting | None
    disputes: Sequence[Waiting]
    contradictions: Sequence[Link]
    run_out: Sequence[Claim]
    run_out_all: Number
    proposals: int
    backlog: Chart | None
    backlog_rows: Sequence[tuple[str, Sequence[trends.Cell]]]
    intake: Sequence[Bar]
    outlets: Sequence[Number]
    crew: Sequence[Crew]
    depths: Sequence[Number]
    decisions: Sequence[Check]


def desk(user: Any, days_back: int = 1) -> Desk:
    """Read the desk of `user`, in a number of queries that does not grow with the records.

    Args:
        days_back: the period of what came in and was done: 1, 7 or 30 days, today included.
    """
    new, verified = (Asked(show, days_back) for show in (Show.NEW, Show.VERIFIED))
    queue = {tab: QueueQuerySet(Quote).visible_to(user).waiting(tab) for tab in WAITING}
    numbers = {tab: found.count() for tab, found in queue.items()}
    intake = _intake(user, new)
    backlog, rows = trends.backlog(user)
    came_in = _number("New", user, new)
    median = trends.median_wait(user, verified)
    return Desk(
        today=timezone.localdate(),
        now=timezone.localtime(),
        days=days_back,
        periods=[(label, Asked(days=number).url, number == days_back) for number, label in PERIODS.items()],
        new=came_in,
        trend=trends.trend(user, days_back, came_in.number),
        first=_tab(Tab.FIRST, numbers),
        second=_tab(Tab.SECOND, numbers),
        signable=_number("Yours to sign", user, Asked(Show.SIGNABLE))
        if user.has_perm("quotes.add_check")
        else None,
        disputed=_tab(Tab.DISPUTED, numbers),
        verified=_number("Verified", user, verified),
        signed=_number("Signed", user, Asked(Show.SIGNED, days_back)),
        median=trends.in_words(median),
        oldest=next(
            (Waiting(quote, quote.created_at) for quote in _read(queue[Tab.FIRST].order_by("pk"), 1)), None
        ),
        disputes=[
            Waiting(quote, quote.standing.since)
            for quote in _read(queue[Tab.DISPUTED].order_by("standing__since", "pk"), 5)
        ],
        contradictions=trends.contradictions(user, 3),
        run_out=_run_out(user, 3),
        run_out_all=_number("Claims run out", user, Asked(Show.RUN_OUT)),
        proposals=open_count(user) if user.has_perm("quotes.change_speaker") else 0,
        backlog=backlog,
        backlog_rows=rows,
        intake=intake,
        outlets=_outlets(user, new),
        crew=_crew(user, days_back),
        depths=_depths(user),
        decisions=list(
            Check.objects.visible_to(user)
            .filter(withdrawal=None)
            .select_related("by", "quote__standing")
            .order_by("-pk")[:8]
        ),
    )


def _read(found: models.QuerySet[Quote], number: int) -> list[Quote]:
    return list(
        found.select_related("standing", "statement__speaker__redirects_to", "article__outlet")[:number]
    )


def _number(label: str, user: Any, asked: Asked) -> Number:
    return Number(label, listed(user, asked).count(), asked.url)


def _tab(tab: Tab, numbers: Mapping[Tab, int]) -> Number:
    return Number(str(tab.label), numbers[tab], f"{reverse('verify')}?tab={tab}")


def _intake(user: Any, asked: Asked) -> list[Bar]:
    """What came in by hour of today, or by day of a longer period."""
    found = listed(user, asked).order_by()
    if asked.days == 1:
        counts = dict(found.values_list(ExtractHour("created_at")).annotate(number=Count("pk")))
        parts: list[tuple[str, int, Asked]] = [
            (f"{hour:02}", counts.get(hour, 0), replace(asked, hour=hour)) for hour in range(24)
        ]
    else:
        by_day = dict(found.values_list(TruncDate("created_at")).annotate(number=Count("pk")))
        each = [timezone.localdate() - dt.timedelta(days=back) for back in range(asked.days - 1, -1, -1)]
        parts = [
            (f"{day.day} {days.MONTHS[day.month - 1]}", by_day.get(day, 0), replace(asked, day=day))
            for day in each
        ]
    highest = max(number for _, number, _ in parts) or 1
    step = 300 / len(parts)
    return [
        Bar(
            label, number, part.url, f"{place * step + step * .16:.1f}", f"{112 - 100 * number / highest:.1f}",
            f"{step * .68:.1f}", f"{100 * number / highest:.1f}", place % max(1, len(parts) // 6) == 0,
        )
        for place, (label, number, part) in enumerate(parts)
    ]  # fmt: skip


def _outlets(user: Any, asked: Asked) -> list[Number]:
    found = (
        listed(user, asked)
        .order_by()
        .values_list("article__outlet__slug", "article__outlet__name")
        .annotate(number=Count("pk"))
        .order_by("-number", "article__outlet__slug")[:4]
    )
    rows = [Number(name, number, replace(asked, outlet=slug).url) for slug, name, number in found]
    return [replace(row, of=rows[0].number) for row in rows]


def _run_out(user: Any, number: int) -> list[Claim]:
    """The claims that ran out longest ago, whose quotes still wait."""
    found = listed(user, Asked(Show.RUN_OUT)).values("pk")
    return list(
        Claim.objects.filter(quote__in=found)
        .select_related("by", "quote")
        .order_by("expires_at", "pk")[:number]
    )


def _depths(user: Any) -> list[Number]:
    found = listed(user, Asked(Show.OPEN)).order_by()
    counts = dict(found.values_list("standing__depth").annotate(number=Count("pk")))
    looks = {
        Standing.Depth.PRIMARY: "t-full",
        Standing.Depth.REPORT: "t-part",
        Standing.Depth.CITED: "t-none",
    }
    whole = sum(counts.values())
    return [
        Number(
            depth.label.capitalize(),
            counts.get(depth, 0),
            Asked(Show.OPEN, depth=depth).url,
            looks[depth],
            whole,
        )
        for depth in Standing.Depth
    ]


def _crew(user: Any, days_back: int) -> list[Crew]:
    """Everybody who is on a quote, or signed one in the period; by what they are on."""
    open_now = Quote.objects.visible_to(user)
    claims = (
        Claim.objects.filter(expires_at__gt=Now(), quote__in=open_now)
        .values_list("by")
        .annotate(number=Count("pk"), oldest=Min("claimed_at"))
    )
    signed = (
        Check.objects.visible_to(user)
        .filter(at__gte=start_of(days_back), withdrawal=None)
        .order_by()
        .values_list("by")
        .annotate(number=Count("quote", distinct=True))
    )
    held = {key: (number, oldest) for key, number, oldest in claims}
    done = dict(signed)
    people = get_user_model().objects.in_bulk({*held, *done})
    rows = []
    for key, person in people.items():
        number, oldest = held.get(key, (0, None))
        name = person.get_username()
        rows.append(
            Crew(
                name_of(person),
                Number("Claimed", number, Asked(Show.CLAIMED, by=name).url),
                Number("Signed", done.get(key, 0), Asked(Show.SIGNED, days_back, by=name).url),
                oldest,
            )
        )
    return sorted(rows, key=lambda row: (-row.claimed.number, -row.signed.number, row.name))[:12]
