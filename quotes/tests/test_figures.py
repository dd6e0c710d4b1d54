"""The ledger of a number: who may see what, one row per statement, the chart, and the same for machines."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from quotes.search.stepcharts import Point, step_chart
from quotes.text.measuring import apart

from .factories import (
    a_check,
    a_figure,
    a_measure,
    a_quote,
    a_speaker,
    a_statement,
    a_tenure,
    an_outlet,
)
from .htmx import keeps_the_three_laws, parsed, text_of

pytestmark = pytest.mark.django_db

LATER = dt.datetime(2999, 1, 1, tzinfo=dt.UTC)


@pytest.fixture
def killed(db: None) -> Any:
    return a_measure("Ukrainian soldiers killed")


def given(measure: Any, low: int, day: str, speaker: Any = None, *, chain: Any = (), **fields: Any) -> Any:
    """A statement with one report that gives this number as of this day."""
    record = {name: fields.pop(name) for name in ("record", "embargoed_until") if name in fields}
    statement = a_statement(speaker, **record)
    when = dt.date.fromisoformat(day) if day else None
    a_figure(a_quote(statement, chain=chain), low, measure=measure, as_of=when, **fields)
    return statement


def ledger(browser: Any, measure: Any, query: str = "") -> Any:
    answer = browser.get(f"/figures/{measure.slug}/?format=json{query}")
    assert answer.status_code == 200
    return answer.json()


# --- what it shows ---


def test_the_series_of_one_speaker_stands_in_order_and_each_step_is_an_update(
    reading: Any, killed: Any
) -> None:
    zelenskyy = a_speaker("Zelenskyy")
    for low, day in [(46_000, "2025-02-14"), (31_000, "2024-02-25"), (55_000, "2026-02-04")]:
        given(killed, low, day, zelenskyy, method="official")
    told = ledger(reading, killed)
    assert [row["low"] for row in told["figures"]] == ["31000", "46000", "55000"]
    assert [[pair["kind"] for pair in row["compared"]] for row in told["figures"]] == [
        [],
        ["update"],
        ["update"],
    ]
    last = told["figures"][-1]["compared"][0]["sentence"]
    assert last == (
        "Ukrainian soldiers killed: about 55,000 as of 4 Feb 2026, according to Zelenskyy (official count); "
        "up from about 46,000 as of 14 Feb 2025."
    )


def test_many_reports_of_one_broadcast_are_one_row_with_one_root(reading: Any, killed: Any) -> None:
    statement, france = a_statement(), an_outlet("France 2")
    for _ in range(3):
        a_figure(a_quote(statement, chain=[france]), measure=killed)
    a_figure(a_quote(statement, chain=[france]), 55_000, bound="at_least", measure=killed)
    (row,) = ledger(reading, killed)["figures"]
    assert (row["reports"], row["roots"]) == (4, 1)
    assert [reading["words"] for reading in row["readings"]] == ["about 55,000", "at least 55,000"]
    page = parsed(reading.get(f"/figures/{killed.slug}/"))
    assert "4 reports, 1 root" in text_of(page.select_one(".tbl-led"))


def test_two_speakers_who_cannot_both_be_right_conflict(reading: Any, killed: Any) -> None:
    given(killed, 55_000, "2026-02-04", method="official")
    given(killed, 100_000, "2026-01-27", high=140_000, method="estimate")
    told = ledger(reading, killed)
    assert [pair["kind"] for row in told["figures"] for pair in row["compared"]] == ["conflict"]
    page = parsed(reading.get(f"/figures/{killed.slug}/"))
    assert "1 conflict" in text_of(page.select_one("#ledger"))
    assert page.select_one(".vd-conflict") is not None


def test_a_number_shows_what_it_stands_at_and_its_contested_reports(
    reading: Any, verifier: Any, killed: Any
) -> None:
    statement = a_statement()
    a_figure(a_quote(statement), measure=killed)
    bad = a_quote(statement)
    a_figure(bad, measure=killed)
    a_check(bad, verifier, ruling="disputed", reason="Another number in the recording")
    (row,) = ledger(reading, killed)["figures"]
    assert (row["standing"], row["adverse"]) == ("unchecked", ["disputed"])
    assert row["depth"] == "cited"


def test_a_number_without_a_day_stands_last_and_is_not_drawn(reading: Any, killed: Any) -> None:
    given(killed, 1, "")
    given(killed, 2, "2026-02-04")
    assert [row["low"] for row in ledger(reading, killed)["figures"]] == ["2", "1"]
    page = parsed(reading.get(f"/figures/{killed.slug}/"))
    assert "1 number of which the day is not known is only in the ledger" in text_of(page)
    assert "not known" in text_of(page.select(".tbl-led tbody tr")[1])


def test_a_speaker_is_shown_alone_with_those_who_speak_for_them(reading: Any, killed: Any) -> None:
    kremlin, peskov = a_speaker("The Kremlin", kind="institution"), a_speaker("Peskov")
    a_tenure(peskov, "Press Secretary", organisation=kremlin, speaks_for=True, starts=dt.date(2012, 5, 1))
    given(killed, 1, "2026-02-01", kremlin)
    own = a_statement(peskov, said_on=dt.date(2026, 2, 2))
    a_figure(a_quote(own), 2, measure=killed, as_of=dt.date(2026, 2, 2))
    given(killed, 3, "2026-02-03")
    assert [row["low"] for row in ledger(reading, killed, f"&speaker={kremlin.slug}")["figures"]] == [
        "1",
        "2",
    ]


def test_days_narrow_the_ledger_from_and_to(reading: Any, killed: Any) -> None:
    for low, day in [(1, "2024-01-01"), (2, "2025-01-01"), (3, "2026-01-01")]:
        given(killed, low, day)
    assert [row["low"] for row in ledger(reading, killed, "&from=2024-06-01&to=2025-06-01")["figures"]] == [
        "2"
    ]


def test_two_chosen_statements_are_judged_with_a_sentence_to_copy(reading: Any, killed: Any) -> None:
    one = given(killed, 46_000, "2025-02-14", bound="at_least")
    other = given(killed, 48_000, "2025-02-14")
    told = ledger(reading, killed, f"&a={one.uid}&b={other.uid}")["pair"]
    assert told["kind"] == "compatible"
    page = parsed(reading.get(f"/figures/{killed.slug}/?a={one.uid}&b={other.uid}"))
    assert text_of(page.select_one("#vd-sentence")) == told["sentence"]
    assert page.select_one(f"#pair a[href='/compare/?a={one.uid}&b={other.uid}']") is not None


@pytest.mark.parametrize(
    ("a", "b", "words"),
    [
        ("one", "one", "You chose the same statement twice"),
        ("one", "nothing-here", "has no number in this ledger"),
        ("one", "", "has no number in this ledger"),
    ],
)
def test_a_pair_that_cannot_be_compared_says_why(
    reading: Any, killed: Any, a: str, b: str, words: str
) -> None:
    one = given(killed, 1, "2026-02-04")
    uids = {"one": one.uid}
    answer = reading.get(f"/figures/{killed.slug}/?a={uids.get(a, a)}&b={uids.get(b, b)}")
    assert answer.status_code == 200
    assert words in text_of(parsed(answer))


def test_other_measures_are_named_with_why_they_are_not_the_same(reading: Any, killed: Any) -> None:
    a_measure("Ukrainian military casualties: killed, wounded and missing")
    a_measure("Price of bread", unit="hryvnias")
    (other,) = ledger(reading, killed)["others"]
    assert other["because"].endswith("also counts the wounded and missing.")


def test_the_index_has_every_measure_with_its_last_number(reading: Any, killed: Any) -> None:
    nothing = a_measure("Nobody counts this")
    given(killed, 46_000, "2025-02-14")
    given(killed, 55_000, "2026-02-04")
    page = parsed(reading.get("/figures/"))
    rows = {text_of(row.th): text_of(row) for row in page.select("tbody tr")}
    assert "about 55,000" in rows["Ukrainian soldiers killed"]
    assert "46,000" not in rows["Ukrainian soldiers killed"]
    assert "none given" in rows[nothing.name]


def test_the_last_number_is_the_one_that_most_of_its_reports_give(reading: Any, killed: Any) -> None:
    statement, day = a_statement(), dt.date(2026, 2, 4)
    for bound in ("exact", "exact", "at_least"):
        a_figure(a_quote(statement), 55_000, bound=bound, measure=killed, as_of=day)
    row = parsed(reading.get("/figures/")).select_one("tbody tr")
    assert text_of(row.select_one(".fig-n")).startswith("55,000")


def test_an_unknown_measure_or_speaker_is_not_found(reading: Any, killed: Any) -> None:
    assert reading.get("/figures/nothing-like-it/").status_code == 404
    assert reading.get(f"/figures/{killed.slug}/?speaker=nobody-at-all").status_code == 404
    assert reading.get(f"/figures/{killed.slug}/?from=yesterday").status_code == 404
    assert reading.post(f"/figures/{killed.slug}/").status_code == 405


def test_a_stranger_is_sent_to_sign_in(client: Any, killed: Any) -> None:
    for address in ("/figures/", f"/figures/{killed.slug}/"):
        assert client.get(address).status_code == 302


# --- what may not be known (invariant 12) ---


@pytest.mark.parametrize("hidden", [{"record": "off"}, {"embargoed_until": LATER}])
def test_what_is_held_back_is_in_no_ledger_chart_count_or_pair(
    reading: Any, client_of: Any, verifier: Any, killed: Any, hidden: dict[str, Any]
) -> None:
    seen = given(killed, 55_000, "2026-02-04")
    secret_speaker = a_speaker("Quiet Source")
    secret = given(killed, 77_777, "2026-02-05", secret_speaker, **hidden)
    for address in (
        "/figures/",
        f"/figures/{killed.slug}/",
        f"/figures/{killed.slug}/?format=json",
        f"/figures/{killed.slug}/?a={seen.uid}&b={secret.uid}",
        f"/figures/{killed.slug}/?format=json&speaker={secret_speaker.slug}",
    ):
        body = reading.get(address).content.decode()
        assert "77,777" not in body
        assert "77777" not in body
        assert "Quiet Source" not in body
    assert ledger(reading, killed)["total"] == 1
    assert ledger(client_of(verifier), killed)["total"] == 2


# --- how it is drawn ---


def points(number: int, speakers: int = 1) -> list[Point]:
    return [
        Point(
            low := 1_000 * (place % 37) + 17 * place,
            low if place % 5 else low + 9_000,
            ("exact", "about", "range")[place % 3] if place % 5 else "range",
            dt.date(2022, 3, 1) + dt.timedelta(days=place * 7 % 1400),
            dt.date(2022, 3, 1) + dt.timedelta(days=place * 7 % 1400),
            f"Speaker {place % speakers}",
            f"about {low:,}",
            "14 Feb 2025",
        )
        for place in range(number)
    ]


@pytest.mark.parametrize(("number", "speakers"), [(1, 1), (7, 2), (60, 5), (200, 9)])
def test_no_label_of_the_chart_stands_on_another_or_leaves_it(number: int, speakers: int) -> None:
    chart = step_chart(points(number, speakers))
    assert chart is not None
    for drawing in chart.drawings:
        boxes = [label.box for label in drawing.labels]
        assert boxes, "the newest number has its label"
        assert apart(boxes)
        assert all(left >= 0 and right <= drawing.width for left, _, right, _ in boxes)
        assert all(top >= 0 and foot <= drawing.height for _, top, _, foot in boxes)
        assert len(drawing.marks) == number


def test_a_chart_of_nothing_is_not_drawn(reading: Any, killed: Any) -> None:
    assert step_chart([]) is None
    page = parsed(reading.get(f"/figures/{killed.slug}/"))
    assert page.select_one("svg.ch-fig") is None
    assert "No number" in text_of(page)


# --- how it is asked for ---


def test_the_filters_keep_the_three_laws(reading: Any, killed: Any) -> None:
    zelenskyy = a_speaker("Zelenskyy")
    given(killed, 46_000, "2025-02-14", zelenskyy)
    given(killed, 55_000, "2026-02-04", zelenskyy)
    given(killed, 100_000, "2026-01-27", a_speaker("CSIS"))
    base = f"/figures/{killed.slug}/"
    keeps_the_three_laws(reading, base, f"{base}?speaker={zelenskyy.slug}", "#ledger")
    keeps_the_three_laws(reading, base, f"{base}?from=2026-01-01", "#ledger")


@pytest.mark.parametrize("address", ["/figures/", "/figures/{}/", "/figures/{}/?format=json"])
def test_twenty_rows_take_as_many_queries_as_one(reading: Any, killed: Any, address: str) -> None:
    def count() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert reading.get(address.format(killed.slug)).status_code == 200
        return len(asked)

    given(killed, 1, "2026-01-01", chain=[an_outlet()])
    given(a_measure("Ukrainian soldiers wounded"), 1, "2026-01-01")
    count()
    one = count()
    for place in range(19):
        speaker = a_speaker()
        given(killed, place, "2026-01-02", speaker, chain=[an_outlet(owner=an_outlet())])
        given(a_measure(f"Ukrainian soldiers of kind {place}"), 1, "2026-01-01")
    assert count() == one
