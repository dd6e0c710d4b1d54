"""Two locks between the processes that share an embedded server, both kept by the kernel.

The mutex lets one process at a time start or stop it. The use lock is shared by everybody who needs it; whoever gets
it alone knows that nobody else does. The kernel gives both back however a process ends, ``kill -9`` included.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from newsroom.postgres.errors import SetupError


@contextmanager
def mutex(file: Path, seconds: float) -> Iterator[None]:
    """Hold the right to start and stop the server.

    Args:
        file: the lock file.
        seconds: how long to wait for another process that is at it.

    Raises:
        SetupError: when it takes longer.
    """
    descriptor = _opened(file)
    try:
        deadline = time.monotonic() + seconds
        while not _locked(descriptor, fcntl.LOCK_EX):
            if time.monotonic() > deadline:
                raise SetupError("The database is being started by another process; it is not ready yet.")
            time.sleep(0.02)
        yield
    finally:
        os.close(descriptor)


class Use:
    """One process's claim that the server is needed."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._descriptor: int | None = None
        self._pid = 0

    def is_claimed(self) -> bool:
        """Whether this very process holds a claim; what was inherited through a fork does not count."""
        return self._descriptor is not None and self._pid == os.getpid()

    def claim(self) -> None:
        """Say that the server is needed."""
        if self.is_claimed():
            return
        self.forget()
        descriptor = _opened(self._file)
        # Only someone who is about to stop the server holds it alone, and that is done under the mutex, as is this.
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        self._descriptor, self._pid = descriptor, os.getpid()

    def give_up(self) -> bool:
        """Take the claim back.

        Returns:
            True when nobody else needs the server.
        """
        descriptor = self._descriptor if self.is_claimed() else None
        if descriptor is None:
            descriptor = _opened(self._file)
        self._descriptor = None
        try:
            return _locked(descriptor, fcntl.LOCK_EX)
        finally:
            os.close(descriptor)

    def others(self) -> bool:
        """Tell whether another process needs the server. Ask only without a claim of one's own."""
        descriptor = _opened(self._file)
        try:
            return not _locked(descriptor, fcntl.LOCK_EX)
        finally:
            os.close(descriptor)

    def forget(self) -> None:
        """Close what was inherited through a fork. Closing a copy does not unlock: the parent keeps its claim."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _opened(file: Path) -> int:
    try:
        return os.open(file, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise SetupError(f"{file} cannot be opened: {error.strerror}; see VERBATIM_DATA.") from None


def _locked(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
