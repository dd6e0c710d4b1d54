"""A fixture file as a stream of records: strict, at constant memory, each record with its place.

The records are read by the C scanner of the standard library out of a buffer of some hundred kilobytes; what the
scanner refuses, and all that it would let pass and we do not, is read again by ``careful``, which knows the place
and the reason. Refused: other encodings than UTF-8, a byte order mark, duplicate keys, NaN and Infinity, lone
surrogates, NUL, more than 32 levels, numbers beyond range, anything behind the list, anything but one list
(TRUST.md F4, R7, R8).
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, NoReturn

from quotes.importing.careful import DEEPEST, Places, TextEnds, Unreadable, read_value, skip_space
from quotes.importing.errors import Path, Refused, RowError, json_path, shown
from quotes.importing.numbers import BeyondRange, decimal_number, whole_number

CHUNK = 256 * 1024
"""Bytes read at once."""

LONGEST_RECORD = 4 * 1024 * 1024
"""Characters of one record; an article's text is far shorter, and a missing quotation mark is met in time."""

# What else a file may be, by its first bytes: named, because “not UTF-8” would not help.
OTHER_FILES = (
    (b"\xef\xbb\xbf", "begins with a byte order mark (BOM), expected UTF-8 without one"),
    (b"\xff\xfe\x00\x00", "is UTF-32, expected UTF-8"),
    (b"\x00\x00\xfe\xff", "is UTF-32, expected UTF-8"),
    (b"\xff\xfe", "is UTF-16, expected UTF-8"),
    (b"\xfe\xff", "is UTF-16, expected UTF-8"),
    (b"\x1f\x8b", "is compressed (gzip), expected plain JSON"),
    (b"PK\x03\x04", "is a ZIP archive or a spreadsheet, expected plain JSON"),
    (b"\xfd7zXZ", "is compressed (xz), expected plain JSON"),
    (b"BZh", "is compressed (bzip2), expected plain JSON"),
)
_LONGEST_BEGINNING = max(len(beginning) for beginning, _ in OTHER_FILES)
_ENOUGH_TO_TELL = 64  # bytes: longer than a mark and the name of any column
_DOUBTFUL_ESCAPE = re.compile(r"\\u(?:[dD][89a-fA-F]|0000)")


class _Doubt(Exception):
    """The quick scanner met something that only the careful reader may judge."""


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _Doubt
    return members


def _constant(_name: str) -> NoReturn:
    raise _Doubt


_quick = json.JSONDecoder(
    object_pairs_hook=_members, parse_int=whole_number, parse_float=decimal_number, parse_constant=_constant
).raw_decode


# Not frozen: freezing makes it three times as slow to make, and a file has a million of them.
@dataclass(slots=True)
class Record:
    """One entry of the list: its value, its number from 0, its text as it stood, and where it begins."""

    file: str
    index: int
    line: int
    column: int
    text: str
    value: Any

    def error(self, message: str, *path: str | int, at_key: bool = False) -> RowError:
        """A refusal of the value at ``path`` in this record, with its place.

        Args:
            path: steps below the record: ``"fields", "speaker", 0``.
            at_key: point to the key, for a member that should not be there.
        """
        line, column = self.place(*path, at_key=at_key)
        return RowError(self.file, line, column, json_path((self.index, *path)), message)

    def place(self, *path: str | int, at_key: bool = False) -> tuple[int, int]:
        """Line and column of the value at ``path``, or of what is around it when it is not there."""
        places = Places()
        read_value(self.text + " ", 0, (), places, 1)
        at = places.keys.get(path) if at_key else None
        if at is None:
            at = places.of(path) or 0
        return after(self.line, self.column, self.text, at)


def after(line: int, column: int, text: str, at: int) -> tuple[int, int]:
    """Line and column of ``text[at]``, when ``text`` begins at these."""
    newlines = text.count("\n", 0, at)
    if not newlines:
        return line, column + at
    return line + newlines, at - text.rfind("\n", 0, at)


def read_records(stream: BinaryIO, file: str, *, chunk: int = CHUNK) -> Iterator[Record]:
    """The records of a fixture file, one at a time; of a sheet of quotes (``sheet``), when that is what it is.

    Args:
        stream: the file, opened for bytes; it is read once, forwards.
        file: its name, for errors.
        chunk: bytes read at once; for tests.

    Raises Refused at the first place where the file is no strict JSON list of objects. The records before that
    place have been given out already: who acts on them must be able to undo it.
    """
    from quotes.importing.sheet import is_sheet, read_sheet  # it stands on this module

    beginning = stream.read(max(chunk, _ENOUGH_TO_TELL))
    if is_sheet(beginning[:_ENOUGH_TO_TELL], file):
        return read_sheet(stream, file, chunk=chunk, given=beginning)
    return _Reader(stream, file, chunk, beginning).records()


