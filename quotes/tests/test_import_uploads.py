"""Files of faulty exporters by the page: told of as by the command, brought in whole or not at all (TRUST.md, R8).

More than CI has time for: IMPORT_MUTATIONS=5000, and IMPORT_FROM=10000 to begin at another seed.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from quotes.actions import imports, uploads
from quotes.models import ImportRow, ImportRun, Quote

from .importing.mutations import NOT_JSON, mutated
from .test_import_mutations import held
from .test_imports import row, story

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_data")]
EXAMPLES = int(os.environ.get("IMPORT_MUTATIONS", "20"))
FROM = int(os.environ.get("IMPORT_FROM", "0"))
STEP = 10
RECORDS = 7
"""So many of the counts in `held` are of records; the rest are the import's own list and the log."""


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "_start", lambda run, what, by: None)


def told(run: ImportRun) -> list[tuple[int, str, str]]:
    return [
        (one.line, one.path, one.message)
        for one in run.rows.filter(action=ImportRow.Action.REFUSED).order_by("pk")
    ]


def send(browser: Any, by: Any, data: bytes, path: Path) -> bool:
    """Upload a file, compare what the page says with the command's report, bring it in; tell whether it was refused."""
    path.write_bytes(data)
    said = imports.run([path], by=by, dry=True)
    before = held()[:RECORDS]
    with transaction.atomic():
        answer = browser.post("/imports/new/", {"file": SimpleUploadedFile("story.json", data)})
        assert answer.status_code == 303
        run = ImportRun.objects.latest("pk")
        page = browser.get(answer["Location"])
        assert page.status_code == 200
        assert "Traceback" not in page.content.decode()
        assert held()[:RECORDS] == before, "looking has written"
        assert run.state == ("refused" if said.refused else "checked")
        assert told(run) == [(one.line, one.path[:300], one.message) for one in said.errors]
        if not said.refused:
            browser.post(answer["Location"], {"deed": "apply"})
            uploads.carry_out(ImportRun.objects.get(pk=run.pk), by=by)
            assert ImportRun.objects.get(pk=run.pk).state == "done"
            for entry in json.loads(data):
                if entry["model"] == "quotes.quote":
                    assert Quote.objects.get(uid=entry["fields"]["uid"]).text == entry["fields"]["text"]
        transaction.set_rollback(True)
    return said.refused


@pytest.mark.parametrize("first", range(FROM, FROM + EXAMPLES, STEP))
def test_a_spoilt_upload_is_refused_as_by_the_command_or_taken_as_it_is(
    first: int, client_of: Any, reporter: Any, tmp_path: Path
) -> None:
    browser, rows, refused = client_of(reporter), story(), 0
    for seed in range(first, first + STEP):
        try:
            refused += send(browser, reporter, mutated(rows, seed), tmp_path / "spoilt.json")
        except Exception as error:
            raise AssertionError(f"seed {seed}: {error!r}") from error
    assert refused > 0, "nothing was spoilt"


@pytest.mark.parametrize("place", ["whole", "record", "value"])
def test_an_upload_that_is_no_json_is_refused_in_words(
    place: str, client_of: Any, reporter: Any, tmp_path: Path
) -> None:
    valid = json.dumps([row("topic", slug="war", name="War")])
    text = {"whole": "@", "record": f"[@,{valid[1:]}", "value": valid.replace('"War"', "@")}[place]
    browser = client_of(reporter)
    for piece in NOT_JSON[::4]:
        if piece.strip(" \u2028") or place == "whole":
            data = text.replace("@", piece).encode("utf-8", "surrogatepass")
            assert send(browser, reporter, data, tmp_path / "no.json"), piece


def test_a_page_that_told_less_than_the_command_would_be_noticed(
    client_of: Any, reporter: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "keep_rows", lambda run, report: None)
    with pytest.raises(AssertionError):
        send(client_of(reporter), reporter, b"[NaN]", tmp_path / "no.json")
