"""One person's verdicts on one quote. Never changed, never deleted."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from .base import RecordQuerySet
from .quote import Quote
from .statement import open_to

AXES = ("attribution", "wording", "translation", "context", "dating", "figure")
"""What a check can say something about (PRODUCT.md §2)."""


def axes_of(quote: Quote) -> tuple[str, ...]:
    """Return the axes that apply to `quote`; the database applies the same rule to every check.

    Wording applies to direct, mixed and partial quotes, translation to translations, figure to
    quotes with figures; attribution, context and dating always.
    """
    applies = {
        "attribution": True,
        "wording": quote.kind != Quote.Kind.INDIRECT,
        "translation": quote.is_translation,
        "context": True,
        "dating": True,
        "figure": bool(quote.figures.all()),
    }
    return tuple(axis for axis in AXES if applies[axis])


class CheckQuerySet(RecordQuerySet):
    """The questions that can be asked of check records."""

    def visible_to(self, user: Any) -> Self:
        return self.filter(open_to(user, "quote__statement__"))

    def oldest_first(self) -> Self:
        return self.order_by("pk")


class Verdict(models.TextChoices):
    """An answer on one axis."""

    PASS = "pass", "passes"
    FAIL = "fail", "fails"
    UNCLEAR = "unclear", "unclear"


class Check(models.Model):
    """A signed answer to “did this person say this, so, then, about that?”.

    `seen` is the content hash that was on the screen; the database refuses a check of any other
    content than the present one, a pass by anybody who contributed to that content, a verdict on an
    axis that does not apply, and a person without the right.
    """

    class Ruling(models.TextChoices):
        DISPUTED = "disputed", "disputed"
        MISATTRIBUTED = "misattributed", "misattributed"
        RETRACTED = "retracted", "retracted"
        NOT_A_STATEMENT = "not_a_statement", "not a statement"

    quote = models.ForeignKey(Quote, on_delete=models.PROTECT, related_name="checks")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="checks")
    at = models.DateTimeField(db_default=Now(), editable=False)
    note = models.TextField(blank=True)
    seen = models.CharField(max_length=64)
    attribution = models.CharField(max_length=7, choices=Verdict, null=True, blank=True)
    wording = models.CharField(max_length=7, choices=Verdict, null=True, blank=True)
    translation = models.CharField(max_length=7, choices=Verdict, null=True, blank=True)
    context = models.CharField(max_length=7, choices=Verdict, null=True, blank=True)
    dating = models.CharField(max_length=7, choices=Verdict, null=True, blank=True)
    figure = models.CharField(max_length=7, choices=Verdict, null=True, blank=True)
    ruling = models.CharField(max_length=15, choices=Ruling, null=True, blank=True)
    reason = models.TextField(blank=True)
    full_pass = models.BooleanField(
        default=False, editable=False, help_text="Every axis that applies passes; the database decides."
    )

    objects = CheckQuerySet.as_manager()

    class Meta:
        ordering = ["quote", "pk"]
        verbose_name = "check"
        constraints = [
            models.CheckConstraint(
                condition=Q(ruling__isnull=True) | ~Q(reason=""), name="check_ruling_has_a_reason"
            )
        ]

    def __str__(self) -> str:
        return f"{self.quote_id} by {self.by_id}"
