"""Facets to be searched by name; what is offered for a slip; what is said and shown when nothing is held."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from quotes.search import facets, presenting
from quotes.tests import factories as make
from quotes.tests.htmx import get_part, parsed, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client_of: Any, reader: Any) -> Any:
    """A reader's browser."""
    return client_of(reader)


@pytest.fixture
def papers() -> list[Any]:
    """Fifteen papers; number n printed n + 1 statements on the war, and one on peace."""
    outlets = [make.an_outlet(f"Paper {n:02} of Łódź", slug=f"paper-{n:02}") for n in range(15)]
    for n, outlet in enumerate(outlets):
        for _ in range(n + 1):
            make.a_quote(make.a_statement(), "It is war.", article=make.an_article(outlet))
        make.a_quote(make.a_statement(), "It is peace.", article=make.an_article(outlet))
    return outlets


def values(page: Any, name: str = "outlet") -> list[tuple[str, str]]:
    """Label and number of every value shown."""
    return [
        (row.select_one(".fo-t").get_text(strip=True), row.select_one(".n").get_text(strip=True))
        for row in page.select(f"#list-{name} li")
    ]


# --- A long facet ------------------------------------------------------------------------------------------------


def test_a_long_facet_leads_to_all_its_values(desk: Any, papers: Any) -> None:
    page = parsed(desk.get("/search/?q=war&standing=unchecked"))
    assert len(page.select("#values-outlet li")) == 12, "the most frequent stand beside the results"
    more = page.select_one("#values-outlet .fo-all a")
    assert more is not None
    assert more["href"] == "/search/facets/outlet/?q=war&standing=unchecked"
    assert page.select_one("#values-topic .fo-all") is None, "a short one has no more"
    every = values(parsed(desk.get(more["href"])))
    assert len(every) == 15
    assert every[0] == ("Paper 14 of Łódź", "15")
    assert every[-1] == ("Paper 00 of Łódź", "1")


@pytest.mark.parametrize("typed", ["Paper 03", "03 lodz", "paper 03 of łódź"])
def test_a_value_is_found_by_name_in_any_spelling(desk: Any, papers: Any, typed: str) -> None:
    page = parsed(desk.get("/search/facets/outlet/", {"q": "war", "find": typed}))
    assert values(page)[0] == ("Paper 03 of Łódź", "4")
    box = page.select_one("#find-outlet")
    assert box is not None
    assert box["value"] == typed
    link = page.select_one("#f-outlet-paper-03")
    assert link is not None
    assert link["href"] == "/search/?q=war&outlet=paper-03"
    without = page.select_one("#list-outlet .fo-x")
    assert without is not None
    assert without["href"] == "/search/?q=war&outlet=-paper-03"


def test_values_are_counted_as_if_none_of_them_were_chosen(desk: Any, papers: Any) -> None:
    page = parsed(desk.get("/search/facets/outlet/?q=war&outlet=paper-01&outlet=-paper-02"))
    assert len(values(page)) == 15
    chosen = page.select_one("#list-outlet .is-on .fo-l")
    left_out = page.select_one("#list-outlet .is-out .fo-x")
    assert chosen is not None
    assert left_out is not None
    assert chosen["href"] == "/search/?q=war&outlet=-paper-02", "chosen: the click takes it back"
    assert left_out["href"] == "/search/?q=war&outlet=paper-01"


def test_a_speaker_is_found_by_a_spelling_from_another_script(desk: Any) -> None:
    person = make.a_speaker("Volodymyr Zelenskyy", slug="zelenskyy", names={"Зеленский": "ru"})
    make.a_quote(make.a_statement(person), "It is war.")
    page = parsed(desk.get("/search/facets/speaker/", {"q": "war", "find": "зеленский"}))
    assert values(page, "speaker") == [("Volodymyr Zelenskyy", "1")]


