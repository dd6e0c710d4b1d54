"""The search page: what it finds, how it says so, and what no text can do to it."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quotes.search.language import MOST_CHARACTERS, understand
from quotes.search.reading import read
from quotes.tests import factories as make
from quotes.tests.htmx import get_part, parsed, told

pytestmark = pytest.mark.django_db

SPELLINGS = {
    "Zelenskiy": "en",
    "Selenskyj": "de",
    "Володимир Зеленський": "uk",
    "Зеленский": "ru",
    "젤렌스키": "ko",
    "ゼレンスキー": "ja",
    "زيلينسكي": "ar",
}


@pytest.fixture
def president() -> Any:
    person = make.a_speaker("Volodymyr Zelenskyy", names=SPELLINGS)
    make.a_tenure(person, "President of Ukraine", starts=dt.date(2019, 5, 20))
    return person


@pytest.fixture
def warning(president: Any) -> Any:
    statement = make.a_statement(
        president,
        uid="lose-independence",
        said_on=dt.date(2026, 2, 4),
        gist="Losing means losing independence",
    )
    make.a_quote(statement, "If we lose this war, we will lose our independence.", cue="warned")
    return statement


@pytest.fixture
def desk(client_of: Any, reader: Any) -> Any:
    """A reader's browser."""
    return client_of(reader)


def found(client: Any, **asked: Any) -> list[str]:
    """The uids of the page that answers a search."""
    page = parsed(client.get("/search/", asked))
    return [row["data-uid"] for row in page.select("#results [data-uid]")]


# --- Works -------------------------------------------------------------------------------------------------------


def test_a_misspelt_name_and_a_word_find_the_statement(desk: Any, warning: Any) -> None:
    page = parsed(desk.get("/search/", {"q": "zelenski war"}))
    results = page.select_one("#results")
    assert results is not None
    assert (results["data-total"], results["data-exact"]) == ("1", "true")
    row = results.select_one("[data-uid]")
    assert row is not None
    assert (row["data-uid"], row["data-standing"]) == ("lose-independence", "unchecked")
    assert "President of Ukraine" in row.get_text(), "the role of that day"
    assert "Cited, nothing held" in row.get_text(), "the depth stands beside the standing"
    assert "1 report, 1 root" in row.get_text()
    assert [mark.get_text() for mark in row.select("mark")] == ["war", "Zelenskyy"]
    note = page.select_one("#q-note")
    assert note is not None
    assert "Matching Zelenskyy and 7 other spellings of “zelenski”" in " ".join(note.get_text().split())


@pytest.mark.parametrize("typed", ["Zelenski", "zelensyk", "Volodymyr Zelensky", "Selenskyj", *SPELLINGS])
def test_every_spelling_gives_the_same_results(desk: Any, warning: Any, president: Any, typed: str) -> None:
    other = make.a_statement(uid="about-him", gist="On the president of Ukraine")
    make.a_quote(other, "Herr Selenskyj war gestern in Berlin.", language="de")
    make.a_quote(make.a_statement(uid="about-others"), "The talks were productive.")
    assert set(found(desk, q=typed)) == {"lose-independence", "about-him"}


def test_a_slip_is_read_as_a_name_only_when_nothing_holds_the_word(desk: Any, warning: Any) -> None:
    make.a_quote(make.a_statement(uid="zelensyk-street"), "He lives in Zelensyk street.")
    assert found(desk, q="zelensyk") == ["zelensyk-street"]


def test_a_phrase_in_marks_is_taken_to_the_letter(desk: Any, warning: Any) -> None:
    assert found(desk, q='"zelenski"') == []
    assert found(desk, q='"lose this war"') == ["lose-independence"]
    assert found(desk, q='"we will lose our"') == ["lose-independence"], "small words count in a phrase"
    assert found(desk, q='"lose the war"') == []
    assert found(desk, q="“LOSE  this war,”") == ["lose-independence"], "marks, case and spaces even out"


@pytest.mark.parametrize("typed", ["55,000", "55 000", "55.000", "55 тыс", "5만5000", "55 thousand", "55k"])
def test_a_number_is_found_however_it_is_printed(desk: Any, typed: str) -> None:
    make.a_quote(make.a_statement(uid="in-english"), "About 55,000 soldiers were killed.")
    make.a_quote(make.a_statement(uid="in-korean"), "우크라이나 병사 5만5천명이 전사", language="ko")
    make.a_quote(make.a_statement(uid="another"), "About 5,000 soldiers were killed in 55 days.")
    assert set(found(desk, q=typed)) == {"in-english", "in-korean"}


