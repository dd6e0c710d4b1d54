"""Read an alert, read all of them, and choose when mail comes."""

from __future__ import annotations

from typing import Any

from django.db.models.functions import Now

from quotes.models import Alert, MailChoice

from .audit import acting


def read(alert: Alert, *, by: Any) -> None:
    """Note that `by` has seen her alert; it is no longer new."""
    with acting(by=by, verb="alerts.read"):
        Alert.objects.visible_to(by).unread().filter(pk=alert.pk).update(read_at=Now())


def read_all(newest: int, *, by: Any) -> int:
    """Note that `by` has seen her alerts up to the newest one that was on the screen; returns how many were new.

    Args:
        newest: its key; what came in since stays new.
    """
    with acting(by=by, verb="alerts.read"):
        return Alert.objects.visible_to(by).unread().filter(pk__lte=newest).update(read_at=Now())


def choose_mail(when: str, *, by: Any) -> None:
    """Keep when `by` wants mail. What is in the bell already is not mailed afterwards.

    Args:
        when: of `MailChoice.When`.
    """
    with acting(by=by, verb="alerts.mail"):
        own = MailChoice.objects.filter(person=by)
        if own.filter(when=when).exists():
            return
        if not own.update(when=when, since=Now()):
            MailChoice.objects.bulk_create(
                [MailChoice(person=by, when=when)],
                update_conflicts=True,
                unique_fields=["person"],
                update_fields=["when"],
            )
