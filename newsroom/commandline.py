"""What manage.py does around Django's own command line: one clear line instead of a traceback."""

import errno
import os
import signal
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import OperationalError

from newsroom.postgres.errors import SetupError

NOT_TOLD = 74
"""EX_IOERR of sysexits.h: what was to be said could not be written, whatever became of the work itself.

Not 1: of an import that would say that nothing was written.
"""
UNWRITABLE = {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EBADF, errno.EFBIG}

# Asking how to use it must work before anything is set up.
NEEDS_NO_SETTINGS = {"help", "--help", "-h", "version", "--version"}


def run(arguments: list[str]) -> None:
    """Run one command; ends the process with status 1 and one line when the set-up is at fault.

    When standard output cannot be written it ends with ``NOT_TOLD`` and one line; when nobody reads it any more
    (``| head``), without a word and as a shell says it of others.

    Args:
        arguments: as ``sys.argv``. With ``--traceback`` errors are shown whole.
    """
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            # Closed by whoever started us (>&-): said to nobody.
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115  for as long as the process lives
    try:
        if len(arguments) > 1 and arguments[1] not in NEEDS_NO_SETTINGS:
            # Django keeps going without settings and then claims not to know the command.
            _ = settings.INSTALLED_APPS
            if arguments[1] == "runserver" and "RUN_MAIN" not in os.environ:
                _hold_the_database()
        try:
            execute_from_command_line(arguments)
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        _say_no_more()
        sys.exit(128 + signal.SIGPIPE)
    except OSError as error:
        if "--traceback" in arguments or error.filename is not None or error.errno not in UNWRITABLE:
            raise
        _say_no_more()
        sys.stderr.write(f"verbatim: standard output cannot be written: {error.strerror}.\n")
        sys.exit(NOT_TOLD)
    except (SetupError, ImproperlyConfigured, OperationalError) as error:
        if "--traceback" in arguments:
            raise
        sys.exit("verbatim: " + " ".join(str(error).split()))


def _say_no_more() -> None:
    """Let what is still to be written to standard output go nowhere, so that nothing tries it again at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


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
