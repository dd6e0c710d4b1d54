"""`manage.py backup FILE` (PRODUCT.md §5)."""

import argparse
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from quotes.actions import backup
from quotes.search.activity import check_chain, identity

from .. import checkpoints


class Command(BaseCommand):
    """Write everything into one file, while people work on."""

    help = (
        "Write the whole desk, as it stands at this moment, into one file that only you can read. Sessions, keys in "
        "mails and recovery codes stay out. Exit 0: the file is whole and its audit chain holds."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Take the file, and whether it may replace another."""
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--overwrite", action="store_true", help="replace FILE when it is there already")

    def handle(self, *, file: Path, overwrite: bool, **options: Any) -> None:
        """Write it, and check the chain that is in it.

        Raises:
            CommandError: when there is no file, or its chain does not hold.
        """
        began = time.perf_counter()
        try:
            kept = backup.take(file, overwrite=overwrite)
        except backup.CannotKeep as error:
            raise CommandError(str(error)) from error
        for name in kept.strangers:
            self.stderr.write(f"Left out: the table {name} is not Verbatim's.")
        self.stdout.write(
            f"{file}: {sum(kept.rows.values()):,} rows of {len(kept.rows)} tables, {kept.size:,} bytes,"
            f" {kept.rows['quotes_statement']:,} statements and {kept.rows['quotes_quote']:,} quotes,"
            f" audit chain up to seal {kept.position}."
        )
        # The chain only grows, so what holds now held when the snapshot was taken.
        notes = checkpoints.read(checkpoints.usual_file())
        walk = check_chain(checkpoints.of(notes, *identity()).checkpoints)
        if walk.broken:
            raise CommandError(
                f"The file was written, but the audit chain in it does not hold: {walk.broken.message}. Restore will "
                "refuse it unless it is told --even-if-broken. Keep an older backup as well."
            )
        self.stdout.write(
            f"Written, and {walk.events:,} audit events verified, in {time.perf_counter() - began:,.1f} s."
        )
