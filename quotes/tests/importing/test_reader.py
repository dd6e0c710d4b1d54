"""Strict JSON: every trap of broken exporters is refused with its place, all that is JSON is read, nothing crashes.

The traps are those of the well-known suite for JSON parsers (kinds n, y and i there), written anew and short.
"""

# house: tables of traps, which are long because there are many

import io
import json
import math
import tracemalloc
from decimal import Decimal
from itertools import islice
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotes.importing.careful import Unreadable, read_value
from quotes.importing.errors import Refused, RowError
from quotes.importing.reader import LONGEST_RECORD, Record, _quick, read_records

DEEP = 100_000


def read(data: bytes | str, chunk: int = 256 * 1024) -> list[Record]:
    data = data.encode() if isinstance(data, str) else data
    return list(read_records(io.BytesIO(data), "a.json", chunk=chunk))


def refusal(data: bytes | str, chunk: int = 256 * 1024) -> RowError:
    with pytest.raises(Refused) as refused:
        read(data, chunk)
    return refused.value.error


BROKEN_VALUES = [
    # numbers
    "+1",
    "++1",
    "-",
    "- 1",
    "-01",
    "-1.0.",
    "-2.",
    "-NaN",
    "-Infinity",
    "Infinity",
    "NaN",
    "nan",
    "Inf",
    ".1",
    ".-1",
    ".2e-3",
    "0.1.2",
    "0.3e",
    "0.3e+",
    "0.e1",
    "0E",
    "0E+",
    "012",
    "-012",
    "1.0e",
    "1.0e+",
    "1.0e-",
    "1 000.0",
    "1eE2",
    "2.e3",
    "2.e+3",
    "9.e+",
    "0x1",
    "0x42",
    "1+2",
    "1_000",
    "1a",
    "-foo",
    "-1x",
    "0e",
    "0e+-1",
    "1e1.5",
    "１",
    "٣",
    "-٣",
    "1.٣",
    "1e",
    "0.",
    "1.",
    # literals and words
    "nul",
    "tru",
    "fals",
    "True",
    "None",
    "undefined",
    "a",
    "*",
    "'a'",
    "`a`",
    "abc",
    '\\u000A""',
    "<null>",
    "å",
    # texts
    '"',
    '"abc',
    '"\\"',
    '"\\',
    '"\\a"',
    '"\\x00"',
    '"\\u"',
    '"\\u1"',
    '"\\u12"',
    '"\\u123"',
    '"\\u00g0"',
    '"\\uqqqq"',
    '"\\U0041"',
    '"\\ud800\\"',
    '"\\ud800\\u"',
    '"\\ud800\\u1"',
    '"\\ud800\\u1x"',
    '"\\ud800abc"',
    '"\\ud800\\ud800"',
    '"\\udc00"',
    '"\\udc00\\ud800"',
    '"\\u0000"',
    '"\0"',
    '"new\nline"',
    '"tab\there"',
    '"\x1f"',
    '"\\🌀"',
    '"\\\\\\"',
    '"a" "b"',
    '"\\ud83d"',
    '"\\n\\ud8',
    '"\\',
    # lists
    "[1 true]",
    "[a",
    "[,1]",
    "[1,,2]",
    "[1,]",
    "[1,,]",
    '["x"]]',
    "[3[4]]",
    '["a"',
    '["a",',
    "[1:2]",
    "[",
    "[-]",
    "[\x0b]",
    "[*]",
    '["a"\n1',
    "[1,\n1\n,1",
    "[{}",
    # objects
    "{",
    '{"a"',
    '{"a":',
    '{"a":1',
    '{"a":1,',
    '{"a":1,}',
    '{"a":1,,}',
    '{"a" 1}',
    '{"a"}',
    '{"a", 1}',
    "{a:1}",
    "{1:1}",
    "{null:1}",
    '{"a":1 "b":2}',
    '{"a"::1}',
    "{'a':1}",
    "{[1]:1}",
    '{"x"::"b"}',
    '{"a":"b"}}',
    '{"a":"b"}/**/',
    '{"a":"b"}//',
    '{"a":/*x*/1}',
    '{"a":"b",}',
    '{"a":1,"a":1}',
    '{"a":1,"b":{"c":1,"c":2}}',
    '{"a":1,"\\u0061":2}',
    "{key: 1}",
    '{"a" b}',
    '{"\\ud800":1}',
    '{"a\0":1}',
    '{"a":"a',
    '{,"a":1}',
    '{"a":1;"b":2}',
    # numbers beyond range
    "1e400",
    "-1e400",
    "1e9999999999999999999",
    "1e-9999999999999999999",
    "9223372036854775808",
    "-9223372036854775809",
    "1" * 400,
    "0." + "1" * 2000,
    "1" * 5000,
    # space that is no space of JSON
    "\u00a01",
    "\ufeff1",
    "\u20601",
    "\x0c1",
    "1\x0b",
    "\u20281",
    # depth
    "[" * DEEP,
    "[" * 33 + "]" * 33,
    '{"a":' * 40 + "1" + "}" * 40,
    '[{"":' * DEEP,
]


