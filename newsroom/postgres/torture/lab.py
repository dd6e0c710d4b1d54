"""What the cases share: a directory of their own, probes to start and kill, and a look at what is left running."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from newsroom.postgres import processes
from newsroom.postgres.server import Server

ROOT = Path(__file__).resolve().parents[3]
PROBE = "newsroom.postgres.torture.probe"
# Seconds that a busy machine may need for a first start.
START = 90.0


class Failed(AssertionError):
    """A case did not end as it must; the text says what was seen."""


class Probe:
    """One running probe."""

    def __init__(self, mode: str, env: dict[str, str], *, session: bool = False) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", PROBE, mode],
            cwd=ROOT,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=session,
        )

    def ready(self) -> tuple[int, int, str]:
        """Wait for its first line; give the number of rows, the server's process and the socket's directory."""
        line = self.line().split(maxsplit=3)
        if not line or line[0] != "ready":
            raise Failed(f"no start: {self.end()[1] or 'no word'}")
        return int(line[1]), int(line[2]), line[3].strip()

    def line(self) -> str:
        """Wait for the next line that it says; empty when it has ended."""
        return self.process.stdout.readline().strip() if self.process.stdout else ""

    def kill(self, number: int = signal.SIGKILL) -> None:
        """Send a signal and wait for the end."""
        self.process.send_signal(number)
        self.process.communicate(timeout=START)

    def end(self) -> tuple[int, str]:
        """Let it end by itself; give its status and the last line of its errors."""
        _, errors = self.process.communicate(timeout=START)
        lines = errors.strip().splitlines()
        return self.process.returncode, lines[-1] if lines else ""


class Lab:
    """A directory with one embedded server, and ways to treat it."""

    def __init__(self, base: Path, **env: str) -> None:
        """Take a directory.

        Args:
            base: becomes VERBATIM_DATA; it need not exist.
            env: additions to the environment; an empty value removes a variable.
        """
        self.base = base
        changed = {**os.environ, "VERBATIM_DATA": str(base), **env}
        for name in ("DATABASE_URL", "DATABASE_OWNER_URL"):
            changed.pop(name, None)
        self.env = {name: value for name, value in changed.items() if value}
        self.server = Server(base)

    def probe(self, mode: str = "hold", **options: Any) -> Probe:
        """Start a probe."""
        return Probe(mode, self.env, **options)

    def once(self) -> tuple[int, int, str]:
        """Run a probe to its end: start, write, count, stop. Give what it said."""
        probe = self.probe("once")
        said = probe.ready()
        status, error = probe.end()
        if status:
            raise Failed(f"status {status}: {error}")
        return said

    def expect_stopped(self) -> None:
        """Fail when the server still runs, or more than its zombies is left of it."""
        left = self.servers()
        if left:
            raise Failed(f"left running: {left}")

    def expect_rows(self, number: int) -> None:
        """Start it once more, fail unless every row is there, and unless it is stopped afterwards."""
        rows = self.once()[0]
        if rows != number:
            raise Failed(f"{rows} rows instead of {number}")
        self.expect_stopped()

    def servers(self) -> list[int]:
        """Give the live postmasters of this directory, found among all processes."""
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and processes.is_server(
                int(entry.name), self.server.data, self.server.tag
            ):
                found.append(int(entry.name))
        # A postmaster's children carry its arguments for a moment after the fork.
        return [pid for pid in found if parent(pid) not in found]

    def all_processes(self) -> list[int]:
        """Give the postmaster and its children."""
        masters = self.servers()
        numbers = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
        return masters + [pid for pid in numbers if parent(pid) in masters]

    def kill_server(self, *, whole: bool = False) -> None:
        """``kill -9`` of the postmaster, or of all its processes."""
        for pid in self.all_processes() if whole else self.servers():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        wait_for(lambda: not self.servers(), 10, "the killed server to be gone")

    def close(self) -> None:
        """End whatever a failed case left."""
        for pid in self.servers():
            os.kill(pid, signal.SIGCONT)
            os.kill(pid, signal.SIGQUIT)
        wait_for(lambda: not self.servers(), 30, "the server to be gone")


def parent(pid: int) -> int:
    """Give the parent of a process; 0 when there is none."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, IndexError):
        return 0


def wait_for(condition: Callable[[], bool], seconds: float, what: str) -> None:
    """Wait until something holds.

    Raises:
        Failed: when it does not in time.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise Failed(f"waited {seconds:.0f} s in vain for {what}")
        time.sleep(0.02)


@contextmanager
def scratch() -> Iterator[Path]:
    """Give a directory that is removed afterwards. Everybody may pass through it, as through /var/lib."""
    path = Path(tempfile.mkdtemp(prefix="verbatim-torture-", dir="/var/tmp"))
    path.chmod(0o755)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def laboratory(base: Path, **env: str) -> Iterator[Lab]:
    """Give a lab and leave nothing of it running."""
    lab = Lab(base, **env)
    try:
        yield lab
    finally:
        lab.close()
