"""Quotes as a CSV file, one a row: the strict reader of it, and how a quote becomes cells.

A sheet brings quotes and nothing else. Its plain columns are the fields of `quotes.quote` under their own names and
are read back exactly; `uid` says which quote a row is. Columns in round brackets are there for the eye (who, when,
how far checked): they belong to other records or are derived, and a file cannot set them. `withheld` names fields
that a row does not give, which is not the same as empty.

Every row becomes a `Record` as if it had stood in a JSON file, so that all rules are those of `schema`. What the desk
writes is described in docs/formats.md; `quotes.text.csvsafe` guards the cells.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, BinaryIO, NoReturn

from quotes.importing.errors import Refused, RowError, json_path, shown
from quotes.importing.reader import LONGEST_RECORD, OTHER_FILES, Record, after
from quotes.importing.schema import MODELS
from quotes.text.csvsafe import unguard

QUOTE = MODELS["quotes.quote"]

COLUMNS: tuple[str, ...] = (
    "uid", "(speaker)", "(role)", "(said on)", "text", "kind", "(standing)", "(traced)", "(chain)", "(outlet)",
    "article", "(headline)", "(published)", "language", "is_translation", "cue", "speaker_as_printed",
    "role_as_printed", "prefix", "suffix", "capture", "start", "end", "withheld", "statement", "(gist)",
    "(occasion)", "(topics)", "(figures)", "(record)", "(embargoed until)",
)  # fmt: skip
"""The columns that the desk writes, in this order; a file may have them in another, and leave out some."""

CONTEXT = frozenset(column for column in COLUMNS if column.startswith("("))
WITHHELD = "withheld"

_OPTIONAL = frozenset(QUOTE.fields) - QUOTE.required
_PLAIN = re.compile(r'[^",\r\n]*')
_QUOTED = re.compile(r'"(?>[^"]*(?:""[^"]*)*)"')  # atomic: the first of two marks never ends it
_WHOLE = re.compile(r"0|[1-9][0-9]{0,17}")
_TRUTHS = {"true": True, "TRUE": True, "false": False, "FALSE": False}  # capitals: as spreadsheets save them
_BOM = "\ufeff"
_FIRST_COLUMN = re.compile(
    "(?:" + "|".join(re.escape(name) for name in COLUMNS) + r')"?[ ]*(?:[,;\t|\r\n]|$)', re.ASCII
)


def is_sheet(beginning: bytes, file: str) -> bool:
    """Whether a file is read as a sheet: by its name, or because it begins with the name of a column.

    Args:
        beginning: its first bytes; some dozens are enough.
        file: its name.
    """
    if file.lower().endswith(".csv"):
        return True
    text = beginning.decode("utf-8", "replace").removeprefix(_BOM)
    return bool(_FIRST_COLUMN.match(text.removeprefix('"')))


def cells_of(fields: Mapping[str, Any], context: Mapping[str, str]) -> list[str]:
    """The cells of one quote in the order of `COLUMNS`, not yet guarded.

    Args:
        fields: fields of `quotes.quote` as `writer.write_records` takes them; one that is left out is withheld.
        context: what stands in the columns in brackets.
    """
    withheld = " ".join(name for name in QUOTE.fields if name not in fields)
    cells = []
    for column in COLUMNS:
        if column in CONTEXT:
            cells.append(context.get(column, ""))
        else:
            cells.append(withheld if column == WITHHELD else _cell(column, fields.get(column)))
    return cells


def _cell(column: str, value: Any) -> str:
    if value is None:
        return ""
    if column == "capture":
        return str(value[1])  # the article stands in its own column
    if isinstance(value, list | tuple):
        return str(value[0])
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


@dataclass(slots=True)
class SheetRecord(Record):
    """A row as a record: `raw` is the row as it stands in the file, `offsets` says where each cell begins in it."""

    raw: str
    offsets: Mapping[str, int]

    def place(self, *path: str | int, at_key: bool = False) -> tuple[int, int]:
        """Line and column of the cell of a field, or of the row."""
        name = path[1] if len(path) > 1 and path[0] == "fields" else ""
        return after(self.line, self.column, self.raw, self.offsets.get(str(name), 0))


def read_sheet(stream: BinaryIO, file: str, *, chunk: int, given: bytes = b"") -> Iterator[Record]:
    """The quotes of a sheet, one at a time, at constant memory.

    Args:
        stream: the file, opened for bytes; it is read once, forwards.
        file: its name, for errors.
        chunk: bytes read at once.
        given: what was read of it already.

    Raises Refused at the first place where it is no sheet: another encoding than UTF-8, NUL, a bad header, a row with
    more or fewer cells than the header, a quotation mark out of place, rows that end in a lone CR. A byte order mark
    is taken and not asked for: spreadsheets need one to know the encoding (csvsafe).
    """
    rows = _Rows(stream, file, chunk, given)
    header = next(iter(rows), None)
    if header is None:
        raise Refused(
            RowError(file, 1, 1, "$", "the file is empty, expected a header with the names of columns")
        )
    columns = _header(rows, *header)
    for index, (cells, offsets) in enumerate(rows):
        if len(cells) != len(columns):
            rows.refuse(
                0, (index,), f"found a row of {_count(len(cells))}, expected {len(columns)} as in the header"
            )
        yield _record(
            rows, index, dict(zip(columns, cells, strict=True)), dict(zip(columns, offsets, strict=True))
        )


def _count(number: int) -> str:
    return "1 cell" if number == 1 else f"{number} cells"


def _header(rows: _Rows, cells: Sequence[str], offsets: Sequence[int]) -> Sequence[str]:
    """Check the header, whole, before any row is looked at."""
    if len(cells) == 1:
        for mark, name in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
            if mark in cells[0]:
                rows.refuse(0, (), f"the cells are separated by {name}, expected commas")
    known = [*QUOTE.fields, WITHHELD, *COLUMNS]
    for place, (name, offset) in enumerate(zip(cells, offsets, strict=True)):
        if name in cells[:place]:
            rows.refuse(offset, (), f"found the column {shown(name)} twice")
        if name not in known:
            near = get_close_matches(name[:80], known, 1)
            perhaps = f", expected {near[0]} perhaps" if near else ""
            rows.refuse(offset, (), f"found the unknown column {shown(name)}{perhaps}")
    missing = sorted(QUOTE.required - set(cells))
    if missing:
        rows.refuse(0, (), f"found no column {missing[0]}, expected one in the header")
    return cells


def _record(rows: _Rows, index: int, cells: Mapping[str, str], offsets: Mapping[str, int]) -> SheetRecord:
    fields = {
        name: _value(name, unguard(cell), cells)
        for name, cell in cells.items()
        if name not in CONTEXT and name != WITHHELD
    }
    for name in unguard(cells.get(WITHHELD, "")).split():
        if name not in _OPTIONAL:
            rows.refuse(
                offsets[WITHHELD], (index,), f"found {shown(name)} in withheld, expected names of fields"
            )
        fields.pop(name, None)
    value = {"model": QUOTE.label, "fields": fields}
    text = json.dumps(value, ensure_ascii=False)
    return SheetRecord(rows.file, index, rows.line, rows.column, text, value, rows.raw, offsets)


def _value(name: str, cell: str, cells: Mapping[str, str]) -> Any:
    """What JSON would have in the place of a cell; what does not fit stays text and is refused by the schema."""
    if name == "capture":
        return [unguard(cells.get("article", "")), cell] if cell else None
    if QUOTE.fields[name].refers_to:
        return [cell]
    if name in ("start", "end"):
        return int(cell) if _WHOLE.fullmatch(cell) else cell or None
    return _TRUTHS.get(cell, cell) if name == "is_translation" else cell


class _Rows:
    """The rows of a file, each with its place: `line` and `column` of its beginning, and `raw`, its own text."""

    def __init__(self, stream: BinaryIO, file: str, chunk: int, given: bytes) -> None:
        self.file = file
        self.line = self.column = 1
        self.raw = ""
        self._stream, self._chunk, self._given = stream, chunk, given
        self._decode = codecs.getincrementaldecoder("utf-8")("strict").decode
        self._text = ""
        self._at = 0
        self._ended = False
        self._bad_bytes = ""
        self._is_new = self._is_blank = True

    def __iter__(self) -> Iterator[tuple[list[str], list[int]]]:
        while True:
            self.line, self.column = after(self.line, self.column, self.raw, len(self.raw))
            self.raw = ""
            if self._at >= len(self._text) and not self._more():
                return
            row = self._row()
            while row is None:
                self._more()
                row = self._row()
            yield row

    def _row(self) -> tuple[list[str], list[int]] | None:
        """The row that begins here, or None when more of the file has to be read first."""
        text, begin = self._text, self._at
        cells: list[str] = []
        offsets: list[int] = []
        at = begin
        while True:
            offsets.append(at - begin)
            if text[at : at + 1] == '"':
                match = _QUOTED.match(text, at)
                if match is None or (match.end() == len(text) and not self._ended):
                    self._wait(at, "the file ends inside the quotation mark that opens here")
                    return None
                end = match.end()
                cells.append(text[at + 1 : end - 1].replace('""', '"'))
            else:
                match = _PLAIN.match(text, at)
                end = match.end() if match else at
                if end == len(text) and not self._ended:
                    self._wait(at, "")
                    return None
                cells.append(text[at:end])
            mark = text[end : end + 1]
            if mark == ",":
                at = end + 1
                continue
            if mark == "\r" and end + 1 == len(text) and not self._ended:
                self._wait(at, "")
                return None
            if mark == '"' or (text[at : at + 1] == '"' and mark not in ("\r", "\n", "")):
                self.refuse(
                    end - begin, (), f"found {shown(mark)} out of place; is a quotation mark not doubled?"
                )
            width = 2 if text.startswith("\r\n", end) else len(mark)
            if mark == "\r" and width == 1:
                self.refuse(end - begin, (), "found a lone CR at the end of a row, expected CR LF or LF")
            if mark == "" and self._bad_bytes:
                self.refuse(end - begin, (), self._bad_bytes)
            self.raw = text[begin : end + width]
            nul = self.raw.find("\0")
            if nul >= 0:
                self.refuse(nul, (), "found a NUL, which no text may hold")
            if len(self.raw) > LONGEST_RECORD:
                self._too_long()
            self._at = end + width
            return cells, offsets

    def _wait(self, at: int, message: str) -> None:
        """Say that the row goes on; refuse when the file is over, or when it cannot be one row any more."""
        if self._ended:
            self.refuse(at - self._at, (), self._bad_bytes or message)
        if len(self._text) - self._at > LONGEST_RECORD:
            self._too_long()

    def _too_long(self) -> NoReturn:
        self.refuse(0, (), f"is longer than {LONGEST_RECORD:,} characters; is a quotation mark missing?")

    def _more(self) -> bool:
        """Read on; false at the end of the file."""
        if self._ended:
            if self._bad_bytes:
                self.refuse(len(self._text) - self._at, (), self._bad_bytes)
            return False
        data = self._given or self._stream.read(max(self._chunk, len(self._text) - self._at))
        self._given = b""
        self._ended = not data
        if self._is_new:
            self._is_new = False
            self._refuse_other_files(data)
        try:
            more = self._decode(data, self._ended)
        except UnicodeDecodeError as problem:
            # What stands before the bad byte is read first: an earlier error is the one to name.
            more = problem.object[: problem.start].decode("utf-8")
            byte = problem.object[problem.start]
            self._bad_bytes = f"found the byte 0x{byte:02X}, which is not UTF-8 ({problem.reason})"
            self._ended = True
        if self._is_blank and more:
            self._is_blank = False
            more = more.removeprefix(_BOM)
        self._text = self._text[self._at :] + more
        self._at = 0
        return bool(self._text) or self._more()

    def _refuse_other_files(self, data: bytes) -> None:
        for beginning, what in OTHER_FILES:
            if data.startswith(beginning) and beginning != codecs.BOM_UTF8:
                raise Refused(RowError(self.file, 1, 1, "$", f"the file {what}"))
        if b"\0" in data[:4]:
            what = "the file holds NUL bytes, as UTF-16 does, expected UTF-8"
            raise Refused(RowError(self.file, 1, 1, "$", what))

    def refuse(self, offset: int, path: tuple[str | int, ...], message: str) -> NoReturn:
        """Refuse the file at a place in the present row."""
        line, column = after(self.line, self.column, self.raw or self._text[self._at :], offset)
        raise Refused(RowError(self.file, line, column, json_path(path), message))
