"""`manage.py restore FILE` (PRODUCT.md §5)."""

import argparse
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from quotes.actions import restore
from quotes.actions.restore_filling import CannotRestore
from quotes.search.activity import check_chain, identity, last_seal
from quotes.text.auditchain import Checkpoint

from .. import checkpoints


class Command(BaseCommand):
    """Put the desk of a backup in the place of the present one."""

    help = (
        "Restore a backup: its checksum, rows and audit chain are verified in a database beside the desk, which is put "
        "in its place only then. The earlier desk is kept on the server under another name."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Take the file, and how far to go."""
        parser.add_argument("file", metavar="FILE", type=Path, nargs="?")
        parser.add_argument(
            "--replace", action="store_true", help="although there are records: put them aside"
        )
        parser.add_argument("--check", action="store_true", help="do everything except for the last step")
        parser.add_argument(
            "--even-if-broken", action="store_true", help="although its audit chain does not hold"
        )
        parser.add_argument(
            "--back", metavar="NAME", help="put a desk that a restore has put aside in its place again"
        )

    def handle(self, *, file: Path | None, back: str | None, **options: Any) -> None:
        """Restore, check or go back.

        Raises:
            CommandError: when nothing was replaced; says why in one line.
        """
        if (file is None) == (back is None):
            raise CommandError("Name a FILE to restore, or with --back what to go back to.")
        try:
            if file is not None:
                self.restore(file, **options)
            else:
                self.go_back(str(back))
        except CannotRestore as error:
            raise CommandError(str(error)) from error

    def restore(
        self, file: Path, *, replace: bool, check: bool, even_if_broken: bool, **options: Any
    ) -> None:
        """Restore a file, and note the restore beside the checkpoints."""
        noted = checkpoints.usual_file()
        notes = checkpoints.read(noted)

        def noted_of(name: str) -> list[Checkpoint]:
            # Where none was noted of this desk, a backup of another one is in hand, or one with a made-up log: all
            # that was noted must agree with it, or nobody could tell.
            found = checkpoints.of(notes, *identity(name))
            return found.checkpoints or [note.checkpoint for note in found.elsewhere]

        began = time.perf_counter()
        done = restore.restore(
            file,
            chain=check_chain,
            noted=noted_of,
            replace=replace,
            only_check=check,
            even_if_broken=even_if_broken,
        )
        told = (
            f"{sum(done.rows.values()):,} rows, {done.rows['quotes_statement']:,} statements and"
            f" {done.rows['quotes_quote']:,} quotes of {done.made_at}, audit chain up to seal {done.position},"
            f" in {time.perf_counter() - began:,.1f} s"
        )
        if check:
            self.stdout.write(f"{file} can be restored: {told}. Nothing was changed.")
            return
        desk, place = identity()
        checkpoints.note(
            noted,
            done.position,
            done.seal,
            desk=desk,
            place=place,
            restored=True,
            broken=even_if_broken,
        )
        self.stdout.write(f"Restored: {told}.")
        if done.migrated:
            self.stdout.write("It came from an earlier Verbatim, and was brought up to date.")
        if done.aside:
            self.stdout.write(
                f"The earlier desk is kept as {done.aside}; manage.py restore --back {done.aside} puts it in its place"
                " again. When you are sure: DROP DATABASE (README, Backup)."
            )
        self.stdout.write("Everybody has to sign in again; used or not, recovery codes have to be made anew.")

    def go_back(self, name: str) -> None:
        """Swap the desk with one that was put aside."""
        kept = restore.go_back(name)
        seal = last_seal()
        desk, place = identity()
        # Its chain is another one from some point on: what was noted meanwhile cannot be asked of it.
        checkpoints.note(
            checkpoints.usual_file(),
            (seal.position or 0) if seal else 0,
            seal.hash if seal else "",
            desk=desk,
            place=place,
            restored=True,
            broken=True,
        )
        self.stdout.write(f"{name} is the desk again. The one before is kept as {kept}.")
