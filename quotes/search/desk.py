"""The desk: how much came in, what waits, what needs a decision, who is on what, and how far back it is traced.

Every number is that of a list, and both are read from the same query: `listed` with the same words. What waits for a
check is counted as /verify/ counts it, and leads there.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth import get_user_model
from django.db import models
from django.db.models import Count, Exists, Min, OuterRef, Q
from django.db.models.functions import ExtractHour, Now, TruncDate
from django.urls import reverse
from django.utils import timezone

from quotes.models import Check, Claim, Quote, Standing
from quotes.models.queue import WAITING, QueueQuerySet, Tab
from quotes.search.charts import Chart, by_month
from quotes.search.verification import name_of
from quotes.text import days

PAGE = 50
BACKLOG_DAYS = 14
OPEN = (Standing.Value.UNCHECKED, Standing.Value.IN_REVIEW, Standing.Value.STALE, Standing.Value.DISPUTED)
"""The standings of quotes that wait for somebody."""
PERIODS = {1: "Today", 7: "7 days", 30: "30 days"}


class Show(models.TextChoices):
    """The lists of the desk; those of /verify/ are there."""

    NEW = "new", "New"
    VERIFIED = "verified", "Verified"
    OPEN = "open", "Waiting"
    CLAIMED = "claimed", "Claimed"
    SIGNED = "signed", "Signed"


@dataclass(frozen=True, slots=True)
class Asked:
    """One list: which, and what it is narrowed to. `days` is the period back from today, today included."""

    show: str = ""
    days: int = 1
    day: dt.date | None = None
    hour: int | None = None
    outlet: str = ""
    depth: str = ""
    standing: str = ""
    by: str = ""

    @property
    def url(self) -> str:
        """Its address."""
        pairs = [
            ("show", self.show),
            ("days", str(self.days) if self.days != 1 else ""),
            ("day", self.day.isoformat() if self.day else ""),
            ("hour", str(self.hour) if self.hour is not None else ""),
            ("outlet", self.outlet),
            ("depth", self.depth),
            ("standing", self.standing),
            ("by", self.by),
        ]
        query = urlencode([pair for pair in pairs if pair[1]])
        return reverse("desk") + (f"?{query}" if query else "")


def listed(user: Any, asked: Asked) -> models.QuerySet[Quote]:
    """Return the quotes of a list, as far as `user` may know of them."""
    found: models.QuerySet[Quote] = Quote.objects.visible_to(user)
    since = start_of(asked.days)
    match asked.show:
        case Show.NEW:
            found = found.filter(created_at__gte=since)
        case Show.VERIFIED:
            found = found.filter(standing__value=Standing.Value.VERIFIED, standing__since__gte=since)
        case Show.OPEN:
            found = found.filter(standing__value__in=OPEN)
        case Show.CLAIMED:
            mine = Q(claim__by__username=asked.by) if asked.by else Q()
            found = found.filter(mine, claim__expires_at__gt=Now())
        case Show.SIGNED:
            checks = Check.objects.filter(quote=OuterRef("pk"), at__gte=since, withdrawal=None)
            found = found.filter(Exists(checks.filter(by__username=asked.by) if asked.by else checks))
    if asked.day:
        found = found.filter(created_at__gte=_midnight(asked.day), created_at__lt=_midnight(asked.day, 1))
    if asked.hour is not None:
        found = found.annotate(hour=ExtractHour("created_at")).filter(hour=asked.hour)
    if asked.outlet:
        found = found.filter(article__outlet__slug=asked.outlet)
    if asked.depth:
        found = found.filter(standing__depth=asked.depth)
    if asked.standing:
        found = found.filter(standing__value=asked.standing)
    return found


def start_of(number: int) -> dt.datetime:
    """Return the midnight, in the zone of the site, with which the last `number` days begin."""
    return _midnight(timezone.localdate(), 1 - number)


def _midnight(day: dt.date, later: int = 0) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day + dt.timedelta(days=later), dt.time.min))


# --- One list -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of a list, newest entered first."""

    title: str
    total: int
    rows: Sequence[Mapping[str, Any]]
    older: int | None


