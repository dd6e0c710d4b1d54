"""What a machine can establish about a quote, axis by axis, before a person answers.

A finding is a help and never a verdict: only the wording of an anchored quote is proposed as passed, because the
database itself keeps that its characters are those of the captured text (invariant 1).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from quotes.models import Figure, Quote, Statement, Verdict, axes_of
from quotes.search.held_roles import HeldRole, RoleFlag
from quotes.search.verification import AXIS_WORDS
from quotes.text import days
from quotes.text.anchors import locate
from quotes.text.figures import Figure as Parsed
from quotes.text.figures import figures
from quotes.text.folding import fold_text
from quotes.text.turningwords import turning_words

ORDER = ("wording", "attribution", "translation", "dating", "figure", "context")
"""As the questions are asked: first what a machine can answer, last what needs the whole article."""

_LONGEST_REST = 300
_MOST_OTHERS = 4


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found: `ok`, `warn`, or `none` when nothing could be established."""

    state: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Row:
    """One axis on the page: its number and question, what was found, and the verdict that is proposed."""

    axis: str
    number: int
    title: str
    question: str
    findings: Sequence[Finding]
    proposed: str = ""

    @property
    def warns(self) -> bool:
        """Whether anything was found that speaks against it."""
        return any(finding.state == "warn" for finding in self.findings)


def rows_of(
    quote: Quote,
    statement: Statement,
    *,
    body: str | None,
    roles: Sequence[HeldRole],
    flags: Sequence[RoleFlag],
    names: Sequence[str],
) -> list[Row]:
    """Return one row for each axis that applies to `quote`.

    Args:
        body: the captured text, or None when none is held or may be shown.
        roles: held by the speaker on the day.
        flags: printed roles that were not held that day.
        names: all spellings of the speaker's name.
    """
    found = {
        "wording": lambda: _wording(quote, body),
        "attribution": lambda: _attribution(quote, statement, roles, flags, names),
        "translation": lambda: _translation(quote, statement),
        "dating": lambda: _dating(quote, statement),
        "figure": lambda: _figures(quote),
        "context": lambda: _context(quote, body),
    }
    applies = axes_of(quote)
    rows: list[Row] = []
    for axis in ORDER:
        if axis in applies:
            findings = found[axis]()
            exact = axis == "wording" and findings[0].state == "ok"
            title, question = AXIS_WORDS[axis]
            rows.append(Row(axis, len(rows) + 1, title, question, findings, Verdict.PASS if exact else ""))
    return rows


def _wording(quote: Quote, body: str | None) -> list[Finding]:
    if quote.start is not None and quote.end is not None:
        if body is None or body[quote.start : quote.end] == quote.text:
            stands = f"characters {quote.start:,}–{quote.end:,}"
            return [Finding("ok", f"Exact match with our copy, {stands}, checked by machine.")]
        return [Finding("warn", "The marked characters are not these words.")]
    if body is None:
        return [Finding("warn", "No copy of the article is held, so nothing shows the words.")]
    place = locate(body, quote.text, quote.prefix, quote.suffix)
    if place is None:
        return [Finding("warn", "These words are not found in our copy.")]
    like = {"exact": "exactly", "folded": "up to case and marks", "fuzzy": "nearly"}[place.how]
    return [Finding("none", f"Found {like} in our copy, but not marked there.")]


def _attribution(
    quote: Quote,
    statement: Statement,
    roles: Sequence[HeldRole],
    flags: Sequence[RoleFlag],
    names: Sequence[str],
) -> list[Finding]:
    found = []
    printed = quote.speaker_as_printed
    if not printed:
        found.append(Finding("none", "How the article names the speaker is not kept."))
    elif fold_text(printed) in {fold_text(name) for name in names}:
        found.append(Finding("ok", f"Printed as “{printed}”, a spelling on record."))
    elif any(f" {fold_text(name)} " in f" {fold_text(printed)} " for name in names):
        found.append(Finding("ok", f"Printed as “{printed}”, which holds a spelling on record."))
    else:
        found.append(Finding("warn", f"Printed as “{printed}”, which is no spelling on record."))
    if statement.speaker.kind != "person" and statement.uttered_by_id is None:
        found.append(Finding("none", "The source names no person: whose mouth it was is not known."))
    if flags:
        found += [Finding("warn", flag.sentence) for flag in flags]
    elif roles:
        held = "; ".join(f"{role.title} ({role.note})" if role.note else role.title for role in roles)
        found.append(Finding("ok", f"Held that day: {held}."))
    elif statement.speaker.kind == "person":
        found.append(Finding("none", "No role is on record for that day."))
    return found


