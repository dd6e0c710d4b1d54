"""`manage.py migrate`, as the owner of the tables, and without stopping a newsroom that is at work."""

import time
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import OperationalError, connections

from quotes.actions import policy

from ..owner import OwnersCommand

# Seconds. A lock that is not there within 2 s (the owner's lock_timeout) is given up, so that nobody queues behind it
# for longer, and asked for again after a pause in which the others get their turn.
PATIENCE = 90.0
PAUSE = 1.0


class Command(OwnersCommand, migrate.Command):
    """Django's migrate with the owner's login, a database made ready first, and locks asked for politely."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Refuse an unfit database in one line; then migrate."""
        connection: Any = connections[options["database"]]
        with connection.as_owner():
            if not options.get("plan") and not options.get("check_unapplied"):
                connection.prepare_database()
            connection.require_fitness()
            if options.get("plan") or options.get("check_unapplied"):
                return super().execute(*args, **options)
            # Two at once would both make the first table, and each do half of the rest.
            with connection.alone("migrating the database", patience=PATIENCE):
                return super().execute(*args, **options)

    def handle(self, *args: Any, **options: Any) -> str | None:
        """Migrate; a migration that did not get its lock was rolled back whole and is tried again.

        Raises:
            CommandError: when a lock cannot be had for ``PATIENCE`` seconds.
        """
        connection: Any = connections[options["database"]]
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                done = super().handle(*args, **options)
                self.apply_policy(**options)
                return done
            except OperationalError as error:
                if not connection.is_lock_timeout(error):
                    raise
                if time.monotonic() > deadline:
                    raise CommandError(
                        f"A table stayed locked for {PATIENCE:.0f} s; nothing of the last migration was kept. "
                        "Run migrate again when the long transaction has ended."
                    ) from error
            time.sleep(PAUSE)

    def apply_policy(self, *, plan: bool = False, check_unapplied: bool = False, **options: Any) -> None:
        """Bring VERIFICATION_CHECKS to the database, once its tables are there."""
        connection: Any = connections[options["database"]]
        if plan or check_unapplied or "quotes_policy" not in connection.introspection.table_names():
            return
        if policy.apply(settings.VERIFICATION_CHECKS, by=None) and options["verbosity"]:
            self.stdout.write(f"  Quotes now need {settings.VERIFICATION_CHECKS} full passes to be verified.")
