"""`manage.py try_imports [kill|orders|together|disk …] [--times N] [--rows N]` (TRUST.md R4, R6, R13)."""

import argparse
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from quotes.benchmarks.frame import Broken, Skipped
from quotes.benchmarks.ordeals import ORDEALS


class Command(BaseCommand):
    """Put imports to the test, in databases of their own; exit 1 when something that must hold did not."""

    help = "Kills imports, runs them at once and in every order, fills the disk under them. Touches no data of yours."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Take which, and how often."""
        parser.add_argument("names", nargs="*", choices=[*ORDEALS, []], help="which; all when none is named")
        parser.add_argument("--times", type=int, help="how often each (default: as TRUST.md asks)")
        parser.add_argument("--rows", type=int, help="how many records are brought in")

    def handle(self, *, names: list[str], times: int | None, rows: int | None, **options: Any) -> None:
        """Run them.

        Raises:
            CommandError: when one of them broke something.
        """
        given = {key: value for key, value in {"times": times, "rows": rows}.items() if value}
        broken = 0
        for name in names or ORDEALS:
            began = time.monotonic()
            try:
                seen, sign = ORDEALS[name](self._say, **given), "ok"
            except Skipped as reason:
                seen, sign = str(reason), "skip"
            except Broken as found:
                seen, sign, broken = str(found), "FAIL", broken + 1
            self._say(f"{sign:4} {name:9} {time.monotonic() - began:7,.0f} s  {seen}")
        if broken:
            raise CommandError(f"{broken} of the ordeals broke something.")

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
