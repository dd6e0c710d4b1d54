"""The progress of `import_quotes`: a bar on a terminal, with rate and time left, and silence anywhere else."""

import io
import json
import os
import pty
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import OutputWrapper

from quotes.management.commands import import_quotes

from .test_imports import row, story

pytestmark = pytest.mark.django_db


@pytest.fixture
def on_a_terminal(monkeypatch: Any) -> Any:
    """Give a function that runs the command with a pseudo-terminal for its errors, and returns what came there."""

    def run(*words: str, **options: Any) -> str:
        ours, theirs = pty.openpty()
        seconds = iter(range(0, 100_000, 2))
        with os.fdopen(theirs, "w") as terminal:
            monkeypatch.setattr(sys, "stderr", terminal)
            # Two seconds pass between two looks at the clock: the bar must not be asked to wait for that.
            monkeypatch.setattr(
                "quotes.management.commands.import_quotes.time.monotonic", lambda: float(next(seconds))
            )
            try:
                call_command("import_quotes", *words, stdout=io.StringIO(), stderr=terminal, **options)
            except SystemExit:
                pass
            finally:
                monkeypatch.undo()
            terminal.flush()
        os.set_blocking(ours, False)
        said = b""
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:
                break
            if not part:
                break
            said += part
        os.close(ours)
        return said.decode()

    return run


def written(path: Path, rows: Any) -> str:
    # Longer than what is read ahead.
    path.write_text(json.dumps(rows).replace("}}, {", "}}," + " " * 900 + "{"), encoding="utf-8")
    return str(path)


def test_a_terminal_sees_the_bar_with_rate_and_time_left(
    on_a_terminal: Callable[..., str], reporter: Any, tmp_path: Path
) -> None:
    many = [row("topic", slug=f"topic-{number}", name=f"Topic {number}") for number in range(2500)]
    said = on_a_terminal(written(tmp_path / "a.json", [*story(), *many]), account="reporter")
    steps = said.replace("\r\n", "").split("\r")
    reading = [step for step in steps if step.startswith("reading")]
    writing = [step for step in steps if step.startswith("writing")]
    assert any("MB/s" in step and "s left" in step and "#." in step for step in reading), reading
    assert "100%" in reading[-1]
    assert any("s left" in step for step in writing), writing
    assert "100%" in writing[-1]
    assert max(map(len, steps)) < 80
    assert "\x1b" not in said, "progress is not printed in the colour of errors"
    assert said.endswith("\r\n")


def test_an_error_begins_on_a_line_of_its_own(
    on_a_terminal: Callable[..., str], reporter: Any, tmp_path: Path
) -> None:
    (tmp_path / "torn.json").write_text('[{"model": "quotes.topic"')
    said = on_a_terminal(str(tmp_path / "torn.json"), account="reporter")
    bar, error = said.split("\r\n")[:2]
    assert bar.lstrip("\r").startswith("reading")
    assert "torn.json:1:" in error


def test_a_pipe_and_json_see_no_bar(reporter: Any, tmp_path: Path, on_a_terminal: Callable[..., str]) -> None:
    file = written(tmp_path / "a.json", story())
    said = io.StringIO()
    call_command("import_quotes", file, account="reporter", dry_run=True, stdout=io.StringIO(), stderr=said)
    assert "reading" not in said.getvalue()
    assert "#" not in said.getvalue()
    assert on_a_terminal(file, account="reporter", json=True) == ""


def test_what_is_read_before_the_first_word_of_it_took_its_time_too(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("quotes.management.commands.import_quotes.time.monotonic", lambda: now[0])
    said = io.StringIO()
    bar = import_quotes._Bar(OutputWrapper(said))
    now[0] += 10
    bar("reading", 50_000_000, 100_000_000)
    first = said.getvalue()
    assert "5.0 MB/s" in first
    assert "10 s left" in first
    now[0] += 10
    bar("writing", 0, 1_000)
    now[0] += 5
    bar("writing", 500, 1_000)
    assert "100/s, 5 s left" in said.getvalue().split("\r")[-1]
