"""Commands that change tables, not records: they run with the login that owns the tables."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import connections


class OwnersCommand(BaseCommand):
    """A command of Django's, run as the owner (the app's role may do none of what it does)."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run the command, its system checks included, with the owner's login."""
        connection: Any = connections[options["database"]]
        with connection.as_owner():
            return super().execute(*args, **options)
