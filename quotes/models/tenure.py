"""Who held which role, and when."""

from __future__ import annotations

import datetime as dt
from typing import Any, Self

from django.db import models
from django.db.models import F, Q

from .base import Record, RecordQuerySet, last_day, precise_date, precision_field
from .speaker import Speaker


class TenureQuerySet(RecordQuerySet):
    """The questions that can be asked of tenure records."""

    def held_between(self, first: dt.date, last: dt.date) -> Self:
        """Tenures held on at least one day from `first` to `last`, both included.

        A start or an end known only to the month or the year counts from the first to the last day
        that it can mean, so that what is not known never accuses anybody (invariant 7).
        """
        return self.filter(
            Q(starts__isnull=True) | Q(starts__lte=last),
            Q(ends__isnull=True)
            | Q(ends_precision="day", ends__gte=first)
            | Q(ends_precision="month", ends__gte=first.replace(day=1))
            | Q(ends_precision="year", ends__gte=first.replace(month=1, day=1)),
        )

    def held_on(self, day: dt.date) -> Self:
        """Tenures held on `day`."""
        return self.held_between(day, day)

    def speaking_for(self, organisation: Speaker) -> Self:
        """Tenures whose holder's words are those of `organisation` (invariant 8)."""
        return self.filter(organisation=organisation, speaks_for=True)

    def newest_first(self) -> Self:
        return self.order_by(F("starts").desc(nulls_last=True), "-pk")

    def get_by_natural_key(self, person: str, title: str, starts: str | None) -> Any:
        return self.get(person__slug=person, title=title, starts=starts)


class Tenure(Record):
    """A person's time in a role. An unknown end is an open end."""

    person = models.ForeignKey(Speaker, on_delete=models.PROTECT, related_name="tenures")
    title = models.CharField(max_length=200)
    organisation = models.ForeignKey(
        Speaker, on_delete=models.PROTECT, null=True, blank=True, related_name="offices"
    )
    starts = models.DateField(null=True, blank=True)
    starts_precision = precision_field()
    ends = models.DateField(null=True, blank=True)
    ends_precision = precision_field()
    speaks_for = models.BooleanField(
        default=False, help_text="This person’s words in this role are the organisation’s."
    )
    source_url = models.URLField(max_length=2000)

    objects = TenureQuerySet.as_manager()

    class Meta:
        ordering = ["person", F("starts").desc(nulls_last=True), "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "title", "starts"], name="tenure_natural_key", nulls_distinct=False
            ),
            precise_date("starts"),
            precise_date("ends"),
            models.CheckConstraint(
                condition=Q(starts__isnull=True)
                | Q(ends__isnull=True)
                | Q(ends__gte=F("starts"))
                | Q(ends_precision__in=["month", "year"]),
                name="tenure_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(speaks_for=False) | Q(organisation__isnull=False),
                name="tenure_speaks_for_an_organisation",
            ),
            models.CheckConstraint(
                condition=Q(source_url__regex=r"^https?://"), name="tenure_source_is_a_web_address"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.title}"

    def natural_key(self) -> tuple[str, str, str | None]:
        return (*self.person.natural_key(), self.title, self.starts.isoformat() if self.starts else None)

    natural_key.dependencies = ["quotes.speaker"]  # type: ignore[attr-defined]

    def was_held(self, first: dt.date, last: dt.date) -> bool:
        """Say whether it may have been held on a day from `first` to `last`, as `held_between` does."""
        return (self.starts is None or self.starts <= last) and (
            self.ends is None or last_day(self.ends, self.ends_precision) >= first
        )

    def was_surely_held(self, first: dt.date, last: dt.date) -> bool:
        """Say whether it was held on every day from `first` to `last`, whatever a partial date means."""
        return (self.starts is None or last_day(self.starts, self.starts_precision) <= first) and (
            self.ends is None or self.ends >= last
        )