def test_words_are_folded_in_every_language(desk: Any) -> None:
    make.a_quote(make.a_statement(uid="french"), "C’est la “vérité” — l'évidence", language="fr")
    make.a_quote(make.a_statement(uid="ukrainian"), "Найбільше сім’я чекає", language="uk")
    make.a_quote(make.a_statement(uid="japanese"), "戦争に負ければ独立を失う", language="ja")
    make.a_quote(make.a_statement(uid="arabic"), "أهلاً بالسلام", language="ar")
    assert found(desk, q="VERITE evidence") == ["french"]
    assert found(desk, q="сім'я") == ["ukrainian"]
    assert found(desk, q="独立") == ["japanese"]
    assert found(desk, q="اهلا") == ["arabic"]


def test_english_words_are_found_by_their_stem_and_by_their_beginning(desk: Any) -> None:
    make.a_quote(make.a_statement(uid="talks"), "The negotiations were productive.")
    assert found(desk, q="negotiation") == ["talks"]
    assert found(desk, q="negotiatio") == ["talks"]
    assert found(desk, q="negotiat*") == ["talks"]


def test_either_word_and_not_the_other(desk: Any) -> None:
    for uid, text in (("war", "It is war."), ("peace", "It is peace."), ("both", "War, then peace.")):
        make.a_quote(make.a_statement(uid=f"say-{uid}"), text)
    assert set(found(desk, q="war or peace")) == {"say-war", "say-peace", "say-both"}
    assert found(desk, q="war -peace") == ["say-war"]
    assert found(desk, q='war -"then peace"') == ["say-war"]
    assert found(desk, q="-war -peace") == []


def test_operators_narrow_and_become_chips(desk: Any, warning: Any, president: Any) -> None:
    paper, channel = make.an_outlet("Kyiv Post"), make.an_outlet("France 2")
    told = make.a_statement(
        president, uid="told-france", said_on=dt.date(2026, 3, 1), topics=[make.a_topic("Defence")]
    )
    make.a_figure(
        make.a_quote(told, "We count 55,000.", article=make.an_article(paper), chain=[channel], kind="mixed")
    )
    for query in (
        'in:"kyiv post"', "in:france", 'to:"France 2"', "kind:mixed", "topic:defence", "after:2026-02", "on:2026-03",
        "said:2026-03-01", "has:figure", "said:selenskyj -kind:direct", "by:zelenskyy after:2026-02-04",
    ):  # fmt: skip
        assert found(desk, q=query) == ["told-france"], query
    assert found(desk, q="to:kyiv") == [], "the chain ends elsewhere"
    page = parsed(desk.get("/search/", {"q": "war said:zelenskyy before:2026-03"}))
    chips = [" ".join(chip.get_text(" ").split()) for chip in page.select(".chip")]
    assert chips == ["said Volodymyr Zelenskyy", "before 2026-03"]
    without = page.select_one(".chip a")
    assert without is not None
    assert without["href"] == "/search/?q=war+before%3A2026-03"


def test_an_institution_has_its_spokespeoples_words_while_they_spoke_for_it(desk: Any) -> None:
    kremlin = make.a_speaker("The Kremlin", kind="institution")
    peskov = make.a_speaker("Dmitry Peskov")
    make.a_tenure(peskov, "Press secretary", organisation=kremlin, speaks_for=True, starts=dt.date(2012, 5, 22),
                  ends=dt.date(2025, 1, 1))  # fmt: skip
    for uid, year in (("while", 2024), ("afterwards", 2026)):
        make.a_quote(make.a_statement(peskov, uid=uid, said_on=dt.date(year, 2, 4)), "The door is open.")
    own = make.a_statement(kremlin, uid="its-own", uttered_by=peskov, said_on=dt.date(2024, 2, 4))
    make.a_quote(own, "The door remains open.")
    assert set(found(desk, q="said:kremlin")) == {"while", "its-own"}
    assert set(found(desk, q="the Kremlin door")) == {"while", "its-own"}
    assert set(found(desk, q="said:peskov")) == {"while", "afterwards", "its-own"}


def test_facets_count_the_other_values_of_a_chosen_one(desk: Any, president: Any) -> None:
    paper, channel = make.an_outlet("Paper", slug="paper"), make.an_outlet("Channel", slug="channel")
    for n, outlet in enumerate((paper, paper, channel)):
        make.a_quote(make.a_statement(president), f"Words number {n}", article=make.an_article(outlet))
    answer = desk.get("/search/", {"outlet": "paper", "format": "json"}).json()
    assert answer["total"] == 2
    assert answer["facets"]["outlet"] == [
        {"value": "paper", "label": "Paper", "count": 2},
        {"value": "channel", "label": "Channel", "count": 1},
    ]
    assert [option["count"] for option in answer["facets"]["speaker"]] == [2], "other facets count the hits"
    assert len(found(desk, outlet="-paper")) == 1
    assert len(found(desk, outlet=["paper", "channel"])) == 3


