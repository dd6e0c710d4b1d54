"""What is counted: every measure with how often a number of it was given, and the last one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F

from quotes.models import Figure, Measure
from quotes.search.figures import entry_of, words_of


@dataclass(frozen=True, slots=True)
class MeasureRow:
    """One measure of the index: how often it was given, and its last number."""

    measure: Measure
    figures: int
    statements: int
    speakers: int
    last: Figure | None

    @property
    def last_words(self) -> str:
        """The last number with its bound; empty when there is none."""
        return words_of(self.last) if self.last else ""


def measures(user: Any) -> list[MeasureRow]:
    """Return every measure with what `user` may see of it: how often, and the last number.

    Four queries, however many there are.
    """
    seen = Figure.objects.visible_to(user)
    numbers = {
        row["measure"]: row
        for row in seen.order_by()
        .values("measure")
        .annotate(
            figures=Count("pk"),
            statements=Count("quote__statement", distinct=True),
            speakers=Count("quote__statement__speaker", distinct=True),
        )
    }
    newest = dict(
        seen.order_by("measure_id", F("as_of").desc(nulls_last=True), "-pk")
        .distinct("measure_id")
        .values_list("measure_id", "quote__statement")
    )
    told: dict[int, list[Figure]] = {}
    for figure in (
        seen.filter(quote__statement__in=newest.values())
        .select_related("quote__statement__speaker__redirects_to")
        .order_by("pk")
    ):
        if newest.get(figure.measure_id) == figure.quote.statement_id:
            told.setdefault(figure.measure_id, []).append(figure)
    # As in the ledger: of the last statement the number that most of its reports give.
    last = {key: entry_of(found).figure for key, found in told.items()}
    nothing = {"figures": 0, "statements": 0, "speakers": 0}
    rows = []
    for measure in Measure.objects.order_by("name", "pk"):
        counted = numbers.get(measure.pk, nothing)
        rows.append(
            MeasureRow(
                measure,
                counted["figures"],
                counted["statements"],
                counted["speakers"],
                last.get(measure.pk),
            )
        )
    return rows
