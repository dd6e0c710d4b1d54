"""CSV: no cell runs, and every text comes back exactly."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotes.text.csvsafe import guard, read_csv, unguard, write_csv

FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "|cmd",
    "%1",
    "＝1",
    "＋1",
    "－1",
    "＠a",
    " =1",
    "\u00a0=1",
    "\ufeff=1",
    "=cmd|' /C calc'!A0",
    "  \n -2+3",
]
CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_begins_like_a_formula(text: str) -> None:
    cell = guard(text)
    assert cell.startswith("'")
    assert unguard(cell) == text


@given(CELLS)
def test_a_guarded_text_comes_back(text: str) -> None:
    assert unguard(guard(text)) == text
    assert not guard(text).lstrip(" \t\r\n\u00a0\ufeff").startswith(("=", "+", "-", "@", "|", "%", "＝"))


@given(st.lists(st.lists(CELLS, min_size=3, max_size=3)))
def test_a_file_comes_back_exactly(rows: list[list[str]]) -> None:
    text = "".join(write_csv(["uid", "text", "note"], rows))
    assert text.startswith("\ufeff")
    assert list(read_csv(text)) == [["uid", "text", "note"], *rows]


def test_any_reader_of_csv_sees_the_same_cells() -> None:
    text = "".join(write_csv(["a", "b"], [["=1", 'say "no", he said\r\nand left; '], ["'", "plain"]]))
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    assert rows == [["a", "b"], ["'=1", 'say "no", he said\r\nand left; '], ["''", "plain"]]


def test_long_cells_come_back() -> None:
    text = "x" * 200_000
    assert list(read_csv("".join(write_csv(["a"], [[text]]))))[1] == [text]


def test_a_row_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="2 cells"):
        list(write_csv(["a"], [["1", "2"]]))
    with pytest.raises(ValueError, match="NUL"):
        list(write_csv(["a"], [["\0"]]))
