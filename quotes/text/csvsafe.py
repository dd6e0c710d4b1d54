"""CSV that no spreadsheet runs as a formula, and that reads back exactly (TRUST.md S10).

A cell that a spreadsheet could take for a formula gets an apostrophe in front, and so does a cell that begins
with one; ``unguard`` takes away exactly one. So every text comes back as it was. Files are UTF-8 with a byte order
mark, without which spreadsheets guess the encoding; all cells are quoted, rows end in CR LF (RFC 4180).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

# What begins a formula or a command in one spreadsheet or another, in ASCII and in full width.
_TRIGGERS = frozenset("=+-@|%＝＋－＠｜％\t\r\n")
GUARD = "'"
_LONGEST_CELL = (
    2**31 - 1
)  # the limit of the csv module, 131,072 unless it is told otherwise, is for all its readers
_SKIPPED = " \t\r\n\v\f\x1c\x1d\x1e\x1f\x85\xa0\u2000\u2002\u2003\u2009\u2028\u2029\u202f\u3000\ufeff\u200b\u2060\xad"


def guard(text: str) -> str:
    """``text`` as a cell that is shown, never run."""
    return GUARD + text if text.startswith(GUARD) or _may_run(text) else text


def unguard(cell: str) -> str:
    """The text that ``guard`` was given."""
    return cell[1:] if cell.startswith(GUARD) else cell


def write_csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The lines of a CSV file, one row at a time, for a streamed answer; the first begins with the mark.

    Raises ValueError when a row has another number of cells than the header, or a cell holds a NUL.
    """
    yield "\ufeff" + _line(header)
    for row in rows:
        if len(row) != len(header):
            raise ValueError(f"a row has {len(row)} cells, the header {len(header)}")
        yield _line([guard(cell) for cell in row])


def read_csv(text: str) -> Iterator[list[str]]:
    """The rows of a file that ``write_csv`` wrote, header first, each cell as it was before."""
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    for number, row in enumerate(reader):
        yield row if number == 0 else [unguard(cell) for cell in row]


def _may_run(text: str) -> bool:
    # Some programs skip what cannot be seen before they look for a formula.
    return text[:1] in _TRIGGERS or text.lstrip(_SKIPPED)[:1] in _TRIGGERS


def _line(cells: Sequence[str]) -> str:
    if any("\0" in cell for cell in cells):
        raise ValueError("a cell holds a NUL, which no CSV reader accepts")
    line = io.StringIO(newline="")
    csv.writer(line, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow(cells)
    return line.getvalue()
