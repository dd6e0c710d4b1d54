"""The careful reader: strict JSON that knows where it is, for the record that went wrong.

``reader`` reads records with the C scanner of the standard library, which is quick but cannot say where a key stood
and lets some things pass. Whenever that one stumbles or has a doubt, the record is read again here. It reads
the same language (a property test holds the two together), gives the same values, and knows the place of each.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from quotes.importing.errors import Path, printable, shown
from quotes.importing.numbers import BeyondRange, decimal_number, whole_number

DEEPEST = 32
"""Levels of lists and objects that a file may nest (issue 3)."""

_SPACE = re.compile(r"[ \t\n\r]*")
_PLAIN = re.compile(r'[^"\\\x00-\x1f]*')
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_HEX = re.compile(r"[0-9A-Fa-f]{4}")
_WORD = re.compile(r"[A-Za-z_+\-.0-9]+")
_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_LITERALS: dict[str, Any] = {"true": True, "false": False, "null": None}


class Unreadable(Exception):
    """Text that is no strict JSON: where (index), in which value, and why."""

    def __init__(self, at: int, path: Path, message: str) -> None:
        super().__init__(message)
        self.at = at
        self.path = path
        self.message = message


class TextEnds(Unreadable):
    """The text ends inside a value: more of it may mend that."""


@dataclass(slots=True)
class Places:
    """Where each value begins, and where the key of each member of an object stands; indices into the text."""

    values: dict[Path, int] = field(default_factory=dict)
    keys: dict[Path, int] = field(default_factory=dict)

    def of(self, path: Path) -> int | None:
        """The place of a value, or of the nearest value around it that is there."""
        for length in range(len(path), -1, -1):
            if path[:length] in self.values:
                return self.values[path[:length]]
        return None


def read_value(
    text: str, at: int = 0, path: Path = (), places: Places | None = None, depth: int = 0
) -> tuple[Any, int]:
    """The value that begins at ``text[at]``, and where it ends.

    Args:
        at: index of its first character, space not counted.
        path: the path of this value, for errors and places.
        places: is filled with the place of each value in it, when given.
        depth: levels around it.

    Raises Unreadable, or TextEnds when the text is over before the value is.
    """
    if places is not None:
        places.values[path] = at
    char = text[at : at + 1]
    if char == '"':
        return _string(text, at, path)
    if char in ("{", "["):
        if depth >= DEEPEST:
            raise Unreadable(at, path, f"is nested more than {DEEPEST} levels deep")
        read = _object if char == "{" else _list
        return read(text, at, path, places, depth + 1)
    if char == "":
        raise TextEnds(at, path, "the file ends where a value was expected")
    if char == "-" or char.isdigit():
        return _number(text, at, path)
    return _literal(text, at, path)


def skip_space(text: str, at: int) -> int:
    """The index of the first character from ``at`` that is no JSON space."""
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _object(text: str, at: int, path: Path, places: Places | None, depth: int) -> tuple[dict[str, Any], int]:
    members: dict[str, Any] = {}
    at = skip_space(text, at + 1)
    if text[at : at + 1] == "}":
        return members, at + 1
    while True:
        if text[at : at + 1] != '"':
            raise _unexpected(text, at, path, "a key in quotation marks" if not members else "another key")
        start = at
        key, at = _string(text, at, path)
        here = (*path, key)
        if key in members:
            raise Unreadable(start, here, f"found the key {shown(key)} twice in one object")
        if places is not None:
            places.keys[here] = start
        at = skip_space(text, at)
        if text[at : at + 1] != ":":
            raise _unexpected(text, at, here, "a colon after the key")
        at = skip_space(text, at + 1)
        members[key], at = read_value(text, at, here, places, depth)
        at = skip_space(text, at)
        if text[at : at + 1] == "}":
            return members, at + 1
        if text[at : at + 1] != ",":
            raise _unexpected(text, at, path, "a comma or the } of the object")
        at = skip_space(text, at + 1)


def _list(text: str, at: int, path: Path, places: Places | None, depth: int) -> tuple[list[Any], int]:
    items: list[Any] = []
    at = skip_space(text, at + 1)
    if text[at : at + 1] == "]":
        return items, at + 1
    while True:
        item, at = read_value(text, at, (*path, len(items)), places, depth)
        items.append(item)
        at = skip_space(text, at)
        if text[at : at + 1] == "]":
            return items, at + 1
        if text[at : at + 1] != ",":
            raise _unexpected(text, at, path, "a comma or the ] of the list")
        at = skip_space(text, at + 1)


def _string(text: str, at: int, path: Path) -> tuple[str, int]:
    begin = at
    at += 1
    pieces: list[str] = []
    while True:
        plain = _PLAIN.match(text, at)
        end = plain.end() if plain else at
        pieces.append(text[at:end])
        at = end
        char = text[at : at + 1]
        if char == '"':
            return "".join(pieces), at + 1
        if char == "":
            raise TextEnds(begin, path, "the file ends inside the text that begins here")
        if char != "\\":
            what = "a NUL" if char == "\0" else f"the control character U+{ord(char):04X}"
            raise Unreadable(at, path, f"found {what} inside a text, expected it as an escape or not at all")
        piece, at = _escape(text, at, path)
        pieces.append(piece)


def _escape(text: str, at: int, path: Path) -> tuple[str, int]:
    letter = text[at + 1 : at + 2]
    if letter == "":
        raise TextEnds(at, path, "the file ends inside an escape")
    if letter in _ESCAPES:
        return _ESCAPES[letter], at + 2
    if letter != "u":
        raise Unreadable(at, path, f"found the escape \\{printable(letter)}, which JSON has not")
    code = _code_unit(text, at, path)
    if code == 0:
        raise Unreadable(at, path, "found a NUL (\\u0000), which no text may hold")
    if not 0xD800 <= code <= 0xDFFF:
        return chr(code), at + 6
    low = _code_unit(text, at + 6, path) if text[at + 6 : at + 8] == "\\u" else 0
    if low == 0 and len(text) < at + 12 and "\\u".startswith(text[at + 6 : at + 8]):
        raise TextEnds(at, path, "the file ends inside an escape")
    if code >= 0xDC00 or not 0xDC00 <= low <= 0xDFFF:
        raise Unreadable(at, path, f"found half a character (the lone surrogate {text[at : at + 6]})")
    return chr(0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00)), at + 12


def _code_unit(text: str, at: int, path: Path) -> int:
    digits = _HEX.match(text, at + 2)
    if digits:
        return int(digits[0], 16)
    if len(text) < at + 6 and re.fullmatch("[0-9A-Fa-f]*", text[at + 2 :]):
        raise TextEnds(at, path, "the file ends inside an escape")
    raise Unreadable(
        at, path, f"found {printable(text[at : at + 6])}, expected \\u and four hexadecimal digits"
    )


def _number(text: str, at: int, path: Path) -> tuple[Any, int]:
    match = _NUMBER.match(text, at)
    if not match:
        raise _unexpected(text, at, path, "a number")
    if _WORD.match(text, match.end()):
        raise _unexpected(text, at, path, "a number as JSON writes it")
    if match.end() == len(text):
        raise TextEnds(at, path, "the file ends inside or behind a number")
    try:
        is_whole = match[1] is None and match[2] is None
        return (whole_number if is_whole else decimal_number)(match[0]), match.end()
    except BeyondRange as problem:
        raise Unreadable(at, path, str(problem)) from None


def _literal(text: str, at: int, path: Path) -> tuple[Any, int]:
    for word, value in _LITERALS.items():
        if text.startswith(word, at):
            return value, at + len(word)
        if len(text) < at + len(word) and word.startswith(text[at:]):
            raise TextEnds(at, path, "the file ends inside a value")
    raise _unexpected(text, at, path, "a value")


def _unexpected(text: str, at: int, path: Path, expected: str) -> Unreadable:
    if at >= len(text):
        return TextEnds(at, path, f"the file ends where {expected} was expected")
    word = _WORD.match(text, at)
    found = word[0] if word else text[at]
    # A word that reaches the end of the text may be the beginning of another.
    kind = TextEnds if word and word.end() == len(text) else Unreadable
    if found in ("NaN", "Infinity", "-Infinity"):
        return kind(at, path, f"found {found}, which is no number of JSON")
    return kind(at, path, f"found {shown(found)}, expected {expected}")
