"""An import on its way, in a real browser: the page asks by itself how far it is, and disturbs nobody who reads."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from quotes.models import ImportRun
from quotes.tests.browser.entering import enter

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_progress_that_asks_by_itself_leaves_the_focus_where_it_is(
    live_server: Any, open_page: Callable[..., Page], reporter: Any, settings: Any, tmp_path: Any
) -> None:
    settings.DATA_DIR = tmp_path
    (tmp_path / "imports").mkdir()
    run = ImportRun.objects.create(by=reporter, name="story.json", sha256="0" * 64, size=1, state="running")

    def stands(percent: int) -> None:
        note = {"step": "writing", "percent": percent, "at": time.time(), "deed": ""}
        run.progress_file.write_text(json.dumps(note), encoding="utf-8")

    stands(12)
    page = enter(open_page, live_server, f"/imports/{run.pk}/", "reporter")
    page.evaluate("document.activeElement.blur()")
    stands(34)
    expect(page.locator("#progress")).to_contain_text("34 % writing")
    assert page.evaluate("document.activeElement === document.body")
    page.locator("#look-again").focus()
    stands(56)
    expect(page.locator("#progress")).to_contain_text("56 % writing")
    expect(page.locator("#look-again")).to_be_focused()
    ImportRun.objects.filter(pk=run.pk).update(state="done")
    expect(page.locator("h1")).to_have_text(f"Import {run.pk} finished")
    expect(page.locator("main [name=deed]")).to_have_value(ImportRun.UNDO)
