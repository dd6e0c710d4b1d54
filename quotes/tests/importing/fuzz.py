"""Look for a file that breaks the reader, led by the lines that it reaches (TRUST.md, R8).

    pip install atheris
    python -m quotes.tests.importing.fuzz -max_total_time=1200 -jobs=2 FOLDER

The arguments are libFuzzer's; FOLDER keeps what it has found, and one begins with the fixtures of `fixtures/`. It ends
with 0 when nothing was found. Not a part of the tests, which need nothing but Python: `test_oracle` is.
"""

from __future__ import annotations

import importlib
import io
import sys
from pathlib import Path

SEEDS = (
    b"[]",
    b'[{"model": "quotes.topic", "fields": {"slug": "war", "name": "War"}}]',
    b'[{"model": "quotes.speaker", "fields": {"slug": "ada", "name": "\\u0410da", "kind": "person"}},\n null, 1e3]',
    b'[{"model": "quotes.figure", "fields": {"quote": ["a-b"], "low": -0.5, "high": 9223372036854775807}}]',
)


def main(arguments: list[str]) -> None:
    """Fuzz until told to stop.

    Args:
        arguments: as libFuzzer takes them, the name of the program first.
    """
    try:
        atheris = importlib.import_module("atheris")
    except ImportError:
        sys.exit("Fuzzing needs atheris: pip install atheris")
    with atheris.instrument_imports(include=["quotes.importing", "quotes.text"]):
        from quotes.importing.errors import ErrorList
        from quotes.importing.rows import read_rows
        from quotes.tests.importing.test_oracle import agrees

    def one(data: bytes) -> None:
        # What begins as a sheet is read by another reader, which Python has no like of.
        if data[:1] in b"[ \n\r\t{":
            agrees(data, 1 + len(data) % 13)
        errors = ErrorList()
        rows = list(read_rows(io.BytesIO(data), "a.json", errors))
        for row in rows:
            if not row.record.text:
                raise AssertionError("a row without its text")
        for error in errors:
            if error.line < 1 or error.column < 1 or not error.path or not str(error).isprintable():
                raise AssertionError(f"an error without its place: {error!r}")

    for folder in [Path(given) for given in arguments[1:] if not given.startswith("-")][:1]:
        folder.mkdir(parents=True, exist_ok=True)
        for number, seed in enumerate(SEEDS):
            (folder / f"seed-{number}").write_bytes(seed)
    atheris.Setup(arguments, one)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv)
