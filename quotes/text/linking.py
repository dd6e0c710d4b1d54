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
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from quotes.text.comparing import Told, Verdict, compare_figures
from quotes.text.likeness import LONGEST, Likeness, Reading, best, read
from quotes.text.linkbecause import because
from quotes.text.linkjudging import CONTEXT, FEWEST, SAME, kinds, score
from quotes.text.linkwords import answer, denial, even, negations
from quotes.text.turningwords import turning_words

METHOD = "desk@1"
"""Who made a suggestion; a new number when features or weights change."""

OPENING = 4
"""Words at the beginning of a wording among which one that turns it stands: “But until Kyiv …”."""
GOES_ON = 0.75
"""Share of the source's words in a report of the target from which that report holds both."""
MOST_WORDINGS = 6
"""Wordings of a statement that are compared, the newest first; each in full, so the work stays bounded."""


_MARK = re.compile(r"\d+|[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\W\d_]+")


@dataclass(frozen=True)
class Saying:
    """One statement, with all that is compared.

    Attributes:
        key: its key.
        speaker: the key of whom it is attributed to.
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
    speaker: int
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
    def marks(self) -> frozenset[str]:
        """The beginnings of its longer words, and its digits: enough to see that two have nothing in common."""
        found: set[str] = set()
        for text, _, _ in self.wordings[:MOST_WORDINGS]:
            words = _MARK.findall(text[:LONGEST].casefold())
            found.update(word[:4] for word in words if len(word) >= 4 or word[0].isdigit() or word > "\u2e80")
        return frozenset(found)

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


def worth_comparing(first: Saying, second: Saying) -> bool:
    """Whether anything can follow at all; what most pairs of one day fail, found out without reading them.

    Words or a number in common, a name, figures on both sides, or a place in one article.
    """
    if (
        (first.figures and second.figures)
        or first.mentioned & second.voices
        or second.mentioned & first.voices
    ):
        return True
    if {article for article, start, _ in first.places if start is not None} & {
        article for article, start, _ in second.places if start is not None
    }:
        return True
    shared = first.marks & second.marks
    return len(shared) >= 2 or any(mark[0].isdigit() for mark in shared)


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
    if CONTEXT in found:
        # One is what the other leaves out: they were said together, and are two things all the same.
        found.pop(SAME, None)
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
        "denial": next((said for w in source.wordings if (said := denial(w[2], even(w[0]), w[1]))), ""),
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
    """Whether the source was said in one breath with the target, and which word of it turns that one.

    Either both are anchored close together in one article, or a report of the target goes on with the source's words,
    which other reports of it leave out.
    """
    apart = None
    for article, start, end in source.places:
        for other, other_start, other_end in target.places:
            if article == other and None not in (start, end, other_start, other_end):
                between = max(0, other_start - end, start - other_end)  # type: ignore[operator]
                apart = between if apart is None else min(apart, between)
    turn, within = "", False
    for mine in source.readings:
        opening = " ".join(mine.words[:OPENING])
        plain = negations(mine.language)
        turns = [word for word in turning_words(opening, mine.language) if word not in plain]
        turn = turn or (turns[0] if turns else "")
        if len(target.readings) > 1 and len(mine.words) >= FEWEST:
            within = within or any(_goes_on(mine, theirs) for theirs in target.readings)
    return {"apart": apart, "turn": turn, "within": within}


def _goes_on(part: Reading, whole: Reading) -> bool:
    if part.language != whole.language or len(part.words) >= len(whole.words):
        return False
    return sum((part.stems & whole.stems).values()) / len(part.words) >= GOES_ON
