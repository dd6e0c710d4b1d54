"""Figures, comparison, map and open steps in a real browser: in every light and size, measured, and by keyboard."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from quotes.tests import factories as make
from quotes.tests.browser.entering import enter
from quotes.text.measuring import width

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Opener = Callable[..., Page]
DOOR = "The door to a settlement remains open"

# Rectangles of texts as the browser draws them, and which of them overlap by more than a hair.
OVERLAPS = """(selector) => {
  const boxes = [...document.querySelectorAll(selector)].filter(e => e.getClientRects().length)
    .map(e => [e.textContent.trim(), e.getBoundingClientRect()]).filter(([text]) => text);
  const found = [];
  boxes.forEach(([text, a], at) => boxes.slice(at + 1).forEach(([other, b]) => {
    if (Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 &&
        Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3) found.push(`${text} / ${other}`);
  }));
  return found;
}"""
OUTSIDE = """() => [...document.querySelectorAll("svg.lm a.m-n")].filter(link => {
  const box = link.querySelector("rect").getBoundingClientRect();
  return [...link.querySelectorAll("text")].some(t => t.getBoundingClientRect().right > box.right + 1);
}).map(link => link.textContent)"""

TEXTS = """() => [...document.querySelectorAll("svg.lm text, svg.ch text")].filter(e => e.getClientRects().length)
  .map(e => [e.textContent, parseFloat(getComputedStyle(e).fontSize), e.getComputedTextLength()])"""


@pytest.fixture
def story(reporter: Any) -> dict[str, Any]:
    """Figures of two speakers, a door with and without its condition, and a step that names no outlet."""
    topic = make.a_topic("Talks")
    killed, wounded = (
        make.a_measure("Ukrainian soldiers killed"),
        make.a_measure("Ukrainian soldiers wounded"),
    )
    zelenskyy, csis = make.a_speaker("Volodymyr Zelenskyy"), make.a_speaker("CSIS", kind="institution")
    given = []
    for low, day in [
        (31_000, "2024-02-25"),
        (45_100, "2025-02-04"),
        (46_000, "2025-02-14"),
        (55_000, "2026-02-04"),
    ]:
        when = dt.date.fromisoformat(day)
        statement = make.a_statement(zelenskyy, said_on=when, topics=[topic])
        quote = make.a_quote(
            statement, f"{low:,} Ukrainian soldiers have been killed on the battlefield so far."
        )
        make.a_figure(quote, low, measure=killed, as_of=when, method="official", as_printed=f"{low:,}")
        given.append(statement)
    other = make.a_statement(csis, said_on=dt.date(2026, 1, 27), topics=[topic])
    figure = make.a_quote(other, "Between 100,000 and 140,000 were killed.", kind="indirect", language="en")
    make.a_figure(figure, 100_000, 140_000, measure=killed, as_of=dt.date(2026, 1, 27), method="estimate")
    make.a_figure(figure, 1, measure=wounded, bound="at_least")
    make.a_link(given[3], other, "conflicts_figure", state="suggested")
    make.a_link(given[3], given[2], "updates_figure", state="suggested")
    make.a_link(given[2], given[1], "updates_figure", state="suggested")
    door = make.a_statement(make.a_speaker("The Kremlin", kind="institution"), topics=[topic], uid="the-door")
    short = make.a_quote(door, DOOR, uid="short-door", chain=["Ukrainian media including the Kyiv Post"])
    make.a_quote(door, f"{DOOR}, but not until Kyiv decides", uid="whole-door")
    make.a_quote(door, "Двери открыты", language="ru", uid="russian-door")
    make.an_outlet("Kyiv Post", country="UA")
    return {"killed": killed, "topic": topic, "first": given[3], "second": other, "short": short}


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (1280, "dark"), (390, "dark"), (390, "light")])
def test_every_page_is_open_to_all_fits_its_screen_and_prints_no_words_on_words(
    live_server: Any,
    open_page: Opener,
    story: dict[str, Any],
    violations: Callable[[Page], list[str]],
    width: int,
    theme: str,
) -> None:
    ledger = f"/figures/{story['killed'].slug}/"
    first, second = story["first"].uid, story["second"].uid
    page = enter(open_page, live_server, "/figures/", width=width, theme=theme, name="reporter")
    for address in [
        "/figures/",
        ledger,
        f"{ledger}?a={first}&b={second}",
        f"{ledger}?speaker={story['first'].speaker.slug}",
        "/compare/",
        f"/compare/?a={first}",
        f"/compare/?a={first}&b={second}",
        "/compare/?a=short-door&b=whole-door",
        "/compare/?a=short-door&b=russian-door",
        "/links/map/",
        f"/links/map/?topic={story['topic'].slug}",
        f"/links/map/?topic={story['topic'].slug}&view=table",
        f"/links/map/?statement={first}",
        "/articles/steps/",
        "/statements/the-door/",
    ]:
        page.goto(f"{live_server.url}{address}")
        assert violations(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
        # Names stay in sight over what is scrolled away under them: measured where nothing is scrolled.
        page.evaluate("document.querySelector('.map-scroll')?.scrollTo(0, 0)")
        assert page.evaluate(OVERLAPS, "svg.ch text, svg.lm text, svg.ch-nl text") == [], address
        assert page.evaluate(OUTSIDE) == [], address


def test_a_comparison_is_reached_by_a_key_and_its_sentence_copied(
    live_server: Any, open_page: Opener, story: dict[str, Any]
) -> None:
    page = enter(
        open_page,
        live_server,
        "/quotes/short-door/",
        name="reporter",
        permissions=["clipboard-read", "clipboard-write"],
    )
    page.keyboard.press("=")
    page.wait_for_url("**/compare/?a=short-door")
    page.get_by_role("link", name="but not until Kyiv decides").click()
    expect(page.locator(".cmp-n")).to_contain_text("Condition left out.")
    page.wait_for_load_state("load")  # keys and copying are deferred scripts: the words are there before them
    page.keyboard.press("c")
    expect(page.locator("#said")).to_contain_text("The sentence is copied.")
    assert page.evaluate("navigator.clipboard.readText()") == page.locator("#cmp-sentence").inner_text()


def test_the_map_is_walked_with_the_tab_key_and_its_links_chosen(
    live_server: Any, open_page: Opener, story: dict[str, Any]
) -> None:
    page = enter(open_page, live_server, f"/links/map/?topic={story['topic'].slug}", name="reporter")
    boxes = page.locator("svg.lm a.m-n")
    boxes.first.focus()
    walked = 0
    while page.evaluate("document.activeElement.matches('svg.lm a.m-n')"):
        walked += 1
        page.keyboard.press("Tab")
    assert walked == boxes.count() == 6
    boxes.nth(1).focus()
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("document.activeElement.matches('svg.lm a.m-n')")
    expect(boxes.nth(1)).not_to_be_focused()
    label = page.locator("svg.lm a.m-lab", has_text="Other figure")
    label = label if label.count() else page.locator("svg.lm a.m-lab.t-conflicts_figure")
    label.first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**#selected")
    expect(page.locator("#selected h2")).to_contain_text("Gives another figure than")
    expect(page.locator("svg.lm a.m-n.on")).to_have_count(2)


def test_without_a_script_the_ledger_is_filtered_and_two_numbers_compared(
    live_server: Any, open_page: Opener, story: dict[str, Any]
) -> None:
    page = enter(open_page, live_server, f"/figures/{story['killed'].slug}/", script=False, name="reporter")
    expect(page.locator("[data-copy]")).to_have_count(0)
    page.locator(f"input[name=a][value='{story['first'].uid}']").check()
    page.locator(f"input[name=b][value='{story['second'].uid}']").check()
    page.get_by_role("button", name="Compare A and B").click()
    expect(page.locator("#vd-sentence")).to_contain_text("The two figures conflict.")
    expect(page.locator("[data-copy]")).to_be_hidden()
    page.get_by_role("link", name="CSIS 1").click()
    expect(page.locator(".tbl-led tbody tr")).to_have_count(1)


def test_the_filter_swaps_in_place_and_its_copy_button_still_works(
    live_server: Any, open_page: Opener, story: dict[str, Any]
) -> None:
    page = enter(
        open_page,
        live_server,
        f"/figures/{story['killed'].slug}/",
        name="reporter",
        permissions=["clipboard-read", "clipboard-write"],
    )
    page.get_by_role("link", name="Volodymyr Zelenskyy 4").click()
    expect(page.locator(".tbl-led tbody tr")).to_have_count(4)
    radios = page.locator("input[name=a]")
    radios.first.check()
    page.locator("input[name=b]").last.check()
    page.get_by_role("button", name="Compare A and B").click()
    page.locator("#pair [data-copy]").click()
    expect(page.locator("#said")).to_contain_text("The sentence is copied.")
    assert "up from about 31,000" in page.evaluate("navigator.clipboard.readText()")


def test_a_printed_map_has_its_names_beside_their_lanes_and_fits_the_page(
    live_server: Any, open_page: Opener, story: dict[str, Any]
) -> None:
    page = enter(
        open_page, live_server, f"/links/map/?topic={story['topic'].slug}", width=720, name="reporter"
    )
    page.emulate_media(media="print")
    tops = "(selector) => [...document.querySelectorAll(selector)].map(e => Math.round(e.getBoundingClientRect().top))"
    lanes = page.evaluate(tops, "svg.lm-own .m-lane")
    assert lanes == page.evaluate(tops, "svg.lm-names .m-lane-n")
    assert len(lanes) == 3
    assert page.evaluate("document.querySelector('svg.lm-own').getBoundingClientRect().right <= innerWidth")
    expect(page.locator(".mapf")).to_be_hidden()


def test_no_text_is_wider_in_the_browser_than_the_server_measured(
    live_server: Any, open_page: Opener, story: dict[str, Any]
) -> None:
    page = enter(open_page, live_server, f"/figures/{story['killed'].slug}/", name="reporter")
    for address in (f"/links/map/?topic={story['topic'].slug}", f"/figures/{story['killed'].slug}/"):
        page.goto(f"{live_server.url}{address}")
        texts = page.evaluate(TEXTS)
        assert len(texts) > 8, address
        wider = [(text, real) for text, size, real in texts if real > width(text, size)]
        assert wider == [], address


def test_an_open_step_is_resolved_and_taken_back_without_a_script(
    live_server: Any, open_page: Opener, story: dict[str, Any]
) -> None:
    page = enter(open_page, live_server, "/articles/steps/", script=False, name="reporter")
    page.get_by_role("button", name="It is Kyiv Post").click()
    expect(page.locator(".notice-ok")).to_contain_text("is Kyiv Post")
    expect(page.locator("#main")).to_contain_text("Every step names its outlet")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".step-p")).to_contain_text("Ukrainian media including the Kyiv Post")
