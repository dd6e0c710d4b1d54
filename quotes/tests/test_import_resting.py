"""An import is not taken back while others rest on what came with it, and whoever asks is told which record that is."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from quotes.actions import uploads
from quotes.models import ImportRun, Quote, Speaker
from quotes.tests import factories as make

from .test_import_pages import upload
from .test_imports import story

# With a commit of its own: only there does the database look at most references.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def brought(
    client_of: Callable[[Any], Any], reporter: Any, settings: Any, tmp_path: Path
) -> tuple[Any, str, ImportRun]:
    """A browser, the address and the run of an import that is done."""
    settings.DATA_DIR = tmp_path
    browser = client_of(reporter)
    address = upload(browser, story())["Location"]
    run = ImportRun.objects.get()
    ImportRun.objects.filter(pk=run.pk).update(state="running")
    uploads.carry_out(run, by=reporter)
    run.refresh_from_db()
    return browser, address, run


def pressed(browser: Any, address: str) -> Any:
    """Take it back by the form as it stands on the page, with its key."""
    found = re.search(r'idempotency_key" value="([^"]+)', browser.get(address).content.decode())
    assert found is not None
    return browser.post(address, {"deed": "undo", "idempotency_key": found[1]})


def test_the_page_says_which_quote_has_a_check(brought: Any, verifier: Any) -> None:
    browser, address, run = brought
    quote = Quote.objects.get()
    make.a_check(quote, by=verifier)
    answer = pressed(browser, address)
    assert answer.status_code == 409
    assert f"rest on what came with it: check on quote {quote.uid}." in answer.content.decode()
    run.refresh_from_db()
    assert run.state == "done"
    assert Quote.objects.filter(pk=quote.pk).exists()


def test_the_other_process_says_it_too(brought: Any, verifier: Any, reporter: Any) -> None:
    browser, address, run = brought
    quote = Quote.objects.get()
    make.a_check(quote, by=verifier)
    uploads.carry_back(run, by=reporter)
    text = browser.get(address).content.decode()
    assert "Not taken back" in text
    assert f"rest on what came with it: check on quote {quote.uid}." in text


def test_a_speaker_of_whom_something_was_entered_since_stays(brought: Any) -> None:
    browser, address, run = brought
    make.a_statement(Speaker.objects.get(slug="ada"))
    answer = pressed(browser, address)
    assert answer.status_code == 409
    assert "rest on what came with it: statement on speaker ada." in answer.content.decode()
    run.refresh_from_db()
    assert run.state == "done"


def test_an_import_that_nothing_rests_on_goes_by_the_same_form(brought: Any) -> None:
    browser, address, run = brought
    assert pressed(browser, address).status_code == 303
    run.refresh_from_db()
    assert run.state == "undone"
    assert not Quote.objects.exists()