def test_a_statement_shows_its_best_quote_and_the_disputed_one_beside_it(
    desk: Any, verifier: Any, second_verifier: Any
) -> None:
    statement = make.a_statement(uid="two-reports")
    good = make.a_held_quote(statement)
    bad = make.a_quote(statement, "If we lose, we lose.")
    for person in (verifier, second_verifier):
        make.a_check(good, person)
    make.a_check(bad, verifier, ruling="misattributed", reason="Somebody else said it.")
    row = parsed(desk.get("/search/", {"q": "lose"})).select_one("#results [data-uid]")
    assert row is not None
    assert row["data-standing"] == "verified"
    assert "Misattributed" in row.get_text()
    for standing in ("verified", "misattributed"):
        assert found(desk, standing=standing) == ["two-reports"]
    assert found(desk, standing="unchecked") == []


def test_a_contradiction_is_told_beside_the_standing(desk: Any, warning: Any) -> None:
    make.a_link(warning, make.a_statement(uid="the-other"), "contradicts")
    row = parsed(desk.get("/search/", {"q": "independence"})).select_one('[data-uid="lose-independence"]')
    assert row is not None
    assert "Contradicts" in row.get_text()


# --- Pages and JSON ----------------------------------------------------------------------------------------------


def test_pages_by_cursor_show_every_statement_once_also_when_some_come_in_between(
    desk: Any, president: Any
) -> None:
    for n in range(60):
        make.a_statement(
            president, uid=f"statement-no-{n:02}", said_on=dt.date(2026, 1, 1 + n % 7), gist="On the war"
        )
    for order in ("match", "said", "added"):
        seen: list[str] = []
        address = f"/search/?q=war&sort={order}&format=json"
        while address:
            answer = desk.get(address).json()
            seen += [result["uid"] for result in answer["results"]]
            address = answer["next"]
            make.a_statement(
                president, uid=f"late-{order}-{len(seen)}", said_on=dt.date(2027, 1, 1), gist="On the war"
            )
        assert len(seen) == len(set(seen)), order
        assert {f"statement-no-{n:02}" for n in range(60)} <= set(seen), order


def test_the_json_is_what_the_contract_says(desk: Any, warning: Any) -> None:
    answer = desk.get("/search/", {"q": "independence", "format": "json"}).json()
    assert set(answer) == {"total", "exact", "results", "facets", "next"}
    assert (answer["total"], answer["exact"], answer["next"]) == (1, True, None)
    (result,) = answer["results"]
    assert result.pop("score") > 0
    assert result == {
        "uid": "lose-independence",
        "speaker": "Volodymyr Zelenskyy",
        "said_on": "2026-02-04",
        "standing": "unchecked",
        "text": "If we lose this war, we will lose our independence.",
        "reports": 1,
        "roots": 1,
        "url": "/statements/lose-independence/",
    }
    assert answer["facets"]["standing"] == [{"value": "unchecked", "label": "Unchecked", "count": 1}]


def test_the_same_number_of_queries_for_one_statement_and_for_twenty(desk: Any, president: Any) -> None:
    def enter(n: int) -> None:
        make.a_quote(make.a_statement(president, gist=f"On the war, {n}"), chain=[make.an_outlet()])

    enter(0)
    desk.get("/search/?q=war")
    with CaptureQueriesContext(connection) as one:
        desk.get("/search/?q=war")
    for n in range(1, 20):
        enter(n)
    desk.get("/search/?q=war")
    with CaptureQueriesContext(connection) as twenty:
        assert len(found(desk, q="war")) == 20
    assert len(one) == len(twenty)


def test_a_swap_is_the_pages_own_parts_and_equals_a_reload(desk: Any, warning: Any) -> None:
    make.a_quote(make.a_statement(uid="another"), "Peace.")
    address = "/search/?q=war&standing=unchecked"
    fragment = parsed(get_part(desk, address))
    assert fragment.find(["html", "head", "body", "main"]) is None, "a fragment is not a page"
    whole, before = parsed(desk.get(address)), parsed(desk.get("/search/?q=peace"))
    for part in ("#results", "#nearest", "#facets"):
        new, there, old = fragment.select_one(part), whole.select_one(part), before.select_one(part)
        assert new is not None
        assert there is not None
        assert old is not None
        assert told(new) == told(there), f"{part} is not the page's part"
        old.replace_with(new)
    here, reloaded = before.select_one("#main"), whole.select_one("#main")
    assert here is not None
    assert reloaded is not None
    assert told(here) == told(reloaded), "a swap is not a reload"


