"""What was told to somebody: the number in the bell, and the list behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import Http404
from django.urls import reverse

from quotes.models import Alert, MailChoice
from quotes.search.kept import Kept

PAGE = 50
MOST_COUNTED = 100
"""Unread alerts above which the number is “99+”."""


@dataclass(frozen=True, slots=True)
class AlertsPage:
    """One page of the list, newest first; `older` leads to the next one."""

    rows: Sequence[Alert]
    unread: int
    older: int | None
    mail: str


def waiting(user: Any) -> str:
    """How many unread alerts `user` has that she may still know of, for every page; empty when none. One query."""
    number = len(_UNREAD.rows(user))
    return "" if not number else f"{MOST_COUNTED - 1}+" if number >= MOST_COUNTED else str(number)


_UNREAD = Kept(
    lambda user: Alert.objects.visible_to(user).unread().order_by().values_list("pk")[:MOST_COUNTED]
)


def alerts_page(user: Any, *, before: int | None = None) -> AlertsPage:
    """Read a page of `user`'s own alerts, without those of quotes that she may no longer know of."""
    own = Alert.objects.visible_to(user)
    found = own.select_related("by", "note", "quote__statement__speaker__redirects_to").newest_first()
    if before is not None:
        found = found.filter(pk__lt=before)
    rows = list(found[: PAGE + 1])
    return AlertsPage(
        rows[:PAGE],
        own.unread().count(),
        rows[PAGE - 1].pk if len(rows) > PAGE else None,
        mail_choice(user),
    )


def mail_choice(user: Any) -> str:
    """When `user` wants mail: of `MailChoice.When`."""
    found = MailChoice.objects.filter(person=user).values_list("when", flat=True).first()
    return found or str(MailChoice.When.NEVER)


def own_alert(user: Any, key: int) -> Alert:
    """Return one of `user`'s own alerts.

    Raises:
        Http404: when it is not hers, or tells of what she may no longer know of.
    """
    found = Alert.objects.visible_to(user).select_related("quote").filter(pk=key).first()
    if found is None:
        raise Http404
    return found


def place_of(alert: Alert) -> str:
    """Where an alert leads: to the note, to the form, or to the check."""
    uid = alert.quote.uid
    match alert.kind:
        case Alert.Kind.NAMED:
            return f"{reverse('quote-notes', args=[uid])}#note-{alert.note_id}"
        case Alert.Kind.VERIFY | Alert.Kind.ANSWERED:
            return reverse("verify-quote", args=[uid])
        case Alert.Kind.RETURNED | Alert.Kind.CORRECT:
            return reverse("quote-edit", args=[uid])
    return reverse("quote", args=[uid])
