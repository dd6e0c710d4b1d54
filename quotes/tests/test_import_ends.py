"""An import by a process of its own that ends badly, or that somebody else would begin: the page says what is true."""

from typing import Any

import pytest
from django.db import DatabaseError, OperationalError
from psycopg.errors import DiskFull

from quotes.actions import imports, progress, uploads
from quotes.models import ImportRun
from quotes.search.imports import progress as stands

from .test_import_pages import upload
from .test_imports import story

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_data")]


def test_the_page_says_what_a_process_ended_with(
    client_of: Any, reporter: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own words go nowhere; "nothing was heard for a minute" would be all that is known."""
    browser = client_of(reporter)
    address = upload(browser, story())["Location"]
    run = ImportRun.objects.get()
    ImportRun.objects.filter(pk=run.pk).update(state="running")

    def ends(*words: Any, **options: Any) -> None:
        raise OperationalError from DiskFull()

    monkeypatch.setattr(imports, "run", ends)
    with pytest.raises(OperationalError):
        uploads.carry_out(run, by=reporter)
    assert stands(run).stopped
    text = browser.get(address).content.decode()
    assert "The disk of the database is full. It wrote nothing" in text


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(28, "No space left on device"), "It ended with an error: [Errno 28] No space left on device."),
        (DatabaseError("no such thing.\nDETAIL: (secret)"), "It ended with an error: no such thing."),
        (DatabaseError(), "It ended with an error: DatabaseError."),
    ],
)  # fmt: skip
def test_an_error_is_told_in_one_line(error: Exception, words: str) -> None:
    assert progress.ended_with(error) == words


def test_only_who_looked_at_a_file_brings_it_in(
    client_of: Any, reporter: Any, curator: Any, processes: list[list[str]]
) -> None:
    address = upload(client_of(reporter), story())["Location"]
    other = client_of(curator)
    assert 'value="apply"' not in other.get(address).content.decode()
    answer = other.post(address, {"deed": "apply"})
    assert answer.status_code == 409
    assert "Only who uploaded a file can bring it in." in answer.content.decode()
    assert ImportRun.objects.get().state == "checked"
    assert processes == []
