"""Files of faulty exporters: refused with their place and nothing written, or taken as they are (TRUST.md, R7, R8).

More than CI has time for: IMPORT_MUTATIONS=10000, and IMPORT_FROM=5000 to begin at another seed.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from quotes.actions import imports
from quotes.actions.importreport import Report
from quotes.importing.errors import RowError
from quotes.models import Quote

from .importing.mutations import JSON, NOT_JSON, mutated
from .test_imports import row, story

pytestmark = pytest.mark.django_db
EXAMPLES = int(os.environ.get("IMPORT_MUTATIONS", "60"))
FROM = int(os.environ.get("IMPORT_FROM", "0"))
STEP = 30
TABLES = (
    "speaker",
    "speakername",
    "outlet",
    "article",
    "statement",
    "quote",
    "link",
    "auditevent",
    "importrun",
    "importrow",
)


def held() -> tuple[Any, ...]:
    """How many rows there are, and the last event: nothing can be written without changing this."""
    with connection.cursor() as cursor:
        cursor.execute(
            # house: tables of ours
            "SELECT "
            + ", ".join(f"(SELECT count(*) FROM quotes_{name})" for name in TABLES)
            + ", (SELECT max(id) FROM quotes_auditevent)"
        )
        return tuple(cursor.fetchone())


def has_a_place(error: RowError, path: Path) -> bool:
    return (
        error.file == str(path)
        and error.line >= 1
        and error.column >= 1
        and bool(error.path)
        and bool(error.message)
        and "\n" not in str(error)
        and "Traceback" not in str(error)
    )


def bring(path: Path, by: Any) -> Report:
    """Import in earnest, look at what came of it, and take it back."""
    before = held()
    with transaction.atomic():
        report = imports.run([path], by=by)
        after = held()
        if not report.refused:
            for entry in json.loads(path.read_bytes()):
                if entry["model"] == "quotes.quote":
                    assert Quote.objects.get(uid=entry["fields"]["uid"]).text == entry["fields"]["text"]
        transaction.set_rollback(True)
    if report.refused:
        assert after == before, "a refused file has left something"
        told = list(report.errors)
        assert told
        assert all(has_a_place(error, path) for error in told), [str(error) for error in told]
    return report


@pytest.mark.parametrize("first", range(FROM, FROM + EXAMPLES, STEP))
def test_a_spoilt_file_is_refused_whole_or_taken_as_it_is(first: int, reporter: Any, tmp_path: Path) -> None:
    rows, path = story(), tmp_path / "spoilt.json"
    refused = 0
    for seed in range(first, first + STEP):
        path.write_bytes(mutated(rows, seed))
        try:
            refused += bring(path, reporter).refused
        except Exception as error:
            raise AssertionError(f"seed {seed}: {error!r}") from error
    assert refused > 0, "nothing was spoilt"


@pytest.mark.parametrize("wrap", ["whole", "record", "value"])
def test_what_is_no_json_is_refused_wherever_it_stands(wrap: str, reporter: Any, tmp_path: Path) -> None:
    path = tmp_path / "no.json"
    valid = json.dumps([row("topic", slug="war", name="War")])
    places = {"whole": "@", "record": f"[@,{valid[1:]}", "value": valid.replace('"War"', "@")}
    for piece in NOT_JSON:
        if wrap == "record" and piece.strip(" \u2028") == "":
            continue
        path.write_bytes(places[wrap].replace("@", piece).encode("utf-8", "surrogatepass"))
        report = bring(path, reporter)
        assert report.refused, piece
        # The first thing wrong with the bytes ends the reading; nothing after it is believed.
        assert report.unreadable or "found" in str(next(iter(report.errors))), (
            piece,
            list(map(str, report.errors)),
        )


@pytest.mark.parametrize("wrap", ["whole", "record", "value"])
def test_what_is_json_and_no_record_is_refused_in_words(wrap: str, reporter: Any, tmp_path: Path) -> None:
    path = tmp_path / "no.json"
    valid = json.dumps([row("topic", slug="war", name="War")])
    places = {"whole": "@", "record": f"[@,{valid[1:]}", "value": valid.replace('"War"', "@")}
    for piece in JSON:
        path.write_bytes(places[wrap].replace("@", piece).encode())
        report = bring(path, reporter)
        taken = (wrap == "value" and piece.startswith('"\\u')) or (wrap == "whole" and piece == "[]")
        if not taken:
            assert report.refused, piece
