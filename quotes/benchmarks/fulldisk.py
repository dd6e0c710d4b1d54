"""An import on a disk that is full: a server of its own on a small disk, filled during the import (TRUST.md R13)."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from quotes.benchmarks.corpus import fixture
from quotes.benchmarks.frame import Broken, Skipped, Tell

SEED = 20260206


@contextmanager
def _small_disk(megabytes: int) -> Iterator[Path]:
    if os.geteuid():
        raise Skipped("only root can mount a small disk")
    with tempfile.TemporaryDirectory(prefix="verbatim-disk-", dir="/var/tmp") as folder:  # for root alone
        os.chmod(folder, 0o755)  # noqa: S103 - the server runs as another user
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", folder], check=False
        )
        if mounted.returncode:
            raise Skipped("a small disk cannot be mounted here")
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", "-l", folder], check=False)


def disk(tell: Tell, *, times: int = 10, rows: int = 20_000, megabytes: int = 160) -> str:
    """Fill the disk during an import, in a server of its own on a small disk (R13).

    Raises:
        Broken: when something of the import stays, the command says nothing clear, what was there cannot be read, the
            next import fails once there is space again, or the log's chain breaks.
        Skipped: when not root.
    """
    chance = random.Random(SEED)
    with _small_disk(megabytes) as base, tempfile.TemporaryDirectory(prefix="verbatim-full-") as folder:
        few, many = Path(folder, "few.json"), Path(folder, "many.json")
        fixture.write(60, SEED, few)
        fixture.write(round(rows / 5.2), SEED + 1, many)
        environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
        environment |= {"VERBATIM_DATA": str(base / "data"), "DEMO_PASSWORD": "not for long"}
        command = _commands(environment)
        for arguments in (["localdb", "start"], ["migrate", "-v0"], ["createcachetable"]):
            command(arguments)
        try:
            made = command(["demo", "--no-serve"])
            if made.returncode:
                raise Broken(f"no desk on the small disk: {made.stderr[-300:]}")
            if command(["import_quotes", str(few)]).returncode:
                raise Broken("the small file does not go in")
            before = command(["export_quotes", "--as", "admin"]).stdout
            for turn in range(times):
                filler = base / "filler"
                free = os.statvfs(base).f_bavail * os.statvfs(base).f_frsize
                with filler.open("wb") as file:
                    file.truncate(0)
                    os.posix_fallocate(file.fileno(), 0, max(1, free - chance.randrange(1, 12) * 1_000_000))
                failed = command(["import_quotes", str(many)])
                said = (failed.stderr or failed.stdout).strip()
                tell(
                    f"{turn + 1}: exit {failed.returncode}, {said.splitlines()[-1][:150] if said else 'nothing said'}"
                )
                if failed.returncode == 0:
                    raise Broken("the import went in: the disk was not full")
                if "Traceback" in said or not said:
                    raise Broken(f"not a clear line: {said[-300:]}")
                filler.unlink()
                if command(["export_quotes", "--as", "admin"]).stdout != before:
                    raise Broken("the records are not as they were")
            # Writes work again, and the log holds.
            third = Path(folder, "third.json")
            fixture.write(20, SEED + 2, third)
            if command(["import_quotes", str(third)]).returncode or command(["audit", "verify"]).returncode:
                raise Broken("after there was space again, an import or the log's chain failed")
        finally:
            command(["localdb", "stop"])
    return f"{times} times full, nothing half done, a clear line each time, then writes and the log as before"


def _commands(environment: dict[str, str]) -> Callable[[list[str]], subprocess.CompletedProcess[str]]:
    manage = str(Path.cwd() / "manage.py")

    def command(arguments: list[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, manage, *arguments], env=environment, capture_output=True, text=True, check=False
        )

    return command
