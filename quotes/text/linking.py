"""What two statements may be to each other: measured first, then judged by what was measured alone.

`features` measures a pair, `kinds` says which suggestions follow, `score` and `because` give the number and the
sentences. The last three read nothing but the features, so that a suggestion is replayed to the same score from what
was kept with it. A suggestion is a question to a person, never a fact (EXTRACTION.md §5).

The order of the two ends: the source is the later one. Only who answers or explains can be of the same day.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from quotes.text.comparing import Told, Verdict, compare_figures
from quotes.text.likeness import Likeness, Reading, best, read
from quotes.text.linkbecause import because
from quotes.text.linkwords import answer, denial, language_of, negations
from quotes.text.turningwords import turning_words

METHOD = "desk@1"
"""Who made a suggestion; a new number when features or weights change."""

SAME, REPEATS, ECHOES = "same_utterance", "repeats", "echoes"
UPDATES, CONFLICTS = "updates_figure", "conflicts_figure"
RESPONDS, DENIES, CONTEXT = "responds_to", "denies", "context_for"

ALIKE = 0.6
"""Degree of likeness from which two wordings may be one sentence."""
TRIMMED = 0.85
"""Share of the shorter wording's words in the longer one from which it may be cut out of it."""
MATTER = 0.5
"""Share of the telling words in common below which two sentences have only their frame in common."""
FEWEST = 4
"""Words that a wording needs before being contained in another means anything."""
ECHO_DAYS = 45
ANSWER_DAYS = 7
DENIAL_DAYS = 14
PUBLISHED_DAYS = 3
"""How far apart two statements may be whose days are known only from their reports, and still be one."""
BREATH = 600
"""Characters between two quotes of one article that were said in one breath."""
MOST_WORDINGS = 6
"""Wordings of a statement that are compared, the newest first; each in full, so the work stays bounded."""


@dataclass(frozen=True)
class Saying:
    """One statement, with all that is compared.

    Attributes:
        key: its key.
        voices: keys of all whose words these are: speaker, mouth, and whom they spoke for that day.
        names: what these are called, for the sentences.
        first_day, last_day: on which it can have been said; None when not even a report is dated.
        day_known: whether these come from the statement itself, not from its first report.
        wordings: text, language and cue of its quotes.
        mentioned: keys of speakers whom its words name.
        topics, figures: as recorded.
        places: article, start and end of each anchored quote (end None: only the article is known).
        occasion: as recorded, folded.
    """

    key: int
    voices: frozenset[int]
    names: tuple[str, ...]
    first_day: dt.date | None
    last_day: dt.date | None
    day_known: bool
    wordings: tuple[tuple[str, str, str], ...]
    mentioned: frozenset[int] = frozenset()
    topics: frozenset[int] = frozenset()
    figures: tuple[Told, ...] = ()
    places: tuple[tuple[int, int | None, int | None], ...] = ()
    occasion: str = ""

    @cached_property
    def readings(self) -> tuple[Reading, ...]:
        """Its wordings, each once, read for comparing."""
        texts = dict.fromkeys((text, language) for text, language, _ in self.wordings)
        return tuple(read(text, language) for text, language in list(texts)[:MOST_WORDINGS])

    @cached_property
    def fingerprint(self) -> str:
        """What a rejection is remembered for: the words, who, when, where and how much, in one hash."""
        parts: list[Any] = [
            sorted(self.voices),
            str(self.first_day),
            str(self.last_day),
            sorted(self.wordings),
            sorted(
                (told.measure, str(told.low), str(told.high), told.bound, told.method, str(told.as_of))
                for told in self.figures
            ),
            self.occasion,
        ]
        return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Proposal:
    """A suggestion: what the source may be to the target, how surely, and why."""

    type: str
    source: int
    target: int
    score: float
    reasons: tuple[str, ...]
    features: dict[str, Any]
    input_hash: str


