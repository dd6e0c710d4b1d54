"""A valid file, spoilt in one way or several, by a seed (TRUST.md, R8); and pieces of JSON that are none (R7)."""

import copy
import json
import random
from collections.abc import Callable
from typing import Any

# What is no JSON value (RFC 8259), or none that a fixture may hold. Written for this test.
NOT_JSON = [
    "", " ", "nul", "True", "tru", "falsee", "NaN", "nan", "Infinity", "-Infinity", "+1", "01", "-01", "1.",
    ".5", "1e", "1e+",
    "0x10", "1_000", "1,000", "--1", "-", "1e1.5", "1 2", "'a'", "“a”", '"a', 'a"', '"\t"', '"\n"', '"\x00"',
    '"\x1f"',
    '"\\x41"', '"\\u12"', '"\\u12G4"', '"\\ud800"', '"\\udc00"', '"\\ud800\\ud800"', '"\\udc00\\ud800"',
    '"\\"', '"\\a"',
    "[1,]", "[,1]", "[1,,2]", "[1 2]", "[1", "1]", "[1}", "[", "]", "[[1]", "[1]]", "{", "}", "{]", '{"a"}',
    '{"a":}',
    '{"a" 1}', '{"a":1,}', '{,"a":1}', '{"a":1 "b":2}', "{a:1}", "{'a':1}", "{1:1}", '{"a":1,"a":2}',
    '{"a"::1}', '{"a":1}}',
    '{"a":1,"\\u0061":2}', "[1]//c", "/*c*/1", "#c\n1", "<a>", "\ufeff1", "\u2028", "\u00a01", "1e400",
    "-1e400", "[" * 200,
    "[" * 200 + "]" * 200, '{"a":' * 200 + "1" + "}" * 200, "9" * 400, "1" + "0" * 30,
    "0." + "1" * 400 + "e", "\\u0031",
]  # fmt: skip
JSON = [
    "null",
    "true",
    "0",
    "-0",
    "1e3",
    "1.5",
    '""',
    '"\\u00e9"',
    '"\\ud83d\\ude00"',
    "[]",
    "{}",
    "[[[]]]",
    '{"":0}',
    " 1 ",
]
ODD: list[Any] = [
    None, True, 0, -1, -0.0, 1.5, 1 << 31, 1 << 63, 1 << 64, "", " ", "x" * 5000, "\x00", "a\x00b", "\u202e",
    "0000-00-00",
    "9999-12-31", "2026-02-30", "2026-02-05T25:00:00Z", "2026-02-05T12:00:00", "javascript:alert(1)",
    "https://", "ftp://a.b",
    "Ada", "ADA", "no-such-thing", ["no-such-thing"], [["ada"]], [], {}, [None], [1], ["ada", "ada"],
    {"a": 1}, "und", "xx-", "NaN",
]  # fmt: skip

type Rows = list[dict[str, Any]]


def mutated(rows: Rows, seed: int) -> bytes:
    """Give the bytes of `rows` with one to three things wrong or odd; the same seed gives the same bytes."""
    chance = random.Random(seed)
    rows = copy.deepcopy(rows)
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        if rows:
            chance.choice(CHANGES)(rows, chance)
    text = json.dumps(rows, ensure_ascii=chance.random() < 0.3, indent=chance.choice((None, 1)))
    data = text.encode("utf-8", "surrogatepass")
    if chance.random() < 0.4:
        data = chance.choice(SPOILINGS)(data, chance)
    return data


def _record(rows: Rows, chance: random.Random) -> dict[str, Any]:
    """Give one of the records; an earlier change may have put something else among them."""
    return chance.choice([row for row in rows if isinstance(row, dict)] or [{}])


def _any(rows: Rows, chance: random.Random) -> tuple[dict[str, Any], str]:
    fields = _record(rows, chance).get("fields")
    return (fields, chance.choice(sorted(fields))) if isinstance(fields, dict) and fields else ({"x": 1}, "x")


def _drop_field(rows: Rows, chance: random.Random) -> None:
    fields, name = _any(rows, chance)
    del fields[name]


