"""What was entered without a space breaks where its place ends: no page scrolls sideways for it."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from quotes.tests import factories as make
from quotes.tests.browser.entering import enter

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Opener = Callable[..., Page]
WIDTHS = (390, 820, 1440)
NAME, OUTLET, OTHER = "Donaudampfschiff" * 12, "Tageszeitungsverlag" * 10, "Gelegenheitsanlass" * 10
CUT_OFF = """box => [...document.querySelectorAll(box)].filter(one => one.checkVisibility()).filter(one => {
    const words = document.createRange(), edge = one.getBoundingClientRect();
    words.selectNodeContents(one);
    return [...words.getClientRects()].some(line => line.right > edge.right + 1 || line.bottom > edge.bottom + 1);
}).map(one => one.outerHTML.slice(0, 80))"""


@pytest.fixture
def quote(verifier: Any, curator: Any) -> Any:
    """A quote of which every name is one word of some two hundred letters."""
    speaker = make.a_speaker(NAME, slug="one-word")
    statement = make.a_statement(speaker=speaker, gist=OTHER, occasion=OTHER)
    article = make.an_article(outlet=make.an_outlet(OUTLET), headline=OTHER)
    make.a_held_quote(statement)
    return make.a_quote(
        statement=statement, article=article, speaker_as_printed=OTHER, role_as_printed=OTHER, chain=[OUTLET]
    )


def sideways(page: Page, server: Any, addresses: list[str]) -> list[tuple[str, int, int]]:
    """Where a page is wider than its window, and by how many pixels."""
    found = []
    for address in addresses:
        page.goto(server.url + address)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            over = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            if over > 0:
                found.append((address, width, over))
    return found


def test_no_page_of_the_desk_grows_with_a_word(live_server: Any, quote: Any, open_page: Opener) -> None:
    page = enter(open_page, live_server, "/", "verifier")
    statement = quote.statement.uid
    addresses = [
        "/",
        "/search/",
        "/search/?q=war&speaker=one-word",
        f"/statements/{statement}/",
        f"/quotes/{quote.uid}/",
        f"/quotes/{quote.uid}/notes/",
        f"/quotes/{quote.uid}/edit/",
        "/speakers/",
        "/speakers/one-word/",
        "/speakers/one-word/merge/",
        "/verify/",
        f"/verify/{quote.uid}/",
        f"/articles/{quote.article_id}/",
        f"/links/new/?source={statement}",
        f"/links/map/?statement={statement}",
        f"/compare/?a={statement}&b={make.a_quote().statement.uid}",
        "/activity/",
        "/imports/",
        "/jump/?q=donau",
    ]
    assert sideways(page, live_server, addresses) == []


def test_no_page_of_the_admin_grows_with_a_word(live_server: Any, quote: Any, open_page: Opener) -> None:
    page = enter(open_page, live_server, "/", "curator")
    speaker = f"/admin/quotes/speaker/{quote.statement.speaker_id}"
    addresses = [
        "/admin/quotes/speaker/",
        f"{speaker}/change/",
        f"{speaker}/delete/",
        f"{speaker}/history/",
        f"/admin/quotes/outlet/{quote.article.outlet_id}/change/",
    ]
    assert sideways(page, live_server, addresses) == []


def test_a_chosen_name_stays_within_its_chip(live_server: Any, quote: Any, open_page: Opener) -> None:
    page = enter(open_page, live_server, "/search/?speaker=one-word", "verifier", width=390)
    assert page.locator(".chip").count() == 1
    assert page.evaluate(CUT_OFF, ".chip") == []