def propose(first: Saying, second: Saying) -> list[Proposal]:
    """Everything that two statements may be to each other, the likeliest first; often nothing.

    A pair is judged once for each order that its days leave open; a symmetric relation once.
    """
    found: dict[str, Proposal] = {}
    same_input = hashlib.sha256("".join(sorted((first.fingerprint, second.fingerprint))).encode()).hexdigest()
    likeness = best(first.readings, second.readings)
    for source, target in ((first, second), (second, first)):
        if _surely_before(source, target):
            continue
        measured = features(source, target, likeness if source is first else _turned(likeness))
        for kind in kinds(measured):
            held = found.get(kind)
            degree = score(kind, measured)
            if held is None or (degree, source.key) > (held.score, held.source):
                found[kind] = Proposal(
                    kind, source.key, target.key, degree, tuple(because(kind, measured)), measured, same_input
                )
    return sorted(found.values(), key=lambda proposal: (-proposal.score, proposal.type))


# --- measuring ---------------------------------------------------------------------------------------------------


def features(source: Saying, target: Saying, likeness: Likeness | None = None) -> dict[str, Any]:
    """Measure a pair; everything in it is JSON, and numbers are rounded as they are kept."""
    like = likeness if likeness is not None else best(source.readings, target.readings)
    gap = _days_between(source, target)
    measured: dict[str, Any] = {
        "same_voice": bool(source.voices & target.voices),
        "days": gap,
        "day_known": source.day_known and target.day_known,
        "same_day": _same_day(source, target),
        "occasion": bool(source.occasion) and source.occasion == target.occasion,
        "comparable": like.comparable,
        "degree": round(like.degree, 4),
        "words": like.words,
        "contained": like.contained,
        "frame": like.frame,
        "shorter": like.shorter,
        "content": like.content,
        "matter": like.matter,
        "numbers": list(like.shared),
        "differ": list(like.other) if like.differ else [],
        "negated": like.negated,
        "dropped": list(like.dropped),
        "topics": len(source.topics & target.topics),
        "named": target.names[0] if source.mentioned & target.voices and target.names else "",
        "denial": next((said for w in source.wordings if (said := denial(w[2], w[0], w[1]))), ""),
        "answer": next((said for w in source.wordings if (said := answer(w[2], w[1]))), ""),
    }
    if source.figures and target.figures:
        measured |= _figures(source, target)
    if measured["same_voice"] and gap == 0:
        measured |= _breath(source, target)
    return measured


def _surely_before(source: Saying, target: Saying) -> bool:
    return source.last_day is not None and target.first_day is not None and source.last_day < target.first_day


def _days_between(source: Saying, target: Saying) -> int | None:
    """Days from the target's last to the source's first; 0 when they can be one day, None when not known."""
    if source.first_day is None or target.last_day is None:
        return None
    return max(0, (source.first_day - target.last_day).days)


def _same_day(source: Saying, target: Saying) -> bool:
    days = {source.first_day, source.last_day, target.first_day, target.last_day}
    return source.day_known and target.day_known and len(days) == 1 and None not in days


def _turned(like: Likeness) -> Likeness:
    """The same likeness with the sides changed."""
    values = {name: getattr(like, name) for name in Likeness.__slots__}
    return Likeness(**{**values, "other": (like.other[1], like.other[0])})


_FIRST = ("conflict", "update", "not_comparable", "compatible", "agree")


def _figures(source: Saying, target: Saying) -> dict[str, Any]:
    """The verdict on their figures that says most: a conflict before an update before a mere difference."""
    verdicts: list[tuple[int, Told, Told, Verdict]] = []
    for mine in _each_once(source.figures):
        for theirs in _each_once(target.figures):
            verdict = compare_figures(mine, theirs)
            if verdict.kind == "update" and verdict.later != "first":
                continue
            verdicts.append((_FIRST.index(verdict.kind), mine, theirs, verdict))
    # One statement may be printed with a bound and without: where any pair of one measure agrees, none conflicts.
    agreed = {mine.measure for _, mine, _, verdict in verdicts if verdict.kind in ("agree", "compatible")}
    verdicts = [found for found in verdicts if found[0] > 1 or found[1].measure not in agreed]
    if not verdicts:
        return {}
    _, mine, theirs, verdict = min(verdicts, key=lambda found: found[0])
    return {
        "verdict": verdict.kind,
        "verdict_because": list(verdict.because),
        "measure": mine.measure_name,
        "other_measure": theirs.measure_name,
        "figure": mine.words,
        "other_figure": theirs.words,
        "larger": (mine.high or mine.low or 0) > (theirs.high or theirs.low or 0),
    }