def _odd_value(rows: Rows, chance: random.Random) -> None:
    fields, name = _any(rows, chance)
    fields[name] = chance.choice(ODD)


def _longer(rows: Rows, chance: random.Random) -> None:
    fields, name = _any(rows, chance)
    fields[name] = str(fields[name]) * chance.choice((2, 50, 3000))


def _unknown(rows: Rows, chance: random.Random) -> None:
    fields, _ = _any(rows, chance)
    fields[chance.choice(("standing", "verified_by", "id", "version", "created_by", "Slug", "", "x"))] = (
        chance.choice(ODD)
    )


def _drop_record(rows: Rows, chance: random.Random) -> None:
    del rows[chance.randrange(len(rows))]


def _twice(rows: Rows, chance: random.Random) -> None:
    rows.insert(chance.randrange(len(rows)), copy.deepcopy(chance.choice(rows)))


def _shuffle(rows: Rows, chance: random.Random) -> None:
    chance.shuffle(rows)


def _other_model(rows: Rows, chance: random.Random) -> None:
    _record(rows, chance)["model"] = chance.choice(
        [
            "quotes.check",
            "quotes.standing",
            "auth.user",
            "quotes.Speaker",
            "quotes.quote",
            "",
            1,
            None,
            "quotes.importrun",
        ]
    )


def _pk(rows: Rows, chance: random.Random) -> None:
    _record(rows, chance)[chance.choice(("pk", "id", "extra"))] = chance.choice(ODD)


def _no_record(rows: Rows, chance: random.Random) -> None:
    rows[chance.randrange(len(rows))] = chance.choice(
        [None, 1, "a", [], {}, {"model": "quotes.topic"}, {"fields": {}}]
    )  # type: ignore[call-overload]


def _cycle(rows: Rows, chance: random.Random) -> None:
    for row in rows:
        if (
            isinstance(row, dict)
            and row.get("model") == "quotes.speaker"
            and isinstance(row.get("fields"), dict)
        ):
            row["fields"]["redirects_to"] = ["ada-old" if row["fields"].get("slug") == "ada" else "ada"]


def _no_character(rows: Rows, chance: random.Random) -> None:
    fields, name = _any(rows, chance)
    fields[name] = (
        f"{fields[name]}{chance.choice(('\ud800', '\udfff', '\x00', '\u200b', '\ufeff', '\uffff'))}"
    )


CHANGES: list[Callable[[Rows, random.Random], None]] = [
    *(_drop_field, _odd_value, _odd_value, _odd_value, _longer, _unknown, _drop_record, _twice, _shuffle),
    *(_other_model, _pk, _no_record, _cycle, _no_character),
]


def _cut(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randrange(len(data))]


def _flip(data: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << chance.randrange(8))]) + data[at + 1 :]


def _insert(data: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(data))
    piece = chance.choice([*NOT_JSON, *JSON]).encode("utf-8", "surrogatepass")
    return data[:at] + piece + data[at:]


def _value(data: bytes, chance: random.Random) -> bytes:
    """Put a piece where a value stands: after a colon."""
    colons = [at for at in range(len(data)) if data[at : at + 1] == b":"]
    at = chance.choice(colons) + 1 if colons else 0
    return data[:at] + chance.choice(NOT_JSON).encode("utf-8", "surrogatepass") + data[at:]


def _mark(data: bytes, chance: random.Random) -> bytes:
    return b"\xef\xbb\xbf" + data


def _wide(data: bytes, chance: random.Random) -> bytes:
    return data.decode("utf-8", "replace").encode(chance.choice(("utf-16", "utf-16-le", "utf-32", "utf-7")))


def _bytes(data: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(data))
    return (
        data[:at]
        + chance.choice((b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\x80", b"\0"))
        + data[at:]
    )


def _behind(data: bytes, chance: random.Random) -> bytes:
    return data + chance.choice((b"x", b"[]", b",", b"\0", b"\n\n", data))


SPOILINGS: list[Callable[[bytes, random.Random], bytes]] = [
    _cut,
    _flip,
    _insert,
    _value,
    _mark,
    _wide,
    _bytes,
    _behind,
]