@pytest.mark.parametrize("value", BROKEN_VALUES, ids=range(len(BROKEN_VALUES)))
@pytest.mark.parametrize("around", ["{}", "[{}]", '[{{"a":{}}}]', '[{{"a":[{}]}}]', "[{{}},\n{}\n,{{}}]"])
def test_what_is_no_json_is_refused_with_its_place(around: str, value: str) -> None:
    data = around.format(value).encode("utf-8", "surrogatepass")
    for chunk in (1, 7, 256 * 1024):
        if chunk < 8 and len(data) > 3000:
            continue
        error = refusal(data, chunk)
        lines = data.decode().split("\n")
        assert 1 <= error.line <= len(lines)
        assert 1 <= error.column <= len(lines[error.line - 1]) + 1
        assert error.message
        assert error.path
        assert str(error).isprintable()
        assert str(error).startswith(f"a.json:{error.line}:{error.column}: {error.path}: ")


BROKEN_FILES = [
    b"",
    b" ",
    b"\n\n",
    b"[]x",
    b"[]]",
    b"[][]",
    b"[],",
    b"[]\0",
    b"\0",
    b"[\0]",
    b"[{}]{}",
    b"[{}],[{}]",
    b"[{},]",
    b"[,{}]",
    b"[{}{}]",
    b"[{} {}]",
    b"[{}:{}]",
    b"[",
    b"]",
    b"{",
    b"[{}",
    b"[{},",
    b"[{}\n",
    b"[1",
    b"[null",
    b"[nul",
    b"#",
    b"[{}]#",
    b"/**/[]",
    b"[/*a*/]",
    b"[{}]//",
    b"\xef\xbb\xbf[]",
    b"\xef\xbb\xbf",
    b"\xef\xbb[]",
    b"\xff\xfe[\0]\0",
    b"\xfe\xff\0[\0]",
    b"[\0]\0",
    b"\0[\0]",
    b"\xff\xfe\0\0[\0\0\0",
    b"\0\0\xfe\xff",
    b'["\xff"]',
    b'["\xe9"]',
    b'["\xc0\xaf"]',
    b'["\xed\xa0\x80"]',
    b'["\xf4\xbf\xbf\xbf"]',
    b'["\xe0\xff"]',
    b'["\xe2\x82',
    b"[\xff]",
    b"\xff",
    b"[{}]\xff",
    b"[1\xe5]",
    b'[{"a":"\xfc\x83\xbf\xbf\xbf\xbf"}]',
    b"\x1f\x8b\x08\x00",
    b"PK\x03\x04",
    b"\xfd7zXZ\x00",
    b"BZh9",
    b'{"a":1}',
    b'"text"',
    b"1",
    b"-0.1",
    b"null",
    b"true",
    b"1 ",
]


@pytest.mark.parametrize("data", BROKEN_FILES, ids=range(len(BROKEN_FILES)))
def test_a_file_that_is_no_list_of_records_is_refused(data: bytes) -> None:
    whole = refusal(data)
    assert str(whole).isprintable()
    for chunk in (1, 2, 3):
        assert refusal(data, chunk) == whole


