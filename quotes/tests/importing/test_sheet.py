"""A sheet of quotes: what is written is read back exactly, and whatever is no sheet is refused at its place."""

import csv
import io
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from quotes.importing.errors import ErrorList
from quotes.importing.reader import LONGEST_RECORD, read_records
from quotes.importing.rows import Row, read_rows
from quotes.importing.schema import MODELS
from quotes.importing.sheet import COLUMNS, CONTEXT, cells_of, is_sheet
from quotes.text.csvsafe import write_csv

SHA = "a" * 64
URL = "https://news.example/a"
QUOTE: dict[str, Any] = {
    "uid": "said-it",
    "statement": ("it-was-said",),
    "article": (URL,),
    "capture": (URL, SHA),
    "kind": "direct",
    "text": "Words",
    "language": "en",
    "is_translation": False,
    "cue": "",
    "speaker_as_printed": "",
    "role_as_printed": "",
    "prefix": "",
    "suffix": "",
    "start": 0,
    "end": 5,
}
# Texts that a spreadsheet, a parser or an eye takes for something else (after the Big List of Naughty Strings).
NAUGHTY = [
    "=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "\n=1", "|calc", "%0", "＝1+1", "＋1", "－1", "＠a", "｜x", "％y",
    "=HYPERLINK(\"https://evil.example\";\"a\")", "=cmd|' /C calc'!A0", "'quoted'", "''", "'=1", '"', '""', '","',
    "a\rb", "a\r\nb", "a\nb", "\ufeff=1", " =1", "\u00a0=1", "\u200b=1", "\u202egnirts\u202c", "e\u0301", "\u00e9",
    "ｅ", "1;2", "1\t2", "NULL", "\\", "\\N", "<script>", "\u2028", "\u0085", "\x1a", "\x7f", "👩‍👩‍👧", "ﷺ",
]  # fmt: skip


def sheet(*quotes: dict[str, Any], **context: str) -> bytes:
    rows = [cells_of(quote, context) for quote in quotes]
    return "".join(write_csv(COLUMNS, rows)).encode()


def read(data: bytes, file: str = "a.csv") -> tuple[list[Row], ErrorList]:
    errors = ErrorList()
    return list(read_rows(io.BytesIO(data), file, errors)), errors


def refusal(data: bytes, file: str = "a.csv") -> str:
    rows, errors = read(data, file)
    assert errors.count == 1, errors.listed
    assert not any(row.fields.get("text") == "after" for row in rows)
    return str(next(iter(errors)))


WITH = "uid,statement,article,kind,text,language,withheld"


def table(*rows: str, header: str = "uid,statement,article,kind,text,language") -> bytes:
    return "\r\n".join([header, *rows, ""]).encode()


def row(text: str = "Words", uid: str = "said-it") -> str:
    return f"{uid},it-was-said,{URL},direct,{text},en"


TEXT = st.one_of(
    st.sampled_from(NAUGHTY),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=30),
)


@given(st.lists(TEXT.filter(str.strip), min_size=1, max_size=4), TEXT)
@example(NAUGHTY, "'")
def test_every_text_comes_back_from_a_sheet_as_it_was(texts: list[str], beside: str) -> None:
    texts = [text for text in texts if text.strip()]
    quotes = [
        QUOTE | {"uid": f"said-{n}", "text": text, "prefix": text[:64], "suffix": beside[:64], "start": None,
                 "end": None, "capture": None}
        for n, text in enumerate(texts)
    ]  # fmt: skip
    rows, errors = read(sheet(*quotes, **{"(speaker)": beside, "(gist)": beside}))
    assert not errors, errors.listed
    assert [found.fields for found in rows] == quotes
    assert [found.fields["text"].encode() for found in rows] == [text.encode() for text in texts]


def test_no_cell_of_a_sheet_can_run_as_a_formula() -> None:
    quotes = [QUOTE | {"uid": f"said-{n}", "text": text, "cue": text[:80]} for n, text in enumerate(NAUGHTY)]
    text = sheet(*quotes, **dict.fromkeys(CONTEXT, "=1+1")).decode()
    (header, *rows) = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    assert tuple(header) == COLUMNS
    assert len(rows) == len(NAUGHTY)
    # What spreadsheets skip before they look for a formula, and what begins one.
    skipped = " \t\r\n\u00a0\u200b\ufeff"
    for cells in rows:
        for cell in cells:
            assert not cell.lstrip(skipped).startswith(tuple("=+-@|%＝＋－＠｜％")), cell


