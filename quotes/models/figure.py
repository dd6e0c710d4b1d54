"""Numbers as data: what was counted, and what a quote says of it."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models import F, Q

from .base import Record, RecordQuerySet, precise_date, precision_field
from .quote import Quote
from .statement import open_to


class MeasureQuerySet(RecordQuerySet):
    """The questions that can be asked of measure records."""

    def get_by_natural_key(self, slug: str) -> Any:
        return self.get(slug=slug)


class Measure(Record):
    """What a number counts, and in which unit: “Ukrainian soldiers killed”, persons."""

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=200)
    unit = models.CharField(max_length=60)

    objects = MeasureQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[str]:
        return (self.slug,)


class FigureQuerySet(RecordQuerySet):
    """The questions that can be asked of figure records."""

    def visible_to(self, user: Any) -> Self:
        return self.filter(open_to(user, "quote__statement__"))

    def get_by_natural_key(self, quote: str, measure: str) -> Any:
        return self.get(quote__uid=quote, measure__slug=measure)


class Figure(Record):
    """A number in a quote. “More than N” knows only a low, “as many as N” only a high."""

    class Bound(models.TextChoices):
        EXACT = "exact", "exactly"
        ABOUT = "about", "about"
        AT_LEAST = "at_least", "at least"
        AT_MOST = "at_most", "at most"
        RANGE = "range", "between"

    class Method(models.TextChoices):
        OFFICIAL = "official", "official count"
        ESTIMATE = "estimate", "estimate"
        CLAIM = "claim", "claim"

    quote = models.ForeignKey(Quote, on_delete=models.PROTECT, related_name="figures")
    measure = models.ForeignKey(Measure, on_delete=models.PROTECT, related_name="figures")
    low = models.DecimalField(max_digits=24, decimal_places=6, null=True, blank=True)
    high = models.DecimalField(max_digits=24, decimal_places=6, null=True, blank=True)
    bound = models.CharField(max_length=8, choices=Bound)
    as_of = models.DateField(null=True, blank=True)
    as_of_precision = precision_field()
    method = models.CharField(max_length=8, choices=Method)
    as_printed = models.CharField(max_length=120, blank=True)

    objects = FigureQuerySet.as_manager()

    class Meta:
        ordering = ["quote", "measure"]
        constraints = [
            models.UniqueConstraint(fields=["quote", "measure"], name="figure_natural_key"),
            precise_date("as_of"),
            models.CheckConstraint(
                condition=(
                    Q(bound__in=["exact", "about"], low__isnull=False, high=F("low"))
                    | Q(bound="at_least", low__isnull=False, high__isnull=True)
                    | Q(bound="at_most", low__isnull=True, high__isnull=False)
                    | Q(bound="range", low__isnull=False, high__gte=F("low"))
                ),
                name="figure_numbers_fit_the_bound",
                violation_error_message=(
                    "exactly and about: low equals high; at least: low only; at most: high only; "
                    "between: low to high."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.as_printed or f"{self.low}–{self.high}"

    def natural_key(self) -> tuple[str, str]:
        return (*self.quote.natural_key(), *self.measure.natural_key())

    natural_key.dependencies = ["quotes.quote", "quotes.measure"]  # type: ignore[attr-defined]
