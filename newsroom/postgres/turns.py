"""Whose turn it is at a task that only one may do at a time: advisory locks of the server's, by the name of the task.

They belong to the session, so they fall with it, however it ends.
"""

import time
from typing import Any

AGAIN_SECONDS = 0.05
_TAKE = "SELECT pg_try_advisory_lock(hashtextextended(%s, 0))"
_GIVE_BACK = "SELECT pg_advisory_unlock(hashtextextended(%s, 0))"


def take(connection: Any, task: str, *, seconds: float) -> bool:
    """Take the turn; False when somebody else still has it after so many seconds."""
    deadline = time.monotonic() + seconds
    with connection.cursor() as cursor:
        while True:
            cursor.execute(_TAKE, [f"verbatim {task}"])
            if cursor.fetchone()[0]:
                return True
            if time.monotonic() > deadline:
                return False
            time.sleep(AGAIN_SECONDS)


def give_back(connection: Any, task: str) -> None:
    """Let the next one have the turn."""
    with connection.cursor() as cursor:
        cursor.execute(_GIVE_BACK, [f"verbatim {task}"])
