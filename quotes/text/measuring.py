"""How wide text will be when a browser draws it, so that the server can lay out drawings without overlaps.

Nobody knows here which font the reader's machine has. The widths are those of the widest of the fonts that the style
sheets name, rounded up: a drawing may leave a little too much room, never too little.
"""

from __future__ import annotations

import unicodedata

# Shares of the font's size. Sans and serif of the stacks in tokens.css differ by less than what is rounded up.
_NARROW, _SPACE, _LOWER, _DIGIT, _CAPITAL, _WIDE, _FULL = 0.36, 0.3, 0.58, 0.67, 0.76, 0.98, 1.05
_BY_LETTER = {
    **dict.fromkeys("iljI|!.,:;'’ʼ`·ії", _NARROW),
    **dict.fromkeys('ftr()[]{}/\\-‐‑“”„"*°', 0.46),
    **dict.fromkeys("mwMWшщжмюШЩЖМЮфФ@%—…", _WIDE),
    " ": _SPACE,
    "\u00a0": _SPACE,
    "–": 0.67,
}


def width(text: str, size: float) -> float:
    """Return the width of a line of text in the unit of ``size``, rounded up.

    Args:
        text: one line.
        size: of the font, for example in px.
    """
    return size * sum(_advance(character) for character in text)


def _advance(character: str) -> float:
    known = _BY_LETTER.get(character)
    if known is not None:
        return known
    if unicodedata.combining(character) or unicodedata.category(character) in ("Cf", "Mn", "Me"):
        return 0.0
    if unicodedata.east_asian_width(character) in "WF":
        return _FULL
    if character.isdigit():
        return _DIGIT
    return _CAPITAL if character.isupper() else _LOWER if character.islower() else 0.8


def wrap(text: str, room: float, size: float, lines: int) -> list[str]:
    """Break text into at most ``lines`` lines that each fit into ``room``; what is left over is cut with an ellipsis.

    Words longer than a line, and scripts without spaces, are broken where the line ends.

    Args:
        text: running text; its spaces and breaks are single spaces here.
        room: the width of a line, in the unit of ``size``.
        size: of the font.
        lines: how many at most, one or more.
    """
    words = " ".join(text.split())
    found: list[str] = []
    while words and len(found) < lines:
        line = _first_line(words, room, size)
        words = words[len(line) :].lstrip()
        found.append(line.rstrip())
    if words and found:
        found[-1] = shorten(f"{found[-1]} {words}", room, size)
    return found


def shorten(text: str, room: float, size: float) -> str:
    """Return the text, cut with an ellipsis when it does not fit into ``room``."""
    if width(text, size) <= room:
        return text
    kept = ""
    for character in text:
        if width(f"{kept}{character}…", size) > room:
            break
        kept += character
    return f"{kept.rstrip()}…"


def _first_line(text: str, room: float, size: float) -> str:
    used, last_space = 0.0, 0
    for at, character in enumerate(text):
        used += _advance(character) * size
        if used > room and at:
            return text[:last_space] if last_space else text[:at]
        if character == " ":
            last_space = at
    return text


def apart(boxes: list[tuple[float, float, float, float]]) -> bool:
    """Whether no two boxes (left, top, right, bottom) overlap; touching edges do not.

    Sorted by their left edge, so that it is asked of two hundred boxes without looking at every pair twice.
    """
    ordered = sorted(boxes)
    return not any(
        overlap(one, other)
        for place, one in enumerate(ordered)
        for other in ordered[place + 1 :]
        if other[0] < one[2]
    )


def overlap(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    """Whether two boxes (left, top, right, bottom) have some ground in common."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
