"""The verify room in a real browser: by keyboard only, without a script, and when something goes wrong."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from quotes.actions.audit import acting
from quotes.models import Check, Claim, Quote, Standing
from quotes.tests import factories as make
from quotes.tests.browser.entering import enter
from quotes.tests.conftest import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Opener = Callable[..., Page]


@pytest.fixture
def two(verifier: Any, second_verifier: Any, reporter: Any) -> list[Any]:
    """Two quotes that wait, both with their captured text."""
    return [make.a_held_quote(by=reporter) for _ in range(2)]


class Keys:
    """Presses keys and counts them; after each, the focus has to be somewhere that can be seen."""

    def __init__(self, page: Page) -> None:
        self.page, self.pressed = page, 0

    def __call__(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.pressed += 1


FOCUS = """() => {
  const at = document.activeElement, box = at.getBoundingClientRect();
  const bar = document.querySelector('.tri-a')?.getBoundingClientRect();
  return { name: at.tagName, id: at.id, seen: box.height > 0 && box.bottom > 0 && box.top < innerHeight,
           under: !!bar && !at.closest('.tri-a') && box.top >= bar.top };
}"""


def test_four_keys_sign_a_quote_and_bring_the_next_one(
    live_server: Any, open_page: Opener, two: list[Any], violations: Callable[[Page], list[str]]
) -> None:
    page = enter(open_page, live_server, "/verify/")
    assert violations(page) == []
    keys = Keys(page)
    keys("j")
    page.wait_for_url(f"**/verify/{two[0].uid}/**")
    expect(page).to_have_title(f"Verify {two[0].uid} · Verbatim")
    assert violations(page) == []
    keys.pressed = 0
    keys("2", "3")
    expect(page.locator("#heard")).to_have_text("3 of 4 answered")
    expect(page.locator("#why")).to_have_text("1 question to answer before you can sign")
    keys("4", "v")
    page.wait_for_url(f"**/verify/{two[1].uid}/**")
    assert keys.pressed == 4
    expect(page.locator("#said")).to_contain_text(f"Signed {two[0].uid}.")
    expect(page.locator("#waiting-verify")).to_contain_text("2")
    focus = page.evaluate(FOCUS)
    assert (focus["id"], focus["seen"], focus["under"]) == ("words", True, False)
    check = Check.objects.get()
    assert (check.quote_id, check.full_pass) == (two[0].pk, True)
    assert [claim.quote_id for claim in Claim.objects.all()] == [two[1].pk]
    # And back: Z takes it back and shows that quote again.
    keys("z")
    page.wait_for_url(f"**/verify/{two[0].uid}/**")
    expect(page.locator("#said")).to_contain_text("Took back your check")
    assert Standing.objects.get(pk=two[0].pk).passes == 0


def test_a_refusal_by_keyboard_goes_to_the_note_first(
    live_server: Any, open_page: Opener, two: list[Any]
) -> None:
    page = enter(open_page, live_server, f"/verify/{two[0].uid}/")
    keys = Keys(page)
    keys("m")
    expect(page.locator("#note")).to_be_focused()
    expect(page.locator("#heard")).to_contain_text("needs a reason")
    page.keyboard.type("Her deputy said it.")
    keys("Escape", "m")
    expect(page.locator("#said")).to_contain_text("misattributed")
    assert Check.objects.get().reason == "Her deputy said it."


def test_v_before_all_is_answered_leads_to_the_open_question(
    live_server: Any, open_page: Opener, two: list[Any]
) -> None:
    page = enter(open_page, live_server, f"/verify/{two[0].uid}/")
    keys = Keys(page)
    keys("Shift+Digit2", "v")
    expect(page.locator("#heard")).to_contain_text("2 of 4 still to answer")
    assert page.evaluate("document.activeElement.name") == "axis-dating"
    # Arrows choose within the question, as with every group of radio buttons.
    keys("ArrowRight")
    assert page.locator("input[name=axis-dating]:checked").get_attribute("value") == "fail"
    assert not Check.objects.exists()


def test_the_highlight_moves_by_keys_and_says_what_saving_means(
    live_server: Any, open_page: Opener, two: list[Any], violations: Callable[[Page], list[str]]
) -> None:
    page = enter(open_page, live_server, f"/verify/{two[0].uid}/")
    page.keyboard.press("n")
    page.keyboard.type("kept")
    page.keyboard.press("Escape")
    page.keyboard.press("[")
    expect(page.locator(".tri-sf .notice")).to_contain_text("you become a contributor")
    expect(page.locator(".paper mark")).to_have_text("If we lose this war, we will lose")
    expect(page.locator("#note")).to_have_value("kept")
    assert violations(page) == []
    page.keyboard.press("[")
    expect(page.locator(".paper mark")).to_have_text("If we lose this war, we will")
    assert Quote.objects.get(pk=two[0].pk).text == two[0].text
    page.get_by_role("button", name="Save the new highlight").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_contain_text("Saved the new highlight")
    assert Quote.objects.get(pk=two[0].pk).text == "If we lose this war, we will"


def test_a_conflict_shows_both_versions_and_keeps_the_note(
    live_server: Any,
    open_page: Opener,
    watch: Any,
    two: list[Any],
    curator: Any,
    violations: Callable[[Page], list[str]],
) -> None:
    watch.expects_refusals = True
    page = enter(open_page, live_server, f"/verify/{two[0].uid}/")
    page.locator("#note").fill("What I typed")
    with acting(by=curator, verb="quotes.edit"):
        Quote.objects.filter(pk=two[0].pk).update(cue="announced")
    page.locator("#note").press("Escape")
    for key in ("2", "3", "4", "v"):
        page.keyboard.press(key)
    expect(page.locator(".conf")).to_contain_text("announced")
    expect(page.locator("#conflict-title")).to_be_focused()
    expect(page.locator("#note")).to_have_value("What I typed")
    assert violations(page) == []
    for key in ("2", "3", "4", "v"):
        page.keyboard.press(key)
    expect(page.locator("#said")).to_contain_text("Signed quote-")
    assert Check.objects.get().note == "What I typed"


def test_a_session_that_ended_keeps_the_answers_behind_the_sign_in(
    live_server: Any, open_page: Opener, watch: Any, two: list[Any]
) -> None:
    from django.contrib.sessions.models import Session

    watch.expects_refusals = True
    page = enter(open_page, live_server, f"/verify/{two[0].uid}/")
    page.locator("#note").fill("Typed before")
    page.locator("#note").press("Escape")
    Session.objects.all().delete()
    for key in ("2", "3", "4", "v"):
        page.keyboard.press(key)
    dialog = page.locator("dialog#sign-in-again")
    expect(dialog).to_be_visible()
    page.locator("#sign-in-again-login").fill("verifier")
    page.locator("#sign-in-again-password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    expect(page.locator("#note")).to_have_value("Typed before")
    assert not Check.objects.exists()
    page.locator("[data-sign]").click()
    expect(page.locator("#said")).to_contain_text("Signed quote-")
    assert Check.objects.get().note == "Typed before"


def test_a_lost_network_is_told_and_the_form_stays(
    live_server: Any, open_page: Opener, watch: Any, two: list[Any]
) -> None:
    watch.expects_refusals = True
    page = enter(open_page, live_server, f"/verify/{two[0].uid}/")
    page.locator("#note").fill("Typed")
    page.locator("#note").press("Escape")
    for key in ("2", "3", "4"):
        page.keyboard.press(key)
    page.context.set_offline(True)
    page.keyboard.press("v")
    expect(page.locator("#warned")).to_contain_text("Not saved")
    expect(page.locator("#note")).to_have_value("Typed")
    page.context.set_offline(False)
    page.locator("#warned [data-again]").click()
    expect(page.locator("#said")).to_contain_text("Signed quote-")
    assert Check.objects.count() == 1


def test_a_double_click_signs_once(live_server: Any, open_page: Opener, two: list[Any]) -> None:
    page = enter(open_page, live_server, f"/verify/{two[0].uid}/")
    for key in ("2", "3", "4"):
        page.keyboard.press(key)
    page.locator("[data-sign]").dblclick()
    expect(page.locator("#said")).to_contain_text("Signed quote-")
    assert Check.objects.count() == 1


def test_the_whole_way_works_without_a_script(
    live_server: Any, open_page: Opener, watch: Any, two: list[Any]
) -> None:
    watch.expects_refusals = True
    page = enter(open_page, live_server, "/verify/", script=False)
    page.get_by_role("button", name="Give me the next one").click()
    page.wait_for_url(f"**/verify/{two[0].uid}/**")
    page.locator("[data-sign]").click()
    expect(page.locator("[data-status='422']")).to_contain_text("is missing")
    for axis in ("attribution", "dating", "context"):
        page.locator(f"input[name=axis-{axis}][value=pass]").check()
    page.locator("#note").fill("Heard.")
    page.locator("[data-sign]").click()
    page.wait_for_url(f"**/verify/{two[1].uid}/**")
    expect(page.locator("#said")).to_contain_text("Signed quote-")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#said")).to_contain_text("Took back")
    page.get_by_role("link", name="End one word sooner").click()
    expect(page.locator(".tri-sf .notice")).to_contain_text("contributor")
    page.get_by_role("link", name="Put it back").click()
    expect(page.locator(".tri-sf .notice")).to_have_count(0)


@pytest.mark.parametrize("width", [1440, 1280, 800, 390, 320])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_states_of_the_room_have_no_violation_and_no_sideways_scroll(
    live_server: Any,
    open_page: Opener,
    watch: Any,
    two: list[Any],
    second_verifier: Any,
    violations: Callable[[Page], list[str]],
    width: int,
    theme: str,
) -> None:
    watch.expects_refusals = True
    make.a_quote(two[0].statement, "If we lose the war, we lose.", cue="said")
    make.some_evidence(two[0], "refutes")
    make.a_check(two[0], second_verifier, context="fail")
    until = dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)
    with acting(by=second_verifier, verb="verify.claim"):
        Claim.objects.create(quote=two[1], by=second_verifier, expires_at=until)
    page = enter(open_page, live_server, "/verify/", width=width, theme=theme)
    for address in (
        "/verify/?tab=mine",
        f"/verify/{two[0].uid}/?tab=disputed",
        f"/verify/{two[1].uid}/?tab=first",
    ):
        page.goto(live_server.url + address)
        assert violations(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
    page.goto(f"{live_server.url}/verify/?tab=first")
    # Beside the list stands nothing: half a screen would be empty, and its words cut off.
    assert page.evaluate("document.querySelector('.tri-l').offsetWidth") == width
