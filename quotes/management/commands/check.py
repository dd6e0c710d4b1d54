"""`manage.py check`, which also asks the database when there is one."""

from typing import Any

from django.core.management.commands import check
from django.db import DEFAULT_DB_ALIAS, connections


class Command(check.Command):
    """Django's check; the database is asked unless it is the embedded one and was never started.

    So a wrong DATABASE_URL is found here, and a fresh checkout (or the building of an image) needs no database.
    """

    def handle(self, *app_labels: Any, **options: Any) -> None:
        """Check; an unfit database is refused in one line."""
        connection: Any = connections[DEFAULT_DB_ALIAS]
        whole = not (app_labels or options["tags"] or options["list_tags"] or options["databases"])
        if whole and connection.exists():
            connection.require_fitness()
            options["databases"] = [DEFAULT_DB_ALIAS]
        super().handle(*app_labels, **options)
