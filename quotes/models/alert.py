"""What is told to one person: somebody named them, gave them a quote, or sent one back."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from .base import RecordQuerySet
from .note import Note
from .quote import Quote
from .statement import open_to


class AlertQuerySet(RecordQuerySet):
    """The questions that can be asked of alerts."""

    def visible_to(self, user: Any) -> Self:
        """One's own, and none about a quote that one may no longer know of (invariant 12)."""
        return self.filter(open_to(user, "quote__statement__"), to=user)

    def unread(self) -> Self:
        return self.filter(read_at=None)

    def newest_first(self) -> Self:
        return self.order_by("-pk")


class Alert(models.Model):
    """One thing told to one person. It follows from a write that is in the log, so it leaves no event of its own.

    Written in the transaction of that write; afterwards only `read_at` and `mailed_at` change.
    """

    class Kind(models.TextChoices):
        NAMED = "named", "named you in a note"
        VERIFY = "verify", "asked you to verify"
        CORRECT = "correct", "asked you to correct"
        TAKEN_BACK = "taken_back", "no longer asks you for"
        GIVEN_BACK = "given_back", "gave back"
        RETURNED = "returned", "sent back"
        ANSWERED = "answered", "changed, after you sent it back,"

    to = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="alerts")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    quote = models.ForeignKey(Quote, on_delete=models.PROTECT, related_name="alerts")
    kind = models.CharField(max_length=10, choices=Kind)
    note = models.ForeignKey(Note, on_delete=models.PROTECT, null=True, related_name="alerts")
    reason = models.TextField(blank=True)
    at = models.DateTimeField(db_default=Now(), editable=False)
    read_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)

    objects = AlertQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        indexes = [
            # The number in the bell stands on every page; the list is read newest first.
            models.Index(fields=["to"], condition=models.Q(read_at=None), name="alert_unread"),
            models.Index(fields=["to", "-id"], name="alert_of_person"),
            models.Index(
                fields=["to"], condition=models.Q(mailed_at=None, read_at=None), name="alert_unmailed"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["note", "to"], condition=models.Q(note__isnull=False), name="alert_once_for_a_note"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.to_id}"
