"""Mail that is to leave the house, and what each person wants to get of it."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now


class LetterQuerySet(models.QuerySet["Letter"]):
    """The questions that can be asked of letters."""

    def due(self) -> Self:
        """Letters to be sent now, the oldest first."""
        return self.filter(state=Letter.State.WAITING, next_try_at__lte=Now()).order_by("next_try_at", "pk")


class Letter(models.Model):
    """One message to one address, kept until it is sent: a mail server that is away loses nothing.

    `key` makes it one: the same one is not written twice. A letter is SENDING only between two commits of
    `quotes.actions.letters.send`; one that is found so later broke off in the middle, so that nobody knows whether it
    went out. It is not sent again by itself (never twice), and stays to be seen (nothing lost). The text of a letter
    that went out is not kept: it may hold a link that lets somebody in. What a letter about `alerts` says is written
    anew from them before it goes.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "waiting"
        SENDING = "sending", "sending"
        SENT = "sent", "sent"
        UNCERTAIN = "uncertain", "may have been sent"
        REFUSED = "refused", "given up"

    key = models.CharField(max_length=120, unique=True)
    address = models.CharField(max_length=320)
    subject = models.CharField(max_length=300)
    body = models.TextField(blank=True)
    html = models.TextField(blank=True)
    alerts = ArrayField(models.BigIntegerField(), default=list)
    state = models.CharField(max_length=9, choices=State, default=State.WAITING)
    at = models.DateTimeField(db_default=Now(), editable=False)
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=300, blank=True)

    objects = LetterQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["next_try_at", "id"], condition=models.Q(state="waiting"), name="letter_due")
        ]

    def __str__(self) -> str:
        return f"{self.subject} ({self.state})"


class MailChoice(models.Model):
    """When somebody wants mail about what their bell shows; nobody without a row here gets any."""

    class When(models.TextChoices):
        NEVER = "never", "No mail"
        AT_ONCE = "at_once", "At once"
        DAILY = "daily", "Once a day"

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="mail_choice"
    )
    when = models.CharField(max_length=7, choices=When, default=When.NEVER)
    since = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(when__in=["never", "at_once", "daily"]), name="mailchoice_is_one"
            )
        ]

    def __str__(self) -> str:
        return self.get_when_display()
