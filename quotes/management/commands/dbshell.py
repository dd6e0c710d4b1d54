"""`manage.py dbshell`: psql on the records, with the app's rights unless the owner's are asked for."""

from typing import Any

from django.core.management.base import CommandParser
from django.core.management.commands import dbshell
from django.db import connections


class Command(dbshell.Command):
    """Django's dbshell; the psql is the one that belongs to the server."""

    def add_arguments(self, parser: CommandParser) -> None:
        """Add ``--owner``."""
        parser.add_argument(
            "--owner", action="store_true", help="with the rights of the tables' owner instead of the app's"
        )
        super().add_arguments(parser)

    def handle(self, **options: Any) -> None:
        """Run psql until the person leaves it."""
        connection: Any = connections[options["database"]]
        if options["owner"]:
            with connection.as_owner():
                super().handle(**options)
        else:
            super().handle(**options)
