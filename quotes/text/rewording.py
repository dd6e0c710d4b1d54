"""What changed from one wording to another, in sentences that an editor can act on.

A report that leaves out half a sentence may turn it round: “the door remains open” of “the door remains open, but
until …”. So what was left out is named, with the words in it that turn a sentence (``turningwords``), sorted into
condition, contrast and negation where the language has a list here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from quotes.text.folding import fold_text
from quotes.text.worddiff import Diff, Omission, diff

Sort = Literal["condition", "contrast", "negation"]
Mark = Literal["", "del", "ins"]

_SORTS: dict[Sort, tuple[str, ...]] = {
    "condition": (
        "until, till, unless, if, even if, only if, only, except, provided, providing, as long as, so long as, "
        "on condition, otherwise, depending, lest, in case, whether",
        "якщо, якби, поки, допоки, доки, доти, за умови, інакше, тільки, лише",
        "если, пока, покуда, доколе, до тех пор, при условии, иначе, только, лишь, кроме",
        "wenn, falls, sofern, solange, bis, nur, es sei denn, vorausgesetzt, sonst",
        "si, sauf, jusqu, à moins, tant que, à condition, pourvu, sinon, seulement",
    ),
    "contrast": (
        "but, however, yet, though, although, despite, in spite of, nevertheless, nonetheless, while, whereas, "
        "instead, rather than",
        "але, проте, однак, хоча, хоч, попри, незважаючи, замість",
        "но, однако, хотя, зато, несмотря, вопреки, вместо",
        "aber, doch, jedoch, allerdings, sondern, obwohl, trotz, trotzdem, anstatt",
        "mais, cependant, pourtant, toutefois, bien que, quoique, malgré, néanmoins, au lieu",
    ),
    "negation": (
        "not, never, cannot, no, none, nor, no longer, nobody, nothing, without, hardly, barely, scarcely, n't",
        "не, ні, ніколи, ніхто, нічого, без, немає, а не",
        "не, нет, ни, никогда, никто, ничего, без, а не",
        "nicht, kein, keine, keinen, keinem, keiner, nie, niemals, niemand, nichts, ohne",
        "pas, ne, jamais, aucun, aucune, rien, personne, sans, ni",
    ),
}
_TITLES: dict[Sort, str] = {
    "condition": "Condition",
    "contrast": "Contrast",
    "negation": "Negation",
}
LEAST_LIKENESS = 0.3
"""Share of words in common below which two wordings are not set against each other word by word."""
LEAST_KEPT = 0.6
"""Share of the shorter wording's words that stand in the longer one, from which it is a part of it."""
MOST_SHOWN = 8
"""Changes named one by one; the marks in the texts show all."""
A_WORD_OR_TWO = 3
"""Words up to which a quote is only a scrap of a sentence."""


