"""What the desk would suggest: candidates found, compared, and the best kept. Nothing is written here.

For one statement, just after it was written; for a batch of them; and once more for a suggestion that is kept, to see
whether it is still the same (`replayed`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction

from quotes.models import Link, SameUtterance
from quotes.search.links_candidates import by_the_way, candidates, near_duplicates
from quotes.search.links_sayings import sayings
from quotes.text.linkbecause import because
from quotes.text.linking import Proposal, Saying, propose, worth_comparing
from quotes.text.linkjudging import UPDATES, readable, score

LEAST = 0.4
"""Score below which a suggestion is not worth a person's time."""
MOST, MOST_OF_A_KIND = 16, 6
"""Suggestions of one statement, and of one kind among them: who gets forty reads none."""
COMPARED = 160
"""Statements that one is compared with in full; the work of a write stays bounded whatever the roads bring."""
PATIENCE_MS = 1_500
"""How long one question of candidates may take when somebody waits for the page."""


@dataclass(slots=True)
class Found:
    """Suggestions, and the pairs that were compared for them."""

    proposals: list[Proposal] = field(default_factory=list)
    looked_at: list[tuple[int, int]] = field(default_factory=list)


def for_statement(key: int, also: Iterable[int] = ()) -> Found:
    """Compare one statement with all that is worth it.

    Args:
        key: of the statement, which is written already.
        also: keys of others to compare it with in any case: those of its present suggestions.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(PATIENCE_MS)])
        mine = sayings([key]).get(key)
        if mine is None:
            return Found()
        also = [other for other in also if other != key]
        order = [
            *also,
            *near_duplicates(key),
            *sorted(candidates([mine])[key] | by_the_way(mine), reverse=True),
        ]
        others = list(dict.fromkeys(order))[: COMPARED + len(also)]
        read = sayings(others)
    return compared(mine, [read[other] for other in others if other in read])


def compared(mine: Saying, others: Sequence[Saying]) -> Found:
    """Compare one statement with these, and keep the best of what follows."""
    proposals = [
        proposal for other in others if worth_comparing(mine, other) for proposal in propose(mine, other)
    ]
    return Found(best_of(proposals), [(mine.key, other.key) for other in others])


def best_of(proposals: Iterable[Proposal]) -> list[Proposal]:
    """The suggestions of one statement that are worth a person's time, the likeliest first."""
    kept: list[Proposal] = []
    kinds: Counter[str] = Counter()
    for proposal in sorted(
        nearest_updates(proposals), key=lambda one: (-one.score, one.source, one.target, one.type)
    ):
        if proposal.score >= LEAST and kinds[proposal.type] < MOST_OF_A_KIND and len(kept) < MOST:
            kept.append(proposal)
            kinds[proposal.type] += 1
    return kept


def nearest_updates(proposals: Iterable[Proposal]) -> list[Proposal]:
    """Of a series of numbers keep only the steps from each to the next: 46,000 updates 45,100, not 31,000."""
    all_of_them = list(proposals)
    nearest: dict[tuple[str, int, str], int] = {}
    for proposal in all_of_them:
        if proposal.type == UPDATES:
            for place in _series(proposal):
                days = proposal.features["days"] or 0
                nearest[place] = min(nearest.get(place, days), days)
    return [
        proposal
        for proposal in all_of_them
        if proposal.type != UPDATES
        or all(nearest[place] == (proposal.features["days"] or 0) for place in _series(proposal))
    ]


def _series(proposal: Proposal) -> tuple[tuple[str, int, str], tuple[str, int, str]]:
    measure = str(proposal.features.get("measure", ""))
    return ("from", proposal.source, measure), ("to", proposal.target, measure)


def pairs_compared(pairs: Iterable[tuple[int, int]], read: dict[int, Saying]) -> list[Proposal]:
    """Compare pairs of statements that were read; each statement's best are kept."""
    own: dict[int, list[Proposal]] = {}
    for first, second in pairs:
        if first in read and second in read and worth_comparing(read[first], read[second]):
            for proposal in propose(read[first], read[second]):
                own.setdefault(first, []).append(proposal)
    return nearest_updates(proposal for found in own.values() for proposal in best_of(found))


@dataclass(frozen=True, slots=True)
class Replay:
    """A kept suggestion, judged once more: from its features, and, when its input is the same, from the records."""

    row: Link | SameUtterance
    score: float
    reasons: list[str]
    same_input: bool
    measured_again: float | None

    @property
    def agrees(self) -> bool:
        """Whether the same follows again."""
        kept = self.row.score == self.score and self.row.reasons == self.reasons
        return kept and (not self.same_input or self.measured_again == self.row.score)


def replayed(rows: Sequence[Link | SameUtterance]) -> list[Replay]:
    """Judge kept suggestions of the desk once more; those without features cannot be."""
    judged = [row for row in rows if readable(row.features)]
    read = sayings({key for row in judged for key in (row.source_id, row.target_id)})
    found = []
    for row in judged:
        kind = str(row.features.get("kind", row.type))
        ends = read.get(row.source_id), read.get(row.target_id)
        again: list[Proposal] = propose(ends[0], ends[1]) if ends[0] and ends[1] else []
        same: Any = next((proposal for proposal in again if proposal.type == kind), None)
        found.append(
            Replay(
                row,
                score(kind, row.features),
                list(because(kind, row.features)),
                same is not None and same.input_hash == row.input_hash,
                same.score if same is not None else None,
            )
        )
    return found
