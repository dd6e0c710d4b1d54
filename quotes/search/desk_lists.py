"""The lists behind the numbers of the desk: which quotes, narrowed to what, at which address."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import ExtractHour, Now
from django.urls import reverse
from django.utils import timezone

from quotes.models import Check, Quote, Standing, stood_at
from quotes.models.queue import QueueQuerySet, Tab
from quotes.text import days

PAGE = 50
OPEN = (Standing.Value.UNCHECKED, Standing.Value.IN_REVIEW, Standing.Value.STALE, Standing.Value.DISPUTED)
"""The standings of quotes that wait for somebody."""
PERIODS = {1: "Today", 7: "7 days", 30: "30 days"}


class Show(models.TextChoices):
    """The lists of the desk; those of /verify/ are there."""

    NEW = "new", "New"
    VERIFIED = "verified", "Verified"
    OPEN = "open", "Waiting"
    CLAIMED = "claimed", "Claimed"
    RUN_OUT = "run-out", "Claim ran out"
    SIGNABLE = "signable", "Second signature, yours to give"
    SIGNED = "signed", "Signed"


@dataclass(frozen=True, slots=True)
class Asked:
    """One list: which, and what it is narrowed to.

    `days` is the period back from today, today included; `day` the day of entry; `at` the day at whose end the quotes
    stood as asked, where the list is of standings.
    """

    show: str = ""
    days: int = 1
    day: dt.date | None = None
    at: dt.date | None = None
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
            ("at", self.at.isoformat() if self.at else ""),
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
        case Show.OPEN if asked.at:
            then = [asked.standing] if asked.standing else OPEN
            return found.filter(stood_at(midnight(asked.at, 1), then))
        case Show.OPEN:
            found = found.filter(standing__value__in=OPEN)
        case Show.CLAIMED:
            mine = Q(claim__by__username=asked.by) if asked.by else Q()
            found = found.filter(mine, claim__expires_at__gt=Now())
        case Show.RUN_OUT:
            found = found.filter(standing__value__in=OPEN, claim__expires_at__lte=Now())
        case Show.SIGNABLE:
            return (
                QueueQuerySet(Quote)
                .visible_to(user)
                .waiting(Tab.SECOND)
                .unclaimed()
                .for_checker(user, Tab.SECOND)
            )
        case Show.SIGNED:
            checks = Check.objects.filter(quote=OuterRef("pk"), at__gte=since, withdrawal=None)
            found = found.filter(Exists(checks.filter(by__username=asked.by) if asked.by else checks))
    if asked.day:
        found = found.filter(created_at__gte=midnight(asked.day), created_at__lt=midnight(asked.day, 1))
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
    return midnight(timezone.localdate(), 1 - number)


def midnight(day: dt.date, later: int = 0) -> dt.datetime:
    """Return the moment in which a day begins in the zone of the site, or one so many days `later`.

    The calendar ends with 9999: a day that is not in it any more begins where it ends.
    """
    if (dt.date.max - day).days < later:
        return dt.datetime.max.replace(tzinfo=dt.UTC)
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
    if asked.at:
        parts.append(f"at the end of {days.in_words(asked.at)}")
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
