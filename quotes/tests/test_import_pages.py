"""The import pages: nothing is saved before it was seen, and nobody sees what another brought in."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from quotes.actions import uploads
from quotes.models import ImportRun, Statement, Topic

from .test_imports import edited, row, story

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_data")]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, str]]:
    """What would have been started as a process of its own."""
    calls: list[tuple[int, str]] = []
    monkeypatch.setattr(uploads, "_start", lambda run, what, by: calls.append((run.pk, what)))
    return calls


def upload(browser: Any, rows: Any) -> Any:
    text = rows if isinstance(rows, bytes) else json.dumps(rows).encode()
    return browser.post("/imports/new/", {"file": SimpleUploadedFile("story.json", text)})


class TestTheDryRun:
    def test_an_uploaded_file_is_looked_at_and_nothing_is_saved(self, client_of: Any, reporter: Any) -> None:
        browser = client_of(reporter)
        answer = upload(browser, story())
        page = browser.get(answer["Location"])
        assert answer.status_code == 303
        assert not Statement.objects.exists()
        assert "Import 17 records" in page.content.decode()
        assert "1 topic, " in page.content.decode()
        assert "2 statements" in page.content.decode()
        assert "1 speaker name" in page.content.decode()

    def test_errors_come_first_with_their_place_and_no_button(self, client_of: Any, reporter: Any) -> None:
        browser = client_of(reporter)
        page = browser.get(upload(browser, edited("said-it", said_on="yesterday"))["Location"])
        text = page.content.decode()
        assert "This file cannot be imported" in text
        assert "[10].fields.said_on" in text
        assert 'value="apply"' not in text

    @pytest.mark.parametrize("text", [b"", b"{", b"\xef\xbb\xbf[]", b"[NaN]", b'["\x00"]', b"[" * 100_000])
    def test_a_torn_or_hostile_file_is_refused_in_words(
        self, client_of: Any, reporter: Any, text: bytes
    ) -> None:
        browser = client_of(reporter)
        page = browser.get(upload(browser, text)["Location"])
        assert page.status_code == 200
        assert "This file cannot be imported" in page.content.decode()
        assert "Traceback" not in page.content.decode()

    def test_a_form_without_a_file_comes_back_with_a_message(self, client_of: Any, reporter: Any) -> None:
        assert client_of(reporter).post("/imports/new/", {}).status_code == 422


class TestBringingIn:
    def test_the_button_starts_it_once(
        self, client_of: Any, reporter: Any, started: list[Any], django_capture_on_commit_callbacks: Any
    ) -> None:
        browser = client_of(reporter)
        address = upload(browser, story())["Location"]
        with django_capture_on_commit_callbacks(execute=True):
            browser.post(address, {"deed": "apply"})
            browser.post(address, {"deed": "apply"})
        run = ImportRun.objects.get()
        assert started == [(run.pk, "apply")]
        assert "Importing" in browser.get(address).content.decode()

    def test_the_other_process_brings_it_in_and_the_page_tells(
        self, client_of: Any, reporter: Any, started: list[Any]
    ) -> None:
        browser = client_of(reporter)
        address = upload(browser, story())["Location"]
        browser.post(address, {"deed": "apply"})
        uploads.carry_out(ImportRun.objects.get(), by=reporter)
        assert Statement.objects.count() == 2
        assert "finished" in browser.get(address).content.decode()

    def test_what_has_changed_since_the_look_is_refused_and_nothing_is_written(
        self, client_of: Any, reporter: Any, started: list[Any]
    ) -> None:
        Topic.objects.create(slug="peace", name="Peace")
        browser = client_of(reporter)
        rows = [*story(), row("statement", uid="other-one", speaker=["ada"], gist="x", topics=[["peace"]])]
        address = upload(browser, rows)["Location"]
        browser.post(address, {"deed": "apply"})
        Topic.objects.filter(slug="peace").delete()
        uploads.carry_out(ImportRun.objects.get(), by=reporter)
        assert not Statement.objects.exists()
        assert "This file cannot be imported" in browser.get(address).content.decode()

    def test_progress_is_a_part_of_the_page(self, client_of: Any, reporter: Any, started: list[Any]) -> None:
        browser = client_of(reporter)
        address = upload(browser, story())["Location"]
        browser.post(address, {"deed": "apply"})
        part = browser.get(address, headers={"HX-Request": "true", "HX-Target": "progress"}).content.decode()
        assert part.strip().startswith("<section")
        assert part.strip() in browser.get(address).content.decode()


class TestWhoSees:
    @pytest.mark.parametrize("address", ["/imports/", "/imports/new/"])
    def test_a_reader_has_nothing_to_do_here(self, client_of: Any, reader: Any, address: str) -> None:
        assert client_of(reader).get(address).status_code == 403

    def test_an_import_of_somebody_else_is_not_there(
        self, client_of: Any, reporter: Any, make_person: Any
    ) -> None:
        address = upload(client_of(reporter), story())["Location"]
        other = client_of(make_person("other", "Reporter"))
        assert other.get(address).status_code == 404
        assert other.post(address, {"deed": "undo"}).status_code == 404
        assert "story.json" not in other.get("/imports/").content.decode()

    def test_a_curator_sees_all_of_them(self, client_of: Any, reporter: Any, curator: Any) -> None:
        address = upload(client_of(reporter), story())["Location"]
        assert client_of(curator).get(address).status_code == 200

    def test_an_unknown_deed_is_refused_in_words(self, client_of: Any, reporter: Any) -> None:
        browser = client_of(reporter)
        address = upload(browser, story())["Location"]
        assert browser.post(address, {"deed": "verify"}).status_code == 422
