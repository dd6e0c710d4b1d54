"""`manage.py make_corpus --statements N --seed S` (PRODUCT.md §5)."""

import argparse
import sys
import time
from itertools import chain
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from quotes.benchmarks.corpus import fixture, loading, proof

from ..owner import OwnersCommand


class Command(OwnersCommand, BaseCommand):
    """Write a synthetic newsroom, and prove that its standings and search documents are right."""

    help = "Writes a synthetic newsroom for load; the same seed gives the same rows. Refuses to write beside others."
    requires_migrations_checks = True

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Take size and seed."""
        parser.add_argument("--statements", type=int, required=True, metavar="N", help="how many statements")
        parser.add_argument(
            "--seed", type=int, default=1, metavar="S", help="another seed, other rows (default 1)"
        )
        parser.add_argument("--add", action="store_true", help="also when there are statements already")
        parser.add_argument(
            "--out",
            type=Path,
            metavar="FILE",
            help="only write a fixture of what can be imported; the database stays as it is",
        )
        parser.add_argument(
            "--no-proof", action="store_true", help="leave out the proof over all rows at the end"
        )
        parser.add_argument("--database", default="default", help=argparse.SUPPRESS)

    def handle(
        self, *, statements: int, seed: int, add: bool, out: Path | None, no_proof: bool, **options: Any
    ) -> None:
        """Write it.

        Raises:
            CommandError: on a size below one, a database with statements in it, and when a proof fails.
        """
        if statements < 1 or seed < 0:
            raise CommandError("A corpus has at least one statement, and a seed that is not negative.")
        bar = Bar(self.stderr)
        if out is not None:
            count = fixture.write(statements, seed, out, bar)
            self.stdout.write(f"{count:,} records in {out}, {out.stat().st_size / 1e6:,.1f} MB, seed {seed}")
            return
        began = time.perf_counter()
        try:
            written = loading.make(statements, seed, add=add, tell=bar)
        except loading.NotEmpty as refusal:
            raise CommandError(str(refusal)) from None
        loading.tidy()
        took = time.perf_counter() - began
        total = sum(written.counts.values())
        self.stdout.write(
            f"{total:,} rows in {took:,.1f} s ({statements / took:,.0f} statements/s), seed {seed}"
        )
        self.stdout.write("  " + ", ".join(f"{count:,} {table}" for table, count in written.counts.items()))
        self.stdout.write(
            "  " + ", ".join(f"{step} {spent:.1f} s" for step, spent in written.seconds.items())
        )
        self.stdout.write(f"  sha256 of the rows {written.digest}")
        if not no_proof:
            self._prove()

    def _prove(self) -> None:
        began = time.perf_counter()
        failed = False
        for claim in chain(proof.claims(), [proof.chain()]):
            failed = failed or claim.wrong > 0
            sign = "WRONG" if claim.wrong else "ok  "
            self.stdout.write(f"{sign} {claim.what}: {claim.looked_at:,} rows, {claim.wrong:,} wrong")
        self.stdout.write(f"  proved in {time.perf_counter() - began:,.1f} s")
        if failed:
            raise CommandError("The corpus is not what it claims to be.")


class Bar:
    """Progress with rate and time left: over one line on a terminal, else a line every ten seconds."""

    def __init__(self, out: Any) -> None:
        self._out = out
        self._step = ""
        self._began = self._told = time.monotonic()

    def __call__(self, step: str, done: int, whole: int) -> None:
        """Tell how far a step is."""
        now = time.monotonic()
        if step != self._step:
            self._step, self._began = step, now
        terminal = sys.stderr.isatty()
        if done < whole and now - self._told < (0.2 if terminal else 10):
            return
        if done == whole and not terminal:
            return
        self._told = now
        passed = now - self._began
        rate = done / passed if passed > 0 else 0
        left = f", {(whole - done) / rate:,.0f} s left" if rate and done < whole else ""
        line = f"{step:18} {done:>11,} of {whole:,}" + (f", {rate:,.0f}/s{left}" if rate else "")
        self._out.write(
            f"\r{line:<78}" if terminal else line, ending="\n" if not terminal or done == whole else ""
        )
