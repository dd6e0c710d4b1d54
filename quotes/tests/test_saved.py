"""Saved searches, and the jump box: kept by their owner, counted as far as she may know, never dropped."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from quotes.actions import saved
from quotes.actions.audit import acting
from quotes.models import AuditEvent, Letter, SavedSearch
from quotes.search.saved import news_for_mail
from quotes.tests import factories as make
from quotes.tests.htmx import get_part, parsed

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client_of: Any, reader: Any) -> Any:
    """A reader's browser."""
    return client_of(reader)


def kept(desk: Any, query: str, name: str = "Mine") -> Any:
    """Save a search as a person does."""
    assert desk.post("/saved/new/", {"name": name, "query": query}).status_code == 302
    return SavedSearch.objects.get(name=name)


def line(desk: Any) -> str:
    page = parsed(desk.get("/saved/"))
    row = page.select_one(".saved-l li")
    assert row is not None
    return " ".join(row.get_text(" ").split())


def in_the_navigation(desk: Any) -> str:
    page = parsed(desk.get("/search/?q=elephants"))
    entry = page.select_one("aside .saved li")
    assert entry is not None
    return " ".join(entry.get_text(" ").split())


def test_a_saved_search_says_what_was_added_since_one_looked(desk: Any) -> None:
    make.a_statement(gist="On elephants, long ago")
    search = kept(desk, "q=elephants")
    assert "Nothing new" in line(desk)
    make.a_statement(gist="On elephants, just now")
    make.a_statement(gist="On giraffes")
    assert "1 new since" in line(desk)
    assert "1 new" in in_the_navigation(desk)
    response = desk.post(f"/saved/{search.pk}/look/")
    assert (response.status_code, response["Location"]) == (303, "/search/?q=elephants")
    assert "Nothing new" in line(desk)


def test_what_is_held_back_is_no_news(desk: Any, client_of: Any, verifier: Any) -> None:
    other = client_of(verifier)
    make.a_statement(gist="On elephants")
    kept(desk, "q=elephants")
    kept(other, "q=elephants", "Hers")
    make.a_statement(gist="On elephants", record="off")
    assert "Nothing new" in line(desk)
    assert "1 new" in line(other)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("q=colour:red+elephants", "“colour:” is not an operator"),
        ("q=said:nobody-at-all", "names nothing on file"),
        ("from=2026-13", "is no date"),
        ("speaker=nobody", "There is no speaker “nobody”"),
        ("sort=colour", "There is no such order"),
    ],
)
def test_a_saved_search_that_no_longer_parses_is_shown_as_such(desk: Any, query: str, said: str) -> None:
    make.a_statement()
    kept(desk, query)
    assert said in line(desk)


def test_saving_leaves_an_event_and_happens_once_for_one_form(desk: Any) -> None:
    form = {"name": "Mine", "query": "q=war", "idempotency_key": "k" * 32}
    for _ in range(2):
        assert desk.post("/saved/new/", form).status_code == 302
    assert SavedSearch.objects.count() == 1
    assert AuditEvent.objects.filter(verb="saved.save").count() == 1


def test_a_name_that_is_taken_is_said_and_what_was_typed_stays(desk: Any) -> None:
    kept(desk, "q=war")
    response = desk.post("/saved/new/", {"name": "Mine", "query": "q=peace"})
    assert response.status_code == 422
    page = parsed(response)
    assert "You have a search called “Mine” already." in page.get_text()
    name = page.select_one("input[name=name]")
    assert name is not None
    assert name["value"] == "Mine"


def test_nobody_reaches_the_searches_of_another(desk: Any, client_of: Any, reporter: Any) -> None:
    search = kept(desk, "q=war")
    other = client_of(reporter)
    assert "Mine" not in other.get("/saved/").content.decode()
    assert other.post(f"/saved/{search.pk}/look/").status_code == 404
    assert other.post(f"/saved/{search.pk}/take-away/").status_code == 404
    assert desk.post(f"/saved/{search.pk}/take-away/").status_code == 302
    assert not SavedSearch.objects.exists()


@pytest.mark.parametrize(
    "address", ["/saved/new/", "/saved/1/look/", "/saved/1/mail/", "/saved/1/take-away/"]
)
def test_reading_an_address_that_writes_is_refused(desk: Any, address: str) -> None:
    assert desk.get(address).status_code == 405


