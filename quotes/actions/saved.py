"""Keep a search, look at it, choose mail about it, take it away. Each is one's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from quotes.models import SavedSearch, Statement
from quotes.models.colleagues import colleagues

from . import letters
from .audit import acting
from .verify import Refused

MOST = 200
"""Saved searches that one person may keep."""


def keep(name: str, query: str, *, by: Any) -> SavedSearch:
    """Keep a search under a name.

    Args:
        name: what it is called; one's own searches have different names.
        query: the part of its address behind the question mark.

    Raises:
        Refused: when the name is taken, or too many are kept.
    """
    if SavedSearch.objects.filter(owner=by).count() >= MOST:
        raise Refused(f"You keep {MOST} searches already. Take one away first.", "name")
    try:
        with transaction.atomic(), acting(by=by, verb="saved.save"):
            return SavedSearch.objects.create(owner=by, name=name, query=query)
    except IntegrityError as error:
        raise Refused(f"You have a search called “{name}” already.", "name") from error


def look(search: SavedSearch, *, by: Any) -> None:
    """Note that its owner looks at it now: nothing in it is new any more."""
    with acting(by=by, verb="saved.look"):
        SavedSearch.objects.filter(pk=search.pk, owner=by).update(looked_at=Now())


def take_away(search: SavedSearch, *, by: Any) -> None:
    """Forget a saved search."""
    with acting(by=by, verb="saved.take_away"):
        SavedSearch.objects.filter(pk=search.pk, owner=by).delete()


# --- Mail ------------------------------------------------------------------------------------------------------------


def choose_mail(search: SavedSearch, when: str, *, by: Any) -> None:
    """Choose when mail tells of what is new in a search; of what is there already it tells nothing.

    Args:
        when: one of SavedSearch.Mail.
    """
    with acting(by=by, verb="saved.mail"):
        newest = Statement.objects.aggregate(newest=Max("pk"))["newest"] or 0
        SavedSearch.objects.filter(pk=search.pk, owner=by).update(mail=when, mailed_to=newest)


def tell_by_mail(person: int, news: Sequence[tuple[int, str]], newest: int, *, daily: bool, by: Any) -> bool:
    """Write one letter about all searches of a person that have news; False when there is nothing to be told.

    A letter gives names of searches and numbers, and never a word of a statement. What is held back is in no number.

    Args:
        news: key of a search, and the number of its new statements in words.
        newest: key of the newest statement when they were counted.
        daily: whether it is the letter of a day; a day has one.
    """
    with acting(by=by, verb="saved.tell"):
        # The rows are the lock: two commands at once write one letter.
        told = dict(news)
        searches = list(
            SavedSearch.objects.select_for_update()
            .filter(owner=person, pk__in=told, mailed_to__lt=newest)
            .order_by("pk")
        )
        reader = colleagues().filter(pk=person).exclude(email="").first()
        if reader is None or not searches:
            return False
        day = f"{timezone.localdate():%Y-%m-%d}"
        key = f"saved-daily:{person}:{day}" if daily else f"saved:{person}:{newest}"
        subject = f"[Verbatim] New in {len(searches)} saved search{'' if len(searches) == 1 else 'es'}"
        new = letters.post(key, reader.email, subject, _text(reader, searches, told), by=by)
        if new:
            SavedSearch.objects.filter(pk__in=[one.pk for one in searches]).update(mailed_to=newest)
        return new


def _text(reader: Any, searches: Sequence[SavedSearch], told: dict[int, str]) -> str:
    lines = [f"{reader.get_full_name() or reader.get_username()},", ""]
    for search in searches:
        # The name is the reader's own words; a line break in it would look like a line of ours.
        lines.append(f"- {' '.join(search.name.split())}: {told[search.pk]} new")
    address = f"{settings.SITE_URL}{reverse('saved')}"
    return "\n".join([*lines, "", "Open them, and choose when you get mail like this:", address, ""])
