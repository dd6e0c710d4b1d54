"""Two wordings side by side: what may be compared, what is said of it, and what may not be known."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from quotes.search.numberlines import Value, number_lines
from quotes.text.measuring import apart

from .factories import a_figure, a_link, a_measure, a_quote, a_speaker, a_statement, an_outlet
from .htmx import keeps_the_three_laws, parsed, text_of

pytestmark = pytest.mark.django_db

LATER = dt.datetime(2999, 1, 1, tzinfo=dt.UTC)
DOOR = "The door to a settlement remains open"
WHOLE = f"{DOOR}, but not until Kyiv decides"


def compared(browser: Any, a: str, b: str) -> Any:
    answer = browser.get(f"/compare/?a={a}&b={b}")
    assert answer.status_code == 200
    return parsed(answer)


def test_what_a_report_left_out_is_marked_and_named(reading: Any) -> None:
    statement = a_statement(a_speaker("The Kremlin"))
    short, whole = a_quote(statement, DOOR), a_quote(statement, WHOLE)
    page = compared(reading, short.uid, whole.uid)
    assert text_of(page.select(".cmp ins")[0]) == ", but not until Kyiv decides"
    told = text_of(page.select_one(".cmp-n"))
    assert "Condition left out." in told
    assert "with “but”, “not” and “until”" in told
    assert "turns a sentence" in text_of(page.select_one("#h-changed"))
    assert DOOR in text_of(page.select_one("#cmp-sentence"))


def test_statements_and_quotes_are_named_by_their_uids_in_any_mixture(reading: Any) -> None:
    one, other = a_quote(text=DOOR), a_quote(text=WHOLE)
    for a, b in [
        (one.uid, other.uid),
        (one.statement.uid, other.uid),
        (one.statement.uid, other.statement.uid),
    ]:
        page = compared(reading, a, b)
        assert [side["data-uid"] for side in page.select(".cmp-c")] == [one.uid, other.uid]


def test_the_other_statement_is_shown_in_the_same_language_where_it_has_one(reading: Any) -> None:
    one = a_quote(text="Двери открыты", language="ru")
    other = a_statement()
    a_quote(other, "The door is open")
    russian = a_quote(other, "Двери закрыты", language="ru", kind="indirect")
    page = compared(reading, one.uid, other.uid)
    assert page.select(".cmp-c")[1]["data-uid"] == russian.uid


def test_two_languages_are_shown_without_marks_and_with_a_word_on_why(reading: Any) -> None:
    page = compared(
        reading, a_quote(text="Open", language="en").uid, a_quote(text="Открыты", language="ru").uid
    )
    assert not page.select(".cmp ins, .cmp del")
    assert "They are in two languages" in text_of(page.select_one(".cmp-n"))


def test_figures_stand_side_by_side_with_their_verdict(reading: Any) -> None:
    killed = a_measure("Ukrainian soldiers killed")
    one, other = a_quote(), a_quote()
    a_figure(one, 55_000, measure=killed, as_of=dt.date(2026, 2, 4), method="official", as_printed="55,000")
    a_figure(other, 100_000, 140_000, measure=killed, as_of=dt.date(2026, 1, 27), method="estimate")
    page = compared(reading, one.uid, other.uid)
    assert text_of(page.select_one(".vd-conflict .vd-k")) == "Conflict"
    assert text_of(page.select_one("#cmp-sentence")).endswith("The two figures conflict.")
    assert page.select_one("svg.ch-nl") is not None


def test_figures_of_two_measures_are_not_drawn_on_one_line(reading: Any) -> None:
    one, other = a_quote(), a_quote()
    a_figure(one, 1, measure=a_measure("Soldiers killed"))
    a_figure(other, 2, measure=a_measure("Soldiers wounded"))
    page = compared(reading, one.uid, other.uid)
    assert "Not comparable, because" in text_of(page.select_one(".vd"))
    assert page.select_one("svg.ch-nl") is None


def test_the_same_number_with_and_without_a_hedge_is_said(reading: Any) -> None:
    statement, killed = a_statement(), a_measure()
    one, other = a_quote(statement), a_quote(statement)
    a_figure(one, 55_000, measure=killed)
    a_figure(other, 55_000, bound="exact", measure=killed)
    assert "Hedge changed." in text_of(compared(reading, one.uid, other.uid).select_one(".cmp-n"))


def test_chains_stand_side_by_side_and_one_root_behind_both_is_said(reading: Any) -> None:
    france = an_outlet("France 2")
    one, other = a_quote(chain=[an_outlet("Kyiv Post"), france]), a_quote(chain=[france])
    page = compared(reading, one.uid, other.uid)
    assert "One root behind both: France 2" in text_of(page.select_one("#h-came"))
    assert [len(chain.select("li")) for chain in page.select(".cv")] == [3, 2]


def test_the_same_on_both_sides_is_said_and_nothing_compared(reading: Any) -> None:
    quote = a_quote()
    page = compared(reading, quote.uid, quote.uid)
    assert "That is the same on both sides" in text_of(page)
    assert page.select_one(".cmp") is None


def test_one_side_alone_offers_its_other_wordings_and_links(reading: Any) -> None:
    one = a_quote()
    wording = a_quote(one.statement, "Another wording")
    linked = a_quote().statement
    a_link(one.statement, linked)
    page = parsed(reading.get(f"/compare/?a={one.uid}"))
    addresses = [link["href"] for link in page.select("#main .rel a")]
    assert addresses == [f"?a={one.uid}&b={wording.uid}", f"?a={one.uid}&b={linked.uid}"]


@pytest.mark.parametrize("query", ["a=nothing-here&b=neither-this", "a=nothing-here", "a=NOT%20A%20UID&b=x"])
def test_what_is_not_there_is_not_found(reading: Any, query: str) -> None:
    assert reading.get(f"/compare/?{query}").status_code == 404


def test_without_anything_chosen_it_asks_for_two(reading: Any) -> None:
    page = parsed(reading.get("/compare/"))
    assert [field["name"] for field in page.select("#main form input")] == ["a", "b"]


@pytest.mark.parametrize("hidden", [{"record": "off"}, {"embargoed_until": LATER}])
def test_what_is_held_back_cannot_be_compared_nor_offered(
    reading: Any, client_of: Any, verifier: Any, hidden: dict[str, Any]
) -> None:
    seen = a_quote()
    secret = a_quote(a_statement(**hidden, gist="The quiet one"))
    a_link(seen.statement, secret.statement)
    for uid in (secret.uid, secret.statement.uid):
        assert reading.get(f"/compare/?a={seen.uid}&b={uid}").status_code == 404
        assert reading.get(f"/compare/?a={uid}").status_code == 404
        assert client_of(verifier).get(f"/compare/?a={seen.uid}&b={uid}").status_code == 200
    assert "The quiet one" not in reading.get(f"/compare/?a={seen.uid}").content.decode()


def test_another_wording_and_turning_round_keep_the_three_laws(reading: Any) -> None:
    statement = a_statement()
    one, other, third = a_quote(statement, DOOR), a_quote(statement, WHOLE), a_quote(statement, "Shut")
    base = f"/compare/?a={one.uid}&b={other.uid}"
    for address in (f"/compare/?a={other.uid}&b={one.uid}", f"/compare/?a={one.uid}&b={third.uid}"):
        keeps_the_three_laws(reading, base, address, "#comparison")


def test_many_wordings_take_as_many_queries_as_few(reading: Any) -> None:
    one, other = (a_quote(chain=[an_outlet(owner=an_outlet())]) for _ in range(2))
    a_figure(one)
    a_figure(other)

    def count() -> int:
        with CaptureQueriesContext(connection) as asked:
            compared(reading, one.statement.uid, other.statement.uid)
        return len(asked)

    count()
    few = count()
    for statement in (one.statement, other.statement):
        for _ in range(19):
            a_figure(a_quote(statement, kind="indirect", chain=[an_outlet(owner=an_outlet())]))
    assert count() == few


def test_labels_of_the_number_line_never_stand_on_each_other() -> None:
    values = [Value(n * 1_000, n * 1_000, f"A speaker with a long name says {n},000") for n in range(50, 60)]
    for line in number_lines(values):
        boxes = [spot.box for spot in line.spots]
        assert apart(boxes)
        assert all(left >= 0 and right <= line.width for left, _, right, _ in boxes)