def list_page(user: Any, asked: Asked, *, before: int | None = None) -> ListPage:
    """Read one page of a list; `before` is the key of the last row of the page before."""
    found = listed(user, asked)
    rows = found.select_related("standing", "statement__speaker__redirects_to", "article__outlet").order_by(
        "-pk"
    )
    if before is not None:
        rows = rows.filter(pk__lt=before)
    shown = list(rows[: PAGE + 1])
    return ListPage(
        _title(asked), found.count(), [_row(quote) for quote in shown[:PAGE]],
        shown[PAGE - 1].pk if len(shown) > PAGE else None,
    )  # fmt: skip


def _title(asked: Asked) -> str:
    parts = [str(Show(asked.show).label)]
    if asked.show in (Show.NEW, Show.VERIFIED, Show.SIGNED):
        parts.append("today" if asked.days == 1 else f"in {asked.days} days")
    if asked.day:
        parts.append(f"entered {days.in_words(asked.day)}")
    if asked.hour is not None:
        parts.append(f"from {asked.hour:02}:00")
    if asked.depth:
        parts.append(str(Standing.Depth(asked.depth).label))
    if asked.standing:
        parts.append(str(Standing.Value(asked.standing).label).lower())
    return ", ".join([*parts, *filter(None, [asked.outlet, asked.by and f"by {asked.by}"])])


def _row(quote: Quote) -> dict[str, Any]:
    speaker, standing = quote.statement.speaker.present, quote.standing
    return {
        "uid": quote.uid, "url": reverse("quote", args=[quote.uid]), "text": quote.text, "kind": quote.kind,
        "language": quote.language, "cue": quote.cue, "speaker": speaker.name, "speaker_kind": speaker.kind,
        "said": f"entered {days.in_words(timezone.localdate(quote.created_at))}, {quote.article.outlet.name}",
        "standing": standing.value, "depth": standing.depth, "passes": standing.passes, "needed": standing.needed,
    }  # fmt: skip


# --- The desk -------------------------------------------------------------------------------------------------------


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
    first: Number
    second: Number
    disputed: Number
    verified: Number
    oldest: Waiting | None
    disputes: Sequence[Waiting]
    backlog: Chart | None
    backlog_rows: Sequence[tuple[str, Sequence[Number]]]
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
    backlog, rows = _backlog(user)
    return Desk(
        today=timezone.localdate(),
        now=timezone.localtime(),
        days=days_back,
        periods=[(label, Asked(days=number).url, number == days_back) for number, label in PERIODS.items()],
        new=_number("New", user, new),
        first=_tab(Tab.FIRST, numbers),
        second=_tab(Tab.SECOND, numbers),
        disputed=_tab(Tab.DISPUTED, numbers),
        verified=_number("Verified", user, verified),
        oldest=next(
            (Waiting(quote, quote.created_at) for quote in _read(queue[Tab.FIRST].order_by("pk"), 1)), None
        ),
        disputes=[
            Waiting(quote, quote.standing.since)
            for quote in _read(queue[Tab.DISPUTED].order_by("standing__since", "pk"), 5)
        ],
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


def _backlog(user: Any) -> tuple[Chart | None, list[tuple[str, Sequence[Number]]]]:
    """What waits now, by the day on which it was entered; the last row is all that is older."""
    first = timezone.localdate() - dt.timedelta(days=BACKLOG_DAYS - 1)
    found = listed(user, Asked(Show.OPEN)).filter(created_at__gte=_midnight(first)).order_by()
    counts: dict[dt.date, dict[str, int]] = {}
    for day, standing, number in found.values_list(TruncDate("created_at"), "standing__value").annotate(
        number=Count("pk")
    ):
        counts.setdefault(day, {})[standing] = number
    each = [first + dt.timedelta(days=n) for n in range(BACKLOG_DAYS)]
    rows: list[tuple[str, Sequence[Number]]] = [
        (
            f"{day.day} {days.MONTHS[day.month - 1]}",
            [
                Number(
                    value.label,
                    counts.get(day, {}).get(value, 0),
                    Asked(Show.OPEN, day=day, standing=value).url,
                )
                for value in OPEN
            ],
        )
        for day in each
    ]
    chart = by_month([(label, counts.get(day, {})) for (label, _), day in zip(rows, each, strict=True)])
    return chart, rows


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
