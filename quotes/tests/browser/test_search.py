"""Searching in a real browser: typing, walking, previews, facets, the jump box; also without a script."""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from quotes.tests import factories as make
from quotes.tests.browser.entering import enter

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Opener = Callable[..., Page]


@pytest.fixture
def story(verifier: Any) -> Any:
    """Three statements of two speakers, in two papers."""
    president = make.a_speaker("Volodymyr Zelenskyy", names={"Зеленський": "uk", "Selenskyj": "de"})
    make.a_tenure(president, "President of Ukraine", starts=dt.date(2019, 5, 20))
    paper, channel = (
        make.an_outlet("Kyiv Post", slug="kyiv-post"),
        make.an_outlet("France 2", slug="france-2"),
    )
    talks = make.a_topic("Talks")
    for uid, text, outlet, day in (
        ("lose-war", "If we lose this war, we will lose our independence.", paper, dt.date(2026, 2, 4)),
        ("end-war", "This war has to end, and it will end.", channel, dt.date(2025, 2, 4)),
    ):
        statement = make.a_statement(president, uid=uid, said_on=day, topics=[talks])
        make.a_quote(statement, text, article=make.an_article(outlet), cue="warned")
    make.a_quote(make.a_statement(uid="productive"), "The negotiations were productive.")
    return verifier


def signed_in(open_page: Opener, server: Any, address: str, **options: Any) -> Page:
    return enter(open_page, server, quote(address), **options)


def uids(page: Page) -> list[str]:
    return page.locator("#results [data-uid]").evaluate_all("rows => rows.map(row => row.dataset.uid)")


def test_a_question_is_answered_while_it_is_typed(live_server: Any, story: Any, open_page: Opener) -> None:
    page = signed_in(open_page, live_server, "/search/?q=nothing")
    box = page.locator("#q")
    box.click()
    box.fill("zelenski independence")
    expect(page.locator("#results")).to_have_attribute("data-total", "1")
    assert uids(page) == ["lose-war"]
    expect(box).to_be_focused()
    expect(page).to_have_url(re.compile(r"q=zelenski(\+|%20)independence"))
    page.reload()
    assert uids(page) == ["lose-war"], "the address holds the whole state"


def test_facets_keep_the_focus_and_back_goes_back(live_server: Any, story: Any, open_page: Opener) -> None:
    page = signed_in(open_page, live_server, "/search/?q=war")
    assert sorted(uids(page)) == ["end-war", "lose-war"]
    facet = page.locator("#f-outlet-kyiv-post")
    facet.click()
    expect(page.locator("#results")).to_have_attribute("data-total", "1")
    expect(page.locator("#f-outlet-kyiv-post")).to_be_focused()
    expect(page).to_have_url(re.compile("outlet=kyiv-post"))
    page.locator("#q").fill("war independence")
    expect(page).to_have_url(re.compile("outlet=kyiv-post.*independence|independence.*outlet=kyiv-post"))
    page.go_back()
    expect(page.locator("#results")).to_have_attribute("data-total", "2")
    assert page.locator(".chip").count() == 0


def test_rows_are_walked_by_keys_with_their_preview(live_server: Any, story: Any, open_page: Opener) -> None:
    page = signed_in(open_page, live_server, "/search/?q=war&sort=said")
    peek = page.locator("[data-peek]")
    expect(peek).to_contain_text("If we lose this war")
    expect(page.locator("#main")).not_to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(peek).to_contain_text("This war has to end")
    page.keyboard.press("Space")
    expect(peek).to_be_hidden()
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("k")  # back to the marked row, then to the one above
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/statements/lose-war/"))


def test_the_foot_of_the_list_names_the_keys_that_work_there(
    live_server: Any, story: Any, open_page: Opener
) -> None:
    page = signed_in(open_page, live_server, "/search/?q=war")
    hints = page.locator(".hints")
    expect(hints).to_be_in_viewport(ratio=1)
    named = hints.locator("span kbd").all_text_contents()
    assert named == ["J", "K", "↵", "Space", "V", "S", "/"]
    for key in named[4:]:
        expect(page.locator(f"[data-key='{key.lower()}']:visible")).to_have_count(1)
    hints.locator("button").click()
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    page.locator("button.me").click()
    page.locator("#keys-off").click()
    expect(hints).to_be_hidden()
    page.locator("#keys-on").click()
    page.goto(f"{live_server.url}/search/?q=zzzzqqq")
    expect(hints).to_be_hidden()


def test_the_jump_box_finds_a_speaker_half_typed(live_server: Any, story: Any, open_page: Opener) -> None:
    page = signed_in(open_page, live_server, "/speakers/")
    page.keyboard.press("/")
    page.locator("#jump-q").fill("zelen")
    offer = page.locator("#jump-found a", has_text="Volodymyr Zelenskyy").first
    expect(offer).to_be_visible()
    offer.click()
    expect(page).to_have_url(re.compile("/speakers/"))


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_no_state_of_the_page_has_a_violation(
    live_server: Any,
    story: Any,
    open_page: Opener,
    violations: Callable[[Page], list[str]],
    theme: str,
    width: int,
) -> None:
    page = signed_in(open_page, live_server, "/search/", theme=theme, width=width)
    for address in (
        "/search/",
        "/search/?q=zelenski+war",
        "/search/?q=war&standing=unchecked&outlet=-france-2&from=2026&to=2026",
        "/search/?q=war+said:zelenskyy+colour:red",
        "/search/?q=war&standing=verified",
        "/search/?q=nothing-at-all",
        "/search/?q=war+productive+independence+elephants",
        "/search/?q=independense",
        "/search/facets/outlet/?q=war",
        "/search/facets/speaker/?q=war&find=nobody-at-all",
        "/saved/?query=q%3Dwar",
        "/jump/?q=war",
    ):
        page.goto(live_server.url + address)
        page.wait_for_load_state("networkidle")
        assert violations(page) == [], address
        wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        assert not wide, f"{address} scrolls sideways"


def test_everything_works_without_a_script(live_server: Any, story: Any, open_page: Opener) -> None:
    page = signed_in(open_page, live_server, "/search/", script=False)
    page.locator("#q").fill("war")
    page.locator("#q").press("Enter")
    assert sorted(uids(page)) == ["end-war", "lose-war"]
    page.locator("#f-outlet-kyiv-post").click()
    assert uids(page) == ["lose-war"]
    page.locator("#q").fill("war independence")
    page.locator("#q").press("Enter")
    expect(page).to_have_url(re.compile("outlet=kyiv-post"))
    page.locator(".chip a").first.click()
    assert uids(page) == ["lose-war"]
    page.locator("a", has_text="Save this search").click()
    page.locator("button", has_text="Save").first.click()
    expect(page.locator(".saved-l")).to_contain_text("war independence")
