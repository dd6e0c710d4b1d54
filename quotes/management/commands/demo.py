"""`manage.py demo`: from nothing to a running desk on the founding story (PRODUCT.md §5)."""

import argparse
import errno
import os
import secrets
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from quotes.actions import demo

HOST = "127.0.0.1"
# Seconds to wait for another demo that prepares the same database.
PATIENCE = 120.0
# Account and group (PRODUCT.md §6). The account `import` is whom `import_quotes` works for: it never signs in.
ACCOUNTS = {
    "reader": "Reader",
    "reporter": "Reporter",
    "verifier": "Verifier",
    "verifier2": "Verifier",
    "curator": "Curator",
    "admin": "Administrator",
}
IMPORTER = {"import": "Reporter"}


class Command(BaseCommand):
    """Prepare the database, the founding story and the accounts; then serve."""

    help = "A running desk on the founding story. Run again, it keeps the data and the accounts."
    requires_system_checks = ()

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add ``--no-serve``."""
        parser.add_argument("--no-serve", action="store_true", help="prepare everything, serve nothing")

    def handle(self, *, no_serve: bool, **options: Any) -> None:
        """Do all of it.

        Raises:
            CommandError: when the port is taken; nothing has happened then.
        """
        if not no_serve:
            self._require_port(settings.PORT)
        self._say("Preparing the database ...")
        call_command("migrate", verbosity=0, interactive=False)
        call_command("createcachetable", verbosity=0)
        database: Any = connection
        # A second demo that is started meanwhile finds all of it there, or none. Twice: loaddata ends the connection.
        with database.as_owner(), database.alone("preparing the demo", patience=PATIENCE):
            kept = self._load_story()
        with database.alone("preparing the demo", patience=PATIENCE):
            password, news = self._make_accounts()
        self._summary(kept, password, news, served=not no_serve)
        if not no_serve:
            self._serve()

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()

    def _require_port(self, port: int) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            # As gunicorn binds: a connection that has just ended does not make the port taken.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
                probe.listen(1)
            except OSError as error:
                if error.errno == errno.EADDRINUSE:
                    other = port + 1 if port < 65535 else 8000
                    raise CommandError(
                        f"Port {port} on {HOST} is taken by another program; choose one: PORT={other} make demo"
                    ) from None
                raise CommandError(f"Port {port} on {HOST} cannot be used: {error.strerror}.") from None

    def _load_story(self) -> str:
        """Load the fixtures into an empty database; give a line about what there is."""
        statements = apps.get_model("quotes", "Statement")._base_manager
        held = statements.count()
        if held:
            return f"{held} statements, kept as they were"
        files = sorted((Path(settings.BASE_DIR) / "fixtures").glob("*.json"))
        if not files:
            return "no statements: the directory fixtures/ holds no files"
        call_command("loaddata", *map(str, files), verbosity=0)
        return f"{statements.count()} statements from {len(files)} file{'s' if len(files) > 1 else ''} in fixtures/"

    def _make_accounts(self) -> tuple[str | None, str]:
        """Make the accounts that are missing.

        Returns:
            The password to show, or None when it is not known (any more); and a line on what was done.
        """
        wished = os.environ.get("DEMO_PASSWORD") or None
        password = wished or secrets.token_urlsafe(9)
        made = demo.make_accounts(ACCOUNTS, password, by=None)
        demo.make_accounts(IMPORTER, None, by=None)
        if len(made) == len(ACCOUNTS):
            return password, "new"
        if wished and demo.give_password(ACCOUNTS, wished, by=None):
            return wished, "kept, with the password of DEMO_PASSWORD"
        if made:
            return password, f"{', '.join(made)}: new; the others keep their passwords"
        return wished, "kept, with their passwords"

    def _summary(self, kept: str, password: str | None, news: str, *, served: bool) -> None:
        bold: Callable[[str], str] = self.style.HTTP_INFO
        plain: Callable[[str], str] = str
        address = f"http://{HOST}:{settings.PORT}/"
        rows = [
            ("Desk", address if served else "not served (--no-serve)", bold),
            ("Records", kept, plain),
            ("Accounts", ", ".join(ACCOUNTS), plain),
            ("", news, plain),
        ]
        if password:
            rows.append(("Password", f"{password}   (the same for all)", bold))
        else:
            rows.append(
                ("Password", "as printed the first time; to set another: DEMO_PASSWORD=... make demo", plain)
            )
        self._say("")
        self._say(bold("  Verbatim: who said what"))
        self._say("")
        for label, text, style in rows:
            self._say(f"  {label:<10}{style(text)}")
        self._say("")
        if served:
            self._say("  Ctrl-C ends it; the data stay.")
            self._say("")

    def _serve(self) -> None:
        """Become gunicorn, in the same process: a signal to the demo is a signal to the server."""
        connection.close()
        environment = {key: value for key, value in os.environ.items() if key != "DEMO_PASSWORD"}
        environment |= {"VERBATIM_DEMO": "1", "HOST": HOST, "PORT": str(settings.PORT)}
        # The terminal belongs to the address and the password above; LOG_LEVEL=INFO shows every request.
        environment.setdefault("LOG_LEVEL", "WARNING")
        command = [sys.executable, "-m", "gunicorn", "-c", "python:newsroom.gunicorn", "newsroom.wsgi"]
        os.chdir(settings.BASE_DIR)
        sys.stdout.flush()
        os.execve(sys.executable, command, environment)  # noqa: S606 - no shell, and every word is ours