def test_a_language_is_found_by_its_name(desk: Any) -> None:
    make.a_quote(make.a_statement(), "Війна", language="uk")
    make.a_quote(make.a_statement(), "War", language="en")
    assert values(parsed(desk.get("/search/facets/language/?find=ukr")), "language") == [("Ukrainian", "1")]


@pytest.mark.parametrize("typed", ["nobody-at-all", "%", "\\", "x" * 10_000, "'", "\u202e", "戦"])
def test_a_name_that_no_hit_has_is_said_so(desk: Any, papers: Any, typed: str) -> None:
    response = desk.get("/search/facets/outlet/", {"q": "war", "find": typed})
    assert response.status_code == 200
    assert "None of the statements found" in parsed(response).get_text() or values(parsed(response))


@pytest.mark.parametrize("name", ["standing", "kind", "year", "holds", "nothing", "Outlet"])
def test_a_facet_that_is_not_long_has_no_page(desk: Any, name: str) -> None:
    assert desk.get(f"/search/facets/{name}/").status_code == 404


def test_the_facet_swaps_as_it_loads(desk: Any, papers: Any) -> None:
    address = "/search/facets/outlet/?q=war&find=paper+03"
    fragment = parsed(get_part(desk, address))
    assert fragment.find(["html", "head", "body", "main"]) is None, "a fragment is not a page"
    whole, before = parsed(desk.get(address)), parsed(desk.get("/search/facets/outlet/?q=war"))
    new, there, old = (page.select_one("#values-outlet") for page in (fragment, whole, before))
    assert new is not None
    assert there is not None
    assert old is not None
    assert told(new) == told(there), "the fragment is not the page's part"
    old.replace_with(new)
    assert told(before.select_one("#main")) == told(whole.select_one("#main")), "a swap is not a reload"


def test_the_facet_costs_the_same_for_one_value_and_for_fifteen(desk: Any, papers: Any) -> None:
    desk.get("/search/facets/outlet/?q=war")
    with CaptureQueriesContext(connection) as one:
        desk.get("/search/facets/outlet/?q=war&find=paper+03")
    with CaptureQueriesContext(connection) as all_of_them:
        desk.get("/search/facets/outlet/?q=war")
    assert len(one) == len(all_of_them)


def test_estimates_are_never_told_as_exact_numbers() -> None:
    from quotes.search.engine import Option

    assert Option("a", "A", 1_234).counted == "1,234"
    assert Option("a", "A", 31_232, exact=False).counted == "~31,000"


# --- Above the cap -----------------------------------------------------------------------------------------------


def test_above_the_cap_a_value_looked_for_by_name_is_counted_by_itself(desk: Any) -> None:
    """Above the cap the sample is asked; here the cap is 20, and the sample knows of one outlet only."""
    rare, often = make.an_outlet("Rare Post"), make.an_outlet("Often Post")
    for n in range(30):
        make.a_quote(make.a_statement(), "It is war.", article=make.an_article(rare if n == 0 else often))
    codes = [4 << 27 | outlet.pk for outlet in (rare, often)]
    with connection.as_owner(), connection.cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute(
            "INSERT INTO quotes_searchdoc (statement_id, day, last_day, open_from, terms, pairs, lines, facets)"
            " SELECT 50000, day, last_day, open_from, terms, pairs, lines, facets"
            " FROM quotes_searchdoc LIMIT 1"
        )
        cursor.execute(
            "INSERT INTO quotes_searchsample (statement_id, day, last_day, open_from,"
            " terms, pairs, lines, facets, level)"
            " SELECT d.statement_id + 1000 * n, d.day, d.last_day, d.open_from, d.terms,"
            " d.pairs, d.lines, d.facets, 3 FROM quotes_searchdoc d, generate_series(1, 3) n WHERE d.facets @> %s",
            [[codes[1]]],
        )
        cursor.execute(
            "SELECT exact, counts FROM verbatim_search_facet(verbatim_word('war'), '{}', '{}', NULL, NULL, false, 4,"
            " %s, '{}', 10, 20)",
            [codes],
        )
        exact, counts = cursor.fetchone()
    assert exact is False
    import json

    told_counts = {value: (number, sure) for value, number, sure in json.loads(counts)}
    assert told_counts[rare.pk] in [(1, True), (2, True)], "counted, though the sample has none of it"
    assert told_counts[often.pk] == (21, False), "more than the cap is told as more than the cap"


