"""Why a suggestion is made, in plain words, from its features alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from quotes.text.linkjudging import BREATH


def because(kind: str, measured: dict[str, Any]) -> Iterator[str]:
    """Give the sentences for a suggestion of this kind, the weightiest first."""
    if measured.get("again"):
        yield "Rejected before; what it rests on has changed since."
    yield "Same speaker." if measured["same_voice"] else "Another speaker."
    yield from _when(measured)
    if kind in ("same_utterance", "repeats", "echoes"):
        yield from _alike(measured)
    if kind == "repeats" and measured.get("verdict") == "agree":
        yield f"{measured['measure']}: {measured['figure']} in both."
    if kind in ("updates_figure", "conflicts_figure"):
        yield from _of_figures(measured)
    if kind in ("responds_to", "denies"):
        yield from _answers(kind, measured)
    if kind == "context_for":
        yield from _context(measured)


def _when(measured: dict[str, Any]) -> Iterator[str]:
    days = measured["days"]
    if days is None:
        yield "When one of the two was said is not known."
    elif measured["same_day"]:
        yield "Same day."
    elif days == 0:
        yield "Their dates leave room for the same day."
    elif not measured["day_known"]:
        yield f"Reported {days} day{'s' if days > 1 else ''} apart."
    else:
        yield f"{_span(days).capitalize()} later."
    if measured["occasion"]:
        yield "Same occasion."


def _span(days: int) -> str:
    if days < 60:
        return "one day" if days == 1 else f"{days} days"
    if days < 730:
        return f"{round(days / 30.4)} months"
    return f"{round(days / 365.25)} years"


def _alike(measured: dict[str, Any]) -> Iterator[str]:
    if not measured["comparable"]:
        yield "The wordings are in two languages, so only numbers are compared."
    elif measured["contained"] >= 0.85 and measured["words"] < 0.7:
        yield f"{_share(measured['contained'])} of the shorter wording stands in the longer one."
    else:
        yield f"{_share(measured['words'])} of the words."
    if measured["numbers"]:
        yield f"Number{'s' if len(measured['numbers']) > 1 else ''} {_listed(measured['numbers'])} in both."
    if measured["dropped"]:
        words = _listed([f"“{word}”" for word in measured["dropped"][:4]])
        yield f"The shorter one leaves out {words}."


def _of_figures(measured: dict[str, Any]) -> Iterator[str]:
    if "verdict" in measured:
        yield f"{measured['measure']}: {measured['figure']}, there {measured['other_figure']}."
        yield from measured["verdict_because"]
    else:
        mine, theirs = measured["differ"]
        yield f"Nearly the same sentence with another number: {mine}, there {theirs}."


def _answers(kind: str, measured: dict[str, Any]) -> Iterator[str]:
    if measured["named"]:
        yield f"Names {measured['named']}."
    if kind == "denies":
        yield f"Denies something: “{measured['denial']}”."
    elif measured["answer"]:
        yield f"Printed as an answer: “{measured['answer']}”."
    if measured["content"] >= 2:
        yield f"{measured['content']} telling words in common."
    elif measured["topics"]:
        yield "Same topic."
    if measured["numbers"]:
        yield f"Number{'s' if len(measured['numbers']) > 1 else ''} {_listed(measured['numbers'])} in both."


def _context(measured: dict[str, Any]) -> Iterator[str]:
    close = measured.get("apart") is not None and measured["apart"] <= BREATH
    if measured.get("turn") and (measured.get("within") or close):
        yield f"Begins with “{measured['turn']}”."
    if measured.get("within"):
        yield "A report of the other one goes on with these words; others leave them out."
    elif close:
        yield "Close to it in the same article."
    if measured.get("verdict") == "not_comparable":
        mine, theirs = (
            (measured["figure"], measured["measure"]),
            (measured["other_figure"], measured["other_measure"]),
        )
        yield f"Not comparable: {mine[0]} is “{mine[1]}”, {theirs[0]} is “{theirs[1]}”."
        yield from measured["verdict_because"]


def _share(part: float) -> str:
    return "All" if part >= 0.995 else f"{round(part * 100)} %"


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
