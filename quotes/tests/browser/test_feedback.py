"""What happens after a request: the focus stays, everything is told once, and no typed word is lost."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from quotes.tests.browser.conftest import Watch
from quotes.tests.look.server import Gallery

pytestmark = pytest.mark.browser

Opener = Callable[..., Page]

# --- After a swap ----------------------------------------------------------------------------------------------------


def test_the_focus_never_falls_out_of_the_page(site: Gallery, open_page: Opener) -> None:
    page = open_page(site.url + "/look/swaps/")
    page.locator("#inside").press("Enter")
    expect(page.locator("#part-box h2")).to_be_focused()
    page.locator("#part").press("Enter")
    expect(page.locator("#part")).to_be_focused()


def test_what_a_swap_did_is_spoken_once(site: Gallery, open_page: Opener) -> None:
    page = open_page(site.url + "/look/swaps/")
    page.evaluate(
        """() => { window.spoken = []; for (const region of document.querySelectorAll('[role=status], [role=alert]'))
        new MutationObserver(() => { if (region.textContent.trim()) window.spoken.push(region.textContent.trim()); })
        .observe(region, {childList: true, subtree: true, characterData: true}); }"""
    )
    page.locator("#save").click()
    expect(page.locator("#heard")).to_have_text("Saved at 14:05.")
    assert page.evaluate("window.spoken") == ["Saved at 14:05."]


def test_pressing_twice_sends_once(site: Gallery, open_page: Opener) -> None:
    site.delay = 0.4
    page = open_page(site.url + "/look/swaps/")
    page.locator("#save").dblclick()
    expect(page.locator("#result")).to_contain_text("Saved")
    page.wait_for_timeout(600)
    assert len(site.posts) == 1


def test_a_waiting_region_is_busy_only_while_it_waits(site: Gallery, open_page: Opener) -> None:
    site.delay = 0.5
    page = open_page(site.url + "/look/swaps/")
    page.locator("#save").click()
    expect(page.locator("#result")).to_have_attribute("aria-busy", "true")
    expect(page.locator("#result")).to_contain_text("Saved")
    expect(page.locator("#result")).not_to_have_attribute("aria-busy", "true")


def test_a_long_wait_is_told(site: Gallery, open_page: Opener) -> None:
    site.delay = 5.0
    page = open_page(site.url + "/look/swaps/")
    page.locator("#save").click()
    expect(page.locator("#said")).to_contain_text("Still waiting", timeout=6000)
    expect(page.locator("#said .toast")).to_have_count(0)


# --- Refusals --------------------------------------------------------------------------------------------------------


def type_and_save(page: Page) -> None:
    page.locator("#note").fill("My own words")
    page.locator("#save").click()


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("away", "The records are out of reach for a moment"),
        ("missing", "Nothing found here"),
        ("gateway", "Treat this as not saved"),
    ],
)
def test_a_refusal_is_told_in_the_alert_region_and_the_typed_words_stay(
    site: Gallery, open_page: Opener, watch: Watch, answer: str, told: str
) -> None:
    watch.expects_refusals = True
    site.save = answer
    page = open_page(site.url + "/look/swaps/")
    assert page.locator("#messages [role=alert]").count() == 1
    type_and_save(page)
    expect(page.locator("#messages [role=alert]")).to_contain_text(told)
    expect(page.locator("#note")).to_have_value("My own words")
    expect(page.locator("#result")).to_contain_text("Nothing yet.")
    assert page.locator("#messages [role=alert] [role]").count() == 0
    assert page.evaluate("document.activeElement.id") == "save"


def test_try_again_sends_the_same_once_more(site: Gallery, open_page: Opener, watch: Watch) -> None:
    watch.expects_refusals = True
    site.save = "away"
    page = open_page(site.url + "/look/swaps/")
    type_and_save(page)
    again = page.locator("#warned [data-again]")
    expect(again).to_be_visible()
    site.save = "saved"
    again.click()
    expect(page.locator("#result")).to_contain_text("Saved")
    assert site.posts[0] == site.posts[1]
    expect(page.locator("#warned .notice")).to_have_count(0)


def test_a_lost_connection_is_told(site: Gallery, open_page: Opener, watch: Watch) -> None:
    watch.expects_refusals = True
    page = open_page(site.url + "/look/swaps/")
    page.route("**/look/save/", lambda route: route.abort())
    type_and_save(page)
    expect(page.locator("#warned")).to_contain_text("Not saved: the server did not answer")
    expect(page.locator("#note")).to_have_value("My own words")


def test_being_offline_is_told_and_taken_back(site: Gallery, open_page: Opener, watch: Watch) -> None:
    watch.expects_refusals = True
    page = open_page(site.url + "/look/swaps/")
    page.context.set_offline(True)
    expect(page.locator("#warned")).to_contain_text("You are offline")
    page.context.set_offline(False)
    expect(page.locator("#warned .notice")).to_have_count(0)
    expect(page.locator("#said")).to_contain_text("Back online")


def test_a_conflict_shows_both_versions_above_the_form(
    site: Gallery, open_page: Opener, watch: Watch
) -> None:
    watch.expects_refusals = True
    site.save = "conflict"
    page = open_page(site.url + "/look/swaps/")
    type_and_save(page)
    conflict = page.locator("#conflict")
    expect(conflict).to_contain_text("cautioned")
    expect(conflict).to_contain_text("warned")
    expect(conflict.locator("[data-focus]")).to_be_focused()
    expect(page.locator("#note")).to_have_value("My own words")


def test_a_form_that_comes_back_puts_the_focus_on_its_faults(
    site: Gallery, open_page: Opener, watch: Watch
) -> None:
    watch.expects_refusals = True
    site.save = "invalid"
    page = open_page(site.url + "/look/swaps/")
    type_and_save(page)
    expect(page.locator("#result .notice-err")).to_be_focused()


def test_an_expired_session_is_renewed_over_the_page(
    site: Gallery, open_page: Opener, watch: Watch, violations: Callable[[Page], list[str]]
) -> None:
    watch.expects_refusals = True
    site.save = "signed-out"
    page = open_page(site.url + "/look/swaps/")
    page.evaluate(
        """() => document.body.dispatchEvent(
        new CustomEvent('verbatim:token', {bubbles: true, detail: {token: 'old'}}))"""
    )
    type_and_save(page)
    dialog = page.locator("dialog#sign-in-again")
    expect(dialog).to_be_visible()
    expect(page.locator("#sign-in-again-login")).to_be_focused()
    assert page.locator("#result input, #note-form input[name=password]").count() == 0
    assert violations(page) == []
    page.locator("#sign-in-again-login").fill("ada")
    page.locator("#sign-in-again-password").fill("wrong")
    page.keyboard.press("Enter")
    expect(dialog.locator("[data-sign-in-trouble]")).to_have_text("The password is not correct.")
    page.locator("#sign-in-again-password").fill("right one")
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    expect(page.locator("#said")).to_contain_text("Nothing was saved yet")
    expect(page.locator("#note")).to_have_value("My own words")
    expect(page.locator("#save")).to_be_focused()
    assert page.locator("#note-form input[name=csrfmiddlewaretoken]").input_value() != "old"


def test_a_token_out_of_date_is_replaced_everywhere(site: Gallery, open_page: Opener) -> None:
    page = open_page(site.url + "/look/swaps/")
    page.evaluate(
        """() => document.body.dispatchEvent(
        new CustomEvent('verbatim:token', {bubbles: true, detail: {token: 'fresh'}}))"""
    )
    tokens = page.locator("input[name=csrfmiddlewaretoken]").evaluate_all("all => all.map(e => e.value)")
    assert set(tokens) == {"fresh"}
    assert "fresh" in (page.locator("body").get_attribute("hx-headers") or "")


# --- Messages --------------------------------------------------------------------------------------------------------


def test_a_message_leaves_by_itself_but_a_warning_stays(site: Gallery, open_page: Opener) -> None:
    page = open_page("about:blank")
    page.clock.install()
    page.goto(site.url + "/look/messages/")
    expect(page.locator("#said .toast")).to_be_visible()
    page.clock.run_for(8500)
    expect(page.locator("#said .toast")).to_have_count(0)
    expect(page.locator("#warned .toast")).to_be_visible()
    page.locator("#warned [data-dismiss]").click()
    expect(page.locator("#warned .toast")).to_have_count(0)


def test_a_message_under_the_pointer_stays(site: Gallery, open_page: Opener) -> None:
    page = open_page("about:blank")
    page.clock.install()
    page.goto(site.url + "/look/messages/")
    page.locator("#said .toast").hover()
    page.clock.run_for(9000)
    expect(page.locator("#said .toast")).to_be_visible()
