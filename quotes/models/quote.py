"""How one article worded a statement, and the chain by which the words reached it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from .article import Article, Capture
from .base import Record, RecordQuerySet, uid_validator
from .outlet import Outlet
from .statement import Statement, open_to

CONTEXT_LIMIT = 64
"""Characters kept on each side of a quote, as in a W3C TextQuoteSelector."""
WORDS_AROUND = ("prefix", "suffix")
"""The fields that keep them."""


class QuoteQuerySet(RecordQuerySet):
    """The questions that can be asked of quote records."""

    def visible_to(self, user: Any) -> Self:
        """Leave out quotes of statements that `user` may not know of."""
        return self.filter(open_to(user, "statement__"))

    def hidden_from(self, user: Any) -> Self:
        """Keep the quotes that `user` may not know of: where there is one, a text would give it away (invariant 12)."""
        known = open_to(user, "statement__")
        # No condition at all is what all fulfil; turned round it would still hold nothing back.
        return self.exclude(known) if known else self.none()

    def crowded(self, user: Any) -> Self:
        """Keep the quotes of which the words kept around them may be words that `user` may not know of.

        So they may when the words of a hidden quote stand as near as that in the same text, or anywhere in the article.
        """
        hidden = self.model._default_manager.hidden_from(user)
        if hidden.query.is_empty():
            return self.none()
        hidden = hidden.filter(article=OuterRef("article"))
        near = hidden.filter(
            start__lt=OuterRef("end") + CONTEXT_LIMIT, end__gt=OuterRef("start") - CONTEXT_LIMIT
        )
        placed = Q(start__isnull=False, capture=OuterRef("capture"))
        return self.filter(
            Q(start__isnull=True) & Exists(hidden)
            | Exists(hidden.exclude(placed))
            | Exists(near.filter(placed))
        )

    def standing_at(self, *values: str) -> Self:
        """Quotes whose standing is one of `values`."""
        return self.filter(standing__value__in=values)

    def for_page(self) -> Self:
        """With all that a statement's page shows of each of its quotes."""
        return self.select_related(
            "standing", "article__outlet__owner", "capture", "statement__speaker"
        ).prefetch_related("relays__outlet__owner", "figures__measure")

    def get_by_natural_key(self, uid: str) -> Any:
        return self.get(uid=uid)


class Quote(Record):
    """One article's wording of a statement, kept byte for byte."""

    class Kind(models.TextChoices):
        DIRECT = "direct", "direct"
        INDIRECT = "indirect", "indirect"
        MIXED = "mixed", "mixed"
        PARTIAL = "partial", "partial"

    uid = models.CharField(max_length=64, unique=True, validators=[uid_validator])
    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="quotes")
    article = models.ForeignKey(Article, on_delete=models.PROTECT, related_name="quotes")
    capture = models.ForeignKey(
        Capture, on_delete=models.PROTECT, null=True, blank=True, related_name="quotes"
    )
    kind = models.CharField(max_length=8, choices=Kind)
    text = models.TextField()
    language = models.CharField(max_length=12)
    is_translation = models.BooleanField(default=False)
    cue = models.CharField(max_length=80, blank=True, help_text="The verb as printed.")
    speaker_as_printed = models.CharField(max_length=200, blank=True)
    role_as_printed = models.CharField(max_length=200, blank=True)
    prefix = models.CharField(max_length=CONTEXT_LIMIT, blank=True)
    suffix = models.CharField(max_length=CONTEXT_LIMIT, blank=True)
    start = models.PositiveIntegerField(null=True, blank=True, help_text="Code points into the capture.")
    end = models.PositiveIntegerField(null=True, blank=True)

    objects = QuoteQuerySet.as_manager()

    class Meta:
        ordering = ["statement", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(uid__regex=r"^[a-z0-9][a-z0-9-]{2,63}$"), name="quote_uid_is_well_formed"
            ),
            models.CheckConstraint(
                condition=Q(start__isnull=True, end__isnull=True)
                | Q(start__isnull=False, end__gt=F("start"), capture__isnull=False),
                name="quote_anchor_is_whole",
                violation_error_message="An anchor is a capture, a start and an end behind it.",
            ),
            models.CheckConstraint(condition=~Q(text=""), name="quote_text_is_not_empty"),
        ]

    def __str__(self) -> str:
        return self.text if len(self.text) <= 80 else f"{self.text[:79]}…"

    def natural_key(self) -> tuple[str]:
        return (self.uid,)

    natural_key.dependencies = [  # type: ignore[attr-defined]
        "quotes.statement",
        "quotes.article",
        "quotes.capture",
    ]

    @property
    def composition(self) -> str:
        """The versions of all that is edited together with it, in one word: what an editor had on the screen."""
        parts = [
            self.statement,
            *sorted(self.relays.all(), key=lambda relay: relay.pk),
            *sorted(self.figures.all(), key=lambda figure: figure.pk),
        ]
        topics = sorted(topic.pk for topic in self.statement.topics.all())
        return "-".join([*(f"{part.pk}.{part.version}" for part in parts), *(f"t{key}" for key in topics)])

    @property
    def chain(self) -> list[Relay]:
        """The relays from the article's side to the root, in order."""
        return sorted(self.relays.all(), key=lambda relay: relay.position)

    @property
    def root(self) -> Outlet | None:
        """The outlet where the chain ends; None when its last step is not resolved (invariant 6)."""
        chain = self.chain
        return chain[-1].outlet if chain else self.article.outlet


