"""What every benchmark shares: a ratio with its gate, a database of its own, and clients that work at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from typing import Any

import psycopg
from django.db import connection

type Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Ratio:
    """One line of the table.

    Args:
        number: of SPEED.md §8, as `R16`.
        what: what is compared with what.
        value: the ratio, the median over the rounds.
        gate: what it has to reach.
        more_is_better: whether the gate is the least or the most that is allowed.
        detail: the figures behind it.
    """

    number: str
    what: str
    value: float
    gate: float
    more_is_better: bool
    detail: str = ""

    @property
    def passed(self) -> bool:
        """Whether the gate is reached."""
        return self.value >= self.gate if self.more_is_better else self.value <= self.gate


class Broken(Exception):
    """Something that must hold did not."""


class Skipped(Exception):
    """The ordeal cannot be had here; the text says why."""


@contextmanager
def scratch_database() -> Iterator[None]:
    """Work in a fresh, migrated database beside the real one; it is dropped at the end."""
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


def client(role: str = "verbatim_app") -> psycopg.Connection[Any]:
    """Open a connection of its own to the database in use, with the rights of the app."""
    parameters = connection.get_connection_params()
    known = {
        key: parameters[key] for key in ("dbname", "user", "password", "host", "port") if parameters.get(key)
    }
    opened = psycopg.connect(**known, autocommit=True)
    if role:
        opened.execute("SELECT set_config('role', %s, false)", [role])
    return opened


def at_once(
    work: Callable[[int, Callable[[], bool]], int], clients: int, seconds: float
) -> tuple[int, float]:
    """Run `work` in as many threads for so long; give the sum of what they did and the time it took.

    Args:
        work: takes the client's number and a question “go on?”, and returns how much it did.
    """
    ready = threading.Barrier(clients + 1)
    ends = [0.0]
    done = [0] * clients
    troubles: list[BaseException] = []

    def one(number: int) -> None:
        try:
            ready.wait()
            done[number] = work(number, lambda: time.perf_counter() < ends[0])
        except BaseException as trouble:  # noqa: BLE001 - told by the caller, in its own thread
            troubles.append(trouble)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    started = time.perf_counter()
    ends[0] = started + seconds
    ready.wait()
    for thread in threads:
        thread.join()
    if troubles:
        raise troubles[0]
    return sum(done), time.perf_counter() - started


def middle(values: Sequence[float]) -> float:
    """Return the median."""
    return float(median(values))
