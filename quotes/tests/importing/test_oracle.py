"""The strict reader beside Python's own: it takes what that takes and the desk can keep, and gives the same values.

Hostile texts are made by kind, as the well-known suite for JSON parsers has them: numbers, texts, words, structure,
depth and encodings; each stands as the file, as a record, as a value and as a key. More than CI has time for:
JSON_CASES=20000.
"""

import io
import json
import os
from decimal import Decimal
from typing import Any, NoReturn

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from quotes.importing.errors import Refused
from quotes.importing.reader import read_records

CASES = int(os.environ.get("JSON_CASES", "150"))
DEEPEST = 32  # issue 3
PLACES = {
    "file": "@",
    "record": "[@]",
    "next": '[{"a": 1}, @]',
    "value": '[{"a": [@, 1]}]',
    "key": "[{@: 1}]",
}


class No(Exception):
    """The oracle refuses."""


def _refuse(_text: str) -> NoReturn:
    raise No


def _whole(text: str) -> int:
    if not -(2**63) <= (number := int(text) if len(text) < 30 else 2**64) < 2**63:
        raise No
    return number


def _decimal(text: str) -> Decimal:
    # The exponents of a 64-bit float, and no more digits than anybody prints.
    if len(text) > 1_000 or not -324 <= (number := Decimal(text)).adjusted() < 308:
        raise No
    return number


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) != len(pairs):
        raise No
    return dict(pairs)


def _keepable(value: Any, depth: int) -> bool:
    if isinstance(value, str):
        return "\0" not in value and not any("\ud800" <= character <= "\udfff" for character in value)
    if isinstance(value, dict):
        return depth < DEEPEST and all(
            _keepable(name, depth) and _keepable(one, depth + 1) for name, one in value.items()
        )
    if isinstance(value, list):
        return depth < DEEPEST and all(_keepable(one, depth + 1) for one in value)
    return True


def oracle(data: bytes) -> list[Any]:
    """Give the records by Python's reader, which takes more than we do: what it takes in excess is refused here."""
    try:
        value = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_members,
            parse_int=_whole,
            parse_float=_decimal,
            parse_constant=_refuse,
        )
    except (ValueError, ArithmeticError, RecursionError):
        raise No from None
    if not isinstance(value, list) or not _keepable(value, 0):
        raise No
    return value


def agrees(data: bytes, chunk: int) -> bool:
    """Compare both readers on one file; tell whether it was taken."""
    try:
        expected: list[Any] | None = oracle(data)
    except No:
        expected = None
    try:
        found: list[Any] | None = [one.value for one in read_records(io.BytesIO(data), "a.json", chunk=chunk)]
    except Refused as refusal:
        found = None
        error = refusal.error
        assert error.line >= 1
        assert error.column >= 1
        assert error.path
        assert str(error).isprintable()
    assert found == expected
    # 1 and True are equal to Python, 1 and 1.0 as well.
    assert repr(found).replace("Decimal('-0')", "0") == repr(expected).replace("Decimal('-0')", "0")
    return found is not None


def standing(piece: str, place: str) -> bytes:
    return PLACES[place].replace("@", piece).encode("utf-8", "surrogatepass")


NUMBERS = st.one_of(
    st.text("+-0123456789.eE", min_size=1, max_size=9),
    st.builds(
        lambda sign, whole, part, power: sign + whole + part + power,
        st.sampled_from(["", "", "-", "+", "--"]),
        st.sampled_from(
            ["0", "1", "42", "01", "", "9223372036854775807", "9223372036854775808", "1_0", "٣", "１"]
        ),
        st.sampled_from(["", "", ".5", ".", ".0", "." + "3" * 40, ".5.5", ",5"]),
        st.sampled_from(
            ["", "", "e5", "E-5", "e+5", "e", "e+", "e5.5", "e307", "e308", "e-324", "e-400", "ee5"]
        ),
    ),
)
PIECES = [
    *("a", "é", "ї", "🌀", " ", "/", "\x7f", "\u2028", "\ufeff", "\uffff", "\u202e", "\\n", "\\/", "\\\\", '\\"'),
    *("\\u0041", "\\u00e9", "\\uD83D\\uDE00", "\\ud83d", "\\ude00", "\\u0000", "\\u12", "\\u12G4", "\\U0041", "\\x41"),
    *("\\a", "\\'", "\\", "\0", "\n", "\t", "\x1f", '"', "\\u", "\\ud83d\\u0041", "\\ud83d\\n", "\ud800", "\\u٣٣٣٣"),
    *("\\u 041", "\\u+041"),
]  # fmt: skip
TEXTS = st.builds(
    lambda begin, pieces, end: begin + "".join(pieces) + end,
    st.sampled_from(['"', '"', '"', '"', "", "'", "“"]),
    st.lists(st.sampled_from(PIECES[:16]) | st.sampled_from(PIECES), max_size=5),
    st.sampled_from(['"', '"', '"', '"', "", "'", '""']),
)
WORDS = st.sampled_from(
    [
        *(
            "null",
            "true",
            "false",
            "Null",
            "nul",
            "nulll",
            "TRUE",
            "tru e",
            "True",
            "None",
            "undefined",
            "NaN",
            "-NaN",
        ),
        *(
            "nan",
            "Infinity",
            "-Infinity",
            "+Infinity",
            "Inf",
            "infinity",
            "<null>",
            "null//",
            "null/**/",
            "#",
            "*",
            "a",
        ),
        *(
            " null",
            "null\n",
            "\x0bnull",
            "\x0cnull",
            "\u00a0null",
            "\u2028null",
            "\u3000null",
            "null\0",
            "\ufeffnull",
        ),
    ]
)
STRUCTURE = st.one_of(
    st.lists(st.sampled_from([*"[]{}:,", '"a"', '"b"', "1", "null", " ", "\n"]), max_size=9).map("".join),
    st.recursive(
        st.sampled_from(["1", '"a"', "null", "-0", "1.5", "{}", "[]"]),
        lambda inner: st.one_of(
            st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
            st.lists(st.tuples(st.sampled_from(['"a"', '"b"', '"\\u0061"', '""']), inner), max_size=3).map(
                lambda pairs: f"{{{', '.join(f'{name}:{value}' for name, value in pairs)}}}"
            ),
        ),
        max_leaves=6,
    ),
)
DEEP = st.builds(
    lambda levels, opens, less: opens[0] * levels + "1" + opens[1] * (levels - less),
    st.integers(25, 36),
    st.sampled_from([("[", "]"), ('{"a":', "}"), ('[{"a":', "}]")]),
    st.sampled_from([0, 0, 0, 1, -1]),
)
ANY = st.one_of(NUMBERS, TEXTS, WORDS, STRUCTURE, DEEP)


