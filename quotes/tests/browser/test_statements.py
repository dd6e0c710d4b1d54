"""Statements, speakers and articles in a real browser: seen in every light and size, copied, and turned over."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from quotes.actions.audit import acting
from quotes.models import Quote, Statement
from quotes.tests import factories as make
from quotes.tests.browser.entering import enter

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Opener = Callable[..., Page]


@pytest.fixture
def quote(verifier: Any, reader: Any) -> Quote:
    """A quote with everything that its page can show."""
    kremlin = make.a_speaker("The Kremlin", kind="institution", slug="kremlin", names={"Кремль": "ru"})
    peskov = make.a_speaker("Dmitry Peskov", slug="dmitry-peskov")
    make.a_tenure(
        peskov, "Press Secretary", organisation=kremlin, speaks_for=True, starts=dt.date(2012, 5, 1)
    )
    statement = make.a_statement(
        kremlin, uid="the-door", uttered_by=peskov, said_on=dt.date(2026, 2, 4), topics=[make.a_topic("Talks")],
        original_text="Двери открыты", original_language="ru",
    )  # fmt: skip
    outlet = make.an_outlet("France 2", kind="broadcaster")
    quote = make.a_held_quote(statement, uid="the-report", chain=[make.an_outlet("Kyiv Post"), outlet])
    make.a_quote(statement, "If they lose this war, they will not lose.", role_as_printed="Prime Minister")
    make.a_quote(statement, "إذا خسرنا هذه الحرب", language="ar", kind="indirect")
    make.a_figure(quote, as_printed="55,000")
    make.some_evidence(quote, excerpt="The doors are open")
    make.a_check(quote, verifier, wording="unclear", note="The sound is poor")
    make.a_link(statement, make.a_quote().statement, by=verifier)
    make.a_link(make.a_quote().statement, statement, "denies", state="suggested")
    with acting(by=verifier, verb="statements.date"):
        Statement.objects.filter(pk=statement.pk).update(
            said_on=dt.date(2026, 2, 1), said_on_precision="month"
        )
    return quote


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (390, "dark")])
def test_every_page_is_open_to_all_and_fits_its_screen(
    live_server: Any,
    open_page: Opener,
    quote: Quote,
    violations: Callable[[Page], list[str]],
    width: int,
    theme: str,
) -> None:
    addresses = [
        "/quotes/the-report/",
        "/speakers/",
        "/speakers/kremlin/",
        "/articles/",
        f"/articles/{quote.article_id}/",
    ]
    page = enter(open_page, live_server, "/statements/the-door/", width=width, theme=theme, name="reader")
    titles = []
    for address in ["/statements/the-door/", *addresses]:
        page.goto(f"{live_server.url}{address}")
        assert violations(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
        titles.append(page.title())
    assert len(set(titles)) == len(titles)


def test_the_citation_is_copied_by_a_key_and_said_aloud(
    live_server: Any, open_page: Opener, quote: Quote
) -> None:
    page = enter(
        open_page,
        live_server,
        "/statements/the-door/",
        name="reader",
        permissions=["clipboard-read", "clipboard-write"],
    )
    page.keyboard.press("c")
    expect(page.locator("#said")).to_contain_text("The citation is copied.")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.locator("#citation").inner_text()
    assert copied.startswith("“If we lose this war, we will lose.” The Kremlin, through Dmitry Peskov")


def test_without_a_script_everything_is_there_but_the_copying(
    live_server: Any, open_page: Opener, quote: Quote
) -> None:
    page = enter(open_page, live_server, "/statements/the-door/", script=False, name="reader")
    for button in page.locator("[data-copy]").all():
        expect(button).to_be_hidden()
    expect(page.locator("#citation")).to_contain_text("If we lose this war")
    page.locator(".rep a", has_text="Show this wording").first.click()
    expect(page.locator("#words")).not_to_have_attribute("data-uid", "the-report")


def test_a_speakers_list_is_narrowed_in_place_and_back_again(
    live_server: Any, open_page: Opener, quote: Quote
) -> None:
    make.a_quote(make.a_statement(quote.statement.speaker))
    page = enter(open_page, live_server, "/speakers/kremlin/", name="reader")
    expect(page.locator("#statements .qrow")).to_have_count(2)
    page.locator("#statements .chip", has_text="Talks").click()
    expect(page.locator("#statements .qrow")).to_have_count(1)
    assert "topic=" in page.url
    page.go_back()
    expect(page.locator("#statements .qrow")).to_have_count(2)


def test_speakers_are_found_while_typing(live_server: Any, open_page: Opener, quote: Quote) -> None:
    page = enter(open_page, live_server, "/speakers/", name="reader")
    page.locator("#name").press_sequentially("кремль")
    expect(page.locator("#results tbody tr")).to_have_count(1)
    expect(page.locator("#results")).to_contain_text("The Kremlin")
    expect(page.locator("#name")).to_be_focused()
