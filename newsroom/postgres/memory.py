"""How much memory the embedded server may take: a share of what the machine, or its container, really gives."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# The server's own cache. PostgreSQL's manual (Resource Consumption, shared_buffers) advises up to a quarter of a
# machine that does nothing else; the desk lives on this one too. It is taken page by page, not at the start.
SHARE = 8
LEAST_MB = 128  # PostgreSQL's own default
MOST_MB = 4096
# What the planner may count on: that cache and the file system's, which hold most of the pages twice.
CACHED_SHARE = 2
# Where nobody can say what there is: what every server got before this was asked.
ASSUMED_MB = 2048

MB = 1024 * 1024
DIGITS = 20
PROC = Path("/proc")
GROUPS = Path("/sys/fs/cgroup")


@dataclass(frozen=True)
class Memory:
    """Two sizes of PostgreSQL's.

    Attributes:
        buffers: shared_buffers, in MB.
        cached: effective_cache_size, in MB.
    """

    buffers: int
    cached: int

    def settings(self) -> dict[str, str]:
        """Give them as settings."""
        return {"shared_buffers": f"{self.buffers}MB", "effective_cache_size": f"{self.cached}MB"}

    def least(self) -> "Memory":
        """Give the same with the smallest cache that we start a server with."""
        return Memory(min(self.buffers, LEAST_MB), self.cached)


def share(megabytes: int) -> Memory:
    """Choose the sizes.

    Args:
        megabytes: what there is in all.
    """
    buffers = min(max(megabytes // SHARE, LEAST_MB), MOST_MB)
    return Memory(buffers, max(megabytes // CACHED_SHARE, buffers))


def given(proc: Path = PROC, groups: Path = GROUPS) -> int:
    """Find out how much memory there is, in MB: the machine's, or the least of the limits that this process is under.

    Args:
        proc: where the kernel tells of processes.
        groups: where it tells of control groups, which is what containers and systemd set limits by.
    """
    found = [limit for limit in (_machine(), *_limits(proc, groups)) if limit >= MB]
    return min(found) // MB if found else ASSUMED_MB


def _machine() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (OSError, ValueError):
        return 0


def _limits(proc: Path, groups: Path) -> Iterator[int]:
    """Give the limits of this process's control group and of those above it, in bytes (proc(5), cgroups(7))."""
    for line in _text(proc / "self" / "cgroup").splitlines():
        number, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if number == "0" and not controllers:  # version 2
            top, name = groups, "memory.max"
        elif "memory" in controllers.split(","):
            top, name = groups / "memory", "memory.limit_in_bytes"
        else:
            continue
        # In a container the path may be the one outside of it, where nothing lies for us: its own group is the top.
        steps = [step for step in path.split("/") if step] if ".." not in path else []
        for depth in range(len(steps) + 1):
            text = _text(top.joinpath(*steps[:depth], name)).strip()
            # "max" is no limit; neither is what no 64 bits hold.
            if text.isascii() and text.isdigit() and len(text) < DIGITS:
                yield int(text)


def _text(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            return opened.read(65536).decode(errors="replace")
    except (OSError, ValueError):
        return ""
