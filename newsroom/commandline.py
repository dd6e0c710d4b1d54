"""What manage.py does around Django's own command line: one clear line instead of a traceback."""

import os
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import OperationalError

from newsroom.postgres.errors import SetupError

# Asking how to use it must work before anything is set up.
NEEDS_NO_SETTINGS = {"help", "--help", "-h", "version", "--version"}


def run(arguments: list[str]) -> None:
    """Run one command; ends the process with status 1 and one line when the set-up is at fault.

    Args:
        arguments: as ``sys.argv``. With ``--traceback`` errors are shown whole.
    """
    try:
        if len(arguments) > 1 and arguments[1] not in NEEDS_NO_SETTINGS:
            # Django keeps going without settings and then claims not to know the command.
            _ = settings.INSTALLED_APPS
            if arguments[1] == "runserver" and "RUN_MAIN" not in os.environ:
                _hold_the_database()
        execute_from_command_line(arguments)
    except (SetupError, ImproperlyConfigured, OperationalError) as error:
        if "--traceback" in arguments:
            raise
        sys.exit("verbatim: " + " ".join(str(error).split()))


def _hold_the_database() -> None:
    """Reach the database before the reloader starts, and keep the embedded one up for as long as it runs.

    The reloader's parent outlives the restarts of its child: without its hold every saved file would stop and start
    PostgreSQL. And a trouble met here is one line; met in the child it would be a traceback beside a waiting reloader.
    """
    import django
    from django.db import connection

    django.setup()
    try:
        connection.require_fitness()  # type: ignore[attr-defined]
    finally:
        connection.close()
