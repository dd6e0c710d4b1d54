"""Links in a real browser, by keyboard only: decide on suggestions, take one back, link two statements by L."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from quotes.models import Link
from quotes.tests import factories as make
from quotes.tests.browser.entering import enter

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Opener = Callable[..., Page]


@pytest.fixture
def four(verifier: Any) -> list[Any]:
    """Four statements, and three suggestions between them."""
    texts = ("The door is open.", "The door is shut.", "The gate is open.", "The road is long.")
    statements = [make.a_statement(said_on=dt.date(2026, 2, n + 1)) for n in range(4)]
    for statement, text in zip(statements, texts, strict=True):
        make.a_quote(statement, text)
    for n, score in enumerate((0.9, 0.8, 0.7)):
        make.a_link(statements[n], statements[n + 1], "echoes", state="suggested", score=score)
    return statements


def states() -> list[str]:
    return list(Link.objects.order_by("-score").values_list("state", flat=True))


def test_suggestions_are_decided_on_and_taken_back_by_keyboard(
    live_server: Any, open_page: Opener, four: list[Any], violations: Callable[[Page], list[str]]
) -> None:
    page = enter(open_page, live_server, "/links/")
    assert violations(page) == []
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("[data-rows] > li").nth(1).locator("a").first).to_be_focused()
    page.keyboard.press("r")
    expect(page.locator("#said")).to_contain_text("Rejected:")
    assert states() == ["suggested", "rejected", "suggested"]
    # The row that moved into its place has the focus, and the keys act on it.
    expect(page.locator("[data-rows] > li").nth(1).locator("a").first).to_be_focused()
    expect(page.locator("#results")).to_have_text("2 suggestions to decide on")
    page.keyboard.press("a")
    expect(page.locator("#said")).to_contain_text("Confirmed:")
    assert states() == ["suggested", "rejected", "confirmed"]
    assert violations(page) == []
    page.keyboard.press("z")
    expect(page.locator("#said")).to_contain_text("Taken back:")
    assert states() == ["suggested", "rejected", "suggested"]
    expect(page.locator("#results")).to_have_text("2 suggestions to decide on")


def test_a_statement_is_linked_in_the_dialog_by_keyboard(
    live_server: Any, open_page: Opener, four: list[Any], violations: Callable[[Page], list[str]]
) -> None:
    page = enter(open_page, live_server, f"/statements/{four[0].uid}/")
    page.keyboard.press("l")
    expect(page.locator("#link-q")).to_be_focused()
    assert violations(page) == []
    page.keyboard.type("long")
    choice = page.locator(f"#link-dialog input[name=target][value={four[3].uid}]")
    expect(choice).to_be_visible()
    assert violations(page) == []
    choice.focus()
    page.keyboard.press("Space")
    kind = page.locator("#link-dialog select[name=type]")
    kind.focus()
    page.keyboard.type("clar")
    page.locator("#link-dialog textarea").focus()
    page.keyboard.type("See there")
    page.get_by_role("button", name="Link them").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_contain_text("Linked:")
    link = Link.objects.get(type="clarifies")
    assert (link.source, link.target, link.state, link.note) == (four[0], four[3], "confirmed", "See there")
    expect(page.locator("#links")).to_contain_text("Clarifies")


def test_a_refusal_stays_in_the_dialog_with_what_was_typed(
    live_server: Any, open_page: Opener, watch: Any, four: list[Any], verifier: Any
) -> None:
    watch.expects_refusals = True
    make.a_link(four[0], four[3], "denies", state="rejected", by=verifier)
    page = enter(open_page, live_server, f"/statements/{four[0].uid}/")
    page.keyboard.press("l")
    expect(page.locator("#link-q")).to_be_focused()
    page.keyboard.type("long")
    page.locator(f"#link-dialog input[name=target][value={four[3].uid}]").check()
    page.locator("#link-dialog select[name=type]").select_option("denies")
    page.locator("#link-dialog textarea").fill("What I typed")
    page.get_by_role("button", name="Link them").click()
    expect(page.locator("#link-dialog [role=alert]")).to_contain_text("rejected")
    expect(page.locator("#link-dialog textarea")).to_have_value("What I typed")
    page.keyboard.press("Escape")
    expect(page.locator("#link-dialog")).not_to_be_visible()
    expect(page.locator("[data-key=l]")).to_be_focused()


def test_without_a_script_a_link_is_made_on_a_page_of_its_own(
    live_server: Any, open_page: Opener, four: list[Any]
) -> None:
    page = enter(open_page, live_server, f"/statements/{four[0].uid}/", script=False)
    page.locator("[data-key=l]").click()
    page.locator("#link-q").fill("long")
    page.get_by_role("button", name="Find").click()
    page.locator("input[name=target]").first.check()
    page.locator("select[name=type]").select_option("repeats")
    page.get_by_role("button", name="Link them").click()
    expect(page.locator("#links")).to_contain_text("Repeats")
    page.goto(f"{live_server.url}/links/")
    page.get_by_role("button", name="Accept").first.click()
    expect(page.locator("#said")).to_contain_text("Confirmed:")
