"""Typed relations between two statements."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce, Greatest, Least

from .base import Record, RecordQuerySet
from .statement import Statement, open_to

UNSCORED = 1.5
"""The rank of what has no score because a person proposes it: above every score."""


class LinkQuerySet(RecordQuerySet):
    """The questions that can be asked of link records."""

    def visible_to(self, user: Any) -> Self:
        """Links both of whose ends `user` may know of.

        One that a joining left behind, because the statement kept has its like, is told by that one.
        """
        return self.filter(
            open_to(user, "source__"),
            open_to(user, "target__"),
            source__joined_into__isnull=True,
            target__joined_into__isnull=True,
        )

    def touching(self, statement: Statement) -> Self:
        """Links from and to `statement`."""
        return self.filter(Q(source=statement) | Q(target=statement))

    def confirmed(self) -> Self:
        return self.filter(state=Suggestible.State.CONFIRMED)

    def suggested(self) -> Self:
        return self.filter(state=Suggestible.State.SUGGESTED)

    def of_pair(self, first: int, second: int) -> Self:
        """Links between the statements with these keys, whichever end is which."""
        return self.filter(Q(source=first, target=second) | Q(source=second, target=first))

    def best_first(self) -> Self:
        """What people propose first, then by score; the index link_suggested has this order."""
        return self.alias(rank=rank()).order_by(F("rank").desc(), "-pk")

    def get_by_natural_key(self, source: str, target: str, kind: str) -> Any:
        """Find a link by its ends; a symmetric one is found from either end."""
        ends = Q(source__uid=source, target__uid=target)
        if kind in Link.SYMMETRIC:
            ends |= Q(source__uid=target, target__uid=source)
        return self.get(ends, type=kind)


def rank() -> Coalesce:
    """Return where a suggestion stands in the list: its score, or above all scores when a person made it."""
    return Coalesce(F("score"), Value(UNSCORED), output_field=models.FloatField())


class Suggestible(Record):
    """What can be suggested about two statements, with why, and what people decided on it."""

    class State(models.TextChoices):
        SUGGESTED = "suggested", "suggested"
        CONFIRMED = "confirmed", "confirmed"
        REJECTED = "rejected", "rejected"

    score = models.FloatField(null=True, blank=True, help_text="0 to 1; empty when a person made the link.")
    reasons = models.JSONField(default=list, blank=True)
    method = models.CharField(max_length=60, blank=True)
    features = models.JSONField(
        default=dict,
        db_default=Value({}, models.JSONField()),
        blank=True,
        editable=False,
        help_text="What was measured; the score and the reasons follow from it alone.",
    )
    input_hash = models.CharField(
        max_length=64,
        blank=True,
        default="",
        db_default="",
        editable=False,
        help_text="Of all that was looked at: a rejected suggestion comes back only when this changes.",
    )
    note = models.TextField(blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = LinkQuerySet.as_manager()

    class Meta:
        abstract = True


class Link(Suggestible):
    """`source` does `type` to `target`. A symmetric link is stored once, whichever end came first."""

    class Type(models.TextChoices):
        REPEATS = "repeats", "repeats"
        ECHOES = "echoes", "echoes"
        UPDATES_FIGURE = "updates_figure", "updates the figure of"
        CONFLICTS_FIGURE = "conflicts_figure", "gives another figure than"
        CONTRADICTS = "contradicts", "contradicts"
        REVERSES = "reverses", "reverses"
        CLARIFIES = "clarifies", "clarifies"
        RESPONDS_TO = "responds_to", "responds to"
        DENIES = "denies", "denies"
        QUOTES = "quotes", "quotes"
        CONTEXT_FOR = "context_for", "gives context for"

    INVERSE = {
        Type.REPEATS: "repeated by",
        Type.ECHOES: "echoed by",
        Type.UPDATES_FIGURE: "figure updated by",
        Type.CONFLICTS_FIGURE: "gives another figure than",
        Type.CONTRADICTS: "contradicts",
        Type.REVERSES: "reversed by",
        Type.CLARIFIES: "clarified by",
        Type.RESPONDS_TO: "answered by",
        Type.DENIES: "denied by",
        Type.QUOTES: "quoted by",
        Type.CONTEXT_FOR: "given context by",
    }
    """The same relation, told from its target."""

    SYMMETRIC = (Type.CONFLICTS_FIGURE, Type.CONTRADICTS)

    source = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="links_out")
    target = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="links_in")
    type = models.CharField(max_length=16, choices=Type)
    state = models.CharField(max_length=9, choices=Suggestible.State, default=Suggestible.State.SUGGESTED)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["source", "target", "type"], name="link_natural_key"),
            models.UniqueConstraint(
                Least("source", "target"),
                Greatest("source", "target"),
                "type",
                condition=Q(type__in=["conflicts_figure", "contradicts"]),
                name="link_symmetric_is_stored_once",
            ),
            models.CheckConstraint(condition=~Q(source=F("target")), name="link_joins_two_statements"),
            models.CheckConstraint(
                condition=Q(score__isnull=True) | Q(score__gte=0, score__lte=1), name="link_score_is_a_share"
            ),
        ]
        indexes = [
            models.Index(
                Coalesce(F("score"), Value(UNSCORED), output_field=models.FloatField()).desc(),
                F("id").desc(),
                condition=Q(state="suggested"),
                name="link_suggested",
            )
        ]
        permissions = [("decide_link", "Can confirm and reject links")]

    def __str__(self) -> str:
        return f"{self.source} {self.get_type_display()} {self.target}"

    def natural_key(self) -> tuple[str, str, str]:
        return (*self.source.natural_key(), *self.target.natural_key(), self.type)

    natural_key.dependencies = ["quotes.statement"]  # type: ignore[attr-defined]


class SameUtterance(Suggestible):
    """That two statements may be one: a suggestion to join them, or its rejection. It never becomes a link."""

    class Answer(models.TextChoices):
        SUGGESTED = "suggested", "suggested"
        REJECTED = "rejected", "not the same"

    source = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="+")
    target = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=9, choices=Answer, default=Answer.SUGGESTED)

    type: ClassVar[str] = "same_utterance"

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                Least("source", "target"), Greatest("source", "target"), name="sameutterance_is_stored_once"
            ),
            models.CheckConstraint(
                condition=~Q(source=F("target")), name="sameutterance_is_of_two_statements"
            ),
            models.CheckConstraint(
                condition=Q(score__isnull=True) | Q(score__gte=0, score__lte=1),
                name="sameutterance_score_is_a_share",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["suggested", "rejected"]), name="sameutterance_is_never_confirmed"
            ),
        ]
        indexes = [
            models.Index(
                Coalesce(F("score"), Value(UNSCORED), output_field=models.FloatField()).desc(),
                F("id").desc(),
                condition=Q(state="suggested"),
                name="sameutterance_suggested",
            )
        ]
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.source} may be the same utterance as {self.target}"

    def get_type_display(self) -> str:
        """Say what it is, as a link says its type."""
        return "may be the same utterance as"