def test_the_list_costs_the_same_for_one_search_and_for_ten_without_news(desk: Any) -> None:
    make.a_statement()
    kept(desk, "q=war", "Number 0")
    desk.get("/saved/")
    with CaptureQueriesContext(connection) as one:
        desk.get("/saved/")
    for n in range(1, 10):
        kept(desk, "q=war", f"Number {n}")
    with CaptureQueriesContext(connection) as ten:
        desk.get("/saved/")
    assert len(one) == len(ten)


# --- The jump box ------------------------------------------------------------------------------------------------


def test_the_jump_box_offers_speakers_statements_and_articles(desk: Any) -> None:
    elena = make.a_speaker("Elena Elephantova", slug="elena")
    make.a_quote(
        make.a_statement(uid="on-them"), "Elephants never forget.", article=make.an_article(headline="Zoo")
    )
    make.a_quote(
        make.a_statement(elena, uid="by-her"),
        "Peace.",
        article=make.an_article(headline="All elephants left"),
    )
    fragment = parsed(get_part(desk, "/jump/?q=eleph"))
    assert fragment.find(["html", "body"]) is None
    addresses = [link["href"] for link in fragment.select("a")]
    assert addresses[:3] == ["/search/?q=eleph", "/speakers/elena/", "/statements/on-them/"]
    assert addresses[3].startswith("/articles/")
    assert len(addresses) == 4
    whole = parsed(desk.get("/jump/?q=eleph"))
    assert [link["href"] for link in whole.select("#main a")] == addresses


def test_the_jump_box_asks_the_database_once(desk: Any) -> None:
    make.a_quote(make.a_statement(), "Elephants never forget.")
    get_part(desk, "/jump/?q=eleph")
    with CaptureQueriesContext(connection) as asked:
        get_part(desk, "/jump/?q=eleph")
    # Who asks, and with which rights, is asked by every request.
    own = [query["sql"] for query in asked if "auth_" not in query["sql"] and "session" not in query["sql"]]
    assert len(own) == 1, own


def test_the_jump_box_offers_no_article_of_hidden_quotes_alone(
    desk: Any, client_of: Any, verifier: Any
) -> None:
    alone, beside = make.an_article(headline="Elephants resign"), make.an_article(headline="Elephants stay")
    make.an_article(headline="Elephants unread")
    hidden = make.a_statement(record="off")
    make.a_quote(hidden, "They go.", article=alone)
    make.a_quote(hidden, "They went.", article=beside)
    make.a_quote(make.a_statement(), "They stay.", article=beside)
    told = get_part(desk, "/jump/?q=eleph").content.decode()
    assert "Elephants resign" not in told
    assert "Elephants stay" in told
    assert "Elephants unread" in told
    assert "Elephants resign" in get_part(client_of(verifier), "/jump/?q=eleph").content.decode()


def test_the_jump_box_keeps_what_is_held_back(desk: Any, client_of: Any, verifier: Any) -> None:
    make.a_quote(make.a_statement(uid="hidden-one", record="off"), "Elephants never forget.")
    assert "hidden-one" not in get_part(desk, "/jump/?q=eleph").content.decode()
    assert "hidden-one" in get_part(client_of(verifier), "/jump/?q=eleph").content.decode()


@pytest.mark.parametrize("typed", ["%", "_", "\\", "'", '"', "&|!", ":*", "a", "x" * 100_000, "\u202e", "戦"])
def test_no_text_breaks_the_jump_box(desk: Any, typed: str) -> None:
    assert get_part(desk, "/jump/?q=").status_code == 200
    assert desk.get("/jump/", {"q": typed}).status_code == 200


def test_a_preview_is_a_fragment_and_its_address_leads_to_the_page(desk: Any) -> None:
    make.a_held_quote(make.a_statement(uid="the-statement"))
    fragment = parsed(get_part(desk, "/search/peek/the-statement/"))
    assert fragment.find(["html", "body"]) is None
    assert "In the source" in fragment.get_text()
    assert desk.get("/search/peek/the-statement/")["Location"] == "/statements/the-statement/"


def test_a_preview_of_what_is_held_back_is_not_there(desk: Any) -> None:
    make.a_held_quote(make.a_statement(uid="hidden-one", record="off"))
    assert get_part(desk, "/search/peek/hidden-one/").status_code == 404


