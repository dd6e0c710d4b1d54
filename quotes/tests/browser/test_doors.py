"""The doors in a real browser: passkeys, Back after signing out, a session that ends under an open page."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from playwright.sync_api import Browser, BrowserType, Page, expect

from quotes.tests.browser.entering import sign_in
from quotes.tests.conftest import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Opener = Callable[..., Page]
SECRET = "An unpublished sentence about Tuesday"


def unguarded(request: HttpRequest) -> HttpResponse:
    """A page as a careless view would send it: kept by the browser."""
    response = HttpResponse(f"<!doctype html><title>kept</title><h1>{SECRET}</h1>")
    response["Cache-Control"] = "public, max-age=0"
    return response


def guarded(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"<!doctype html><title>guarded</title><h1>{SECRET}</h1>")


urlpatterns = [
    path("unguarded/", unguarded),
    path("guarded/", guarded),
    path("", include("newsroom.urls")),
]


@pytest.fixture
def keeping_browser(browser_type: BrowserType, browser_type_launch_args: dict[str, Any]) -> Iterator[Browser]:
    """Chromium as people have it: Playwright starts it without its back-forward cache (TRUST.md F19)."""
    browser = browser_type.launch(
        **browser_type_launch_args, ignore_default_args=["--disable-back-forward-cache"]
    )
    yield browser
    browser.close()


@pytest.mark.parametrize(("address", "shown_again"), [("/unguarded/", True), ("/guarded/", False)])
def test_back_after_signing_out_shows_no_page_of_the_newsroom(
    live_server: Any, reader: Any, keeping_browser: Browser, settings: Any, address: str, shown_again: bool
) -> None:
    # The careless page proves that this browser would show it: else the test could not fail.
    settings.ROOT_URLCONF = __name__
    page = keeping_browser.new_page()
    page.goto(f"{live_server.url}/accounts/login/?next={address}")
    sign_in(page, "reader")
    expect(page.locator("h1")).to_have_text(SECRET)
    page.goto(f"{live_server.url}/accounts/logout/")
    page.locator("main form[action*=logout] button").first.click()
    page.wait_for_url("**/accounts/login/**")
    for _ in range(3):
        # A page out of the cache was loaded before: no load event comes.
        page.go_back(wait_until="commit")
        page.wait_for_timeout(300)
        if SECRET in page.content():
            break
    assert (SECRET in page.content()) is shown_again
    page.close()


def test_a_passkey_is_added_and_opens_the_door_without_a_password(
    live_server: Any, reporter: Any, open_page: Opener
) -> None:
    page = open_page(f"{live_server.url}/accounts/login/?next=/accounts/2fa/")
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    sign_in(page, "reporter")
    page.goto(f"{live_server.url}/accounts/2fa/webauthn/add/")
    if "/reauthenticate/" in page.url:
        page.locator("input[type=password]").fill(PASSWORD)
        page.locator("input[type=password]").press("Enter")
        page.wait_for_url("**/webauthn/add/")
    page.locator("input[name=name]").fill("This laptop")
    passwordless = page.locator("input[name=passwordless]")
    if passwordless.count():
        passwordless.check()
    page.locator("#mfa_webauthn_add").click()
    page.wait_for_url(lambda url: not url.endswith("/add/"))
    page.goto(f"{live_server.url}/accounts/2fa/webauthn/")
    expect(page.locator("main")).to_contain_text("This laptop")

    page.context.clear_cookies()
    page.goto(f"{live_server.url}/accounts/login/?next=/accounts/2fa/")
    page.locator("#passkey_login").click()
    page.wait_for_url(lambda url: "/login/" not in url)
    assert page.locator("body").get_attribute("data-person") == "reporter"


def test_a_session_that_ends_under_a_search_is_renewed_over_it_and_the_words_stay(
    live_server: Any, reader: Any, open_page: Opener, watch: Any
) -> None:
    watch.expects_refusals = True
    page = open_page(f"{live_server.url}/accounts/login/?next=/search/%3Fq%3Dwar")
    sign_in(page, "reader")
    box = page.locator("main input[name=q]").first
    expect(box).to_be_visible()
    Session.objects.all().delete()
    box.press("End")
    box.press_sequentially(" zelenski")
    dialog = page.locator("dialog#sign-in-again")
    expect(dialog).to_be_visible(timeout=20_000)
    assert page.locator("dialog#sign-in-again").count() == 1
    assert page.locator("#main dialog, #results form[data-sign-in]").count() == 0
    dialog.locator("[name=login]").fill("reader")
    dialog.locator("[name=password]").fill(PASSWORD)
    dialog.locator("[name=password]").press("Enter")
    expect(dialog).to_have_count(0, timeout=20_000)
    expect(box).to_have_value("war zelenski")
    box.press("Enter")
    expect(page.locator("#results")).to_be_visible()
    assert "/search/" in page.url
