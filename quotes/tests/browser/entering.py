"""Coming in through the door, as a person does."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page

from quotes.tests.conftest import PASSWORD


def sign_in(page: Page, name: str) -> None:
    """Fill in the form of signing in, and wait until it has let somebody in."""
    page.locator("#id_login").fill(name)
    page.locator("#id_password").fill(PASSWORD)
    page.locator("#id_password").press("Enter")
    page.wait_for_url(lambda url: "/login/" not in url)


def enter(
    open_page: Callable[..., Page], server: Any, address: str, name: str = "verifier", **options: Any
) -> Page:
    """Sign somebody in on the way to an address; give the page.

    Args:
        open_page: the fixture.
        server: the live one.
        address: where to, percent-encoded where it has a query of more than one field.
        name: whose account.
        options: how the page is opened: ``width``, ``theme``, ``script``.
    """
    page = open_page(f"{server.url}/accounts/login/?next={address}", **options)
    sign_in(page, name)
    return page
