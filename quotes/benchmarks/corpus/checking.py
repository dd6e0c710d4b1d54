"""What people did about a quote: checks, evidence, rulings, and what the quote stood at before.

A plan says which standing the quote has come to and by which road; the standing itself is never written down here: the
database derives it from these rows (`loading`), and proves that it is the one that was meant.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

COLUMNS: dict[str, tuple[str, ...]] = {
    "evidence": (
        "quote_id", "kind", "url", "timecode", "excerpt", "primary", "stance", "created_at", "created_by_id",
    ),
    "check": (
        "id", "quote_id", "by_id", "at", "note", "seen", "attribution", "wording", "translation", "context", "dating",
        "figure", "ruling", "reason", "full_pass",
    ),
    "formerstanding": ("quote_id", "value", "since", "until"),
}  # fmt: skip
"""`seen` is null for “the present content”, whose hash the database has."""

SHARES = {
    "unchecked": 60.0, "verified": 23.0, "in_review": 9.0, "disputed": 3.5, "stale": 2.5, "misattributed": 1.1,
    "retracted": 0.9,
}  # fmt: skip
"""Of a hundred quotes; of the newest 3 % nearly all are unchecked."""
_FRESH = {**SHARES, "unchecked": 600.0}
_AXES = ("attribution", "wording", "translation", "context", "dating", "figure")
_REASONS = (
    "The recording has other words.", "Said by somebody else.", "The date is another.", "Taken back by its outlet.",
)  # fmt: skip


class People(Protocol):
    """Who checks, and how many of them it takes."""

    @property
    def verifiers(self) -> tuple[int, ...]: ...
    @property
    def needed(self) -> int: ...


@dataclass(slots=True)
class Plan:
    """One quote's road: checks as (by, at, verdict on each axis, ruling, of the present content?)."""

    standing: str = "unchecked"
    checks: list[tuple[int, dt.datetime, dict[str, str], str | None, bool]] = field(default_factory=list)
    evidence: list[tuple[str, bool, str, dt.datetime, int]] = field(
        default_factory=list
    )  # kind, primary, stance
    former: list[tuple[str, dt.datetime, dt.datetime]] = field(default_factory=list)
    edited_at: dt.datetime | None = None


def plan(
    chance: random.Random, people: People, kind: str, translated: bool, counted: bool, anchored: bool,
    entered: dt.datetime, age: float,
) -> Plan:  # fmt: skip
    """Choose what became of a quote.

    Args:
        people: who may check, and the number of full passes that `verified` needs.
        kind: the quote's; an indirect one has no wording to check.
        translated, counted, anchored: whether it is a translation, has a figure, stands in a capture.
        entered: when it was entered.
        age: its place among all, from 0 to 1.
    """
    shares = SHARES if age < 0.97 else _FRESH
    made = Plan(chance.choices(tuple(shares), tuple(shares.values()))[0])
    if made.standing == "unchecked":
        if chance.random() < 0.04:
            _support(made, chance, people, entered)
        return made
    axes = [
        axis
        for axis, applies in zip(
            _AXES, (True, kind != "indirect", translated, True, True, counted), strict=True
        )
        if applies
    ]
    # Wording passes only with something held; a dispute or a ruling needs nothing.
    if not anchored or chance.random() < 0.5:
        _support(made, chance, people, entered)
    hands = chance.sample(people.verifiers, people.needed + 2)
    moment = entered
    passed = dict.fromkeys(axes, "pass")

    def check(
        verdicts: dict[str, str], ruling: str | None = None, then: str = "", present: bool = True
    ) -> None:
        nonlocal moment
        since, moment = moment, moment + dt.timedelta(seconds=chance.randrange(900, 400_000))
        if then:
            made.former.append((then, since, moment))
        made.checks.append((hands[len(made.checks)], moment, verdicts, ruling, present))

    at = "unchecked"
    match made.standing:
        case "verified":
            if chance.random() < 0.05:
                check({**passed, chance.choice(axes): "fail"}, then=at)
                at = "disputed"
            for nth in range(people.needed):
                # While a fail stands, a pass that is not the last one changes nothing.
                check(passed, then=at if nth == 0 and at == "unchecked" else "")
                if at == "unchecked":
                    at = "in_review"
            _close(made, at, moment)
        case "in_review":
            unclear = {**passed, chance.choice(axes): "unclear"}
            check(passed if people.needed > 1 and chance.random() < 0.7 else unclear, then=at)
        case "disputed":
            if chance.random() < 0.3:
                check(passed, then=at)
                at = "in_review" if people.needed > 1 else "verified"
            way = chance.random()
            if way < 0.6:
                check({**passed, chance.choice(axes): "fail"}, then=at)
            elif way < 0.8:
                check({}, "disputed", then=at)
            else:
                since, moment = moment, moment + dt.timedelta(seconds=chance.randrange(900, 400_000))
                made.former.append((at, since, moment))
                made.evidence.append(("recording", True, "refutes", moment, hands[-1]))
        case "stale":
            for _ in range(chance.randint(1, people.needed)):
                check(passed, then=at, present=False)
                at = "verified" if len(made.checks) == people.needed else "in_review"
            since, moment = moment, moment + dt.timedelta(seconds=chance.randrange(900, 400_000))
            made.former.append((at, since, moment))
            made.edited_at = moment
        case ruling:
            if chance.random() < 0.2:
                check(passed, then=at)
                at = "in_review" if people.needed > 1 else "verified"
            given = "not_a_statement" if ruling == "retracted" and chance.random() < 0.3 else ruling
            check({}, given, then=at)
    _merge(made)
    return made


def _support(made: Plan, chance: random.Random, people: People, entered: dt.datetime) -> None:
    kind = chance.choice(("recording", "transcript", "official_text", "wire", "archive", "confirmation"))
    primary = kind in ("recording", "transcript", "official_text") and chance.random() < 0.8
    made.evidence.append((kind, primary, "supports", entered, chance.choice(people.verifiers)))


def _close(made: Plan, at: str, moment: dt.datetime) -> None:
    """The last step to `verified`: from what it stood at until the check that made it so."""
    since = made.former[-1][2]
    if since < moment:
        made.former.append((at, since, moment))


def _merge(made: Plan) -> None:
    """Join steps at the same standing: a second check that changed nothing left no former standing."""
    joined: list[tuple[str, dt.datetime, dt.datetime]] = []
    for value, since, until in made.former:
        if joined and joined[-1][0] == value:
            joined[-1] = (value, joined[-1][1], until)
        else:
            joined.append((value, since, until))
    made.former = joined


def rows(made: Plan, quote: int, uid: str, take: Callable[[str], int]) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of a plan, in the order of `COLUMNS`."""
    evidence = []
    for place, (kind, primary, stance, at, by) in enumerate(made.evidence):
        url = f"https://archive.example/{uid}/{place}"
        timecode = "00:12:31" if kind == "recording" else ""
        evidence.append((quote, kind, url, timecode, "", primary, stance, at, by))
    checks = []
    for by, at, verdicts, ruling, present in made.checks:
        seen = None if present else hashlib.sha256(f"as {uid} was before".encode()).hexdigest()
        full = bool(verdicts) and all(verdict == "pass" for verdict in verdicts.values())
        reason = "" if ruling is None else _REASONS[quote % len(_REASONS)]
        checks.append((
            take("check"), quote, by, at, "", seen, *(verdicts.get(axis) for axis in _AXES), ruling, reason, full,
        ))  # fmt: skip
    former = [(quote, value, since, until) for value, since, until in made.former]
    return {"evidence": evidence, "check": checks, "formerstanding": former}
