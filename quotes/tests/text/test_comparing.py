"""Two figures: the rules of the verdict as properties, and the pairs that the founding story is about."""

from __future__ import annotations

import dataclasses
import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotes.text.comparing import KINDS, Told, compare_figures, digits, sentence
from quotes.text.dates import PartialDate, parse

KILLED = ("ukr-soldiers-killed", "Ukrainian soldiers killed", "persons")
CASUALTIES = (
    "ukr-military-casualties",
    "Ukrainian military casualties: killed, wounded and missing",
    "persons",
)
WOUNDED = ("ukr-soldiers-wounded", "Ukrainian soldiers wounded", "persons")
CASES = (
    "ukr-wound-cases",
    "Cases of wounded Ukrainian soldiers treated (one person can be several)",
    "cases",
)


def told(
    low, high=None, bound="exact", what=KILLED, who="Zelenskyy", method="official", as_of="2026", said=""
):
    """One figure; a lone number is exact or about, unless the bound says otherwise."""
    low, high = (None if number is None else Decimal(number) for number in (low, high))
    if bound in ("exact", "about"):
        high = low
    if bound == "at_most":
        low, high = None, low
    return Told(
        low, high, bound, *what, who.lower(), who, method, parse(as_of) if as_of else None, said, "FN News"
    )


FRANCE_2 = told(55000, bound="about", as_of="2026")
CSIS = told(100000, 140000, "range", who="CSIS", method="estimate", as_of="2025-12")


# --- the pairs that people compare -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second", "kind"),
    [
        (FRANCE_2, CSIS, "conflict"),
        (told(55000, bound="at_least"), CSIS, "conflict"),
        (FRANCE_2, told(55000, as_of="2026"), "agree"),
        (told(46000, bound="at_least", as_of="2025-02-14"), told(48000, as_of="2025-02-14"), "compatible"),
        (told(46000, bound="at_least", as_of="2025-02-14"), told(46000, as_of="2025-02-14"), "compatible"),
        (told(46000, bound="at_least"), told(100000, who="CSIS"), "conflict"),
        (told(12, bound="at_least"), told(30, who="CSIS"), "compatible"),
        (told(55000, bound="at_most"), told(2500, who="CSIS"), "compatible"),
        (told(55000, bound="at_most"), told(100000, who="CSIS"), "conflict"),
        (told(46000, bound="at_least"), told(60000, bound="at_least", who="CSIS"), "compatible"),
        (told(45000), told(45100), "compatible"),
        (told(45100, as_of="2025-02-04"), told(46000, as_of="2025-02-14"), "update"),
        (
            told(2500, 3000, "range", method="estimate", as_of="2022-04-15"),
            told(31000, as_of="2024-02-25"),
            "update",
        ),
        (told(46000, as_of="2025-02-14"), told(45000, as_of="2025-06"), "update"),
        (told(46000, as_of="2025-02-14"), told(46000, as_of="2025-06"), "agree"),
        (told(43000, as_of="2024-12-08"), told(60000, as_of="2024-12-08"), "conflict"),
        (
            told(43000, as_of="2024-12-08"),
            told(60000, as_of="2024-12-08", method="estimate"),
            "not_comparable",
        ),
        (told(43000, as_of="2024"), told(60000, as_of="2024-12-08"), "not_comparable"),
        (told(43000, as_of="2024", said="s1"), told(60000, as_of="2024-12-08", said="s1"), "conflict"),
        (
            FRANCE_2,
            told(500000, 600000, "range", CASUALTIES, "CSIS", "estimate", "2025-12"),
            "not_comparable",
        ),
        (told(370000, what=CASES), told(370000, what=WOUNDED), "not_comparable"),
        (told(43000, as_of="2024-12-08"), told(43000, who="CSIS", as_of="2025-12"), "not_comparable"),
        (told(500, as_of="2026-02-04"), told(3000, who="Mayor", as_of="2026-02-09"), "not_comparable"),
        (told(3000, as_of="2026-02-04"), told(500, who="Mayor", as_of="2026-02-09"), "conflict"),
        (told(55000, as_of=None), told(100000, who="CSIS"), "not_comparable"),
        (told(55000, as_of=None), told(55000, who="CSIS"), "compatible"),
        (told(55000, as_of=None, said="s1"), told(46000, said="s1"), "conflict"),
    ],
)
def test_each_pair_gets_the_verdict_that_an_editor_would_give(first, second, kind):
    assert compare_figures(first, second).kind == kind