# --- Mail --------------------------------------------------------------------------------------------------------


@pytest.fixture
def outbox(reader: Any) -> Any:
    """Letters, after the command has gone round once; nothing is sent here."""
    reader.email = "reader@newsroom.example"
    with acting(by=None, verb="test.address"):
        reader.save()

    def go_round() -> list[Any]:
        for daily in (False, True):
            for news in news_for_mail(daily=daily):
                saved.tell_by_mail(news.person, news.found, news.newest, daily=daily, by=None)
        return list(Letter.objects.order_by("pk"))

    return go_round


def choose(desk: Any, search: Any, when: str) -> None:
    assert desk.post(f"/saved/{search.pk}/mail/", {"when": when}).status_code == 302


def test_mail_about_a_saved_search_comes_only_to_who_chose_it(desk: Any, outbox: Any) -> None:
    make.a_statement(gist="On elephants, long ago")
    search = kept(desk, "q=elephants", "Big animals")
    make.a_statement(gist="On elephants, not chosen yet")
    assert outbox() == []
    choose(desk, search, "at_once")
    assert outbox() == [], "what was there before is no news"
    make.a_statement(gist="On elephants, just now")
    make.a_statement(gist="On giraffes")
    (letter,) = outbox()
    assert letter.address == "reader@newsroom.example"
    assert "- Big animals: 1 new" in letter.body
    assert "elephants" not in letter.body, "never the words of a statement"
    assert len(outbox()) == 1, "told once"
    make.a_statement(gist="On elephants, and again")
    assert len(outbox()) == 2


def test_the_letter_of_a_day_is_one_for_all_saved_searches(desk: Any, outbox: Any) -> None:
    make.a_statement()
    for name, query in (("Elephants", "q=elephants"), ("Giraffes", "q=giraffes")):
        choose(desk, kept(desk, query, name), "daily")
    make.a_statement(gist="On elephants and giraffes")
    (letter,) = outbox()
    assert letter.subject == "[Verbatim] New in 2 saved searches"
    make.a_statement(gist="On elephants and giraffes")
    assert len(outbox()) == 1, "the second of a day waits for the next"


def test_what_is_held_back_is_in_no_mail_whoever_asks(client_of: Any, verifier: Any) -> None:
    verifier.email = "verifier@newsroom.example"
    with acting(by=None, verb="test.address"):
        verifier.save()
    client = client_of(verifier)
    make.a_statement()
    search = kept(client, "q=elephants")
    choose(client, search, "at_once")
    make.a_statement(gist="On elephants", record="off")
    assert "1 new" in line(client), "she may see it herself"
    assert news_for_mail(daily=False) == []


def test_a_choice_of_mail_that_does_not_exist_is_refused(desk: Any, client_of: Any, reporter: Any) -> None:
    search = kept(desk, "q=elephants")
    response = desk.post(f"/saved/{search.pk}/mail/", {"when": "hourly"})
    assert response.status_code == 422
    assert "“hourly” is no time for mail." in response.content.decode()
    assert client_of(reporter).post(f"/saved/{search.pk}/mail/", {"when": "daily"}).status_code == 404
    search.refresh_from_db()
    assert search.mail == "never"


def test_the_number_of_what_is_new_stands_in_the_navigation(desk: Any) -> None:
    make.a_statement(gist="On elephants, long ago")
    for name in ("Elephants", "Big animals"):
        kept(desk, "q=elephants", name)
    assert parsed(desk.get("/speakers/")).select_one("#waiting-search") is None
    make.a_statement(gist="On elephants, just now")
    for address in ("/speakers/", "/search/?q=war", "/saved/"):
        number = parsed(desk.get(address)).select_one("#waiting-search")
        assert number is not None, address
        assert " ".join(number.get_text().split()) == "2 new in saved searches"


def test_the_news_of_ten_searches_are_counted_in_one_query(desk: Any) -> None:
    make.a_statement()
    for n in range(10):
        kept(desk, "q=war", f"Number {n}")
    make.a_statement(gist="On the war")
    with CaptureQueriesContext(connection) as asked:
        desk.get("/search/?q=peace")
    assert sum("verbatim_search_new" in query["sql"] for query in asked) == 1
