"""Reports and roots of a statement, the report to cite, and the steps that name no outlet."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from quotes.actions import chains as act
from quotes.actions.records import Conflict
from quotes.actions.refusals import NotAllowed, NotValid
from quotes.models import AuditEvent, Relay, Standing, Statement
from quotes.search.chains import languages_of, provenance
from quotes.search.statements import with_all
from quotes.text.printedsources import countries_named, names_it

from .factories import (
    a_check,
    a_held_quote,
    a_quote,
    a_statement,
    an_article,
    an_outlet,
    some_evidence,
)
from .htmx import parsed, text_of

pytestmark = pytest.mark.django_db

LATER = dt.datetime(2999, 1, 1, tzinfo=dt.UTC)
PRINTED = "Ukrainian media including the Kyiv Post"


def told(statement: Any, languages: Any = ("en",)) -> Any:
    found = with_all(Statement.objects.all()).get(pk=statement.pk)
    return provenance(found, found.shown_quote, list(languages))


def at(hour: int) -> dt.datetime:
    return dt.datetime(2026, 2, 5, hour, tzinfo=dt.UTC)


# --- roots ---


def test_fourteen_reports_of_one_broadcast_are_one_root(db: None) -> None:
    statement, france = a_statement(), an_outlet("France 2")
    for _ in range(14):
        a_quote(statement, chain=[an_outlet(), france])
    found = told(statement)
    assert (found.reports, len(found.roots), found.primary) == (14, 1, 0)
    assert found.roots[0].reports == 14


def test_two_outlets_of_one_owner_are_one_root_that_names_both(db: None) -> None:
    owner = an_outlet("France Télévisions")
    statement = a_statement()
    for name in ("France 2", "France Info"):
        a_quote(statement, chain=[an_outlet(name, owner=owner)])
    (root,) = told(statement).roots
    assert root.house == owner
    assert root.outlets == ["France 2", "France Info"]


def test_a_last_step_that_is_not_resolved_is_no_root_and_stays_as_printed(db: None) -> None:
    statement = a_statement()
    a_quote(statement, chain=[an_outlet(), PRINTED])
    found = told(statement)
    assert (found.roots, found.rootless) == ([], 1)
    (step,) = found.open_steps
    assert (step.relay.as_printed, step.is_last) == (PRINTED, True)


def test_one_recording_attached_to_two_reports_is_one_primary(db: None) -> None:
    statement, france = a_statement(), an_outlet()
    for _ in range(2):
        quote = a_quote(statement, chain=[france])
        some_evidence(quote, kind="recording", primary=True, url="https://tv.example/tape", timecode="25:37")
    some_evidence(a_quote(statement), stance="refutes", primary=True, url="https://tv.example/other")
    found = told(statement)
    assert found.primary == 1
    assert [root.primary for root in found.roots].count(True) == 1


def test_the_page_says_reports_roots_and_primary_in_one_line(client_of: Any, reader: Any) -> None:
    statement = a_statement()
    for _ in range(3):
        a_quote(statement)
    page = parsed(client_of(reader).get(f"/statements/{statement.uid}/"))
    assert text_of(page.select_one(".pvn-n")) == "3 reports, 3 roots, 0 primary held"


# --- cite this instead ---


def test_the_earliest_held_report_in_ones_own_language_is_the_one_to_cite(db: None) -> None:
    statement = a_statement()
    shown = a_held_quote(statement, article=an_article(published_at=at(11)))
    early = a_held_quote(statement, article=an_article(published_at=at(8)), kind="indirect", language="en")
    a_held_quote(statement, article=an_article(published_at=at(6)), kind="indirect", language="ko")
    a_quote(statement, article=an_article(published_at=at(5)), kind="indirect")
    found = told(statement, ["en", "ko"])
    assert found.cite.quote == early
    assert (found.cite.held, found.cite.own_language) == (True, True)
    assert told(statement, ["ko"]).cite.quote.language == "ko"
    assert shown.pk != early.pk


def test_where_nothing_is_held_the_earliest_cited_report_is_named_as_such(
    client_of: Any, reader: Any
) -> None:
    statement = a_statement()
    a_quote(statement, article=an_article(published_at=at(11)))
    early = a_quote(statement, article=an_article(published_at=at(8)), kind="indirect")
    page = parsed(
        client_of(reader).get(f"/statements/{statement.uid}/", headers={"Accept-Language": "en-GB,de;q=0.5"})
    )
    line = page.select_one(".pvn-c")
    assert text_of(line).startswith("No report is held; the earliest cited one in English")
    assert line.a["href"] == f"/quotes/{early.uid}/"


def test_the_language_chosen_in_this_browser_goes_before_what_it_asks_for(
    client_of: Any, reader: Any
) -> None:
    statement = a_statement()
    a_quote(statement, article=an_article(published_at=at(11)))
    russian = a_quote(statement, language="ru", article=an_article(published_at=at(12)), kind="indirect")
    a_quote(statement, article=an_article(published_at=at(8)), kind="indirect")
    browser = client_of(reader)
    answer = browser.post("/preferences/", {"reads": "ru", "next": f"/statements/{statement.uid}/"})
    assert answer.status_code == 303
    page = parsed(browser.get(answer["Location"], headers={"Accept-Language": "en"}))
    assert page.select_one(".pvn-c a")["href"] == f"/quotes/{russian.uid}/"
    assert page.select_one("button[name=reads][aria-pressed=true]")["value"] == "ru"
    assert browser.post("/preferences/", {"reads": "tlh"}).status_code == 400


def test_a_contested_report_is_never_the_one_to_cite(db: None, verifier: Any) -> None:
    statement = a_statement()
    a_quote(statement, article=an_article(published_at=at(11)))
    bad = a_quote(statement, article=an_article(published_at=at(5)), kind="indirect")
    a_check(bad, verifier, ruling="disputed", reason="Another wording in the recording")
    assert told(statement).cite is None


@pytest.mark.parametrize(
    ("header", "codes"),
    [("uk,en-GB;q=0.8,en;q=0.5", ["uk", "en"]), ("", []), ("*", []), ("xx-!!;q=2", [])],
)
def test_the_languages_of_a_browser_are_read_in_their_order(header: str, codes: list[str]) -> None:
    assert languages_of(header) == codes


# --- what printed words mean ---


@pytest.mark.parametrize(
    ("printed", "countries"),
    [
        (PRINTED, {"UA"}),
        ("українські ЗМІ", {"UA"}),
        ("российские СМИ", {"RU"}),
        ("우크라이나 매체", {"UA"}),
        ("médias français", {"FR"}),
        ("ukrainische Medien", {"UA"}),
        ("Some research institutes", set()),
    ],
)
def test_the_country_of_a_press_is_read_from_its_printed_name(printed: str, countries: set[str]) -> None:
    assert countries_named(printed) == countries


def test_an_outlet_is_named_by_whole_words_only() -> None:
    assert names_it(PRINTED, "Kyiv Post")
    assert names_it("citing the Times of London", "The Times (London)")
    assert not names_it(PRINTED, "Post-Gazette")
    assert not names_it("sometimes", "Time")


# --- resolving ---


@pytest.fixture
def open_step(reporter: Any) -> Any:
    """A quote whose only step is “Ukrainian media including the Kyiv Post”, entered by nobody who checks."""
    statement = a_statement()
    quote = a_held_quote(statement, chain=[PRINTED], article=an_article(published_at=at(11)))
    return quote.relays.get()


def test_an_outlet_that_reports_the_same_earlier_is_proposed_with_reasons(
    client_of: Any, reporter: Any, open_step: Any
) -> None:
    post = an_outlet("Kyiv Post", country="UA")
    unian = an_outlet("UNIAN", country="UA")
    late = an_outlet("Late News", country="UA")
    statement = open_step.quote.statement
    a_quote(statement, article=an_article(unian, published_at=at(7)))
    a_quote(statement, article=an_article(late, published_at=at(20)))
    page = parsed(client_of(reporter).get("/articles/steps/"))
    offered = {button["value"]: text_of(button.parent) for button in page.select("button[name=outlet]")}
    assert set(offered) == {post.slug, unian.slug}
    assert "The printed words name it." in offered[post.slug]
    assert "It reports the same statement, not later." in offered[unian.slug]
    assert "It is of the country that is named (UA)." in offered[unian.slug]


def test_resolving_a_step_gives_a_root_makes_a_checked_quote_stale_and_leaves_one_event(
    client_of: Any, reporter: Any, verifier: Any, second_verifier: Any, open_step: Any
) -> None:
    post = an_outlet("Kyiv Post")
    quote = open_step.quote
    for person in (verifier, second_verifier):
        some_evidence(quote, by=None)
        a_check(quote, person)
    assert Standing.objects.get(pk=quote.pk).value == "verified"
    before = AuditEvent.objects.count()
    answer = client_of(reporter).post(
        f"/articles/steps/{open_step.pk}/", {"outlet": post.slug, "version": open_step.version}
    )
    assert answer.status_code == 303
    relay = Relay.objects.get(pk=open_step.pk)
    assert (relay.outlet, relay.as_printed) == (post, PRINTED)
    assert Standing.objects.get(pk=quote.pk).value == "stale"
    events = AuditEvent.objects.order_by("pk")[before:]
    assert [(event.verb, event.actor_pk) for event in events if event.table == "quotes_relay"] == [
        ("quotes.resolve", reporter.pk)
    ]
    assert len(told(quote.statement).roots) == 1


def test_a_resolved_step_can_be_taken_back_and_is_then_as_before(
    client_of: Any, reporter: Any, open_step: Any
) -> None:
    post, browser = an_outlet("Kyiv Post"), client_of(reporter)
    answer = browser.post(
        f"/articles/steps/{open_step.pk}/", {"outlet": "kyiv post", "version": open_step.version}, follow=True
    )
    undo = parsed(answer).select_one(".notice-ok")
    assert post.name in text_of(undo)
    form = {
        field["name"]: field["value"]
        for field in undo.select("input")
        if field["name"] != "csrfmiddlewaretoken"
    }
    assert browser.post(undo["action"], form).status_code == 303
    relay = Relay.objects.get(pk=open_step.pk)
    assert (relay.outlet, relay.as_printed) == (None, PRINTED)


@pytest.mark.parametrize(
    ("form", "status", "words"),
    [
        ({"outlet": "nobody-knows-it", "version": "1"}, 422, "No outlet is called"),
        ({"outlet": "", "version": "1"}, 422, "Say which outlet it is"),
        ({"outlet": "kyiv-post", "version": "99"}, 409, "Somebody else has changed this step"),
        ({"outlet": "kyiv-post"}, 422, "Say which outlet it is"),
        ({"outlet": "own-paper", "version": "1"}, 422, "a paper is not its own source"),
    ],
)
def test_a_step_that_cannot_be_resolved_so_says_why_and_keeps_what_was_typed(
    client_of: Any, reporter: Any, form: dict[str, str], status: int, words: str
) -> None:
    an_outlet("Kyiv Post", slug="kyiv-post")
    quote = a_quote(chain=[PRINTED], article=an_article(an_outlet("Own Paper", slug="own-paper")))
    step = quote.relays.get()
    answer = client_of(reporter).post(f"/articles/steps/{step.pk}/", form)
    assert answer.status_code == status
    page = parsed(answer)
    assert words in text_of(page.select_one("#main"))
    if form.get("outlet") and "version" in form:
        assert page.select_one(f"input[name=outlet][value={form['outlet']}]") is not None
    assert Relay.objects.get(pk=step.pk).outlet is None


def test_a_reader_sees_the_steps_but_can_resolve_none(client_of: Any, reader: Any, open_step: Any) -> None:
    an_outlet("Kyiv Post", slug="kyiv-post")
    browser = client_of(reader)
    page = parsed(browser.get("/articles/steps/"))
    assert "May be Kyiv Post" in text_of(page)
    assert page.select_one("#main form") is None
    refused = browser.post(f"/articles/steps/{open_step.pk}/", {"outlet": "kyiv-post", "version": "1"})
    assert refused.status_code == 403
    assert Relay.objects.get(pk=open_step.pk).outlet is None


def test_the_verbs_themselves_refuse_what_the_page_does(reader: Any, reporter: Any, open_step: Any) -> None:
    post = an_outlet()
    with pytest.raises(NotAllowed):
        act.resolve(open_step, post, seen=open_step.version, by=reader)
    with pytest.raises(Conflict):
        act.resolve(open_step, post, seen=open_step.version + 1, by=reporter)
    act.resolve(open_step, post, seen=open_step.version, by=reporter)
    with pytest.raises(NotValid):
        act.resolve(open_step, post, seen=open_step.version, by=reporter)
    unprinted = a_quote(chain=[post]).relays.get()
    with pytest.raises(NotValid):
        act.reopen(unprinted, seen=unprinted.version, by=reporter)


@pytest.mark.parametrize("hidden", [{"record": "off"}, {"embargoed_until": LATER}])
def test_steps_of_what_is_held_back_are_in_no_list(
    client_of: Any, reporter: Any, verifier: Any, hidden: dict[str, Any]
) -> None:
    step = a_quote(a_statement(**hidden), chain=["a quiet source"]).relays.get()
    assert "a quiet source" not in client_of(reporter).get("/articles/steps/").content.decode()
    assert client_of(reporter).get(f"/articles/steps/?done={step.pk}").status_code == 404
    assert (
        client_of(reporter).post(f"/articles/steps/{step.pk}/", {"outlet": "x", "version": 1}).status_code
        == 404
    )
    assert "a quiet source" in client_of(verifier).get("/articles/steps/").content.decode()


def test_twenty_open_steps_take_as_many_queries_as_one(client_of: Any, reporter: Any) -> None:
    browser = client_of(reporter)

    def count() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert browser.get("/articles/steps/").status_code == 200
        return len(asked)

    a_quote(chain=[an_outlet(owner=an_outlet()), PRINTED])
    count()
    one = count()
    for _ in range(19):
        a_quote(chain=[an_outlet(owner=an_outlet()), PRINTED])
    assert count() == one