def _translation(quote: Quote, statement: Statement) -> list[Finding]:
    if not statement.original_language:
        return [Finding("none", "From which language it was translated is not known.")]
    if statement.original_text:
        return [Finding("ok", "The original wording is held: compare it below.")]
    return [Finding("none", "The original wording is not held.")]


def _dating(quote: Quote, statement: Statement) -> list[Finding]:
    found = []
    published = quote.article.published_at
    occasion = statement.occasion or "Occasion not stated"
    if statement.said_on is None:
        by = f"By {days.in_words(statement.days[0])}" if statement.days else "Day not known"
        found.append(Finding("none", f"{by}. {occasion}."))
    else:
        said = days.in_words(statement.said_on, statement.said_on_precision)
        if published is not None and statement.said_on > published.date():
            shown = days.in_words(published.date())
            found.append(Finding("warn", f"Said {said}, which is after it was published, {shown}."))
        elif published is not None:
            order = f"Said {said}, published {days.in_words(published.date())}: in order."
            found.append(Finding("ok", f"{order} {occasion}."))
        else:
            found.append(Finding("none", f"Said {said}; when it was published is not known. {occasion}."))
    for figure in quote.figures.all():
        if figure.as_of and statement.days and figure.as_of > statement.days[1]:
            found.append(
                Finding("warn", f"The figure is as of a day after it was said ({figure.as_printed}).")
            )
    return found


def _figures(quote: Quote) -> list[Finding]:
    """Hold the figures on record against what the words say when they are read, and name what is in no figure."""
    read = figures(quote.text, quote.language)
    kept = list(quote.figures.all())
    found = [_figure(figure, read) for figure in kept]
    ours = {number for figure in kept for number in (figure.low, figure.high)}
    others = [one for one in read if not {one.low, one.high} & ours]
    if others:
        told = ", ".join(f"“{quote.text[one.start : one.end].strip()}”" for one in others[:_MOST_OTHERS])
        found.append(Finding("none", f"Also in the words, and in no figure: {told}."))
    return found


def _figure(figure: Figure, read: Sequence[Parsed]) -> Finding:
    bounds = dict(Figure.Bound.choices)
    shown = " and ".join(
        f"{number.normalize():,f}"
        for number in dict.fromkeys((figure.low, figure.high))
        if number is not None
    )
    said = f"{figure.measure}: {bounds[figure.bound]} {shown}"
    numbers = {figure.low, figure.high} - {None}
    same = [one for one in read if {one.low, one.high} - {None} == numbers]
    if any((one.low, one.high, one.bound) == (figure.low, figure.high, figure.bound) for one in same):
        return Finding("ok", f"{said}: the words read so.")
    if same:
        return Finding("warn", f"{said}. The words read as “{bounds[same[0].bound]} {shown}”.")
    printed = figures(figure.as_printed, "und")
    if any({one.low, one.high} - {None} == numbers for one in printed):
        return Finding("none", f"{said}. It is printed as “{figure.as_printed}”, but not in these words.")
    return Finding("warn", f"{said}. It does not stand in the words.")


def _context(quote: Quote, body: str | None) -> list[Finding]:
    """Say how the sentence goes on behind the quote, and whether what is cut off turns it."""
    if body is not None and quote.end is not None:
        rest, cut = body[quote.end : quote.end + _LONGEST_REST], True
    else:
        rest, cut = quote.suffix, False
    rest = rest.split("\n")[0]
    end = re.search(r"[.!?…](?=[\s\"”’)]|$)", rest)
    # What closes the quote itself is no continuation.
    closed = re.search(r"[.!?…]\W*$", quote.text)
    rest = "" if closed else rest[: end.end()] if end else rest
    words = re.sub(r"^[\W_]+", "", rest).strip()
    if not words:
        return [
            Finding("none", "The sentence ends here." if cut or quote.suffix else "What follows is not held.")
        ]
    turning = turning_words(words, quote.language)
    shown = words if len(words) <= 160 else f"{words[:159]}…"
    return [Finding("warn" if turning else "none", f"The sentence goes on: “{shown}”")]


def names_of(statement: Statement) -> list[str]:
    """Return every spelling of the speaker's name, and of whoever uttered it."""
    people: list[Any] = [statement.speaker, statement.speaker.present]
    if statement.uttered_by is not None:
        people += [statement.uttered_by, statement.uttered_by.present]
    names = [person.name for person in people]
    for person in {person.pk: person for person in people}.values():
        names += [name.text for name in person.names.all()]
    return list(dict.fromkeys(names))
