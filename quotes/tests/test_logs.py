"""Logs: one line per event, with its place, and without the words of the newsroom (TRUST.md O7)."""

import io
import json
import logging
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from newsroom import logs
from quotes.tests.conftest import StrictClient


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """Give a function that reads what was logged since, as JSON."""
    handler = logging.StreamHandler()
    handler.setFormatter(logs.JsonFormatter())
    stream = handler.stream = io.StringIO()
    root = logging.getLogger()
    root.addHandler(handler)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.removeHandler(handler)


def test_one_request_is_one_line_with_its_number_and_without_its_query(
    visitor: StrictClient, lines: Callable[[], list[dict[str, Any]]]
) -> None:
    answer = visitor.get("/echo/?q=unpublished")
    entries = [line for line in lines() if line["logger"] == "newsroom.requests"]
    assert len(entries) == 1
    assert entries[0]["request"] == answer["X-Request-ID"]
    assert (entries[0]["path"], entries[0]["status"]) == ("/echo/", 200)
    assert "unpublished" not in json.dumps(lines())


def test_no_text_can_begin_a_second_line(lines: Callable[[], list[dict[str, Any]]]) -> None:
    for mark in ("\n", "\r", "\r\n", "\u2028", "\x85", "\x1b[2J", '"}\n{"level":"forged'):
        logging.getLogger("newsroom.test").warning("name %s end", mark)
    assert len(lines()) == 7
    assert {line["level"] for line in lines()} == {"warning"}


@pytest.mark.parametrize("address", ["/fault/", "/away/", "/range/", "/full/"])
def test_an_error_is_logged_with_its_place_and_without_the_words_of_the_row(
    visitor: StrictClient, lines: Callable[[], list[dict[str, Any]]], address: str
) -> None:
    visitor.post(address, {"note": "unpublished", "password": "hunter2 hunter2"})
    errors_told = [line for line in lines() if line["level"] == "error"]
    assert errors_told
    assert any("failures.py" in place for line in errors_told for place in line.get("trace", []))
    written = json.dumps(lines())
    assert "hunter2" not in written
    assert "unpublished" not in written
    if address != "/fault/":
        assert "the words of a source" not in written


def test_a_line_is_read_back_with_the_time_in_utc(lines: Callable[[], list[dict[str, Any]]]) -> None:
    before = time.strftime("%Y-%m-%dT%H", time.gmtime())
    logging.getLogger("newsroom.test").warning("now")
    assert lines()[0]["time"].startswith(before)
    assert lines()[0]["time"].endswith("Z")
