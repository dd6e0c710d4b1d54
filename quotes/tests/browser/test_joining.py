"""Joining, splitting and merging in a real browser, by keyboard: every state open to all, and undone again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from quotes.models import Speaker, Statement
from quotes.tests import factories as make
from quotes.tests.browser.entering import enter

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Opener = Callable[..., Page]
DAY = dt.date(2026, 2, 4)


@pytest.fixture
def story(verifier: Any) -> None:
    """A speaker entered twice, and what they said twice, with a link against it."""
    ada = make.a_speaker("Ada Minister", slug="ada", names={"Ада Министр": "ru"})
    twice = make.a_speaker("Ada Ministr", slug="ada-twice", names={"Ада": "ru"})
    make.a_tenure(ada, "Minister", starts=dt.date(2020, 1, 1))
    make.a_statement(twice, said_on=DAY, topics=[make.a_topic("War")])
    two = [
        make.a_statement(ada, uid=uid, said_on=DAY, topics=[make.a_topic()]) for uid in ("first", "second")
    ]
    for statement in two:
        make.a_held_quote(statement)
        make.a_quote(statement, "إذا خسرنا هذه الحرب", language="ar", kind="indirect")
    make.a_link(*two, "contradicts", by=verifier)


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (390, "dark")])
def test_every_state_is_open_to_all_and_fits_its_screen(
    live_server: Any,
    open_page: Opener,
    story: None,
    violations: Callable[[Page], list[str]],
    watch: Any,
    width: int,
    theme: str,
) -> None:
    watch.expects_refusals = True
    page = enter(open_page, live_server, "/duplicates/", width=width, theme=theme)
    for address in (
        "/duplicates/",
        "/statements/first/join/",
        "/statements/first/join/?with=second",
        "/statements/first/join/?with=nowhere",
        "/statements/first/split/",
        "/speakers/ada/",
        "/speakers/ada-twice/merge/",
        "/speakers/ada-twice/merge/?into=ada",
        "/speakers/ada/merge/?into=ada",
    ):
        page.goto(f"{live_server.url}{address}")
        assert violations(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address


def test_two_statements_are_joined_by_keyboard_and_taken_apart_again(
    live_server: Any, open_page: Opener, story: None
) -> None:
    page = enter(open_page, live_server, "/statements/first/")
    page.get_by_role("link", name="Join with another").press("Enter")
    page.locator("#with").fill("second")
    page.locator("#with").press("Enter")
    expect(page.locator("#h-against")).to_be_visible()
    page.get_by_role("link", name="Keep second instead").press("Enter")
    expect(page.get_by_role("link", name="Keep first instead")).to_be_visible()
    page.get_by_role("checkbox").press("Space")
    page.get_by_role("button", name="Join them").press("Enter")
    page.wait_for_url("**/statements/second/#same")
    expect(page.locator("#said")).to_contain_text("Joined: first leads to second")
    assert Statement.objects.get(uid="first").joined_into.uid == "second"
    page.goto(f"{live_server.url}/statements/first/")
    assert page.url.endswith("/statements/second/")
    page.locator("#same").get_by_role("link", name="Undo").press("Enter")
    page.get_by_role("button", name="Undo").press("Enter")
    page.wait_for_url("**/statements/first/")
    assert Statement.objects.get(uid="first").joined_into is None


def test_a_speaker_entered_twice_is_merged_from_the_list_without_a_script(
    live_server: Any, open_page: Opener, story: None
) -> None:
    page = enter(open_page, live_server, "/duplicates/", script=False)
    page.get_by_role("link", name="Look at both").first.click()
    page.get_by_role("button", name="Merge them").click()
    page.wait_for_url("**#merged")
    assert Speaker.objects.exclude(redirects_to=None).count() == 1
    page.locator("#merged").get_by_role("link", name="Undo").click()
    page.get_by_role("button", name="Undo").click()
    assert not Speaker.objects.exclude(redirects_to=None).exists()


def test_two_are_told_apart_in_place(live_server: Any, open_page: Opener, story: None) -> None:
    page = enter(open_page, live_server, "/duplicates/")
    expect(page.locator("#pairs article")).to_have_count(1)
    page.get_by_role("button", name="They are two").press("Enter")
    expect(page.locator("#pairs article")).to_have_count(0)
    expect(page.locator("#pairs")).to_contain_text("No duplicates are suspected")
