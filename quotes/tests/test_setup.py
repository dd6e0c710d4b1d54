"""A set-up that cannot work is one line on stderr and a status other than 0, whichever command meets it (O6)."""

import importlib
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from quotes.tests.fakeserver import FakeServer

COMMANDS = [
    ["migrate"],
    ["check"],
    ["demo", "--no-serve"],
    ["runserver", "127.0.0.1:0"],
]


def manage(words: list[str], *, stdout: Any = subprocess.PIPE, closed: bool = False, **env: str) -> Any:
    changed = {**os.environ, "DEBUG": "1", "SECRET_KEY": "x" * 50, **env}
    changed.pop("DJANGO_SETTINGS_MODULE", None)
    command = [sys.executable, "manage.py", *words]
    return subprocess.run(
        # A shell of its own closes it, since a child cannot be started without.
        ["/bin/sh", "-c", 'exec "$@" >&-', "sh", *command] if closed else command,
        cwd=settings.BASE_DIR,
        env={name: value for name, value in changed.items() if value},
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        timeout=120,
        check=False,
    )


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    """Give the one line that was said, after making sure that it is the only one."""
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    assert done.returncode not in {0, None}, done.stdout
    assert len(lines) == 1, done.stderr
    assert "Traceback" not in done.stderr
    return lines[0]


def refused(words: str, *, by: list[list[str]] = COMMANDS, **env: str) -> None:
    with ThreadPoolExecutor(2) as pool:
        for done in pool.map(lambda command: manage(command, **env), by):
            assert words in one_line(done)
            assert "s3cret-word" not in done.stderr + done.stdout


@pytest.fixture
def short_directory() -> Iterator[Path]:
    """A place whose path leaves room for a socket."""
    with tempfile.TemporaryDirectory(prefix="vb") as name:
        yield Path(name)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mysql://someone:s3cret-word@127.0.0.1/records", "starts with mysql://"),
        ("s3cret-word", "is not a URL"),
        ("postgres://someone:s3cret-word@127.0.0.1:port/records", "cannot be read"),
        ("postgres://someone:s3cret-word@127.0.0.1:5432", "names no database"),
    ],
)
def test_a_database_url_that_is_none_is_refused(url: str, words: str) -> None:
    line = one_line(manage(["check"], DATABASE_URL=url))
    assert line.startswith("verbatim: DATABASE_URL ")
    assert words in line
    assert "s3cret-word" not in line


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgres://someone:s3cret-word@127.0.0.1:1/records", "No PostgreSQL server answers at 127.0.0.1:1"),
        (
            "postgres://someone:s3cret-word@no-such-host.invalid/records",
            "'no-such-host.invalid' cannot be found",
        ),
    ],
)
def test_a_server_that_is_not_there_is_named(url: str, words: str) -> None:
    refused(words, by=COMMANDS[:2], DATABASE_URL=url)


@pytest.mark.parametrize(
    ("state", "text", "words"),
    [
        ("28P01", 'password authentication failed for user "someone"', "refuses the password of 'someone'"),
        ("3D000", 'database "records" does not exist', "There is no database 'records'"),
        ("28000", 'role "someone" does not exist', "does not let 'someone' in"),
        ("53300", "sorry, too many clients already", "has no connection left"),
    ],
)
def test_a_server_that_refuses_says_why(short_directory: Path, state: str, text: str, words: str) -> None:
    with FakeServer(short_directory, refusal=state, text=text) as server:
        refused(words, by=COMMANDS[:2], DATABASE_URL=server.url)


def test_an_old_server_is_refused_with_both_versions(short_directory: Path) -> None:
    with FakeServer(short_directory, version="13.4") as server:
        refused("PostgreSQL 15 or later is needed; this server is 13.4.", DATABASE_URL=server.url)


def test_a_silent_server_is_given_up(short_directory: Path) -> None:
    with FakeServer(short_directory) as server:
        refused("did not answer in time", DATABASE_URL=server.url)


def test_an_owner_of_another_database_is_refused() -> None:
    url = "postgres://127.0.0.1:1/records"
    line = one_line(manage(["check"], DATABASE_URL=url, DATABASE_OWNER_URL="postgres://127.0.0.1:1/others"))
    assert line.startswith("verbatim: DATABASE_OWNER_URL names another database")


def test_no_secret_key_in_production_is_refused() -> None:
    assert "SECRET_KEY is not set" in one_line(manage(["check"], DEBUG="", SECRET_KEY=""))


@pytest.mark.parametrize("words", [["help"], ["check", "--list-tags"]])
def test_an_output_that_cannot_be_written_is_one_line_and_a_status_of_its_own(words: list[str]) -> None:
    with open("/dev/full", "w") as full:
        done = manage(words, stdout=full)
    assert one_line(done) == "verbatim: standard output cannot be written: No space left on device."
    assert done.returncode == 74, "1 would say of an import that nothing was written"


def test_nobody_is_told_of_an_output_that_nobody_reads() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = manage(["help"], stdout=writing)
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (141, "")


def test_a_command_that_is_stopped_by_hand_says_so_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stopped(arguments: list[str]) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("newsroom.commandline.run", stopped)
    monkeypatch.syspath_prepend(settings.BASE_DIR)
    with pytest.raises(SystemExit) as ended:
        importlib.import_module("manage").main(["manage.py", "send_mail", "--every", "60"])
    assert ended.value.code == 130
    assert capsys.readouterr().err.split("\n") == ["", "verbatim: stopped by Ctrl-C.", ""]


def test_a_closed_output_breaks_no_command() -> None:
    done = manage(["help"], closed=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.enable_socket
def test_a_taken_port_stops_the_demo_before_anything_else(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen(1)
        port = taken.getsockname()[1]
        data = tmp_path / "data"
        done = manage(["demo"], PORT=str(port), VERBATIM_DATA=str(data), DATABASE_URL="")
    assert f"Port {port} on 127.0.0.1 is taken" in one_line(done)
    assert not done.stdout
    assert not data.exists()