def test_a_whole_quote_comes_back_with_its_anchor() -> None:
    (found,), errors = read(sheet(QUOTE))
    assert not errors
    assert found.fields == QUOTE
    assert found.key == ("said-it",)


def test_what_is_withheld_is_not_the_same_as_empty() -> None:
    kept = {name: value for name, value in QUOTE.items() if name not in ("capture", "start", "end")}
    (found,), _ = read(sheet(kept))
    assert found.fields == kept
    (found,), _ = read(sheet(QUOTE | {"capture": None, "start": None, "end": None}))
    assert found.fields["start"] is None


def test_every_field_of_a_quote_has_its_column() -> None:
    assert set(COLUMNS) - CONTEXT - {"withheld"} == set(MODELS["quotes.quote"].fields)
    assert len(set(COLUMNS)) == len(COLUMNS)


def test_columns_may_come_in_any_order_and_some_may_be_left_out() -> None:
    data = b'text,uid,(standing),article,language,kind,statement\n"a,""b""",said-it,x,' + URL.encode()
    (found,), errors = read(data + b",en,direct,it-was-said\n")
    assert not errors, errors.listed
    assert found.fields["text"] == 'a,"b"'
    assert "cue" not in found.fields


@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 64, 1000])
def test_a_sheet_reads_the_same_in_pieces_of_any_size(chunk: int) -> None:
    data = sheet(*(QUOTE | {"uid": f"said-{n}", "text": text} for n, text in enumerate(NAUGHTY)))
    whole = [(found.line, found.column, found.value) for found in read_records(io.BytesIO(data), "a.csv")]

    class Slow(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return super().read(min(chunk, size or chunk))

    pieces = [(r.line, r.column, r.value) for r in read_records(Slow(data), "a.csv", chunk=chunk)]
    assert pieces == whole


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "a.csv:1:1: $: the file is empty"),
        (b"\xef\xbb\xbf", "a.csv:1:1: $: the file is empty"),
        (table(header="uid;statement;article;kind;text;language"), "separated by semicolons, expected commas"),
        (table(header="uid\tstatement\ttext"), "separated by tabs, expected commas"),
        (table(header="uid,statement,article,kind,text"), "a.csv:1:1: $: found no column language"),
        (
            table(header="uid,statement,article,kind,txt"),
            'a.csv:1:28: $: found the unknown column "txt", expected text perhaps',
        ),
        (table(header="uid,statement,uid,article,kind,text,language"), 'a.csv:1:15: $: found the column "uid" twice'),
        (table(row(), "said-more,x"), "a.csv:3:1: [1]: found a row of 2 cells, expected 6"),
        (table(row(), ""), "a.csv:3:1: [1]: found a row of 1 cell, expected 6"),
        (table(row() + ",more"), "[0]: found a row of 7 cells, expected 6"),
        (table(row("a\0b")), "a.csv:2:52: $: found a NUL"),
        (table(row('a"b')), 'out of place; is a quotation mark not doubled?'),
        (table(row('"a"b')), 'out of place; is a quotation mark not doubled?'),
        (table(row('"a')), "a.csv:2:51: $: the file ends inside the quotation mark that opens here"),
        (table(row('"a""')), "the file ends inside the quotation mark that opens here"),
        (table(row()).replace(b"\r\n", b"\r"), "found a lone CR at the end of a row"),
        (table(row("\u00e9")).decode().encode("latin-1"), "found the byte 0xE9, which is not UTF-8"),
        (table(row()) + b"\xff", "a.csv:3:1: $: found the byte 0xFF, which is not UTF-8"),
        (table(row()).decode().encode("utf-16"), "a.csv:1:1: $: the file is UTF-16, expected UTF-8"),
        (table(row()).decode().encode("utf-16-le"), "a.csv:1:1: $: the file holds NUL bytes"),
        (b"PK\x03\x04" + table(row()), "is a ZIP archive or a spreadsheet"),
        (table(row('"' + "x" * (LONGEST_RECORD + 1) + '"')), "a.csv:2:1: $: is longer than"),
        (table(row(), '"' + "x" * LONGEST_RECORD * 2), "a.csv:3:1: $: is longer than"),
        (table(row() + ",text", header=WITH), '[0]: found "text" in withheld'),
        (table(row() + ",nothing", header=WITH), '[0]: found "nothing" in withheld'),
    ],
)  # fmt: skip
def test_what_is_no_sheet_is_refused_with_its_place(data: bytes, said: str) -> None:
    assert said in refusal(data)


