"""A small program that uses the embedded server as any process of ours does; the cases start it and kill it.

``python -m newsroom.postgres.torture.probe once|hold|loop``: writes a row and says how many there are; then ends, or
waits until its input is closed, or goes on writing and reports every answer.
"""

import os
import sys
import time
from typing import Any

import django
from django.conf import settings
from django.db import DatabaseError, connection

from newsroom import database


def main(mode: str) -> None:
    """Use the server.

    Args:
        mode: ``once``, ``hold`` or ``loop``.
    """
    settings.configure(DATABASES=database.databases(os.environ), USE_TZ=True, SECRET_KEY="probe")  # noqa: S106
    django.setup()
    engine: Any = connection
    with engine.as_owner(), engine.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(1), to_regclass('probe')")
        if cursor.fetchone()[1] is None:
            cursor.execute(
                "CREATE TABLE IF NOT EXISTS probe (n bigint GENERATED ALWAYS AS IDENTITY, pid int)"
            )
            cursor.execute("GRANT SELECT, INSERT ON probe TO verbatim_app")
    _write()
    say(f"ready {_count()} {engine.server.process() or 0} {engine.settings_dict['HOST']}")
    if mode == "hold":
        sys.stdin.read()
    elif mode == "loop":
        _loop()


def _write() -> int:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO probe (pid) VALUES (%s) RETURNING n", [os.getpid()])
        return int(cursor.fetchone()[0])


def _count() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM probe")
        return int(cursor.fetchone()[0])


def _loop() -> None:
    """Write until killed: a line ``ok n seconds`` or ``no reason seconds`` for each attempt, as a request would."""
    while True:
        began = time.monotonic()
        try:
            # What Django does at the beginning of a request.
            connection.close_if_unusable_or_obsolete()
            number = _write()
        except DatabaseError as error:
            say(f"no {time.monotonic() - began:.3f} {' '.join(str(error).split())}")
            time.sleep(0.05)
        else:
            say(f"ok {time.monotonic() - began:.3f} {number}")
            time.sleep(float(os.environ.get("PROBE_PAUSE", "0.005")))


def say(line: str) -> None:
    """Write a line at once: the reader may kill us after it."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
