"""A file from the search page, in a real browser: it comes, and the page stays."""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from quotes.search import exports
from quotes.tests import factories as make
from quotes.tests.browser.test_search import signed_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Opener = Callable[..., Page]


@pytest.mark.parametrize("script", [True, False], ids=["with a script", "without a script"])
def test_what_is_found_comes_as_a_file_and_the_page_stays(
    live_server: Any, verifier: Any, open_page: Opener, violations: Any, script: bool
) -> None:
    for text in ("=Peace is near.", "Peace\r\nwas near.", "War."):
        make.a_quote(text=text)
    page = signed_in(open_page, live_server, "/search/?q=peace", script=script)
    page.locator("details.take summary").click()
    if script:
        assert violations(page) == []
    with page.expect_download() as coming:
        page.get_by_role("link", name="CSV").click()
    text = Path(coming.value.path()).read_text(encoding="utf-8-sig", newline="")
    assert coming.value.suggested_filename == exports.FORMATS["csv"].filename
    rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    assert {row["text"] for row in rows} == {"'=Peace is near.", "Peace\r\nwas near."}
    expect(page.locator("#results")).to_have_attribute("data-total", "2")