def independent_roots(quotes: Iterable[Quote]) -> list[Outlet]:
    """Return the houses from which `quotes` come, each once, by name (invariant 6).

    The root of a quote is the outlet at the end of its chain, or its article's own when it has none. A last
    step that is not resolved counts as no root, and two outlets of one owner are one.

    Args:
        quotes: those of one statement, with `relays__outlet__owner` and `article__outlet__owner` at hand.
    """
    houses = {root.house for quote in quotes if (root := quote.root) is not None}
    return sorted(houses, key=lambda house: (house.name, house.pk))


class RelayQuerySet(RecordQuerySet):
    """The questions that can be asked of relay records."""

    def visible_to(self, user: Any) -> Self:
        return self.filter(open_to(user, "quote__statement__"))

    def get_by_natural_key(self, quote: str, position: int) -> Any:
        return self.get(quote__uid=quote, position=position)


class Relay(Record):
    """One step of the chain by which a quote reached its article: FN News ← Kyiv Post ← France 2.

    Position 1 is the step nearest to the article. A step known only by its printed words
    (“Ukrainian media”) has no outlet, and as a last step counts as no root.
    """

    quote = models.ForeignKey(Quote, on_delete=models.PROTECT, related_name="relays")
    position = models.PositiveSmallIntegerField()
    outlet = models.ForeignKey(Outlet, on_delete=models.PROTECT, null=True, blank=True, related_name="relays")
    as_printed = models.CharField(max_length=300, blank=True)

    objects = RelayQuerySet.as_manager()

    class Meta:
        ordering = ["quote", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["quote", "position"], name="relay_natural_key", deferrable=models.Deferrable.DEFERRED
            ),
            models.CheckConstraint(condition=Q(position__gte=1), name="relay_positions_start_at_one"),
            models.CheckConstraint(
                condition=Q(outlet__isnull=False) | ~Q(as_printed=""), name="relay_names_somebody"
            ),
        ]
        # The list of steps to resolve, newest first, without walking all that are resolved.
        indexes = [models.Index(F("id").desc(), condition=Q(outlet__isnull=True), name="relay_open")]

    def __str__(self) -> str:
        return str(self.outlet) if self.outlet else self.as_printed

    def natural_key(self) -> tuple[str, int]:
        return (*self.quote.natural_key(), self.position)

    natural_key.dependencies = ["quotes.quote", "quotes.outlet"]  # type: ignore[attr-defined]