@pytest.mark.parametrize(
    ("first", "second", "reason"),
    [
        (FRANCE_2, told(1, what=CASUALTIES), "also counts the wounded and missing."),
        (told(370000, what=CASES), told(370000, what=WOUNDED), "One counts cases, the other persons."),
        (told(1, what=WOUNDED), told(1), "One counts the wounded, the other the killed."),
        (
            told(1, what=("a", "Drones launched", "drones")),
            told(1, what=("b", "Drones hit", "drones")),
            "Drones hit",
        ),
        (told(1, method="estimate"), told(9), "One is an estimate, the other an official count."),
        (told(1, as_of=None), told(9), "As of when is not known of one of them."),
        (told(1, as_of=None), told(9, as_of=None), "As of when is not known of either."),
        (told(1, as_of="2024"), told(9, who="CSIS"), "One is as of 2026, the other as of 2024."),
    ],
)
def test_what_does_not_compare_says_because_of_what(first, second, reason):
    verdict = compare_figures(first, second)
    assert verdict.kind == "not_comparable"
    assert any(reason in because for because in verdict.because)


def test_a_conflict_says_that_one_counts_officially_and_the_other_estimates():
    verdict = compare_figures(FRANCE_2, CSIS)
    assert verdict.because == (
        "About 55,000 and between 100,000 and 140,000 cannot both be true.",
        "Both count the same thing, as of about the same time (2026 and Dec 2025).",
    )
    assert "One is an official count, the other an estimate." in verdict.beside


def test_a_count_that_falls_is_flagged():
    fell = compare_figures(told(46000, as_of="2025-02-14"), told(45000, as_of="2025-06"))
    assert (fell.kind, fell.fell) == ("update", True)
    assert "a count that only adds up cannot fall" in " ".join(fell.beside)
    assert not compare_figures(told(45000, as_of="2025-02-14"), told(46000, as_of="2025-06")).fell


# --- the sentence ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        (
            told(46000, as_of="2025-02-14"),
            told(55000, as_of="2026-02-05"),
            "Ukrainian soldiers killed: 55,000 as of 5 Feb 2026, according to Zelenskyy (official count); "
            "up from 46,000 as of 14 Feb 2025.",
        ),
        (
            FRANCE_2,
            CSIS,
            "Ukrainian soldiers killed: about 55,000 as of 2026, according to Zelenskyy (official count); between "
            "100,000 and 140,000 as of Dec 2025, according to CSIS (estimate). The two figures conflict.",
        ),
        (
            FRANCE_2,
            told(500000, 600000, "range", CASUALTIES, "CSIS", "estimate", "2025-12"),
            "Ukrainian soldiers killed: about 55,000 as of 2026, according to Zelenskyy (official count). Ukrainian "
            "military casualties: killed, wounded and missing: between 500,000 and 600,000 as of Dec 2025, according "
            "to CSIS (estimate). Not comparable: “Ukrainian military casualties: killed, wounded and missing” also "
            "counts the wounded and missing.",
        ),
        (
            told(46000, bound="at_least", as_of="2025-02-14"),
            told(48000, who="CSIS", method="estimate", as_of="2025-02-14"),
            "Ukrainian soldiers killed: at least 46,000 as of 14 Feb 2025, according to Zelenskyy (official count); "
            "48,000 as of 14 Feb 2025, according to CSIS (estimate). The two can both be true.",
        ),
        (
            told(55000, as_of=None),
            told(100000, who="CSIS"),
            "Ukrainian soldiers killed: 55,000 as of a day that is not known, according to Zelenskyy (official "
            "count); 100,000 as of 2026, according to CSIS (official count). Not comparable: as of when is not "
            "known of one of them.",
        ),
    ],
)
def test_the_sentence_can_be_printed_as_it_is(first, second, words):
    assert sentence(first, second) == words


@pytest.mark.parametrize(
    ("number", "words"), [("55000", "55,000"), ("2.50", "2.5"), ("1E+6", "1,000,000"), ("0", "0")]
)
def test_numbers_are_printed_as_english_does(number, words):
    assert digits(Decimal(number)) == words


