"""Rows of a file beside each other: what one of them lacks is not said of the others, nor missed later."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from quotes.actions import imports
from quotes.models import Link
from quotes.tests.test_imports import BODY, bring, edited, row, story
from quotes.tests.test_imports import file as file

pytestmark = pytest.mark.django_db


def test_a_link_of_a_file_is_measured_like_any_other(file: Any, reporter: Any) -> None:
    rows = story()
    rows[-1]["fields"] |= {"type": "repeats", "state": "suggested"}
    for entry in rows:
        if entry["model"] == "quotes.statement":
            entry["fields"] |= {"gist": "Nobody will sign away any part of the valley before spring."}
    bring(file(rows), reporter)
    assert [link.features for link in Link.objects.all()] == [{}]
    call_command("suggest_links", stdout=StringIO(), stderr=StringIO())


def test_records_of_what_is_not_written_are_not_called_alike(file: Any, reporter: Any) -> None:
    more = [
        row("speakername", speaker=["ada"], text="Adah", language="en", kind="alias"),
        row("link", source=["said-it"], target=["said-more"], type="echoes", state="suggested"),
        row("link", source=["said-more"], target=["said-it"], type="echoes", state="suggested"),
    ]
    text = "Then he left."
    place = {"text": text, "start": BODY.index(text), "end": BODY.index(text) + len(text)}
    rows = edited("said-it-news", **place)
    rows[0]["fields"]["name"] = ""
    report = imports.run([file(rows + more)], by=reporter)
    assert not [error for error in report.errors if "twice" in str(error)]