@dataclass(frozen=True, slots=True)
class Wording:
    """One quote, as far as its words matter. ``name`` is what the sentences call it (“Lenta.ru”, “the first”)."""

    text: str
    kind: str
    language: str
    name: str
    is_translation: bool = False
    role: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One change: a title, and a sentence in pieces; ``del`` is only in the first wording, ``ins`` only in the second.

    ``turning`` are the words in it that turn a sentence, ``sorts`` what sort they are of.
    """

    title: str
    pieces: tuple[tuple[Mark, str], ...]
    turning: tuple[str, ...] = ()
    sorts: tuple[Sort, ...] = ()

    @property
    def sentence(self) -> str:
        """The sentence as plain text."""
        return "".join(f"“{text}”" if mark else text for mark, text in self.pieces)


@dataclass(frozen=True, slots=True)
class Rewording:
    """Two wordings compared; ``diff`` is None where words cannot be set against each other."""

    diff: Diff | None
    changes: tuple[Change, ...]
    more: int = 0

    @property
    def turned(self) -> bool:
        """Whether something that turns a sentence is in one wording only."""
        return any(change.turning for change in self.changes)

    @property
    def dropped(self) -> tuple[Change, ...]:
        """The changes by which a condition is in one wording only."""
        return tuple(change for change in self.changes if "condition" in change.sorts)


def reword(first: Wording, second: Wording) -> Rewording:
    """Compare two wordings and say what changed; the names in the sentences are those of the wordings."""
    same_language = _code(first.language) == _code(second.language)
    found = diff(first.text, second.text, _code(first.language)) if same_language else None
    changes = [*_about_kind(first, second)]
    if found is None:
        told = "They are in two languages: their words cannot be set against each other, only their sense."
        changes.insert(0, Change("Two languages", (("", told),)))
        return Rewording(None, tuple(changes))
    if not found.left_out and not found.added:
        told = "Both have the same words."
        if first.text != second.text:
            told = "Both have the same words; only marks, spaces, accents or capitals differ."
        return Rewording(found, (Change("Same words", (("", told),)), *changes))
    # Judged in one order, so that A against B is marked if and only if B against A is.
    judged = found if first.text <= second.text else diff(second.text, first.text, _code(first.language))
    if not is_comparable(judged):
        share = f"{round(judged.likeness * 100)} %"
        own = Change(
            "Worded apart", (("", f"They share {share} of their words: too little to mark what differs."),)
        )
        return Rewording(None, (own, *changes))
    of_words = _about_words(found, first, second)
    scrap = _scrap(found, first, second)
    shown = [*([scrap] if scrap else []), *of_words[:MOST_SHOWN]]
    return Rewording(found, (*shown, *changes), max(0, len(of_words) - MOST_SHOWN))


def is_comparable(found: Diff) -> bool:
    """Whether two wordings have enough in common for marks to help: alike, or the one a part of the other."""
    return found.likeness >= LEAST_LIKENESS or kept(found) >= LEAST_KEPT


def kept(found: Diff) -> float:
    """Return the share of the shorter wording's words that stand in the longer one too, 0 to 1."""
    common = sum(_words(piece.text) for piece in found.first_pieces if not piece.changed)
    shorter = min(_words(found.first), _words(found.second))
    return common / shorter if shorter else 0.0


def sort_of(words: Iterable[str]) -> tuple[Sort, ...]:
    """Say what sort of turning words these are, each sort once, the gravest first."""
    folded = {fold_text(word) for word in words}
    return tuple(sort for sort in _SORTS if folded & _folded(sort))


@cache
def _folded(sort: Sort) -> frozenset[str]:
    return frozenset(fold_text(word.strip()) for line in _SORTS[sort] for word in line.split(","))


def _about_words(found: Diff, first: Wording, second: Wording) -> list[Change]:
    """Name what one wording has and the other has not: what turns a sentence first, then as it stands."""
    changes: list[Change] = []
    lost = {omission.start: omission for omission in found.left_out}
    won = {omission.start: omission for omission in found.added}
    segments = found.segments
    for place, segment in enumerate(segments):
        if segment.op == "equal":
            continue
        if segment.op == "delete":
            gone = _within(lost.values(), segment.first_start, segment.first_end)
            after = segments[place + 1] if place + 1 < len(segments) else None
            put = (
                _within(won.values(), after.second_start, after.second_end)
                if after is not None and after.op == "insert"
                else None
            )
            if gone and put:
                changes.append(_reworded(gone, put, first, second))
            elif gone:
                changes.append(_left_out(gone, second, first, "del"))
            elif put:
                changes.append(_left_out(put, first, second, "ins"))
        elif place == 0 or segments[place - 1].op != "delete":
            put = _within(won.values(), segment.second_start, segment.second_end)
            if put:
                changes.append(_left_out(put, first, second, "ins"))
    return sorted(changes, key=lambda change: not change.turning)


def _within(omissions: Iterable[Omission], start: int, end: int) -> Omission | None:
    return next((omission for omission in omissions if start <= omission.start < end), None)


def _left_out(omission: Omission, by: Wording, of: Wording, mark: Mark) -> Change:
    sorts = sort_of(omission.turning)
    title = f"{_TITLES[sorts[0]]} left out" if sorts else "Left out"
    pieces: list[tuple[Mark, str]] = [
        ("", f"{_capital(by.name)} leaves out what {of.name} has: "), (mark, _bare(omission.text)),
    ]  # fmt: skip
    pieces.append(("", f", with {_named(omission.turning)}." if omission.turning else "."))
    return Change(title, tuple(pieces), omission.turning, sorts)


