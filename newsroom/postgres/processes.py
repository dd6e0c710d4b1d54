"""Whether a process id is the server of a data directory. An id alone says nothing: it may be used again, or dead."""

import os
import subprocess
from pathlib import Path


def is_server(pid: int, data: Path, tag: str) -> bool:
    """Tell whether a process is a live PostgreSQL of this data directory.

    Args:
        pid: process id, as found in ``postmaster.pid``.
        data: the data directory.
        tag: the ``cluster_name`` that we start our servers with.

    Returns:
        False for a dead process, a zombie, another program and the server of another directory.
    """
    if pid <= 1 or not _is_alive(pid):
        return False
    words = _words(pid)
    if not words or Path(words[0]).name not in {"postgres", "postmaster", "postgres:"}:
        return False
    # Started by us, or by hand with pg_ctl.
    return any(word.endswith(f"cluster_name={tag}") for word in words) or str(data) in words


def pid_in(file: Path) -> int | None:
    """Read the process id in the first line of a lock file; None when there is none."""
    try:
        first = file.read_text(errors="replace").partition("\n")[0].strip()
    except OSError:
        return None
    # A negative id marks a server in single-user mode.
    return int(first) if first.isascii() and first.lstrip("-").isdigit() else None


def exists(pid: int) -> bool:
    """Tell whether the number is taken by any process, dead ones that nobody has collected included."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def _is_alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    try:
        # The name in brackets may itself hold spaces and brackets; the state comes after the last one.
        return stat.read_text(errors="replace").rpartition(")")[2].split()[0] not in {"Z", "X", "x"}
    except (OSError, IndexError):
        if Path("/proc/self/stat").exists():
            return False
    answer = _ps(pid, "stat=")
    return bool(answer) and not answer.startswith("Z")


def _words(pid: int) -> list[str]:
    try:
        raw = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return _ps(pid, "command=").split()
    return [os.fsdecode(word) for word in raw.split(b"\0") if word]


def _ps(pid: int, column: str) -> str:
    try:
        answer = subprocess.run(
            ["ps", "-o", column, "-p", str(pid)], capture_output=True, text=True, check=False, timeout=10
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return answer.stdout.strip()