# --- Did you mean ------------------------------------------------------------------------------------------------


def test_a_slip_that_stands_somewhere_is_found_and_the_word_is_offered(desk: Any) -> None:
    for n in range(12):
        make.a_quote(make.a_statement(), f"Parliament is number {n}.")
    make.a_quote(make.a_statement(uid="as-printed"), "Our parliment is not for sale.")
    page = parsed(desk.get("/search/?q=parliment+sale"))
    assert [row["data-uid"] for row in page.select("#results [data-uid]")] == ["as-printed"]
    note = page.select_one("#q-note")
    assert note is not None
    assert "Did you mean parliament?" in " ".join(note.get_text().split())
    link = note.select_one("a")
    assert link is not None
    assert link["href"] == "/search/?q=parliament%20sale"


def test_a_word_that_is_found_often_enough_is_left_alone(desk: Any) -> None:
    for n in range(4):
        make.a_quote(make.a_statement(), f"Our parliment is number {n}.")
        make.a_quote(make.a_statement(), f"Our parliament is number {n}.")
    assert "Did you mean" not in desk.get("/search/?q=parliment").content.decode()


def test_a_slip_that_nothing_holds_is_put_right_and_said(desk: Any) -> None:
    make.a_quote(make.a_statement(uid="right"), "Our parliament is not for sale.")
    page = parsed(desk.get("/search/?q=parliment"))
    assert [row["data-uid"] for row in page.select("#results [data-uid]")] == ["right"]
    assert "Nothing holds the word “parliment”; this is the search for “parliament”." in page.get_text()


# --- Not held ----------------------------------------------------------------------------------------------------


def nearest(page: Any) -> list[str]:
    return [row["data-uid"] for row in page.select("#nearest [data-uid]")]


def test_what_is_remembered_by_half_is_found_as_the_nearest(desk: Any) -> None:
    make.a_quote(make.a_statement(uid="said"), "If we lose this war, we will lose our independence.")
    make.a_quote(make.a_statement(uid="other"), "The war goes on.")
    page = parsed(desk.get("/search/?q=losing+the+war+costs+independence+and+sovereignty"))
    results = page.select_one("#results")
    assert results is not None
    assert results["data-total"] == "0"
    assert "No statement matches" in results.get_text()
    assert "Not held in these words. The nearest has 3 of" in " ".join(results.get_text().split())
    assert nearest(page)[0] == "said"


def test_a_phrase_that_was_worded_otherwise_leads_to_its_words(desk: Any) -> None:
    make.a_quote(make.a_statement(uid="said"), "The door to a peaceful settlement remains open.")
    page = parsed(desk.get("/search/", {"q": '"a settlement remains open peaceful"'}))
    assert nearest(page) == ["said"]
    assert "The same words in any order" in page.get_text()


def test_the_sentence_names_the_filters_and_what_the_nearest_is(desk: Any) -> None:
    kremlin = make.a_speaker("The Kremlin", kind="institution", slug="the-kremlin")
    make.a_quote(make.a_statement(kremlin, uid="door"), "The door to a peaceful settlement remains open.")
    page = parsed(desk.get("/search/?q=settlement&standing=verified&speaker=the-kremlin"))
    results = page.select_one("#results")
    assert results is not None
    text = " ".join(results.get_text().split())
    assert "No verified statement by the Kremlin matches “settlement”" in text
    assert "One does, but it is unchecked:" in text
    assert nearest(page) == ["door"]
    ways = [" ".join(way.get_text().split()) for way in page.select("#nearest .ways a")]
    assert ways[0] == "Any standing, instead of Verified"