# --- Nothing found, nothing asked, and nonsense ------------------------------------------------------------------


def test_the_front_page_shows_the_latest_statements(desk: Any, warning: Any) -> None:
    page = parsed(desk.get("/search/"))
    assert [row["data-uid"] for row in page.select("#results [data-uid]")] == ["lose-independence"]


def test_nothing_found_offers_what_does_find_something(desk: Any, warning: Any) -> None:
    page = parsed(desk.get("/search/", {"q": "war", "standing": "verified"}))
    results = page.select_one("#results")
    assert results is not None
    assert results["data-total"] == "0"
    assert "No verified statement matches “war”" in results.get_text()
    ways = {" ".join(way.get_text().split()): way["href"] for way in page.select("#nearest .ways a")}
    assert ways == {"Any standing, instead of Verified": "/search/?q=war"}
    assert [row["data-uid"] for row in page.select("#nearest [data-uid]")] == ["lose-independence"]
    assert not results.select("[data-uid]"), "what is near is no result"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"q": '"lose this'}, "A quotation mark has no partner"),
        ({"q": "colour:red war"}, "“colour:” is not an operator"),
        ({"q": "said: war"}, "“said:” says nothing"),
        ({"q": "said:nobody-of-that-name-at-all"}, "names nothing on file"),
        ({"q": "before:2026-02-31"}, "is no date"),
        ({"q": "the of and"}, "stands nearly everywhere"),
        ({"q": "or"}, "There is no word to look for"),
        ({"q": "???"}, "There is no word to look for"),
        ({"q": "war " * 10_000}, "Only the first"),
        ({"q": "x" * 1_000_000}, "Only the first"),
        ({"from": "2026-13-01"}, "is no date"),
        ({"from": "2026-03", "to": "2026-02"}, "they were exchanged"),
        ({"cursor": "bm9uc2Vuc2U"}, "does not exist; this is the first page"),
        ({"q": "war", "cursor": "said.0.0.2026-01-01.5.5"}, "belongs to another search"),
        ({"sort": "colour"}, "There is no such order"),
        ({"standing": "marvellous"}, "There is no standing “marvellous”"),
        ({"speaker": "../../etc"}, "There is no speaker “../../etc”"),
    ],
)
def test_what_cannot_be_understood_is_said_and_the_rest_is_searched(
    desk: Any, warning: Any, asked: dict[str, str], said: str
) -> None:
    response = desk.get("/search/", asked)
    assert response.status_code == 200
    note = parsed(response).select_one("#q-note")
    assert note is not None
    assert said in note.get_text()


@pytest.mark.parametrize("typed", ["war " * 250_000, "a " * 500_000, "said:" * 200_000, '"' * 1_000_000])
def test_a_text_of_a_megabyte_is_cut_before_every_link_repeats_it(desk: Any, typed: str) -> None:
    asked = QueryDict(mutable=True)
    asked["q"] = typed
    assert len(read(asked).q) == MOST_CHARACTERS + 1
    assert desk.get("/search/", {"q": typed}).status_code == 200


def test_a_word_that_is_typed_often_is_looked_for_once() -> None:
    assert len(understand("war peace war war").clauses) == 2


@pytest.mark.parametrize("asked", [{"q": "a\0b"}, {"speaker": "a\0b"}, {"cursor": "\0"}])
def test_nul_in_the_address_is_refused(desk: Any, asked: dict[str, str]) -> None:
    assert desk.get("/search/", asked).status_code == 400


def test_a_search_only_ever_reads(desk: Any) -> None:
    assert desk.post("/search/", {"q": "war"}).status_code == 405


def test_a_stranger_is_led_to_sign_in(client: Any) -> None:
    assert client.get("/search/?q=war").status_code == 302
    assert client.get("/search/?q=war&format=json").status_code == 401


ODD_SIGNS = "abc \"'-:*|&!()<>\\%_#=.,;0123\u00a0оя戦한ء🙂“”’\u0301\u200d\u202e"
ODD = st.text(
    st.sampled_from(ODD_SIGNS) | st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
    max_size=60,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(q=ODD, value=ODD, prefix=st.sampled_from(["", "said:", "-to:", "before:", '"', "or ", "has:", "in:"]))
def test_no_text_breaks_the_page(desk: Any, warning: Any, q: str, value: str, prefix: str) -> None:
    response = desk.get("/search/", {"q": prefix + q, "speaker": value, "from": value, "cursor": value})
    assert response.status_code == 200
    page = parsed(response)
    box = page.select_one("#q")
    assert box is not None
    assert page.select_one("#results[data-total][data-exact]") is not None