def _each_once(figures: Sequence[Told]) -> list[Told]:
    seen = {
        (told.measure, told.low, told.high, told.bound, told.as_of, told.method): told for told in figures
    }
    return list(seen.values())[:12]


def _breath(source: Saying, target: Saying) -> dict[str, Any]:
    """Whether the two stand close together in one article, and which word turns the source."""
    near = None
    for article, start, end in source.places:
        for other, other_start, other_end in target.places:
            if article != other:
                continue
            if start is None or end is None or other_start is None or other_end is None:
                near = BREATH if near is None else near
            else:
                apart = max(0, other_start - end, start - other_end)
                near = apart if near is None else min(near, apart)
    turn = ""
    for text, language, _ in source.wordings:
        # Conditions and contrasts only: what merely says no turns nothing else.
        plain = negations(language_of(language))
        turn = next((word for word in turning_words(text, language) if word not in plain), "")
        if turn:
            break
    return {"apart": near, "turn": turn}


# --- judging -----------------------------------------------------------------------------------------------------


def kinds(measured: dict[str, Any]) -> list[str]:
    """Which suggestions follow from what was measured."""
    found = []
    guarded = bool(measured["differ"]) or measured["negated"]
    if measured["same_voice"]:
        if _is_one(measured) and not guarded:
            found.append(SAME)
        elif _says_again(measured) and not guarded and measured["days"]:
            found.append(REPEATS)
        if _turns(measured):
            found.append(CONTEXT)
    elif _echoes(measured) and not guarded:
        found.append(ECHOES)
    found += _of_figures(measured)
    if not measured["same_voice"] and SAME not in found and ECHOES not in found:
        if _denies(measured):
            found.append(DENIES)
        elif _responds(measured) and CONFLICTS not in found:
            found.append(RESPONDS)
    return found


def _says_again(measured: dict[str, Any]) -> bool:
    """Whether the wordings say the same, or one is cut out of the other."""
    return bool(
        (measured["degree"] >= ALIKE and measured["matter"] >= MATTER)
        or (measured["contained"] >= TRIMMED and measured["shorter"] >= FEWEST and measured["content"] >= 2)
    )


def _is_one(measured: dict[str, Any]) -> bool:
    """Whether both can be one utterance: the same days, and the same words or the same number."""
    near = measured["days"] == 0 or (
        not measured["day_known"] and measured["days"] is not None and measured["days"] <= PUBLISHED_DAYS
    )
    if not near:
        return False
    across = not measured["comparable"] and bool(measured["numbers"]) and measured["same_day"]
    told_again = bool(measured["numbers"]) and measured["content"] >= 2 and measured["degree"] >= 0.4
    return _says_again(measured) or across or told_again


def _echoes(measured: dict[str, Any]) -> bool:
    return bool(
        measured["days"] is not None
        and measured["days"] <= ECHO_DAYS
        and measured["comparable"]
        and measured["content"] >= 2
        and measured["matter"] >= MATTER
        and (
            measured["degree"] >= ALIKE or (measured["contained"] >= TRIMMED and measured["shorter"] > FEWEST)
        )
        and not measured["denial"]
    )


