"""Partial dates: never more is read, kept or shown than is known."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotes.text.dates import PRECISIONS, PartialDate, from_stored, in_words, may_be_same_day, parse


@st.composite
def partial_dates(draw: st.DrawFn) -> PartialDate:
    first, precision = draw(st.dates()), draw(st.sampled_from(PRECISIONS))
    if precision != "day":
        first = first.replace(day=1)
    if precision == "year":
        first = first.replace(month=1)
    return PartialDate(first, precision)


@given(partial_dates())
def test_what_is_written_is_read_back(date: PartialDate) -> None:
    written = str(date).rjust({"day": 10, "month": 7, "year": 4}[date.precision], "0")
    assert parse(written) == date
    assert from_stored(date.first, date.precision) == date
    assert date.first <= date.last
    assert (date.last + dt.timedelta(days=1)).day == 1 or date.precision == "day" or date.last == dt.date.max


@given(partial_dates(), partial_dates())
def test_two_dates_overlap_or_one_is_surely_before_the_other(one: PartialDate, other: PartialDate) -> None:
    assert one.overlaps(other) == other.overlaps(one)
    assert [one.overlaps(other), one.surely_before(other), other.surely_before(one)].count(True) == 1
    assert may_be_same_day(one, other) == one.overlaps(other)


@pytest.mark.parametrize(
    ("text", "words", "interval"),
    [
        ("2026-02-04", "4 Feb 2026", ("2026-02-04", "2026-02-04")),
        ("2024-02", "Feb 2024", ("2024-02-01", "2024-02-29")),
        ("2026", "2026", ("2026-01-01", "2026-12-31")),
        ("9999-12", "Dec 9999", ("9999-12-01", "9999-12-31")),
    ],
)
def test_a_partial_date_in_words_and_days(text: str, words: str, interval: tuple[str, str]) -> None:
    date = parse(text)
    assert date.in_words == in_words(date) == words
    assert tuple(day.isoformat() for day in date.interval) == interval


@pytest.mark.parametrize(
    "text",
    [
        "",
        "26",
        "2026-2",
        "2026-02-4",
        "2026-02-30",
        "2025-02-29",
        "0000",
        "0000-01-01",
        "2026-13",
        "2026-00",
        "2026-1-1",
        " 2026",
        "2026 ",
        "2026-02-04T00:00",
        "04.02.2026",
        "4 Feb 2026",
        "٢٠٢٦",
        "2026-W05",
        "20260204",
        "2026\n",
        "-2026",
    ],
)
def test_everything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="found"):
        parse(text)


@pytest.mark.parametrize(
    ("first", "precision"),
    [
        (dt.date(2026, 2, 4), "month"),
        (dt.date(2026, 2, 1), "year"),
        (dt.date(2026, 2, 1), None),
        (None, "day"),
        (dt.date(2026, 1, 1), "decade"),
    ],
)
def test_a_date_and_its_precision_must_fit(first: dt.date | None, precision: str | None) -> None:
    with pytest.raises(ValueError, match=r"known|expected"):
        from_stored(first, precision)


def test_a_date_that_is_not_known_excludes_nothing() -> None:
    assert from_stored(None, None) is None
    assert from_stored(None, "") is None
    assert in_words(None) == "not known"
    assert may_be_same_day(None, parse("2026"))
