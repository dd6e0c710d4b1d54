"""What was said, once: one speaker, one occasion."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Now, TruncDate

from .base import LastDay, Record, RecordQuerySet, last_day, precise_date, precision_field, uid_validator
from .speaker import Speaker
from .tenure import Tenure

if TYPE_CHECKING:
    from .outlet import Outlet
    from .quote import Quote


class TopicQuerySet(RecordQuerySet):
    """The questions that can be asked of topic records."""

    def get_by_natural_key(self, slug: str) -> Any:
        return self.get(slug=slug)


class Topic(Record):
    """What statements are about."""

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=120)

    objects = TopicQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[str]:
        return (self.slug,)


def open_to(user: Any, path: str = "") -> Q:
    """Return the condition under which `user` may know that a statement exists (invariant 12).

    Args:
        user: who asks; somebody signed out has no right to what is held back.
        path: the lookup path from the asking model to the statement, ending in `__`, or empty.
    """
    if user.has_perm("quotes.view_restricted"):
        return Q()
    lifted = Q(**{f"{path}embargoed_until__isnull": True}) | Q(**{f"{path}embargoed_until__lte": Now()})
    return ~Q(**{f"{path}record": Statement.Terms.OFF}) & lifted


def within(tenures: Iterable[Tenure]) -> Q:
    """Return the condition that a statement `with_days` was made by a holder of one of `tenures`, then."""
    held = Q(pk__in=[])
    for tenure in tenures:
        role = Q(speaker=tenure.person_id)
        if tenure.starts is not None:
            role &= Q(final_day__gte=tenure.starts)
        if tenure.ends is not None:
            role &= Q(first_day__lte=last_day(tenure.ends, tenure.ends_precision))
        held |= role
    return held


class StatementQuerySet(RecordQuerySet):
    """The questions that can be asked of statement records."""

    def visible_to(self, user: Any) -> Self:
        """Leave out off-record and embargoed statements, unless `user` may see what is held back.

        A statement that was joined into another is left out for everybody: it is found there.
        """
        return self.filter(open_to(user), joined_into__isnull=True)

    def newest_first(self) -> Self:
        """By the day they were said; those without a known day come last."""
        return self.order_by(F("said_on").desc(nulls_last=True), "-pk")

    def with_days(self) -> Self:
        """Add the first and the last day on which each can have been said; `Statement.days` in SQL."""
        quotes = self.model._meta.get_field("quotes").related_model.objects
        published = Subquery(
            quotes.filter(statement=OuterRef("pk"), article__published_at__isnull=False)
            .order_by("article__published_at")
            .values(day=TruncDate("article__published_at", tzinfo=dt.UTC))[:1]
        )
        return self.alias(
            first_day=Coalesce("said_on", published),
            final_day=Coalesce(LastDay("said_on", "said_on_precision"), published),
        )

    def spoken_as(self, tenures: Iterable[Tenure]) -> Self:
        """Statements that somebody made while holding one of `tenures`."""
        return self.with_days().filter(within(tenures))

    def of_speaker(self, speaker: Speaker) -> Self:
        """All that `speaker` said, none twice (invariant 8).

        Her own statements; those of her spokespeople, made while they held a role that speaks for her; and those
        of others that were said by her mouth. Nothing is left on speakers merged into her.
        """
        own = Q(speaker=speaker) | Q(uttered_by=speaker)
        voices = list(Tenure.objects.speaking_for(speaker))
        if not voices:
            return self.filter(own)
        return self.with_days().filter(own | within(voices))

    def for_list(self) -> Self:
        """With all that one row of a list shows, in a fixed number of queries."""
        return self.select_related("speaker", "uttered_by").prefetch_related(
            "topics",
            "speaker__tenures",
            "quotes__standing",
            "quotes__article__outlet__owner",
            "quotes__relays__outlet__owner",
        )

    def get_by_natural_key(self, uid: str) -> Any:
        return self.get(uid=uid)


class Statement(Record):
    """One utterance; every report of it is a quote on it."""

    class Terms(models.TextChoices):
        ON = "on", "on the record"
        BACKGROUND = "background", "on background"
        OFF = "off", "off the record"

    uid = models.CharField(max_length=64, unique=True, validators=[uid_validator])
    speaker = models.ForeignKey(Speaker, on_delete=models.PROTECT, related_name="statements")
    uttered_by = models.ForeignKey(
        Speaker,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="utterances",
        help_text="Whose mouth it was, when the words are an institution’s; empty when not known.",
    )
    said_on = models.DateField(null=True, blank=True)
    said_on_precision = precision_field()
    occasion = models.CharField(max_length=300, blank=True)
    original_language = models.CharField(max_length=12, blank=True)
    original_text = models.TextField(null=True, blank=True, help_text="Empty: the original is not held.")
    topics = models.ManyToManyField(Topic, blank=True, related_name="statements")
    gist = models.CharField(max_length=300, help_text="One neutral line.")
    record = models.CharField(max_length=10, choices=Terms, default=Terms.ON)
    embargoed_until = models.DateTimeField(null=True, blank=True)
    joined_into = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="joined",
        help_text="Which statement it turned out to be; it is a signpost since.",
    )

    objects = StatementQuerySet.as_manager()

    class Meta:
        ordering = [F("said_on").desc(nulls_last=True), "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(uid__regex=r"^[a-z0-9][a-z0-9-]{2,63}$"), name="statement_uid_is_well_formed"
            ),
            precise_date("said_on"),
            models.CheckConstraint(
                condition=Q(joined_into__isnull=True) | ~Q(joined_into=F("id")),
                name="statement_is_not_joined_into_itself",
            ),
        ]
        indexes = [
            models.Index(F("said_on").desc(nulls_last=True), F("id").desc(), name="statement_newest"),
            models.Index("speaker", F("said_on").desc(nulls_last=True), name="statement_of_speaker"),
        ]
        permissions = [
            ("view_restricted", "Can see off-record and embargoed statements"),
            ("join_statement", "Can join and split statements"),
        ]

    def __str__(self) -> str:
        return self.gist

    def natural_key(self) -> tuple[str]:
        return (self.uid,)

    natural_key.dependencies = ["quotes.speaker", "quotes.topic"]  # type: ignore[attr-defined]

    @property
    def days(self) -> tuple[dt.date, dt.date] | None:
        """The first and the last day on which it can have been said.

        When that is not known, the day of its first publication, by which roles are then told; None when that
        is not known either. Days of publication are those of UTC.
        """
        if self.said_on is not None:
            return self.said_on, last_day(self.said_on, self.said_on_precision)
        times = [
            quote.article.published_at
            for quote in self.quotes.all()
            if quote.article.published_at is not None
        ]
        if not times:
            return None
        first = min(times).astimezone(dt.UTC).date()
        return first, first

    @property
    def roles(self) -> list[Tenure]:
        """What the speaker was on the day of the statement (invariant 7)."""
        return self.speaker.roles_held(*self.days) if self.days else []

    @property
    def mouth_roles(self) -> list[Tenure]:
        """What the one who uttered it was on that day."""
        if self.uttered_by is None or self.days is None:
            return []
        return self.uttered_by.roles_held(*self.days)

    @property
    def shown_quote(self) -> Quote | None:
        """Its best-supported quote; the statement's standing is that one's (invariant 3)."""
        from .standing import best_supported

        return best_supported(self.quotes.all())

    @property
    def adverse_quotes(self) -> list[Quote]:
        """Its disputed, misattributed and retracted quotes, to be shown beside its standing (invariant 3)."""
        from .standing import Standing

        return [quote for quote in self.quotes.all() if quote.standing.value in Standing.ADVERSE]

    @property
    def reports(self) -> int:
        """How many articles report it."""
        return len({quote.article_id for quote in self.quotes.all()})

    @property
    def roots(self) -> list[Outlet]:
        """From which independent houses these reports come (invariant 6)."""
        from .quote import independent_roots

        return independent_roots(self.quotes.all())