def _of_figures(measured: dict[str, Any]) -> list[str]:
    verdict = measured.get("verdict")
    if verdict == "update" and measured["same_voice"]:
        return [UPDATES]
    if verdict == "conflict":
        return [CONFLICTS]
    if verdict == "not_comparable" and measured["measure"] != measured["other_measure"]:
        close = measured["same_voice"] and measured["days"] == 0
        return [CONTEXT] if close and measured["larger"] else []
    if verdict is None and measured["differ"] and _same_but_for_numbers(measured):
        if measured["same_voice"] and measured["days"]:
            return [UPDATES]
        if not measured["same_voice"] and measured["days"] is not None and measured["days"] <= ECHO_DAYS:
            return [CONFLICTS]
    return []


def _same_but_for_numbers(measured: dict[str, Any]) -> bool:
    return bool(measured["frame"] >= ALIKE and measured["content"] >= 2 and measured["matter"] >= 0.6)


def _about_it(measured: dict[str, Any]) -> bool:
    telling = 1 if measured["days"] is not None and measured["days"] <= 2 else 2
    return bool(measured["content"] >= telling or measured["numbers"] or measured["topics"])


def _responds(measured: dict[str, Any]) -> bool:
    return bool(
        measured["named"]
        and measured["days"] is not None
        and measured["days"] <= ANSWER_DAYS
        and (_about_it(measured) or measured["answer"])
    )


def _denies(measured: dict[str, Any]) -> bool:
    near = measured["days"] is not None and measured["days"] <= DENIAL_DAYS
    return bool(
        measured["denial"]
        and near
        and ((measured["named"] and _about_it(measured)) or measured["content"] >= 2)
    )


def _turns(measured: dict[str, Any]) -> bool:
    """Whether the source holds a but, until or if that was said in one breath with the target."""
    return bool(measured.get("turn")) and measured.get("apart") is not None and measured["apart"] <= BREATH


def score(kind: str, measured: dict[str, Any]) -> float:
    """How surely, 0 to 1: a sum of weighted features, the same whenever it is asked.

    The weights were set on the labelled pairs of tests/text/linked_pairs.json; they order a list and claim no more.
    """
    degree = max(measured["degree"], 0.9 * measured["contained"] if measured["shorter"] >= FEWEST else 0.0)
    closeness = 0.0 if measured["days"] is None else 1.0 / (1.0 + measured["days"] / 7)
    numbers = 1.0 if measured["numbers"] else 0.5
    about = min(measured["content"], 5) / 5
    match kind:
        case "same_utterance":
            day = 1.0 if measured["same_day"] else 0.6
            likeness = degree if measured["comparable"] else 0.5
            parts = 0.5 * likeness + 0.2 * day + 0.2 * numbers + 0.1 * measured["occasion"]
        case "repeats":
            parts = 0.7 * degree + 0.1 * closeness + 0.2 * numbers
        case "echoes":
            parts = 0.65 * degree + 0.15 * closeness + 0.2 * numbers
        case "updates_figure" | "conflicts_figure":
            recorded = "verdict" in measured
            parts = (0.75 if recorded else 0.3 + 0.4 * measured["frame"]) + 0.1 * closeness
            parts += 0.1 * about + 0.05 * bool(measured["topics"])
        case "responds_to":
            parts = 0.3 + 0.2 * closeness + 0.25 * about + 0.1 * bool(measured["topics"])
            parts += 0.15 * bool(measured["answer"])
        case "denies":
            parts = 0.3 + 0.2 * closeness + 0.3 * about + 0.2 * bool(measured["named"])
        case "context_for":
            near = measured.get("apart")
            parts = 0.5 + 0.2 * bool(measured.get("turn")) + 0.1 * bool(measured["topics"])
            parts += 0.2 * (1 - near / BREATH) if near is not None else 0.0
        case _:
            raise ValueError(f"there is no suggestion called {kind!r}")
    return round(min(1.0, max(0.0, parts)), 4)


def readable(measured: dict[str, Any]) -> bool:
    """Whether features kept earlier can be judged by this version; else the pair is measured anew."""
    return {"same_voice", "days", "degree", "contained", "shorter", "numbers", "content"} <= measured.keys()
