"""The shared look in a real browser: no violation, no complaint, nothing cut off, keys that do what they say."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from quotes.tests.look.server import Gallery

pytestmark = pytest.mark.browser

SIZES = [("light", 1440), ("dark", 390)]
ADDRESSES = [
    "/look/",
    "/look/list/",
    "/look/compact/",
    "/look/messages/",
    "/look/swaps/",
    "/look/own/",
    "/look/404/",
    "/look/409/",
    "/look/503/",
    "/look/login-error/",
    "/accounts/login/",
]
Opener = Callable[..., Page]


# --- What is seen ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("theme", "width"), SIZES)
def test_no_page_has_a_violation(
    site: Gallery, open_page: Opener, violations: Callable[[Page], list[str]], theme: str, width: int
) -> None:
    page = open_page(site.url + ADDRESSES[0], theme=theme, width=width)
    for address in ADDRESSES:
        page.goto(site.url + address)
        assert violations(page) == [], address


def test_no_page_scrolls_sideways(site: Gallery, open_page: Opener) -> None:
    page = open_page(site.url + ADDRESSES[0])
    for address in ADDRESSES:
        page.goto(site.url + address)
        for width in (320, 390, 768, 1024, 1280, 1440, 1920):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, (address, width)


@pytest.mark.parametrize("menu", ["me", "jump", "keys"])
def test_an_open_menu_has_no_violation(
    site: Gallery, open_page: Opener, violations: Callable[[Page], list[str]], menu: str
) -> None:
    page = open_page(site.url + "/look/list/")
    page.evaluate("id => document.getElementById(id).showPopover()", menu)
    expect(page.locator(f"#{menu}")).to_be_visible()
    assert violations(page) == []


@pytest.mark.parametrize("standing", ["unchecked", "in_review", "verified", "disputed", "retracted", "stale"])
def test_icons_are_drawn_in_the_colour_of_their_standing(
    site: Gallery, open_page: Opener, standing: str
) -> None:
    page = open_page(site.url + "/look/")
    drawn = page.locator(f".st-{standing} .i").first
    box = drawn.bounding_box()
    assert box is not None
    # An empty <use> would leave the paper of the page: one colour.
    shot = drawn.screenshot()
    assert len(shot) > 200
    assert (
        page.evaluate(
            "async () => (await fetch(document.querySelector('use').getAttribute('href').split('#')[0])).status"
        )
        == 200
    )


def test_the_theme_of_the_cookie_wins_over_the_system(site: Gallery, open_page: Opener) -> None:
    page = open_page(site.url + "/look/", theme="light")
    light = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    page.goto(site.url + "/look/dark/")
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") != light


def test_every_target_is_at_least_24_pixels_on_a_phone(site: Gallery, open_page: Opener) -> None:
    page = open_page(site.url + "/look/list/", width=390)
    small = page.evaluate(
        """() => [...document.querySelectorAll('header a, header button, .tabbar a, .btn, .icb, .seg > *')]
        .filter(e => e.checkVisibility()).map(e => [e.outerHTML.slice(0, 60), e.getBoundingClientRect()])
        .filter(([, r]) => r.width < 24 || r.height < 24).map(([h]) => h)"""
    )
    assert small == []


def test_forced_colours_and_print_keep_every_word(site: Gallery, open_page: Opener) -> None:
    page = open_page(site.url + "/look/list/", forced_colors="active")
    assert page.locator(".st").first.is_visible()
    page.emulate_media(media="print")
    assert not page.locator("header.bar").is_visible()
    assert page.locator(".qrow-t").first.is_visible()


def test_without_a_script_menus_open_and_nothing_promises_one(site: Gallery, open_page: Opener) -> None:
    page = open_page(site.url + "/look/messages/", script=False)
    assert page.locator("#said .toast").evaluate(
        "e => getComputedStyle(e.parentElement.parentElement).position"
    ) == ("static")
    page.locator("button.me").click()
    assert page.locator("#me").is_visible()
    assert not page.locator("#me .js-only").is_visible()
    page.goto(site.url + "/accounts/login/")
    assert not page.locator("#passkey_login").is_visible()
    assert page.locator("#id_password").is_visible()


def test_the_password_is_shown_on_request_and_hidden_when_sent(site: Gallery, open_page: Opener) -> None:
    page = open_page(site.url + "/accounts/login/")
    page.locator("[data-shows]").check()
    expect(page.locator("#id_password")).to_have_attribute("type", "text")
    page.locator("[data-shows]").uncheck()
    expect(page.locator("#id_password")).to_have_attribute("type", "password")
    expect(page).to_have_title(re.compile("Sign in"))


# --- Keys ------------------------------------------------------------------------------------------------------------


def test_j_and_k_walk_the_list_and_space_hides_the_preview(site: Gallery, open_page: Opener) -> None:
    page = open_page(site.url + "/look/list/")
    page.keyboard.press("j")
    expect(page.locator(".qrow").nth(0).locator("a").first).to_be_focused()
    page.keyboard.press("j")
    expect(page.locator(".qrow").nth(1).locator("a").first).to_be_focused()
    assert page.locator(".qrow.is-sel").count() == 1
    page.keyboard.press("k")
    expect(page.locator(".qrow").nth(0)).to_have_attribute("aria-current", "true")
    page.keyboard.press(" ")
    expect(page.locator("[data-peek]")).to_be_hidden()


def test_slash_goes_to_the_search_field_and_letters_typed_there_are_only_letters(
    site: Gallery, open_page: Opener
) -> None:
    page = open_page(site.url + "/look/list/")
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("jk?g")
    expect(page.locator("#q")).to_have_value("jk?g")
    assert not page.locator("#keys").is_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#q")).not_to_be_focused()


def test_the_keyboard_list_names_what_this_page_has(site: Gallery, open_page: Opener) -> None:
    page = open_page(site.url + "/look/list/")
    page.keyboard.press("?")
    keys = page.locator("#keys")
    expect(keys).to_be_visible()
    expect(keys.locator("[data-keys-for=rows]")).to_be_visible()
    expect(keys.locator("[data-keys-for=page]")).to_contain_text("Filters")
    page.goto(site.url + "/look/messages/")
    page.keyboard.press("?")
    expect(keys.locator("[data-keys-for=rows]")).to_be_hidden()
    expect(keys.locator("[data-keys-for=page]")).to_be_hidden()


def test_a_key_presses_its_button_and_says_so_to_readers(site: Gallery, open_page: Opener) -> None:
    page = open_page(site.url + "/look/swaps/")
    expect(page.locator("#save")).to_have_attribute("aria-keyshortcuts", "v")
    page.keyboard.press("v")
    expect(page.locator("#result")).to_contain_text("Saved")


def test_g_and_a_letter_lead_to_a_place_and_the_letter_alone_does_not(
    site: Gallery, open_page: Opener
) -> None:
    page = open_page(site.url + "/look/list/")
    place = page.locator("header a[data-go]").first
    page.evaluate(
        "() => document.addEventListener('click', e => { window.gone = e.target.href; e.preventDefault(); })"
    )
    letter = place.get_attribute("data-go") or ""
    page.keyboard.press(letter)
    assert page.evaluate("window.gone") is None
    page.keyboard.press("g")
    page.keyboard.press(letter)
    assert page.evaluate("window.gone") == place.evaluate("link => link.href")


def test_keys_work_by_their_place_when_the_layout_is_not_latin(site: Gallery, open_page: Opener) -> None:
    page = open_page(site.url + "/look/list/")
    page.evaluate(
        """() => document.body.dispatchEvent(
        new KeyboardEvent('keydown', {key: 'о', code: 'KeyJ', bubbles: true, cancelable: true}))"""
    )
    expect(page.locator(".qrow").nth(0).locator("a").first).to_be_focused()


def test_keys_switched_off_do_nothing_and_are_not_promised(site: Gallery, open_page: Opener) -> None:
    page = open_page(site.url + "/look/quiet/")
    page.keyboard.press("?")
    page.keyboard.press("m")
    assert page.url.endswith("/look/quiet/")
    assert not page.locator("#keys").is_visible()
    assert page.locator("[aria-keyshortcuts]").count() == 0
    assert not page.locator("#save kbd").is_visible()
