"""`manage.py flush`, as the owner of the tables."""

from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import flush
from django.db import OperationalError
from psycopg.errors import DeadlockDetected

from ..owner import OwnersCommand

TRIES = 3
"""Somebody who writes at the same moment can be in the way once or twice, hardly a third time."""


class Command(OwnersCommand, flush.Command):
    """Django's flush with the owner's login; a deadlock with somebody who is writing is tried again."""

    def handle(self, **options: Any) -> Any:
        for tried in range(1, TRIES + 1):
            try:
                return super().handle(**options)
            except CommandError as error:
                cause = error.__cause__
                deadlock = isinstance(cause, OperationalError) and isinstance(
                    cause.__cause__, DeadlockDetected
                )
                if tried == TRIES or not deadlock:
                    raise
        return None