def _reworded(gone: Omission, put: Omission, first: Wording, second: Wording) -> Change:
    mine, theirs = ({fold_text(word) for word in words} for words in (gone.turning, put.turning))
    turning = tuple(word for word in (*gone.turning, *put.turning) if fold_text(word) in mine ^ theirs)
    sorts = sort_of(turning)
    title = f"{_TITLES[sorts[0]]} changed" if sorts else "Reworded"
    pieces: tuple[tuple[Mark, str], ...] = (
        ("", f"{_capital(first.name)} has "),
        ("del", _bare(gone.text)),
        ("", f", {second.name} "),
        ("ins", _bare(put.text)),
        ("", f"; only one of them has {_named(turning)}." if turning else "."),
    )
    return Change(title, pieces, turning, sorts)


def _scrap(found: Diff, first: Wording, second: Wording) -> Change | None:
    """Say that one wording is a word or two of the other, which has a whole sentence."""
    for short, long in ((first, second), (second, first)):
        size, whole = _words(short.text), _words(long.text)
        if size <= A_WORD_OR_TWO and whole >= 3 * size and kept(found) >= LEAST_KEPT:
            words = "one word" if size == 1 else f"{size} words"
            mark: Mark = "del" if short is first else "ins"
            return Change(
                "A word of many" if size == 1 else "A few words of many",
                (("", f"{_capital(short.name)} quotes {words}, "), (mark, short.text),
                 ("", f", of the {whole} that {long.name} has.")),
            )  # fmt: skip
    return None


_KINDS = {
    "direct": "quotes it directly",
    "indirect": "paraphrases it",
    "mixed": "quotes it in part",
    "partial": "quotes a word or two of it",
}


def _about_kind(first: Wording, second: Wording) -> list[Change]:
    changes = []
    if first.kind != second.kind:
        one, other = (_KINDS.get(wording.kind, "has it") for wording in (first, second))
        told = f"{_capital(first.name)} {one}, {second.name} {other}."
        changes.append(Change("Quoted otherwise", (("", told),)))
    translated = [wording for wording in (first, second) if wording.is_translation]
    if len(translated) == 1 and _code(first.language) == _code(second.language):
        changes.append(
            Change(
                "Translated", (("", f"{_capital(translated[0].name)} is a translation, the other is not."),)
            )
        )
    elif len(translated) == 2:
        changes.append(
            Change("Translated", (("", "Both are translations: their words are the translators’."),))
        )
    if first.role and second.role and fold_text(first.role) != fold_text(second.role):
        changes.append(
            Change("Role as printed", (
                ("", f"{_capital(first.name)} prints "), ("del", first.role), ("", f", {second.name} "),
                ("ins", second.role), ("", "."),
            ))
        )  # fmt: skip
    return changes


_MARKS = {"“": "”", "«": "»", '"': '"', "„": "“"}


def credit(wording: Wording, speaker: str) -> str:
    """Say who words it how, as the half of a sentence; marks only round the speaker's own words."""
    text = " ".join(wording.text.split()).strip('“”"«»').rstrip(".")
    if wording.kind == "direct":
        return f"{wording.name} quotes {speaker} as saying “{text}”"
    if wording.kind == "partial":
        return f"{wording.name} quotes only “{text}” of what {speaker} said"
    return f"{wording.name} reports, in its own words, that {speaker} said: {text}"


def sentence(first: Wording, second: Wording, speaker: str, other_speaker: str = "") -> str:
    """One sentence to copy that has both wordings, each with its paper."""
    changed = [change for change in reword(first, second).changes if change.turning]
    told = f"{_capital(credit(first, speaker))}; {credit(second, other_speaker or speaker)}."
    return f"{told} {changed[0].sentence}" if changed else told


def _bare(text: str) -> str:
    """Words without the marks and spaces at their ends, for naming them in a sentence."""
    return text.strip(" ,.;:–—-\u00a0") or text


def _named(words: Sequence[str]) -> str:
    quoted = [f"“{word}”" for word in words]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"


def _capital(name: str) -> str:
    return f"{name[:1].upper()}{name[1:]}" if name.startswith("the ") else name


def _code(language: str) -> str:
    return language.split("-")[0].lower()


def _words(text: str) -> int:
    return sum(1 for word in text.split() if any(character.isalnum() for character in word))