GOOD_VALUES = [
    "[[]  ]",
    '[""]',
    "[]",
    '["a"]',
    "[false]",
    '[null, 1, "1", {}]',
    "[null]",
    "[1\n]",
    " [1]",
    "[1,null,null,null,2]",
    "[2] ",
    "123e65",
    "0e+1",
    "0e1",
    " 4",
    "-0.00000000000000000000000000000000000000000000000000000000000000000000000000000123",
    "20e1",
    "-0",
    "-123",
    "-1",
    "1E22",
    "1E-2",
    "1E+2",
    "123e45",
    "123.456e78",
    "1e-2",
    "1e+2",
    "123",
    "123.456789",
    "9223372036854775807",
    "-9223372036854775808",
    "0.0",
    '{"asd":"sdf", "dfg":"fgh"}',
    '{"asd":"sdf"}',
    "{}",
    '{"":0}',
    '{"foo\\nbar": 42}',
    '{"min": -1.0e+28, "max": 1.0e+28}',
    '{"a":[]}',
    '{"title":"\\u041f"}',
    '{\n"a": "b"\n}',
    '"\\u0060\\u012a\\u12AB"',
    '"\\ud801\\udc37"',
    '"\\ud83d\\ude39\\ud83d\\udc8d"',
    '"\\"\\\\\\/\\b\\f\\n\\r\\t"',
    '"\\\\u0000"',
    '"\\""',
    '"a/*b*/c/*d//e"',
    '"\\\\a"',
    '"\\\\n"',
    '"\\u0012"',
    '"\\uFFFF"',
    '"asd"',
    '"\\uDBFF\\uDFFF"',
    '"new\\u00A0line"',
    '"􏿿"',
    '"￿"',
    '"\\u002c"',
    '"π"',
    '"𛿿"',
    '"asd "',
    '" "',
    '"\\uD834\\uDd1e"',
    '"\\u0821"',
    '"\\u0123"',
    '"\u2028"',
    '"\u2029"',
    '"\\u0061\\u30af\\u30EA\\u30b9"',
    '"new\\u000Aline"',
    '"\x7f"',
    '"\\uA66D"',
    '"\\u005C"',
    '"⍂㈴⍂"',
    '"\\u200B"',
    '"\\u2064"',
    '"\\uFDD0"',
    '"\\uFFFE"',
    '"\\u0022"',
    '"€𝄞"',
    '"aa\x7faa"',
    "false",
    "42",
    "-0.1",
    "null",
    '"asd"',
    "true",
    '""',
    "\t[\n true ]\r\n",
    "[" * 31 + "]" * 31,
]


@pytest.mark.parametrize("value", GOOD_VALUES, ids=range(len(GOOD_VALUES)))
def test_what_is_json_is_read(value: str) -> None:
    expected = json.loads(value, parse_float=Decimal)
    for chunk in (1, 5, 256 * 1024):
        (record,) = read(f"[{value}]", chunk)
        assert record.value == expected
        assert json.loads(record.text) == json.loads(value)


def test_minus_nought_stays_apart_from_nought() -> None:
    assert str(read('[{"a":-0}]')[0].value["a"]) == "-0"
    assert read('[{"a":0}]')[0].value["a"] == 0


JSON_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**63), 2**63 - 1),
        JSON_TEXT,
        st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20, places=3),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(JSON_TEXT, inner, max_size=4)),
    max_leaves=12,
)
OBJECTS = st.dictionaries(JSON_TEXT, VALUES, max_size=4)


def written(value: Any, indent: int | None, ascii_only: bool) -> str:
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent, default=lambda number: f"<{number}>")
    return text.replace('"<', "").replace('>"', "")


@given(
    st.lists(OBJECTS.filter(lambda value: "<" not in repr(value) and ">" not in repr(value)), max_size=4),
    st.sampled_from([None, 0, 2]),
    st.booleans(),
    st.integers(1, 40),
)
def test_records_are_read_the_same_however_the_bytes_come(
    values: list[Any], indent: int | None, ascii_only: bool, chunk: int
) -> None:
    text = written(values, indent, ascii_only)
    records = read(text, chunk)
    assert [record.value for record in records] == values
    lines = text.split("\n")
    for number, record in enumerate(records):
        assert record.index == number
        assert lines[record.line - 1][record.column - 1] == "{"
        assert record.text in text
        for key in record.value:
            line, column = record.place(key, at_key=True)
            assert lines[line - 1][column - 1] == '"'


MUTILATED = st.builds(
    lambda value, at, cut, put: (
        (text := written([value], None, False))[: at % (len(text) + 1)]
        + put
        + text[at % (len(text) + 1) + cut :]
    ),
    OBJECTS,
    st.integers(0, 200),
    st.integers(0, 3),
    st.one_of(
        st.sampled_from(
            [
                "",
                '"',
                "\\",
                "\\u",
                "\\ud800",
                "{",
                "}",
                "[",
                "]",
                ",",
                ":",
                "1",
                "-",
                ".",
                "e",
                "NaN",
                " ",
                "\n",
                "\0",
                "\x1f",
                "\ufeff",
            ]
        ),
        st.text(max_size=3),
    ),
)


