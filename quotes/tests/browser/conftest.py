"""One real browser for all journeys: Debian's Chromium, watched for errors and asked for accessibility."""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from quotes.tests.look.server import Gallery, shown

# Playwright's loop makes Django think that it runs in async code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

# What Chromium needs to run as root, without a display, and without calling home.
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# How Chromium and htmx report an answer of 4xx or 5xx, or none.
REFUSAL = re.compile("Failed to load resource|Response Status Error Code|htmx:(afterRequest|sendError)")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """pytest-playwright's own, with the Chromium of this machine."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
    return {**browser_type_launch_args, "executable_path": found, "args": SWITCHES}


class Watch:
    """Collects what the browser complains of. A refused request is a complaint too, unless a test expects it."""

    def __init__(self) -> None:
        self.complaints: list[str] = []
        self.expects_refusals = False

    def console(self, message: ConsoleMessage) -> None:
        refusal = REFUSAL.match(message.text)
        if message.type in {"error", "warning"} and not (refusal and self.expects_refusals):
            self.complaints.append(f"{message.type}: {message.text}")

    def on(self, page: Page) -> None:
        page.on("console", self.console)
        page.on("pageerror", self.trouble)

    def trouble(self, error: Any) -> None:
        # A busy browser skips the fade between two pages, and reports that as a promise that nobody caught.
        if not str(error).startswith("Transition was "):
            self.complaints.append(f"script: {error}")


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Fails the test when anything was complained of: script errors, policy reports, refused requests."""
    watch = Watch()
    yield watch
    assert watch.complaints == []


@pytest.fixture
def open_page(browser: Browser, watch: Watch) -> Iterator[Callable[..., Page]]:
    """Give a function that opens a watched page: ``open_page(url, width=390, theme="dark", script=False)``."""
    contexts: list[BrowserContext] = []

    def open_page(
        url: str, *, width: int = 1440, theme: str = "light", script: bool = True, **more: Any
    ) -> Page:
        scheme: Any = theme
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, java_script_enabled=script, **more
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        watch.on(page)
        page.goto(url)
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def violations() -> Callable[[Page], list[str]]:
    """Give a function that lists what axe finds on a page, by rule and first element."""
    axe = Axe()

    def run(page: Page) -> list[str]:
        options = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
        found = axe.run(page, options=options).response["violations"]
        return [f"{rule['id']}: {node['html'][:120]}" for rule in found for node in rule["nodes"][:3]]

    return run


@pytest.fixture(scope="session")
def gallery() -> Iterator[Gallery]:
    """The server of every component in every state."""
    with shown() as server:
        yield server


@pytest.fixture
def site(gallery: Gallery) -> Gallery:
    """The gallery with every answer at its default."""
    gallery.save, gallery.part, gallery.delay = "saved", "part", 0.0
    gallery.posts.clear()
    return gallery
