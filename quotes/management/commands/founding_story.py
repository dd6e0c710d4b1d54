"""`manage.py founding_story`: what the desk makes of the founding story, as a table."""

from __future__ import annotations

import argparse
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.management.base import BaseCommand, CommandError
from django.http import Http404

from quotes.search.founding import results


class Command(BaseCommand):
    """Read the results as somebody without any rights does, and say whether all are as they are to be."""

    help = "The results of the founding story: roots, series, conflict, role flag, partial quotes, condition."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Take nothing."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the table; exit 1 when a result is not as it is to be."""
        try:
            found = results(AnonymousUser())
        except Http404 as gone:
            raise CommandError(
                "The founding story is not loaded: `manage.py demo --no-serve` loads it."
            ) from gone
        wide = max(len(result.name) for result in found)
        for result in found:
            mark = "ok  " if result.kept else "FAIL"
            self.stdout.write(f"{mark} {result.name:<{wide}}  {len(result.found)}  {'; '.join(result.found)}")
            if result.said:
                self.stdout.write(f"     {'':<{wide}}     {result.said}")
        if not all(result.kept for result in found):
            raise CommandError("Not every result is as it is to be.")
