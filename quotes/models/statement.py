"""What was said, once: one speaker, one occasion."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from .base import Record, RecordQuerySet, precise_date, precision_field, uid_validator
from .speaker import Speaker


class TopicQuerySet(RecordQuerySet):
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


class StatementQuerySet(RecordQuerySet):
    def visible_to(self, user: Any) -> Self:
        """Leave out off-record and embargoed statements, unless `user` may see what is held back."""
        return self.filter(open_to(user))

    def newest_first(self) -> Self:
        """By the day they were said; those without a known day come last."""
        return self.order_by(F("said_on").desc(nulls_last=True), "-pk")

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

    objects = StatementQuerySet.as_manager()

    class Meta:
        ordering = [F("said_on").desc(nulls_last=True), "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(uid__regex=r"^[a-z0-9][a-z0-9-]{2,63}$"), name="statement_uid_is_well_formed"
            ),
            precise_date("said_on"),
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