class _Reader:
    """The buffer of a file with its place in it.

    ``_at`` is the index of the next character; ``_line`` and ``_column`` are those of index ``_counted``.
    """

    def __init__(self, stream: BinaryIO, file: str, chunk: int, given: bytes) -> None:
        self._stream = stream
        self._file = file
        self._chunk = chunk
        self._given = given
        self._decode = codecs.getincrementaldecoder("utf-8")("strict").decode
        self._text = ""
        self._at = self._counted = 0
        self._line = self._column = 1
        self._ended = False
        self._bad_bytes = ""
        self._is_new = True

    def records(self) -> Iterator[Record]:
        if self._next() != "[":
            self._not_a_list()
        self._at += 1
        index = 0
        if self._next() != "]":
            while True:
                yield self._record(index)
                index += 1
                separator = self._next()
                if separator == "]":
                    break
                if separator != ",":
                    self._refuse(self._at, (index - 1,), "a comma or the ] of the list")
                self._at += 1
                self._next()
        self._at += 1
        if self._next():
            self._refuse(self._at, (), "nothing behind the list")

    def _record(self, index: int) -> Record:
        begin_line, begin_column = self._place(self._at)
        value, end = self._value(index)
        text = self._text[self._at : end]
        self._at = end
        return Record(self._file, index, begin_line, begin_column, text, value)

    def _value(self, index: int) -> tuple[Any, int]:
        while True:
            text, at = self._text, self._at
            try:
                value, end = _quick(text, at)
            except json.JSONDecodeError as problem:
                # A text that is cut off looks broken near its end, or from where a string begins.
                cut_off = problem.pos >= len(text) - 12 or problem.msg.startswith("Unterminated")
                if not cut_off or not self._more():
                    return self._carefully(index)
            except (_Doubt, BeyondRange, RecursionError):
                return self._carefully(index)
            else:
                if type(value) is not dict:
                    return self._carefully(index)
                if end - at > LONGEST_RECORD:
                    self._too_long(index)
                if text.count("{", at, end) + text.count("[", at, end) >= DEEPEST:
                    return self._carefully(index)
                if text.find("\\u", at, end) >= 0 and _DOUBTFUL_ESCAPE.search(text, at, end):
                    return self._carefully(index)
                return value, end
            if len(self._text) - self._at > LONGEST_RECORD:
                self._too_long(index)

    def _carefully(self, index: int) -> tuple[Any, int]:
        while True:
            try:
                return read_value(self._text, self._at, (index,), None, 1)
            except TextEnds as problem:
                if not self._more():
                    self._refuse_at(problem.at, problem.path, problem.message)
                if len(self._text) - self._at > LONGEST_RECORD:
                    self._too_long(index)
            except Unreadable as problem:
                self._refuse_at(problem.at, problem.path, problem.message)

    def _not_a_list(self) -> NoReturn:
        """Say whether the file is no JSON at all, or JSON that is no list."""
        begin = self._at
        if not self._next():
            self._refuse_at(begin, (), "the file is empty, expected a list of records")
        while True:
            try:
                value, end = read_value(self._text + (" " if self._ended else ""), self._at)
                break
            except TextEnds as problem:
                if not self._more():
                    self._refuse_at(min(problem.at, len(self._text)), problem.path, problem.message)
                if len(self._text) - self._at > LONGEST_RECORD:
                    self._refuse_at(begin, (), f"found {self._text[begin]!r}, expected a list of records")
            except Unreadable as problem:
                self._refuse_at(problem.at, problem.path, problem.message)
        found = shown(value)
        line, column = self._place(self._at)
        self._at = end
        if self._next():
            self._refuse(self._at, (), "nothing behind the value")
        raise Refused(RowError(self._file, line, column, "$", f"found {found}, expected a list of records"))

    def _too_long(self, index: int) -> NoReturn:
        message = f"is longer than {LONGEST_RECORD:,} characters; is a quotation mark or a bracket missing?"
        self._refuse_at(self._at, (index,), message)

    def _next(self) -> str:
        """Skip space; the next character, or an empty string at the end of the file."""
        while True:
            self._at = skip_space(self._text, self._at)
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def _more(self) -> bool:
        """Read on; false at the end of the file. What lies behind is forgotten, so indices before it move."""
        if self._ended:
            if self._bad_bytes:
                self._refuse_at(len(self._text), (), self._bad_bytes)
            return False
        # Twice as much each time, so that a long record costs no more than its length.
        data = self._given or self._stream.read(max(self._chunk, len(self._text) - self._at))
        self._given = b""
        if self._is_new:
            data = self._first(data)
        self._ended = not data
        self._line, self._column = self._place(self._at)
        self._text = self._text[self._at :]
        self._at = self._counted = 0
        try:
            self._text += self._decode(data, self._ended)
        except UnicodeDecodeError as problem:
            # What stands before the bad byte is read first: an earlier error is the one to name.
            self._text += problem.object[: problem.start].decode("utf-8")
            byte = problem.object[problem.start]
            self._bad_bytes = f"found the byte 0x{byte:02X}, which is not UTF-8 ({problem.reason})"
            self._ended = True
        return True

    def _first(self, data: bytes) -> bytes:
        self._is_new = False
        while data and len(data) < _LONGEST_BEGINNING:
            more = self._stream.read(_LONGEST_BEGINNING - len(data))
            if not more:
                break
            data += more
        for beginning, what in OTHER_FILES:
            if data.startswith(beginning):
                raise Refused(RowError(self._file, 1, 1, "$", f"the file {what}"))
        if b"\0" in data[:4]:
            raise Refused(
                RowError(self._file, 1, 1, "$", "the file holds NUL bytes, as UTF-16 does, expected UTF-8")
            )
        return data

    def _place(self, at: int) -> tuple[int, int]:
        newlines = self._text.count("\n", self._counted, at)
        if newlines:
            self._line += newlines
            self._column = at - self._text.rfind("\n", self._counted, at)
        else:
            self._column += at - self._counted
        self._counted = at
        return self._line, self._column

    def _refuse(self, at: int, path: Path, expected: str) -> NoReturn:
        if at < len(self._text):
            found = f"found {shown(self._text[at])}, expected {expected}"
        else:
            found = f"the file ends where {expected} was expected"
        self._refuse_at(at, path, found)

    def _refuse_at(self, at: int, path: Path, message: str) -> NoReturn:
        line, column = after(*self._place(self._at), self._text[self._at :], at - self._at)
        raise Refused(RowError(self._file, line, column, json_path(path), message))
