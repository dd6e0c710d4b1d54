# house: steps of quotes.actions.links, which says by whom
"""Bring the kept suggestions to what was found, in as few statements as there are tables, however many they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from quotes.models import Link, SameUtterance
from quotes.models.link import Suggestible
from quotes.text.linkbecause import because
from quotes.text.linking import METHOD, Proposal
from quotes.text.linkjudging import SAME

OURS = METHOD.split("@", maxsplit=1)[0] + "@"
BATCH = 2_000

type Kept = Link | SameUtterance


@dataclass(slots=True)
class Written:
    """How many suggestions were added, brought up to date, suggested again, left rejected, and taken away."""

    added: int = 0
    changed: int = 0
    again: int = 0
    remembered: int = 0
    gone: int = 0

    def __iadd__(self, other: Written) -> Written:
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        return self


def write(proposals: Sequence[Proposal], looked_at: Iterable[tuple[int, int]]) -> Written:
    """See `links.suggest`."""
    written = Written()
    pairs = {_pair(proposal.source, proposal.target) for proposal in proposals}
    pairs |= {_pair(*pair) for pair in looked_at}
    kept = _kept(pairs)
    new: list[Proposal] = []
    wanted: set[tuple[tuple[int, int], str]] = set()
    for proposal in proposals:
        pair = _pair(proposal.source, proposal.target)
        if (pair, proposal.type) in wanted:
            continue
        wanted.add((pair, proposal.type))
        row = kept.get((pair, proposal.type))
        if row is None:
            new.append(proposal)
        else:
            _bring_up_to_date(row, proposal, written)
    for key, row in kept.items():
        if key not in wanted and row.state == Suggestible.State.SUGGESTED and _is_ours(row):
            written.gone += type(row)._default_manager.filter(pk=row.pk, version=row.version).delete()[0]
    _add(new, written)
    return written


def _pair(first: int, second: int) -> tuple[int, int]:
    return (first, second) if first < second else (second, first)


def _kept(pairs: set[tuple[int, int]]) -> dict[tuple[tuple[int, int], str], Kept]:
    """What is kept of these pairs, by pair and by the type that it was first suggested as."""
    keys = sorted({key for pair in pairs for key in pair})
    found: dict[tuple[tuple[int, int], str], Kept] = {}
    for model in (Link, SameUtterance):
        for at in range(0, len(keys), BATCH):
            part = keys[at : at + BATCH]
            for row in model.objects.filter(source__in=part):
                pair = _pair(row.source_id, row.target_id)
                if pair not in pairs:
                    continue
                # A link whose type a person changed still answers for the suggestion that it was.
                for kind in {row.type, row.features.get("kind", row.type)}:
                    found.setdefault((pair, kind), row)
    return found


def _is_ours(row: Kept) -> bool:
    return row.method.startswith(OURS)


def _bring_up_to_date(row: Kept, proposal: Proposal, written: Written) -> None:
    rows = type(row)._default_manager.filter(pk=row.pk, version=row.version)
    if row.state == Suggestible.State.REJECTED:
        if not row.input_hash:
            # Rejected before anything was measured: from now on this is what it is remembered for.
            rows.update(input_hash=proposal.input_hash)
            written.remembered += 1
        elif row.input_hash == proposal.input_hash:
            written.remembered += 1
        else:
            again = {**proposal.features, "again": True}
            fields = _fields(proposal, again) | {"state": "suggested", "decided_by": None, "decided_at": None}
            written.again += rows.update(**fields)
    elif row.state == Suggestible.State.SUGGESTED and _is_ours(row):
        features = {**proposal.features, "kind": proposal.type}
        if row.features.get("again"):
            features["again"] = True
        fields = _fields(proposal, features)
        if any(getattr(row, name) != value for name, value in fields.items()):
            written.changed += rows.update(**fields)


def _fields(proposal: Proposal, features: dict[str, Any]) -> dict[str, Any]:
    features = {**features, "kind": proposal.type}
    return {
        "score": proposal.score,
        "reasons": list(because(proposal.type, features)),
        "features": features,
        "method": METHOD,
        "input_hash": proposal.input_hash,
    }


def _add(new: Sequence[Proposal], written: Written) -> None:
    models: tuple[Any, ...] = (Link, SameUtterance)
    for model in models:
        rows = [
            model(
                source_id=proposal.source,
                target_id=proposal.target,
                **({"type": proposal.type} if model is Link else {}),
                **_fields(proposal, proposal.features),
            )
            for proposal in new
            if (proposal.type == SAME) == (model is SameUtterance)
        ]
        if rows:
            # Two writers can find the same at the same moment: the second one's is not needed.
            model.objects.bulk_create(rows, ignore_conflicts=True, batch_size=BATCH)
            written.added += len(rows)
