"""The embedded PostgreSQL survives what machines do to it (STACK.md §1). The whole list, as often as TRUST.md asks:
``python -m newsroom.postgres.torture --all``; with VERBATIM_TORTURE=1 every case once, here."""

import os

import pytest

from newsroom.postgres.torture.__main__ import CASES, run

# What has to hold before anything is merged: about half a minute.
SMALL = [
    "kill -9 of the app",
    "recycled pid in postmaster.pid",
    "killed initdb",
    "path with a space",
    "path of 140 characters",
    "parent directory at 0700",
    "eight starts at once",
]


@pytest.mark.parametrize("case", list(CASES) if os.environ.get("VERBATIM_TORTURE") else SMALL)
def test_the_embedded_server_survives(case: str) -> None:
    result, seen, _ = run(case, thorough=False)
    assert result in {"ok", "skip"}, seen
