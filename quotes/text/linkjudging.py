"""What follows from what was measured of two statements: which suggestions, and how surely. Nothing else is read."""

from __future__ import annotations

from typing import Any

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


def kinds(measured: dict[str, Any]) -> list[str]:
    """Which suggestions follow from what was measured."""
    found = []
    guarded = bool(measured["differ"]) or measured["negated"]
    if measured["same_voice"]:
        if _turns(measured):
            found.append(CONTEXT)
        elif _is_one(measured) and not guarded:
            found.append(SAME)
        elif _says_again(measured) and not guarded and measured["days"]:
            found.append(REPEATS)
    elif _echoes(measured) and not guarded:
        found.append(ECHOES)
    found += [kind for kind in _of_figures(measured) if kind not in found]
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
    if not near or measured.get("verdict", "agree") not in ("agree", "compatible"):
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
    if verdict == "agree" and measured["same_voice"] and measured["days"]:
        return [REPEATS]
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
    """Whether the source was said in one breath with the target, and begins with a but, until or if."""
    if not measured.get("turn") or not measured["day_known"] or measured["days"] != 0:
        return False
    return bool(measured["within"] or (measured["apart"] is not None and measured["apart"] <= BREATH))


def score(kind: str, measured: dict[str, Any]) -> float:
    """How surely, 0 to 1: a sum of weighted features, the same whenever it is asked.

    The weights were set on the labelled pairs of benchmarks/linked_pairs.json; they order a list and claim no more.
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
            parts = 0.5 + 0.2 * bool(measured.get("turn")) + 0.1 * bool(measured["topics"])
            apart = measured.get("apart")
            if measured.get("within"):
                parts += 0.2
            elif apart is not None and apart <= BREATH:
                parts += 0.15 * (1 - apart / BREATH)
        case _:
            raise ValueError(f"there is no suggestion called {kind!r}")
    return round(min(1.0, max(0.0, parts)), 4)


def readable(measured: dict[str, Any]) -> bool:
    """Whether features kept earlier can be judged by this version; else the pair is measured anew."""
    return {"same_voice", "days", "degree", "contained", "shorter", "numbers", "content"} <= measured.keys()
