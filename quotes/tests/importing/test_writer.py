"""Writing: what is read, written and read again is the same, the bytes of every text included."""

import datetime as dt
import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotes.importing.errors import ErrorList
from quotes.importing.rows import Row, read_rows
from quotes.importing.schema import MODELS
from quotes.importing.writer import ORDER, write_records

from .helpers import quote, read

FIXTURES = sorted((Path(__file__).resolve().parents[3] / "fixtures").glob("*.json"))


def rows_of(text: str) -> list[Row]:
    errors = ErrorList()
    rows = list(read_rows(io.BytesIO(text.encode()), "a.json", errors))
    assert not errors, errors.listed
    return rows


def written(rows: list[Row]) -> str:
    return "".join(write_records((row.model, row.fields) for row in rows))


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.name)
def test_our_fixtures_come_back_as_they_were(path: Path) -> None:
    rows = rows_of(path.read_text())
    assert rows
    once = written(rows)
    assert [(row.model, row.key, row.fields) for row in rows_of(once)] == [
        (row.model, row.key, row.fields) for row in rows
    ]
    assert written(rows_of(once)) == once
    assert json.loads(once) == json.loads(path.read_text())


TEXT = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20
).filter(str.strip)


@given(st.lists(TEXT, max_size=5), st.decimals(-(10**17), 10**17, places=6))
def test_every_text_and_number_comes_back(texts: list[str], number: Decimal) -> None:
    rows, errors = read(*[quote(uid=f"q-{n}", text=text, cue="") for n, text in enumerate(texts)])
    assert not errors
    assert [row.fields["text"] for row in rows_of(written(rows))] == texts
    figure: dict[str, Any] = {
        "quote": ("q-1",),
        "measure": ("m",),
        "low": number,
        "high": number,
        "bound": "exact",
        "method": "claim",
    }
    (back,) = rows_of("".join(write_records([("quotes.figure", figure)])))
    assert back.fields["low"] == number


def test_the_order_of_fields_and_models_is_always_the_same() -> None:
    text = "".join(
        write_records(
            [("quotes.topic", {"name": "T", "slug": "t"}), ("quotes.topic", {"slug": "u", "name": "U"})]
        )
    )
    assert text.startswith(
        '[\n  {\n    "model": "quotes.topic",\n    "fields": {\n      "slug": "t",\n      "name": "T"\n    }\n  },\n'
    )
    assert set(ORDER) == set(MODELS)
    for place, label in enumerate(ORDER):
        others = {field.refers_to for field in MODELS[label].fields.values()} - {"", label}
        assert others <= set(ORDER[:place])


def test_an_empty_list_is_a_file() -> None:
    assert rows_of("".join(write_records([]))) == []


@pytest.mark.parametrize(
    ("label", "fields"),
    [
        ("quotes.check", {}),
        ("quotes.topic", {"pk": 1}),
        ("quotes.article", {"published_at": dt.datetime(2026, 2, 5)}),  # noqa: DTZ001
        ("quotes.topic", {"slug": object()}),
        ("quotes.link", {"score": float("nan")}),
    ],
)
def test_what_the_format_does_not_hold_is_not_written(label: str, fields: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"format|offset|JSON"):
        list(write_records([(label, fields)]))