# --- what must hold of any two figures ---------------------------------------------------------------------------

numbers = st.integers(0, 10**7).map(Decimal) | st.decimals(0, 100, places=2)
dates = st.dates(dt.date(2020, 1, 1), dt.date(2027, 1, 1))
partial_dates = st.one_of(
    st.none(),
    dates.map(PartialDate),
    dates.map(lambda day: PartialDate(day.replace(day=1), "month")),
    dates.map(lambda day: PartialDate(day.replace(day=1, month=1), "year")),
)


@st.composite
def figures(draw):
    bound = draw(st.sampled_from(["exact", "about", "at_least", "at_most", "range"]))
    low, high = sorted((draw(numbers), draw(numbers)))
    low, high = {
        "exact": (low, low), "about": (low, low), "at_least": (low, None), "at_most": (None, high),
        "range": (low, high),
    }[bound]  # fmt: skip
    what = draw(st.sampled_from([KILLED, CASUALTIES, WOUNDED, CASES]))
    who = draw(st.sampled_from(["", "zelenskyy", "csis"]))
    method = draw(st.sampled_from(["official", "estimate", "claim"]))
    said = draw(st.sampled_from(["", "s1", "s2"]))
    return Told(low, high, bound, *what, who, who.title(), method, draw(partial_dates), said)


@given(figures(), figures())
def test_the_order_of_two_figures_does_not_change_the_verdict(first, second):
    one, other = compare_figures(first, second), compare_figures(second, first)
    mirrored = {"first": "second", "second": "first", None: None}
    assert (one.kind, one.fell) == (other.kind, other.fell)
    assert one.later == mirrored[other.later]
    assert len(one.because) == len(other.because)


@given(figures(), figures())
def test_a_verdict_has_a_known_kind_and_always_says_why(first, second):
    verdict = compare_figures(first, second)
    assert verdict.kind in KINDS
    assert verdict.because
    assert all(reason.endswith(".") for reason in (*verdict.because, *verdict.beside))


@given(figures(), figures())
def test_only_equal_numbers_of_one_measure_agree(first, second):
    if compare_figures(first, second).kind == "agree":
        assert (first.low, first.high, first.measure, first.unit) == (
            second.low,
            second.high,
            second.measure,
            second.unit,
        )


@given(figures(), figures())
def test_ranges_that_meet_never_conflict(first, second):
    """An open side is read by its grain: that is the one place where a minimum can be exceeded too far."""
    highs = [told.high for told in (first, second)]
    if None in highs:
        return
    low = max(told.low if told.low is not None else Decimal("-Infinity") for told in (first, second))
    if low <= min(highs):
        assert compare_figures(first, second).kind != "conflict"


@given(figures(), figures())
def test_figures_of_two_measures_are_never_set_against_each_other(first, second):
    if first.measure != second.measure:
        assert compare_figures(first, second).kind == "not_comparable"


@given(figures(), figures())
def test_an_update_is_of_one_speaker_and_of_a_surely_later_day(first, second):
    verdict = compare_figures(first, second)
    if verdict.kind == "update":
        new, old = (first, second) if verdict.later == "first" else (second, first)
        assert new.speaker == old.speaker != ""
        assert new.as_of.first > old.as_of.last


@given(figures())
def test_a_figure_never_conflicts_with_itself(figure):
    assert compare_figures(figure, figure).kind in ("agree", "compatible")


@given(figures())
def test_names_for_show_are_not_what_a_verdict_is_made_of(figure):
    renamed = dataclasses.replace(figure, speaker_name="Somebody else", source="Another paper")
    assert compare_figures(figure, renamed) == compare_figures(figure, figure)


@given(figures(), figures())
def test_the_sentence_hides_neither_number_nor_bound_nor_date(first, second):
    written = sentence(first, second)
    verdict = compare_figures(first, second)
    shown = (first, second)
    if verdict.kind == "agree":
        shown = (second if verdict.later == "second" else first,)
    for told_ in shown:
        assert told_.words.removeprefix("about ") in written
        if told_.as_of is not None:
            assert told_.when in written
    assert written.endswith(".")
    assert ".." not in written
