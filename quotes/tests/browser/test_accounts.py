"""Signing in, one's own account and the display, on the real site in a real browser."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from quotes.tests.browser.entering import sign_in
from quotes.tests.conftest import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Opener = Callable[..., Page]

OWN = [
    "/accounts/password/change/",
    "/accounts/2fa/",
    "/accounts/2fa/totp/activate/",
    "/accounts/2fa/webauthn/add/",
    "/accounts/sessions/",
]
ENTRANCE = ["/accounts/login/", "/accounts/password/reset/", "/no/such/page/"]


def test_a_wrong_password_is_told_and_the_name_stays(
    live_server, verifier, open_page: Opener, violations: Callable[[Page], list[str]]
) -> None:
    page = open_page(f"{live_server.url}/accounts/login/")
    page.locator("#id_login").fill("verifier")
    page.locator("#id_password").fill("not this one")
    page.locator("#id_password").press("Enter")
    expect(page.locator(".notice-err")).to_be_visible()
    expect(page.locator("#id_login")).to_have_value("verifier")
    assert violations(page) == []


def test_the_pages_of_ones_own_account_keep_the_policy_and_have_no_violation(
    live_server, verifier, open_page: Opener, violations: Callable[[Page], list[str]]
) -> None:
    page = open_page(f"{live_server.url}/accounts/login/?next=/accounts/2fa/")
    sign_in(page, "verifier")
    for address in OWN:
        page.goto(live_server.url + address)
        if "/reauthenticate/" in page.url:
            assert violations(page) == [], "reauthenticate"
            page.locator("input[type=password]").fill(PASSWORD)
            page.locator("input[type=password]").press("Enter")
            page.wait_for_url(live_server.url + address)
        assert page.url.startswith(live_server.url + address), address
        assert page.locator("main h1").count() == 1, address
        assert violations(page) == [], address
        if "totp" in address:
            expect(page.locator("svg.qr path")).to_have_count(1)


def test_the_display_is_changed_at_once_and_stays_changed(live_server, reader, open_page: Opener) -> None:
    page = open_page(f"{live_server.url}/accounts/login/?next=/accounts/sessions/")
    sign_in(page, "reader")
    page.locator("button.me").click()
    page.locator("#theme-dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.locator("#theme-dark")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#theme-dark")).to_be_focused()
    page.locator("#keys-off").click()
    expect(page.locator("html")).to_have_attribute("data-keys", "off")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.locator("html")).to_have_attribute("data-keys", "off")


def test_signing_out_leads_to_the_sign_in_page(live_server, reader, open_page: Opener) -> None:
    page = open_page(f"{live_server.url}/accounts/login/?next=/accounts/sessions/")
    sign_in(page, "reader")
    page.locator("button.me").click()
    page.locator("[data-sign-out] button").click()
    expect(page.locator("#id_password")).to_be_visible()


@pytest.mark.parametrize("script", [True, False], ids=["with-script", "without-script"])
def test_the_theme_can_be_chosen_with_and_without_a_script(
    live_server, reader, open_page: Opener, script: bool
) -> None:
    page = open_page(f"{live_server.url}/accounts/login/?next=/accounts/sessions/", script=script)
    sign_in(page, "reader")
    page.locator("button.me").click()
    with page.expect_response("**/preferences/"):
        page.locator("#theme-light").click()
    page.goto(f"{live_server.url}/accounts/2fa/")
    expect(page.locator("html")).to_have_attribute("data-theme", "light")


def test_the_way_in_has_no_violation(
    live_server, open_page: Opener, watch, violations: Callable[[Page], list[str]]
) -> None:
    watch.expects_refusals = True
    page = open_page(live_server.url + ENTRANCE[0], theme="dark", width=390)
    for address in ENTRANCE:
        page.goto(live_server.url + address)
        assert violations(page) == [], address