@pytest.mark.parametrize(
    ("name", "cell", "said"),
    [
        ("start", "٣", 'found "٣", expected a whole number'),
        ("start", "-1", 'found "-1", expected a whole number'),
        ("end", "1e3", 'found "1e3", expected a whole number'),
        ("is_translation", "ja", 'found "ja", expected true or false'),
        ("capture", "ABC", "64 hexadecimal digits"),
        ("article", "javascript:alert(1)", "http or https"),
        ("kind", "Direct", "direct, indirect, mixed or partial"),
        ("uid", "pk 1", "a uid"),
        ("text", " ", "text that is not blank"),
        ("prefix", "x" * 65, "at most 64 characters"),
    ],
)
def test_a_cell_that_does_not_fit_is_refused_by_line_and_column_name(name: str, cell: str, said: str) -> None:
    header = ["cue", *(column for column in COLUMNS if column not in CONTEXT and column != "cue")]
    fine = dict(zip(COLUMNS, cells_of(QUOTE, {}), strict=True)) | {"cue": "two\nlines"}
    data = "".join(write_csv(header, [[fine[n] for n in header], [(fine | {name: cell})[n] for n in header]]))
    rows, errors = read(data.encode())
    assert len(rows) == 1
    error = next(iter(errors))
    assert (error.line, error.path.split("[1].fields.")[1].partition("[")[0]) == (5, name)
    assert data.split("\n")[4][error.column - 1 :].startswith('"')
    assert said in error.message


def test_standing_and_checks_have_no_column_that_is_read() -> None:
    assert '"standing", expected (standing) perhaps' in refusal(table(header="uid,standing,text"))
    (found,), errors = read(sheet(QUOTE, **{"(standing)": "verified"}))
    assert not errors
    assert "verified" not in str(found.fields)


@pytest.mark.parametrize(
    ("beginning", "file", "expected"),
    [
        (b'\xef\xbb\xbf"uid","(speaker)"', "12.json", True),
        (b"uid,text", "12.json", True),
        (b"text;uid", "12.json", True),
        (b"[]", "12.json", False),
        (b'\xef\xbb\xbf[{"model"', "12.json", False),
        (b'"uidx"', "12.json", False),
        (b"", "12.json", False),
        (b"", "Quotes.CSV", True),
    ],
)
def test_a_sheet_is_known_by_its_name_or_its_beginning(beginning: bytes, file: str, expected: bool) -> None:
    assert is_sheet(beginning, file) is expected


@given(st.binary(max_size=200) | st.text('",;\r\n\t=+uid text\0', max_size=80).map(str.encode))
def test_no_bytes_break_the_reader_of_sheets(data: bytes) -> None:
    read(b"uid,statement,article,kind,text,language\n" + data)
    read(data)


def test_a_long_sheet_is_read_at_constant_memory() -> None:
    line = (row("x" * 1000) + "\n").encode()
    held: list[int] = []

    class Endless(io.RawIOBase):
        """Sixteen megabytes that are never in memory at once; notes how much was asked for."""

        given = 0

        def read(self, size: int = -1) -> bytes:
            held.append(size)
            if self.given == 0:
                self.given = 1
                return b"uid,statement,article,kind,text,language\n"
            self.given += 1
            return line * 16 if self.given < 1000 else b""

    count = sum(1 for _ in read_records(Endless(), "a.csv", chunk=16_384))  # type: ignore[arg-type]
    assert count == 998 * 16
    assert max(held) <= 16_384
