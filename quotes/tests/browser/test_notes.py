"""Notes, hand-over, alerts and the form of a quote in a browser: by keyboard only, in every look, without a script."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from quotes.actions import notes as act
from quotes.models import Alert, Assignment, Figure, Note
from quotes.tests import factories as make
from quotes.tests.browser.entering import enter
from quotes.tests.browser.test_verify import Opener

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SEEN = """() => {
  const at = document.activeElement, box = at.getBoundingClientRect();
  const bar = document.querySelector('header.bar').getBoundingClientRect();
  return at !== document.body && box.height > 0 && box.bottom > bar.bottom && box.top < innerHeight;
}"""
LONGEST_WAY = 90  # presses of Tab from the top of a page to the last thing on it


@pytest.fixture
def quote(verifier: Any, second_verifier: Any, reporter: Any) -> Any:
    return make.a_held_quote(by=reporter)


def tab_to(page: Page, selector: str) -> None:
    """Go there by Tab alone, as somebody without a mouse does."""
    for _ in range(LONGEST_WAY):
        page.keyboard.press("Tab")
        if page.evaluate("(one) => document.activeElement.matches(one)", selector):
            return
    raise AssertionError(f"{selector} is not reached by Tab")


def test_a_note_is_written_and_a_colleague_named_by_keyboard_alone(
    live_server: Any, open_page: Opener, quote: Any, violations: Callable[[Page], list[str]]
) -> None:
    page = enter(open_page, live_server, f"/quotes/{quote.uid}/notes/", "reporter")
    tab_to(page, "#note-text")
    page.keyboard.type("Please, @verif")
    offered = page.locator("#note-people [data-name]")
    expect(offered).to_have_count(2)
    expect(page.locator("#heard")).to_contain_text("2 colleagues to name")
    assert violations(page) == []
    tab_to(page, "[data-name=verifier2]")
    page.keyboard.press("Enter")
    expect(page.locator("#note-text")).to_be_focused()
    page.keyboard.type("have a look.")
    expect(page.locator("#note-text")).to_have_value("Please, @verifier2 have a look.")
    expect(offered).to_have_count(0)
    tab_to(page, "#note-form .nt-b button")
    page.keyboard.press("Enter")
    expect(page.locator("#said .toast")).to_have_count(1)
    expect(page.locator("#said")).to_contain_text("The note is saved.")
    expect(page.locator("#h-notes")).to_be_focused()
    assert page.evaluate(SEEN)
    expect(page.locator("#note-list .nt-t").first).to_have_text("Please, @verifier2 have a look.")
    expect(page.locator("#note-text")).to_have_value("")
    assert Alert.objects.get().to.username == "verifier2"
    assert violations(page) == []


def test_escape_puts_the_offered_names_away_and_keeps_the_text(
    live_server: Any, open_page: Opener, quote: Any
) -> None:
    page = enter(open_page, live_server, f"/quotes/{quote.uid}/notes/")
    page.locator("#note-text").press_sequentially("desk@ver and @v")
    expect(page.locator("#note-people [data-name]")).to_have_count(2)
    page.keyboard.press("Escape")
    expect(page.locator("#note-people [data-name]")).to_have_count(0)
    expect(page.locator("#note-text")).to_be_focused()
    expect(page.locator("#note-text")).to_have_value("desk@ver and @v")


def test_an_unknown_name_is_spoken_and_the_words_stay(
    live_server: Any, open_page: Opener, watch: Any, quote: Any, violations: Callable[[Page], list[str]]
) -> None:
    watch.expects_refusals = True
    page = enter(open_page, live_server, f"/verify/{quote.uid}/")
    page.locator("#note-text").fill("@nobody should know")
    page.locator("#note-form .nt-b button").click()
    notice = page.locator("#notes .notice-err")
    expect(notice).to_contain_text("Nobody here is called “@nobody”")
    expect(notice).to_be_focused()
    expect(page.locator("#note-text")).to_have_value("@nobody should know")
    assert violations(page) == []
    assert not Note.objects.exists()


def test_an_alert_leads_to_the_note_by_keyboard_and_the_bell_falls_silent(
    live_server: Any, open_page: Opener, quote: Any, reporter: Any, violations: Callable[[Page], list[str]]
) -> None:
    note = act.write(quote, "@verifier look at the verb", by=reporter)
    act.write(quote, "@verifier and at the day", by=reporter)
    page = enter(open_page, live_server, "/verify/")
    expect(page.locator("#bell")).to_have_accessible_name("Alerts: 2 new")
    tab_to(page, "#bell")
    page.keyboard.press("Enter")
    page.wait_for_url("**/activity/alerts/")
    assert violations(page) == []
    tab_to(page, ".al li:nth-child(2) .al-q")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/quotes/{quote.uid}/notes/#note-{note.pk}")
    expect(page.locator("#bell")).to_have_accessible_name("Alerts: 1 new")
    page.goto(f"{live_server.url}/activity/alerts/")
    page.get_by_role("button", name="Mark all as read").press("Enter")
    expect(page.locator("#said")).to_contain_text("1 alert marked as read")
    expect(page.locator("#bell")).to_have_accessible_name("Alerts")
    expect(page.locator("#alerts h1")).to_be_focused()


def test_a_quote_is_given_to_a_colleague_and_back_by_keyboard_alone(
    live_server: Any, open_page: Opener, quote: Any, violations: Callable[[Page], list[str]]
) -> None:
    page = enter(open_page, live_server, f"/quotes/{quote.uid}/notes/")
    tab_to(page, ".nt-more summary")
    page.keyboard.press("Enter")
    tab_to(page, "#assign-to")
    page.keyboard.type("verifier2")
    tab_to(page, "#assign-reason")
    page.keyboard.type("You speak French")
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_contain_text("Asked Verifier2 to verify")
    expect(page.locator("#assigned")).to_contain_text("Verifier2 is asked to verify it")
    assert violations(page) == []
    assert Assignment.objects.get().to.username == "verifier2"
    other = enter(open_page, live_server, "/verify/?tab=assigned", "verifier2")
    expect(other.locator("[data-rows]")).to_contain_text("You are asked to verify it")
    other.goto(f"{live_server.url}/quotes/{quote.uid}/notes/")
    tab_to(other, "#back-reason")
    other.keyboard.type("On leave")
    other.keyboard.press("Enter")
    expect(other.locator("#said")).to_contain_text("in nobody’s hands")
    assert not Assignment.objects.exists()


def test_a_figure_of_the_words_is_put_in_by_keyboard_and_saved(
    live_server: Any, open_page: Opener, verifier: Any, reporter: Any, violations: Callable[[Page], list[str]]
) -> None:
    make.a_measure("Ukrainian soldiers killed")
    made = make.a_quote(text="At least 55,000 Ukrainian soldiers were killed.", by=reporter)
    page = enter(open_page, live_server, f"/quotes/{made.uid}/edit/")
    assert violations(page) == []
    tab_to(page, "button[name=take]")
    page.keyboard.press("Enter")
    expect(page.locator("#heard")).to_contain_text("Nothing is saved yet")
    expect(page.locator("tr[data-focus]")).to_be_focused()
    expect(page.locator("[name=figure-0-low]")).to_have_value("55000")
    assert violations(page) == []
    tab_to(page, "button[name=do][value=save]")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/quotes/{made.uid}/")
    expect(page.locator("#said")).to_contain_text("Saved")
    assert Figure.objects.get().bound == "at_least"


def test_all_of_it_works_without_a_script(
    live_server: Any, open_page: Opener, watch: Any, quote: Any, second_verifier: Any
) -> None:
    watch.expects_refusals = True
    page = enter(open_page, live_server, f"/quotes/{quote.uid}/", script=False)
    page.locator("#note-text").fill("@nobody")
    page.locator("#note-form .nt-b button").click()
    expect(page.locator(".notice-err")).to_contain_text("Nobody here is called")
    expect(page.locator("#note-text")).to_have_value("@nobody")
    page.get_by_role("link", name="Who can be named here").click()
    expect(page.locator("main")).to_contain_text("@verifier2")
    page.get_by_role("link", name=f"Notes on {quote.uid}").click()
    page.locator("#note-text").fill("@verifier2, look")
    page.locator("#note-form .nt-b button").click()
    expect(page.locator("#said")).to_contain_text("The note is saved.")
    page.locator(".nt-more summary").click()
    page.locator("#assign-to").fill("verifier2")
    page.locator("#assign-reason").fill("You speak French")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator("#assigned")).to_contain_text("Verifier2 is asked")
    other = enter(open_page, live_server, "/activity/alerts/", "verifier2", script=False)
    other.locator(".al-q").first.click()
    other.wait_for_url(f"**/verify/{quote.uid}/")
    other.goto(f"{live_server.url}/activity/alerts/")
    other.get_by_role("button", name="Once a day").click()
    expect(other.locator("#mail-daily")).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize("width", [1440, 390, 320])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_state_has_no_violation_and_no_sideways_scroll(
    live_server: Any,
    open_page: Opener,
    watch: Any,
    quote: Any,
    reporter: Any,
    verifier: Any,
    curator: Any,
    violations: Callable[[Page], list[str]],
    width: int,
    theme: str,
) -> None:
    watch.expects_refusals = True
    empty = make.a_held_quote(
        text="At least 55,000 soldiers and 30 percent", body="At least 55,000 soldiers and 30 percent"
    )
    page = enter(open_page, live_server, "/activity/alerts/", width=width, theme=theme)
    checked = [page.url]
    assert violations(page) == []
    act.write(quote, "@verifier " + "a-long-word-without-a-place-to-break" * 5, by=reporter)
    act.write(quote, "زيلينسكي قال @verifier", by=reporter)
    act.assign(quote, "verifier", "verify", "Because", seen="", by=curator)
    for address in (
        "/activity/alerts/",
        f"/quotes/{quote.uid}/notes/",
        f"/quotes/{quote.uid}/notes/people/",
        f"/quotes/{empty.uid}/notes/",
        f"/quotes/{empty.uid}/edit/",
        "/quotes/new/",
        "/activity/",
        "/activity/?kind=quotes_note",
        "/verify/?tab=assigned",
    ):
        page.goto(live_server.url + address)
        assert violations(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
        checked.append(address)
    page.goto(f"{live_server.url}/quotes/new/")
    page.locator("button[name=do][value=save]").click()
    expect(page.locator(".notice-err")).to_be_focused()
    assert violations(page) == []
    assert len(checked) == 10
