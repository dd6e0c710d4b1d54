"""`manage.py import_quotes FILE… [--dry-run] [--json] [--as USER]` (PRODUCT.md §5)."""

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from quotes.actions import imports
from quotes.actions.backup import DISK_FULL, state_of
from quotes.actions.importreport import Report

REFUSED = 1
UNREADABLE = 2
BAR = 30
"""Characters of the progress bar."""
WIDTH = 76
"""Characters of its line, which fits on the narrowest terminal."""


class Command(BaseCommand):
    """Import files as one whole, by one person's rights."""

    help = (
        "Import JSON files, or CSV files of quotes: all of them or nothing."
        " Exit 0: done, 1: rows refused, 2: a file cannot be read."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Take the files, and how to go about it."""
        parser.add_argument("files", nargs="+", metavar="FILE", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="say what would happen, write nothing")
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument(
            "--as", dest="account", default="import", metavar="USER", help="whose import it is"
        )

    def handle(
        self, *, files: list[Path], dry_run: bool, json: bool, account: str, **options: Any
    ) -> None:  # the option is called --json
        """Run the import; nothing is written when anything is refused.

        Raises:
            CommandError: when there is no such account, or it may not import.
        """
        by = User.objects.filter(username=account, is_active=True).first()
        if by is None:
            raise CommandError(f"There is no active account “{account}” to import as; name one with --as.")
        bar = _Bar(self.stderr) if sys.stderr.isatty() and not json else None
        try:
            report = imports.run(files, by=by, dry=dry_run, progress=bar)
        except imports.NotAllowed as error:
            raise CommandError(str(error)) from error
        except OperationalError as error:
            if state_of(error) != DISK_FULL:
                raise
            raise CommandError(
                "The disk of the database is full: nothing was written. Make room, then import again."
            ) from error
        finally:
            if bar:
                bar.close()
        if json:
            self._print_json(report)
        else:
            self._print(report, dry_run)
        if report.refused:
            sys.exit(UNREADABLE if report.unreadable else REFUSED)

    def _print_json(self, report: Report) -> None:
        self.stdout.write(json.dumps(report.as_json(), ensure_ascii=False))

    def _print(self, report: Report, dry: bool) -> None:
        for error in report.errors:
            self.stderr.write(str(error))
        if report.errors.unlisted:
            self.stderr.write(f"… and {report.errors.unlisted:,} more.")
        if report.refused:
            self.stderr.write(f"Nothing was written: {report.errors.count:,} refused.")
            return
        for warning in report.warnings:
            self.stderr.write(f"Look: {warning}")
        done = {
            "to create" if dry else "created": report.created,
            "to change" if dry else "changed": report.updated,
            "proposed": report.proposed,
            "unchanged": report.unchanged,
        }
        for word, counts in done.items():
            if counts:
                parts = ", ".join(
                    f"{number:,} {model.removeprefix('quotes.')}" for model, number in counts.items()
                )
                self.stdout.write(f"{sum(counts.values()):>9,} {word} ({parts})")
        if dry:
            self.stdout.write("Nothing was written: this was a dry run.")


class _Bar:
    """A progress bar on a terminal, with the rate and the time left."""

    def __init__(self, out: Any) -> None:
        self.out = out
        self.step = ""
        self.began = time.monotonic()
        self.drawn = False

    def __call__(self, step: str, done: int, whole: int) -> None:
        if self.step and step != self.step:
            # Each step is at a pace of its own: how long reading took says nothing of how long writing will. Only the
            # first is told of when some of it is done; it began with us.
            self.began = time.monotonic()
        self.step = step
        share = done / whole if whole else 1.0
        passed = time.monotonic() - self.began
        filled = int(share * BAR)
        left = f", {passed / share - passed:.0f} s left" if 0 < share < 1 and passed > 1 else ""
        rate = ""
        if done and passed > 0:
            rate = f", {done / passed / 1e6:.1f} MB/s" if step == "reading" else f", {done / passed:,.0f}/s"
        line = f"\r{step:8} [{'#' * filled}{'.' * (BAR - filled)}] {share:4.0%}{rate}{left}"
        # Padded, so that nothing of a longer line stays; and not in the colour of errors.
        self.out.write(line.ljust(WIDTH), style_func=str, ending="")
        self.out.flush()
        self.drawn = True

    def close(self) -> None:
        """End the line of the bar, so that what is said next begins on one of its own."""
        if self.drawn:
            self.out.write("", style_func=str)
            self.drawn = False