@given(MUTILATED, st.integers(1, 20))
def test_a_spoilt_file_is_read_or_refused_and_never_crashes(text: str, chunk: int) -> None:
    data = text.encode("utf-8", "surrogatepass")

    def outcome(size: int) -> Any:
        try:
            return [record.value for record in read(data, size)]
        except Refused as refused:
            return refused.error

    whole = outcome(256 * 1024)
    assert outcome(chunk) == whole
    if isinstance(whole, list):
        assert json.loads(text, parse_float=Decimal) == whole


@given(
    st.one_of(OBJECTS.map(lambda value: written(value, None, False)), MUTILATED.map(lambda text: text[1:-1]))
)
def test_the_quick_and_the_careful_reader_read_one_language(text: str) -> None:
    try:
        careful = read_value(text + " ")
    except Unreadable:
        return
    if isinstance(careful[0], dict):
        assert _quick(text) == careful


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('[\n  {"a": 1,\n   "a": 2}]', (3, 4, "[0].a")),
        ('[{"é": "ї", "b": NaN}]', (1, 18, "[0].b")),
        ('[{},\r\n{"fields": {"speaker": ["x\\ud800"]}}]', (2, 27, "[1].fields.speaker[0]")),
        ('[{"a b": {"c": [1, 01]}}]', (1, 20, '[0]["a b"].c[1]')),
        ('[{"a": "x\ny"}]', (1, 10, "[0].a")),
        ("[{}]\n\n x", (3, 2, "$")),
        ('[{"a": "😀", "b": tru}]', (1, 18, "[0].b")),
    ],
)
def test_a_refusal_names_line_column_and_path(text: str, place: tuple[int, int, str]) -> None:
    error = refusal(text)
    assert (error.line, error.column, error.path) == place


def test_bad_bytes_are_named_with_their_place_after_what_stands_before() -> None:
    error = refusal(b'[{},\n{"a": "\xc3\xa9\xff"}]')
    assert (error.line, error.column) == (2, 9)
    assert "0xFF" in error.message
    earlier = refusal(b'[{"a":1,"a":2},\n{"a": "\xff"}]')
    assert earlier.line == 1
    assert "twice" in earlier.message


def test_records_before_a_broken_one_are_given_out() -> None:
    records = read_records(io.BytesIO(b'[{"a":1},{"a":}]'), "a.json")
    assert next(records).value == {"a": 1}
    with pytest.raises(Refused):
        next(records)


def test_a_record_that_never_ends_is_refused_in_time() -> None:
    class Endless(io.RawIOBase):
        def __init__(self) -> None:
            self.given = 0

        def read(self, size: int = -1) -> bytes:
            self.given += size
            return b'[{"a": "' if self.given == size else b"x" * size

    stream = Endless()
    with pytest.raises(Refused, match="longer than"):
        list(read_records(stream, "a.json"))  # type: ignore[arg-type]
    assert stream.given < 4 * LONGEST_RECORD


def test_memory_does_not_grow_with_the_file() -> None:
    def peak(count: int) -> int:
        def chunks() -> Any:
            yield b"["
            for number in range(count):
                yield (
                    b"," if number else b""
                ) + b'{"model": "quotes.topic", "fields": {"slug": "t-%d"}}' % number
            yield b"]"

        class Stream(io.RawIOBase):
            parts = chunks()

            def read(self, size: int = -1) -> bytes:
                return b"".join(islice(self.parts, 200))

        tracemalloc.start()
        assert sum(1 for _ in read_records(Stream(), "a.json", chunk=16_384)) == count  # type: ignore[arg-type]
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return used

    assert peak(20_000) < 2 * peak(2_000)


def test_numbers_are_read_exactly() -> None:
    value = read('[{"a": 0.1, "b": 123456789012345678.123456, "c": 9007199254740993}]')[0].value
    assert value["a"] == Decimal("0.1")
    assert value["b"] == Decimal("123456789012345678.123456")
    assert value["c"] == 9007199254740993
    assert not any(isinstance(number, float) and math.isinf(number) for number in value.values())
