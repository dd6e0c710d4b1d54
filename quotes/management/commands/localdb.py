"""`manage.py localdb start|stop|status|path`: the embedded PostgreSQL by hand."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection


class Command(BaseCommand):
    """Start, stop and look at the server that Verbatim brings along."""

    help = "Start (and keep running), stop or show the embedded PostgreSQL; path prints its data directory."
    requires_system_checks = ()

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Take the one word, and ``--force`` for stop."""
        parser.add_argument("what", choices=["start", "stop", "status", "path"])
        parser.add_argument("--force", action="store_true", help="stop it although another process uses it")

    def handle(self, *, what: str, force: bool, **options: Any) -> None:
        """Do what is asked.

        Raises:
            CommandError: when DATABASE_URL is set; ``status`` and ``stop`` also end with 1 when there is nothing.
        """
        engine: Any = connection
        server = engine.server
        if server is None:
            raise CommandError("DATABASE_URL is set, so the embedded PostgreSQL is not used.")
        if what == "path":
            self.stdout.write(str(server.data))
        elif what == "start":
            server.keep()
            self.stdout.write(
                f"PostgreSQL {server.binaries.version} runs; socket in {server.socket_directory}."
            )
        elif what == "stop":
            if not force and server.in_use():
                raise CommandError("Another process uses it; end that first, or: localdb stop --force")
            self.stdout.write("Stopped." if server.stop() else "It was not running.")
        else:
            self.status(server)

    def status(self, server: Any) -> None:
        """Print what is known of it; status 1 when it does not run."""
        running = server.directory.is_dir() and server.answers()
        self.stdout.write(f"server   {'running' if running else 'stopped'}")
        self.stdout.write(f"version  PostgreSQL {server.binaries.version} ({server.binaries.directory})")
        self.stdout.write(f"data     {server.data}")
        self.stdout.write(f"socket   {server.socket_directory}")
        self.stdout.write(f"log      {server.log}")
        if not running:
            raise SystemExit(1)
        self.stdout.write(f"process  {server.process() or 'not known'}")
        self.stdout.write(f"in use   {'yes' if server.in_use() else 'no'}")
        self.stdout.write(f"kept     {'yes, until localdb stop' if server.stay.exists() else 'no'}")
