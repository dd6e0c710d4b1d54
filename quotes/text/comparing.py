"""Two figures side by side: do they agree, fit together, follow each other, conflict, or not compare at all?

The rules (FIELD.md §3, invariant 12, and EXTRACTION.md §5):

- Only the same measure in the same unit compares: killed are not casualties, cases are not persons.
- The same numbers as of about the same time *agree*; numbers that can both be true are *compatible* (“more than
  46,000” and 48,000); numbers that cannot are a *conflict*.
- A later figure of the same speaker is an *update*, not a contradiction.
- Everything else is *not comparable*, and the verdict says because of what.

That one is an official count and the other an estimate does not undo a conflict about one measure at one time, but
it is always said; of one speaker's own mouth an official count and an estimate are two things, not a conflict.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from quotes.text import days
from quotes.text.dates import PartialDate

Kind = Literal["agree", "compatible", "update", "conflict", "not_comparable"]
Side = Literal["first", "second"]

KINDS: dict[Kind, str] = {
    "agree": "agree",
    "compatible": "compatible",
    "update": "update",
    "conflict": "conflict",
    "not_comparable": "not comparable",
}
"""Every verdict in words."""

ABOUT = Decimal("0.08")
"""How far “about” reaches on either side, as a share (EXTRACTION.md §5, measured on 63 labelled pairs)."""
ROUNDING = Decimal("0.005")
"""What rounding alone explains between two plain numbers, as a share (the same measurement)."""
REACH = Decimal("0.15")
"""How much above a printed “more than N” the number can be: nobody says “more than 46,000” of 100,000."""
SMALL = 100
"""Below this many a minimum is only a minimum: “at least 12” of the first hour can become any toll."""
NEAR = 31
"""Days between two as-of dates that are still about the same time, when two speakers count one thing."""

_METHODS = {"official": "an official count", "estimate": "an estimate", "claim": "a claim"}
_LABELS = {"official": "official count", "estimate": "estimate", "claim": "claim"}

# What a measure counts, by words that its name is made of; “casualties” are three of them together.
_PARTS = {
    "killed": ("killed", "dead", "deaths", "fatalit"),
    "wounded": ("wounded", "wounds", "injured"),
    "missing": ("missing",),
    "captured": ("captured", "prisoner"),
}
_TOGETHER = {"casualties": ("killed", "wounded", "missing")}


@dataclass(frozen=True, slots=True)
class Told:
    """A figure with all that a comparison needs to know of it.

    ``low`` and ``high`` are as in ``figures.Figure``: None where the bound leaves that side open, never both.
    ``speaker`` and ``statement`` are keys by which two can be told to be one; empty is not known. ``as_of`` is
    None when it is not known. ``source`` is who reports it, for the sentence.
    """

    low: Decimal | None
    high: Decimal | None
    bound: str
    measure: str
    measure_name: str
    unit: str
    speaker: str = ""
    speaker_name: str = ""
    method: str = ""
    as_of: PartialDate | None = None
    statement: str = ""
    source: str = ""

    @property
    def words(self) -> str:
        """The number with its bound: “about 55,000”, “between 100,000 and 140,000”, “more than 46,000”."""
        return number_in_words(self.low, self.high, self.bound)

    @property
    def when(self) -> str:
        """As of when, in words; “not known” where it is not."""
        return self.as_of.in_words if self.as_of else days.NOT_KNOWN


@dataclass(frozen=True, slots=True)
class Verdict:
    """What two figures are to each other, and because of what.

    ``because`` are the sentences that decided it, ``beside`` those that a careful reader should know as well.
    ``later`` says which of the two is as of a surely later day, if either is. ``fell`` marks an update to a
    lower number, which a count that only adds up cannot have.
    """

    kind: Kind
    because: tuple[str, ...]
    beside: tuple[str, ...] = ()
    later: Side | None = None
    fell: bool = False

    @property
    def words(self) -> str:
        """The verdict in words."""
        return KINDS[self.kind]


def digits(number: Decimal) -> str:
    """A number as English prints it: 55,000; 2.5."""
    plain = number.normalize()
    return f"{plain.quantize(Decimal(1)):,}" if plain == plain.to_integral_value() else f"{plain:,f}"


def number_in_words(low: Decimal | None, high: Decimal | None, bound: str) -> str:
    """Say a figure with its bound; an exact one is only its number.

    Args:
        low, high: as the record has them; None is open.
        bound: ``exact``, ``about``, ``at_least``, ``at_most`` or ``range``.
    """
    if low is not None and high is not None and low != high:
        return f"between {digits(low)} and {digits(high)}"
    known = low if low is not None else high
    if known is None:
        return "a number that is not known"
    before = {"about": "about ", "at_least": "at least ", "at_most": "at most "}.get(bound, "")
    return before + digits(known)


def compare_figures(first: Told, second: Told) -> Verdict:
    """Judge two figures; the order of the two changes nothing but which side is ``later``."""
    later = _later(first, second)
    beside = _beside(first, second)
    differences = _other_things(first, second)
    if differences:
        return Verdict("not_comparable", differences, beside, later)
    numbers = _numbers(first, second)
    one_statement = bool(first.statement) and first.statement == second.statement
    one_speaker = bool(first.speaker) and first.speaker == second.speaker
    if first.as_of is None or second.as_of is None:
        if not one_statement:
            return _without_a_day(first, second, numbers, beside)
    elif not one_statement:
        if later is not None and one_speaker:
            return _one_after_another(first, second, numbers, later, beside)
        if later is not None and (apart := _too_far(first, second, numbers, later)):
            return Verdict("not_comparable", apart, beside, later)
    if numbers == "same":
        return Verdict("agree", (f"Both give {_plain(first)}.",), beside, later)
    if numbers == "meet":
        return Verdict("compatible", (_how_they_meet(first, second),), beside, later)
    if one_speaker and not one_statement:
        doubt = _own_words(first, second)
        if doubt:
            return Verdict("not_comparable", doubt, beside, later)
    return Verdict("conflict", _why_not_both(first, second, one_statement=one_statement), beside, later)


def sentence(first: Told, second: Told, verdict: Verdict | None = None) -> str:
    """A sentence to copy that says both figures, whose they are and as of when, and how they stand to each other.

    The later one comes first, as a reader needs it; nothing is rounded and no bound is left out.
    """
    verdict = verdict or compare_figures(first, second)
    new, old = (first, second) if verdict.later != "second" else (second, first)
    own = f"{new.measure_name}: {_said(new)}"
    if verdict.kind == "not_comparable" and new.measure != old.measure:
        return f"{own}. {old.measure_name}: {_said(old)}. Not comparable: {_lower(verdict.because[0])}"
    if verdict.kind == "not_comparable":
        return f"{own}; {_said(old)}. Not comparable: {_lower(verdict.because[0])}"
    if verdict.kind == "update":
        step = "down from" if verdict.fell else "up from" if _rose(old, new) else "after"
        return f"{own}; {step} {old.words} as of {old.when}."
    if verdict.kind == "agree" and new.speaker == old.speaker and new.speaker:
        since = f", as in {old.when}" if verdict.later else ""
        return f"{own}{since}."
    if verdict.kind == "agree":
        return f"{own}; {_source(old)} gives the same number as of {_when(old)}."
    ends = {"compatible": "The two can both be true.", "conflict": "The two figures conflict."}
    return f"{own}; {_said(old)}. {ends[verdict.kind]}"


def _said(told: Told) -> str:
    return f"{told.words} as of {_when(told)}, according to {_source(told)}"


def _when(told: Told) -> str:
    return told.when if told.as_of else "a day that is not known"


def _source(told: Told) -> str:
    name = told.speaker_name or told.source or "a speaker who is not known"
    method = f" ({_LABELS[told.method]})" if told.method in _LABELS else ""
    return f"{name}{method}"


def _lower(sentence: str) -> str:
    """A sentence as the rest of another one; names keep their capital."""
    first = sentence.split(" ", 1)[0]
    return sentence[:1].lower() + sentence[1:] if first in _OPENERS else sentence


_OPENERS = frozenset({"One", "The", "Both", "It", "As", "They", "No"})


def _plain(told: Told) -> str:
    return number_in_words(told.low, told.high, told.bound if told.bound != "about" else "exact")


# --- when --------------------------------------------------------------------------------------------------------


def _later(first: Told, second: Told) -> Side | None:
    if first.as_of is None or second.as_of is None:
        return None
    if first.as_of.surely_before(second.as_of):
        return "second"
    return "first" if second.as_of.surely_before(first.as_of) else None


def _gap(first: Told, second: Told) -> int:
    """Days between the end of the earlier as-of and the beginning of the later; 0 when they can be one day."""
    if first.as_of is None or second.as_of is None:
        return 0
    early, late = sorted((first.as_of, second.as_of), key=lambda date: date.interval)
    return max(0, (late.first - early.last) // dt.timedelta(days=1))


def _one_after_another(
    first: Told, second: Told, numbers: str, later: Side, beside: tuple[str, ...]
) -> Verdict:
    old, new = (first, second) if later == "second" else (second, first)
    if numbers == "same":
        return Verdict("agree", (f"The same number as of {old.when} and as of {new.when}.",), beside, later)
    fell = numbers == "apart" and not _rose(old, new)
    if fell:
        beside = (*beside, "It is lower than before; a count that only adds up cannot fall.")
    because = (f"The same speaker, as of a later day: {new.when} after {old.when}.",)
    return Verdict("update", because, beside, later, fell)


def _too_far(first: Told, second: Told, numbers: str, later: Side) -> tuple[str, ...]:
    """Why the as-of days of two speakers are too far apart to compare; empty when they are not."""
    gap = _gap(first, second)
    old, new = (first, second) if later == "second" else (second, first)
    apart = f"One is as of {new.when}, the other as of {old.when}."
    if gap > NEAR:
        return (apart,)
    both_days = all(told.as_of is not None and told.as_of.precision == "day" for told in (first, second))
    if both_days and numbers == "apart" and _rose(old, new):
        return (apart, "It may have grown in between.")
    return ()


def _without_a_day(first: Told, second: Told, numbers: str, beside: tuple[str, ...]) -> Verdict:
    missing = "As of when is not known of " + ("either." if first.as_of == second.as_of else "one of them.")
    if numbers == "apart":
        return Verdict("not_comparable", (missing,), beside)
    how = f"Both give {_plain(first)}." if numbers == "same" else _how_they_meet(first, second)
    return Verdict("compatible", (how, missing), beside)


def _own_words(first: Told, second: Told) -> tuple[str, ...]:
    """Why two numbers of one speaker that exclude each other are still no conflict."""
    if first.method != second.method:
        return (_methods(first, second),)
    if first.as_of is not None and second.as_of is not None:
        days_known = first.as_of.precision == second.as_of.precision == "day"
        if not days_known:
            told = f"{first.when} and {second.when}" if first.when != second.when else first.when
            return (f"The same speaker, and their dates ({told}) do not tell which is the later.",)
    return ()


# --- how much ----------------------------------------------------------------------------------------------------


def _numbers(first: Told, second: Told) -> Literal["same", "meet", "apart"]:
    if (first.low, first.high) == (second.low, second.high):
        return "same"
    return "apart" if _below(first, second) or _below(second, first) else "meet"


def _below(left: Told, right: Told) -> bool:
    """Whether all that the left one can mean lies below all that the right one can mean."""
    if right.low is None:
        return False
    if left.high is None:
        return (
            left.low is not None
            and left.low >= SMALL
            and right.high is not None
            and right.low > left.low * (1 + REACH)
        )
    share = ABOUT if "about" in (left.bound, right.bound) else ROUNDING
    return left.high + share * min(abs(left.high), abs(right.low)) < right.low


def _rose(old: Told, new: Told) -> bool:
    """Whether the new one is higher, as far as its known side tells."""
    before = old.low if old.low is not None else old.high
    after = new.high if new.high is not None else new.low
    return before is not None and after is not None and after > before


def _how_they_meet(first: Told, second: Told) -> str:
    low, high = sorted((first, second), key=_middle)
    return f"“{low.words.capitalize()}” and “{high.words}” can both be true."


def _middle(told: Told) -> tuple[Decimal, str]:
    known = [number for number in (told.low, told.high) if number is not None]
    return sum(known, Decimal(0)) / len(known), told.bound


def _why_not_both(first: Told, second: Told, *, one_statement: bool) -> tuple[str, ...]:
    low, high = sorted((first, second), key=_middle)
    outside = f"{low.words.capitalize()} and {high.words} cannot both be true."
    if one_statement:
        return (outside, "Both report the same statement.")
    when = low.when if low.when == high.when else f"{low.when} and {high.when}"
    return (outside, f"Both count the same thing, as of about the same time ({when}).")


# --- of what -----------------------------------------------------------------------------------------------------


def _other_things(first: Told, second: Told) -> tuple[str, ...]:
    """Why the two count different things; empty when they count the same."""
    if first.measure == second.measure and first.unit == second.unit:
        return ()
    return why_not_the_same(first.measure_name, first.unit, second.measure_name, second.unit)


def why_not_the_same(name: str, unit: str, other_name: str, other_unit: str) -> tuple[str, ...]:
    """Say in sentences why numbers of two measures do not compare; always at least one.

    Args:
        name, other_name: what the measures count, as they are called.
        unit, other_unit: in what.
    """
    found = []
    if unit != other_unit:
        found.append(f"One counts {unit}, the other {other_unit}.")
    mine, theirs = _counted(name), _counted(other_name)
    if mine and theirs and mine < theirs:
        found.append(f"“{other_name}” also counts the {_listed(theirs - mine)}.")
    elif mine and theirs and theirs < mine:
        found.append(f"“{name}” also counts the {_listed(mine - theirs)}.")
    elif mine and theirs and mine != theirs:
        found.append(f"One counts the {_listed(mine)}, the other the {_listed(theirs)}.")
    elif not found:
        found.append(f"One counts “{name}”, the other “{other_name}”.")
    return tuple(found)


def _counted(name: str) -> frozenset[str]:
    plain = name.casefold()
    counted = {part for part, words in _PARTS.items() if any(word in plain for word in words)}
    for word, parts in _TOGETHER.items():
        # A name that lists its parts means these; the bare word means all of them.
        if word in plain and not counted:
            counted.update(parts)
    return frozenset(counted)


def _listed(parts: frozenset[str]) -> str:
    ordered = [part for part in _PARTS if part in parts]
    return ordered[0] if len(ordered) == 1 else f"{', '.join(ordered[:-1])} and {ordered[-1]}"


def _beside(first: Told, second: Told) -> tuple[str, ...]:
    found = []
    if first.method and second.method and first.method != second.method:
        found.append(_methods(first, second))
    if {first.bound, second.bound} == {"exact", "about"}:
        found.append("One says “about”, the other does not.")
    return tuple(found)


def _methods(first: Told, second: Told) -> str:
    one, other = (_METHODS.get(told.method, "of a kind that is not known") for told in (first, second))
    return f"One is {one}, the other {other}."
