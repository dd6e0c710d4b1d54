"""A check that its author took back, and a quote that was sent back to who entered it. Both are only ever added."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now

from .base import RecordQuerySet
from .check import Check
from .quote import Quote
from .statement import open_to


class Withdrawal(models.Model):
    """Undo of one's own last check, as a record of its own: the check stays, and counts for nothing.

    The database refuses it for another's check, and as soon as anybody has built on the check: a later check, later
    evidence by somebody else, or other content (constraints `withdrawal_…`). `quote` is the check's; the database
    sets it.
    """

    check_taken_back = models.OneToOneField(
        Check, on_delete=models.PROTECT, related_name="withdrawal", db_column="check_id"
    )
    quote = models.ForeignKey(Quote, on_delete=models.PROTECT, related_name="withdrawals")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.check_taken_back_id} taken back"


class ReturnQuerySet(RecordQuerySet):
    """The questions that can be asked of returned quotes."""

    def visible_to(self, user: Any) -> Self:
        return self.filter(open_to(user, "quote__statement__"))

    def unanswered(self) -> Self:
        """Returns whose quote is still as it was sent back, and was not checked since."""
        later = Check.objects.filter(quote=OuterRef("quote"), at__gt=OuterRef("at"), withdrawal=None)
        return self.filter(Q(seen=F("quote__standing__content_hash")) & ~Exists(later))


class Return(models.Model):
    """A quote sent back to who entered it, with the reason; it waits for them until its content changes.

    `to` is who entered the quote, or nobody when a program did. It says nothing about the words, so it changes no
    standing.
    """

    quote = models.ForeignKey(Quote, on_delete=models.PROTECT, related_name="returns")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    to = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="returned_quotes"
    )
    at = models.DateTimeField(db_default=Now(), editable=False)
    seen = models.CharField(max_length=64)
    reason = models.TextField()

    objects = ReturnQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="return_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.quote_id} returned by {self.by_id}"
