"""What waits to be checked, and what of it can be handed to whom."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models import Case, Count, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, Now

from .assignment import Assignment
from .check import Check
from .quote import Quote, QuoteQuerySet
from .standing import Claim, Contribution, Standing
from .withdrawal import Return

V = Standing.Value


class Tab(models.TextChoices):
    """The lists of /verify/; a quote that waits for a check is in exactly one of the first five."""

    FIRST = "first", "First check"
    SECOND = "second", "Second signature"
    DISPUTED = "disputed", "Disputed"
    STALE = "stale", "Stale"
    RETURNED = "returned", "Sent back"
    MINE = "mine", "Mine"
    ASSIGNED = "assigned", "Assigned to me"


class Order(models.TextChoices):
    """In which order a list is worked off."""

    OLDEST = "oldest", "Oldest first"
    REPORTED = "reported", "Most reported first"
    EMBARGO = "embargo", "Embargo ending first"


WAITING = {
    Tab.FIRST: Q(standing__value__in=[V.UNCHECKED, V.IN_REVIEW], standing__passes=0),
    Tab.SECOND: Q(standing__value=V.IN_REVIEW, standing__passes__gt=0),
    Tab.DISPUTED: Q(standing__value=V.DISPUTED),
    Tab.STALE: Q(standing__value=V.STALE),
}
"""The tabs whose quotes a checker is handed, each with the standing that puts a quote there."""


class QueueQuerySet(QuoteQuerySet):
    """The questions that can be asked of what waits: ``QueueQuerySet(Quote).visible_to(user).waiting(Tab.FIRST)``."""

    def waiting(self, tab: str, user: Any = None) -> Self:
        """Quotes in this list; `user` is whose claims are hers in the list `mine`."""
        if tab == Tab.MINE:
            return self.filter(claim__by=user, claim__expires_at__gt=Now())
        if tab == Tab.ASSIGNED:
            return self.filter(assignment__to=user)
        if tab == Tab.RETURNED:
            return self.filter(_sent_back())
        return self.filter(WAITING[Tab(tab)]).not_sent_back()

    def not_sent_back(self) -> Self:
        """Quotes that do not wait for who entered them."""
        return self.filter(~_sent_back())

    def unclaimed(self) -> Self:
        """Quotes that nobody is at work on; a claim that has run out is none."""
        return self.exclude(Exists(Claim.objects.filter(quote=OuterRef("pk"), expires_at__gt=Now())))

    def left_to(self, user: Any) -> Self:
        """Quotes that nobody else was asked to verify; those that were stay in the lists, but are handed to nobody."""
        others = Assignment.objects.filter(quote=OuterRef("pk"), task=Assignment.Task.VERIFY).exclude(to=user)
        return self.filter(~Exists(others))

    def for_checker(self, user: Any, tab: str) -> Self:
        """Quotes whose full pass by `user` would count: she did not contribute, and it is not her own turn again."""
        own = Contribution.objects.filter(quote=OuterRef("pk"), user=user)
        if tab == Tab.DISPUTED:
            # A dispute is answered by new passes of others, so only the last word must not be her own.
            last = (
                Check.objects.filter(quote=OuterRef("pk"), withdrawal=None).order_by("-pk").values("by")[:1]
            )
            return self.filter(~Exists(own)).annotate(last_word=Subquery(last)).exclude(last_word=user.pk)
        signed = Check.objects.filter(
            quote=OuterRef("pk"), by=user, seen=OuterRef("standing__content_hash"), withdrawal=None
        )
        return self.filter(~Exists(own), ~Exists(signed))

    def in_order(self, order: str) -> Self:
        """As they are worked off; every order ends in the order of entry."""
        if order == Order.REPORTED:
            reports = (
                Quote.objects.filter(statement=OuterRef("statement"))
                .order_by()
                .values("statement")
                .annotate(number=Count("article", distinct=True))
                .values("number")
            )
            return self.annotate(reported=Coalesce(Subquery(reports), 0)).order_by("-reported", "pk")
        if order == Order.EMBARGO:
            # An embargo that is over is no hurry.
            ends = Case(
                When(statement__embargoed_until__gt=Now(), then=F("statement__embargoed_until")),
                default=Value(None),
                output_field=models.DateTimeField(),
            )
            return self.annotate(ends=ends).order_by(F("ends").asc(nulls_last=True), "pk")
        return self.order_by("pk")

    def for_queue(self) -> Self:
        """With all that one row of the list shows."""
        return self.select_related(
            "standing", "statement__speaker__redirects_to", "article__outlet", "claim__by", "created_by",
            "assignment__to",
        )  # fmt: skip


def _sent_back() -> Exists:
    later = Check.objects.filter(quote=OuterRef("quote"), at__gt=OuterRef("at"), withdrawal=None)
    return Exists(
        Return.objects.filter(quote=OuterRef("pk"), seen=OuterRef("standing__content_hash")).exclude(
            Exists(later)
        )
    )
