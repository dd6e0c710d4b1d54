"""What the checks of a quote add up to; who may not check it; who is on it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from .base import RecordQuerySet
from .quote import Quote
from .statement import open_to


class StandingQuerySet(RecordQuerySet):
    """The questions that can be asked of standing records."""

    def visible_to(self, user: Any) -> Self:
        return self.filter(open_to(user, "quote__statement__"))


class Standing(models.Model):
    """Derived by the database from checks, evidence and content, and by nothing else (invariant 2).

    The table is the database's own: the app's role may only read it, and a write by any other hand
    than the triggers' is refused, the owner's included.
    """

    class Value(models.TextChoices):
        UNCHECKED = "unchecked", "Unchecked"
        IN_REVIEW = "in_review", "In review"
        VERIFIED = "verified", "Verified"
        DISPUTED = "disputed", "Disputed"
        MISATTRIBUTED = "misattributed", "Misattributed"
        RETRACTED = "retracted", "Retracted"
        STALE = "stale", "Stale"

    class Depth(models.TextChoices):
        """How far back the words were traced (PRODUCT.md §8)."""

        PRIMARY = "primary", "to the recording or document"
        REPORT = "report", "to a report we hold"
        CITED = "cited", "cited, nothing held"

    ADVERSE = (Value.DISPUTED, Value.MISATTRIBUTED, Value.RETRACTED)
    BEST_FIRST = (Value.VERIFIED, Value.IN_REVIEW, Value.STALE, Value.UNCHECKED)
    """How a statement picks the quote that supports it best (invariant 3)."""

    quote = models.OneToOneField(
        Quote,
        on_delete=models.DO_NOTHING,  # the database takes it away with its quote
        primary_key=True,
        related_name="standing",
    )
    value = models.CharField(max_length=13, choices=Value, editable=False, db_index=True)
    depth = models.CharField(max_length=7, choices=Depth, editable=False)
    passes = models.PositiveSmallIntegerField(
        editable=False, help_text="Different people with a full pass on the present content."
    )
    needed = models.PositiveSmallIntegerField(editable=False)
    content_hash = models.CharField(max_length=64, editable=False)
    since = models.DateTimeField(editable=False)

    objects = StandingQuerySet.as_manager()

    class Meta:
        verbose_name = "standing"
        indexes = [
            # The queue of /verify/ in the order in which quotes were entered, without sorting what waits.
            models.Index(fields=["value", "quote"], name="standing_queue"),
            models.Index(
                fields=["quote"],
                condition=models.Q(value__in=["unchecked", "in_review"], passes=0),
                name="standing_first_check",
            ),
        ]

    def __str__(self) -> str:
        return self.get_value_display()


def best_supported(quotes: Iterable[Quote]) -> Quote | None:
    """Return the quote that a statement shows and whose standing it shows (invariant 3), or None of none.

    Verified, in review, stale, unchecked, in this order; an adverse one only when there is no other. Among
    equals the one closest to the speaker's mouth: traced furthest, most of it quoted, not translated, oldest.
    """
    standings = (*Standing.BEST_FIRST, *Standing.ADVERSE)
    depths = list(Standing.Depth)
    kinds = (Quote.Kind.DIRECT, Quote.Kind.MIXED, Quote.Kind.PARTIAL, Quote.Kind.INDIRECT)
    return min(
        quotes,
        key=lambda quote: (
            standings.index(quote.standing.value),
            depths.index(Standing.Depth(quote.standing.depth)),
            kinds.index(quote.kind),
            quote.is_translation,
            quote.pk,
        ),
        default=None,
    )


def best_standing(statement: str) -> models.Subquery:
    """Return the standing that a statement shows, as an expression; null for one without quotes.

    Args:
        statement: the name that leads from the asking query to the statement's key.
    """
    order = models.Case(
        *(
            models.When(value=value, then=place)
            for place, value in enumerate((*Standing.BEST_FIRST, *Standing.ADVERSE))
        )
    )
    own = Standing.objects.filter(quote__statement=models.OuterRef(statement))
    return models.Subquery(own.order_by(order).values("value")[:1])


class FormerStanding(models.Model):
    """What a quote stood at before, and until when. Written by the database with every change of a standing."""

    quote = models.ForeignKey(
        Quote,
        on_delete=models.DO_NOTHING,  # the database takes it away with its quote
        related_name="former_standings",
    )
    value = models.CharField(max_length=13, choices=Standing.Value, editable=False)
    since = models.DateTimeField(editable=False)
    until = models.DateTimeField(editable=False)

    objects = StandingQuerySet.as_manager()

    class Meta:
        # The backlog of the last days asks for what ended since.
        indexes = [models.Index(fields=["until"], name="former_standing_until")]

    def __str__(self) -> str:
        return f"{self.get_value_display()} until {self.until:%Y-%m-%d %H:%M}"


def stood_at(moment: dt.datetime, values: Iterable[str]) -> Q:
    """Return the condition of a quote that stood at one of `values` just before `moment`."""
    then = FormerStanding.objects.filter(quote=OuterRef("pk"), since__lt=moment, until__gte=moment)
    return Q(standing__value__in=values, standing__since__lt=moment) | Q(
        Exists(then.filter(value__in=values))
    )


class Contribution(models.Model):
    """Who entered, imported or edited what a quote shows; none of them can pass it (invariant 3)."""

    quote = models.ForeignKey(Quote, on_delete=models.DO_NOTHING, related_name="contributions")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["quote", "user"], name="contribution_once")]

    def __str__(self) -> str:
        return f"{self.user_id} on {self.quote_id}"


class Claim(models.Model):
    """Who is at work on a quote, and until when; others are handed another one meanwhile."""

    quote = models.OneToOneField(Quote, on_delete=models.PROTECT, primary_key=True, related_name="claim")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="claims")
    claimed_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    reason = models.TextField(blank=True, help_text="Why it was taken over from somebody else.")

    class Meta:
        indexes = [models.Index(fields=["by"], name="claim_of_person")]

    def __str__(self) -> str:
        return f"{self.quote_id} by {self.by_id}"