@settings(max_examples=CASES)
@given(ANY, st.sampled_from(sorted(PLACES)), st.integers(1, 12))
@example("1", "record", 1)
@example('"\\ud83d\\ude00"', "value", 3)
@example('{"a":1,"\\u0061":2}', "record", 1)
@example("9223372036854775808", "value", 1)
@example("[" * 31 + "]" * 31, "record", 1)
@example("[" * 32 + "]" * 32, "record", 1)
@example('"a', "key", 2)
def test_one_odd_piece_is_read_as_python_reads_it_or_refused(piece: str, place: str, chunk: int) -> None:
    data = standing(piece, place)
    assert agrees(data, 256 * 1024) == agrees(data, chunk)


@settings(max_examples=CASES)
@given(st.lists(ANY, min_size=1, max_size=3), st.sampled_from([", ", ",", " ", ",,", "\n,", ";"]))
def test_several_odd_pieces_are_read_as_python_reads_them_or_refused(pieces: list[str], between: str) -> None:
    records = between.join(f'{{"a": {piece}}}' for piece in pieces)
    agrees(f"[{records}]".encode("utf-8", "surrogatepass"), 7)


BYTES = [
    *(b"\xff", b"\xfe", b"\x80", b"\xc0\xaf", b"\xc1\xbf", b"\xe0\x80\xaf", b"\xe2\x82", b"\xed\xa0\x80"),
    *(b"\xf0\x80\x80\xaf", b"\xf4\x90\x80\x80", b"\xf8\x88\x80\x80\x80", b"\xfc", b"\xef\xbb\xbf", b"\xef\xbf\xbe"),
    *(b"\0", b"\xed\xbf\xbf", b"\xc2\xa0", b"\xe2\x80\xa8", b"\xc3", b"\xc3\xa9", b"\xf0\x9f\x8c\x80"),
]  # fmt: skip
ENCODINGS = ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be", "latin-1"]


@settings(max_examples=CASES)
@given(
    STRUCTURE | TEXTS,
    st.lists(st.tuples(st.integers(0, 60), st.sampled_from(BYTES)), max_size=2),
    st.sampled_from(["utf-8"] * 5 + ENCODINGS),
    st.integers(1, 12),
)
def test_bytes_that_are_no_utf_8_are_refused_wherever_they_stand(
    piece: str, put: list[tuple[int, bytes]], encoding: str, chunk: int
) -> None:
    data = f'[{{"a": {piece}, "b": "é"}}]'.encode(encoding, "replace")
    for at, more in put:
        data = data[: at % (len(data) + 1)] + more + data[at % (len(data) + 1) :]
    assert agrees(data, 256 * 1024) == agrees(data, chunk)


@pytest.mark.parametrize(
    ("piece", "taken"),
    [
        *(("1.5e3", True), ('"\\ud83d\\ude00"', True), ('{"a":[{}]}', True), ("-0", True), ('"\\/"', True)),
        *(("01", False), ('"\\ud83d"', False), ('{"a":1,"a":1}', False), ("1e400", False), ("NaN", False)),
    ],
)
def test_the_comparison_has_both_outcomes(piece: str, taken: bool) -> None:
    assert agrees(standing(piece, "value"), 5) is taken


def test_a_reader_that_takes_more_than_python_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    from quotes.importing import reader

    monkeypatch.setattr(reader, "_members", dict)
    quick = json.JSONDecoder(parse_int=int, parse_float=Decimal).raw_decode
    monkeypatch.setattr(reader, "_quick", quick)
    with pytest.raises(AssertionError):
        agrees(b'[{"a": 1, "a": 2}]', 256 * 1024)