def test_a_word_too_many_is_left_out_by_a_click(desk: Any) -> None:
    make.a_quote(make.a_statement(uid="said"), "The war goes on.")
    page = parsed(desk.get("/search/?q=war+elephants"))
    ways = {" ".join(way.get_text().split()): way["href"] for way in page.select("#nearest .ways a")}
    assert ways == {"Without elephants": "/search/?q=war"}


def test_nothing_near_is_said_plainly(desk: Any) -> None:
    make.a_quote(make.a_statement(), "The war goes on.")
    assert "Not held, and nothing is near it." in desk.get("/search/?q=zzxxqq").content.decode()


# --- Nothing hidden leaks ----------------------------------------------------------------------------------------


@pytest.fixture(params=["off", "embargo"])
def hidden(request: Any) -> Any:
    """A statement that readers may not know of; its outlet, speaker, topic and words are only its own."""
    held: dict[str, Any] = (
        {"record": "off"}
        if request.param == "off"
        else {"embargoed_until": timezone.now() + dt.timedelta(hours=1)}
    )
    speaker = make.a_speaker("Quentin Hiddenberg", slug="hiddenberg")
    statement = make.a_statement(speaker, uid="hidden-one", topics=[make.a_topic("Hiddentopic")], **held)
    outlet = make.an_outlet("Hiddenpost", slug="hiddenpost")
    for n in range(12):
        article = make.an_article(outlet)
        make.a_quote(statement, f"The xylophonist plays number {n} loudly.", article=article, language="mi")
    return statement


@pytest.mark.parametrize("name", presenting.LONG)
@pytest.mark.parametrize("find", ["", "hidden", "maori", "mi"])
def test_a_facet_keeps_what_is_held_back(
    desk: Any, client_of: Any, verifier: Any, hidden: Any, name: str, find: str
) -> None:
    make.a_quote(make.a_statement(), "The war goes on.")
    text = get_part(desk, f"/search/facets/{name}/?find={find}").content.decode()
    for word in ("Hiddenberg", "Hiddenpost", "Hiddentopic", "Māori", "Maori"):
        assert word not in text
    seen = get_part(client_of(verifier), f"/search/facets/{name}/?find=").content.decode()
    assert any(word in seen for word in ("Hiddenberg", "Hiddenpost", "Hiddentopic", "ori", ">mi<")), (
        "the test sees"
    )


@pytest.mark.parametrize(
    "q", ["xylophonists loudly war", "xylophonsit", '"loudly the xylophonist"', "plays war"]
)
def test_nothing_near_or_offered_tells_of_it(desk: Any, hidden: Any, q: str) -> None:
    make.a_quote(make.a_statement(uid="open-one"), "The war goes on.")
    make.a_quote(make.a_statement(uid="slip"), "A xylophonits played.")
    for asked in (q, "xylophonits"):
        text = desk.get("/search/", {"q": asked}).content.decode()
        assert "hidden-one" not in text
        assert "Did you mean" not in text
        assert "xylophonist plays" not in text


def test_the_longest_text_that_values_are_looked_for_by_is_bounded(desk: Any, papers: Any) -> None:
    page = parsed(desk.get("/search/facets/outlet/", {"find": "paper " * 5_000}))
    box = page.select_one("#find-outlet")
    assert box is not None
    assert len(str(box["value"])) <= facets.LONGEST


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ([2026], ["2021", "2022", "2023", "2024", "2025", "2026"]),
        ([3], ["1", "2", "3"]),
        ([2017, 2026], [str(year) for year in range(2017, 2027)]),
    ],
)
def test_few_years_stand_among_those_before_them(desk: Any, said: list[int], shown: list[str]) -> None:
    for year in said:
        make.a_quote(make.a_statement(said_on=dt.date(year, 2, 4)), "It is war.")
    page = parsed(desk.get("/search/?q=war"))
    bars = page.select("ol.years li")
    assert [bar.find("span", class_=False).get_text(strip=True) for bar in bars] == shown
    assert len(page.select("ol.years a")) == len(said), (
        "only a year in which something was said leads anywhere"
    )
