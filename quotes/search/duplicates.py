"""Speakers who may be one, each pair with why. Nobody is ever merged by this: people look, and decide."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from django.db.models import Count

from quotes.models import Different, Speaker, Tenure
from quotes.search.names import names
from quotes.search.speakers import statements_of
from quotes.text import days
from quotes.text.names import fold, skeleton

SHOWN = 50
MOST_ALIKE = 8
"""Speakers that share one spelling above which it tells nothing: “spokesperson” is dozens of them."""
FEWEST_LETTERS = 4
"""Letters of a skeleton below which different names too often sound alike."""


@dataclass(slots=True)
class Pair:
    """Two speakers and the sentences why they may be one; the one with more statements comes first."""

    kept: Speaker
    gone: Speaker
    reasons: list[str] = field(default_factory=list)
    kept_statements: int = 0
    gone_statements: int = 0


@dataclass(frozen=True, slots=True)
class Duplicates:
    """The pairs shown, and how many there are."""

    pairs: Sequence[Pair]
    total: int


def duplicates(user: Any, *, of: Speaker | None = None) -> Duplicates:
    """Return pairs of speakers who may be one, the strongest reasons first.

    Three things tell: the same spelling; a spelling that sounds the same, in another script too; and the same role at
    the same place from the same day. (One Wikidata number for two is refused by the database.) Pairs of different
    kinds are left out, and so are those of whom somebody said that they are two.

    Args:
        user: whose counts of statements are shown.
        of: only pairs with this speaker.
    """
    found: dict[tuple[int, int], list[tuple[int, str]]] = defaultdict(list)
    _by_name(found)
    _by_role(found)
    for pair in Different.objects.values_list("first", "second"):
        found.pop(pair, None)
    if of is not None:
        found = defaultdict(list, {pair: why for pair, why in found.items() if of.pk in pair})
    kinds = dict(
        Speaker.objects.current()
        .filter(pk__in={key for pair in found for key in pair})
        .values_list("pk", "kind")
    )
    alike = [pair for pair in found if kinds.get(pair[0], "") == kinds.get(pair[1])]
    alike.sort(key=lambda pair: (-sum(weight for weight, _ in found[pair]), pair))
    return Duplicates(_pairs(alike[:SHOWN], found, user), len(alike))


def _by_name(found: dict[tuple[int, int], list[tuple[int, str]]]) -> None:
    """Pairs that share a spelling, or one that sounds the same."""
    written: dict[str, dict[int, str]] = defaultdict(dict)
    sounding: dict[str, dict[int, str]] = defaultdict(dict)
    for entry in names().entries.values():
        if entry.kind != "speaker":
            continue
        _, speaker = entry.key
        for spelling in entry.spellings:
            written[fold(spelling)].setdefault(speaker, spelling)
            # A person goes by more than a surname: half the ministers of a country may share that.
            bones = skeleton(spelling)
            if len(bones) >= FEWEST_LETTERS and (entry.nature != "person" or " " in bones):
                sounding[bones].setdefault(speaker, spelling)
    for spellings in written.values():
        for (one, text), (two, other) in _couples(spellings):
            words = f"Both are written “{text}”." if text == other else f"Written “{text}” and “{other}”."
            found[_ordered(one, two)].append((3, words))
    for spellings in sounding.values():
        for (one, text), (two, other) in _couples(spellings):
            pair = _ordered(one, two)
            if not any(weight == 3 for weight, _ in found.get(pair, ())):
                found[pair].append((2, f"“{text}” and “{other}” read alike."))


def _by_role(found: dict[tuple[int, int], list[tuple[int, str]]]) -> None:
    """Pairs that held the same role, at the same place, from the same day."""
    current = Tenure.objects.filter(person__redirects_to=None, starts__isnull=False, starts_precision="day")
    shared = (
        current.values("title", "organisation", "starts")
        .annotate(people=Count("person", distinct=True))
        .filter(people__range=(2, MOST_ALIKE))
        .order_by("title", "organisation", "starts")[: SHOWN * 4]
    )
    for role in shared:
        holders = dict.fromkeys(
            current.filter(
                title=role["title"], organisation=role["organisation"], starts=role["starts"]
            ).values_list("person", flat=True),
            "",
        )
        for (one, _), (two, _) in _couples(holders):
            since = days.in_words(role["starts"])
            found[_ordered(one, two)].append((1, f"Both are {role['title']} since {since}."))


def _couples(spellings: dict[int, str]) -> Iterable[tuple[tuple[int, str], tuple[int, str]]]:
    return combinations(spellings.items(), 2) if len(spellings) <= MOST_ALIKE else ()


def _ordered(one: int, two: int) -> tuple[int, int]:
    return (one, two) if one < two else (two, one)


def _pairs(
    keys: Sequence[tuple[int, int]], found: dict[tuple[int, int], list[tuple[int, str]]], user: Any
) -> list[Pair]:
    speakers = Speaker.objects.in_bulk({key for pair in keys for key in pair})
    counts = statements_of(list(speakers.values()), user)
    pairs = []
    for first, second in keys:
        kept, gone = sorted(
            (speakers[first], speakers[second]), key=lambda one: (-counts.get(one.pk, 0), one.pk)
        )
        reasons = list(dict.fromkeys(words for _, words in sorted(found[first, second], reverse=True)))
        pairs.append(Pair(kept, gone, reasons, counts.get(kept.pk, 0), counts.get(gone.pk, 0)))
    return pairs
