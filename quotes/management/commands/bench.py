"""Run the benchmarks in quotes/benchmarks/, as ratios."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from quotes import benchmarks

HELPERS = ("frame", "peers", "corpus", "ordeals", "questions")
"""Modules of that folder that benchmarks share."""

CALLED = {"import": "imports"}
"""By what else a benchmark is called."""


class Command(BaseCommand):
    """`manage.py bench [NAME …]`: exit 1 when a gate is missed."""

    help = "Measures against peers on the data that is there, and prints ratios."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("names", nargs="*", help="which benchmarks; all when none is named")
        parser.add_argument("--rounds", type=int, default=5, help="how often everything is asked (default 5)")
        parser.add_argument(
            "--peers", action="store_true", help="also build and ask the peers, which takes minutes"
        )
        parser.add_argument(
            "--smaller",
            default="",
            help="a database on the same server with fewer statements, for the growth",
        )
        parser.add_argument(
            "--rows", type=int, help="how many records are brought in, where that can be chosen"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        known = sorted(m.name for m in pkgutil.iter_modules(benchmarks.__path__) if m.name not in HELPERS)
        asked = [CALLED.get(name, name) for name in options["names"]]
        unknown = [name for name in asked if name not in known]
        if unknown:
            raise CommandError(f"There is no benchmark {', '.join(unknown)}; there are {', '.join(known)}.")
        missed = 0
        for name in asked or known:
            run = importlib.import_module(f"quotes.benchmarks.{name}").run
            wanted = {name: options[name] for name in ("rounds", "peers", "smaller")}
            if options["rows"]:
                wanted["rows"] = options["rows"]
            taken = {key: value for key, value in wanted.items() if key in inspect.signature(run).parameters}
            self.stdout.write(f"== {name}")
            for ratio in run(self.stdout.write, **taken):
                missed += not ratio.passed
                sign = ">=" if ratio.more_is_better else "<="
                gate = f"gate {sign} {ratio.gate:g}"
                told = f"{ratio.number:4} {ratio.what:44} {ratio.value:9.2f}  {gate}  {ratio.detail}"
                self.stdout.write(f"{'ok  ' if ratio.passed else 'MISS'} {told}".rstrip())
        if missed:
            raise CommandError(f"{missed} gates of SPEED.md §8 were missed.")
