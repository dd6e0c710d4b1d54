"""Suggest links for many statements at once, or judge the kept suggestions once more."""

from __future__ import annotations

import datetime as dt
import sys
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.models import Q

from quotes.actions import links as act
from quotes.actions.links_suggesting import Written
from quotes.models import Link, SameUtterance, Statement
from quotes.search.links_batch import compared_in_batches, find_near
from quotes.search.links_suggesting import for_statement, replayed

HIGHEST_KEY = 2**63 - 1
FEW = 500
"""Statements up to which each is asked about by itself; hashing all documents would take longer."""
AT_ONCE = 500


class Command(BaseCommand):
    """`manage.py suggest_links [--since DAY] [--limit N] [--replay]`: exit 1 when a replay differs."""

    help = "Suggests links between statements. Nothing is confirmed, and what was rejected stays so."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--since", metavar="DAY", help="only statements entered since this day (YYYY-MM-DD)"
        )
        parser.add_argument("--limit", type=int, metavar="N", help="only the N newest statements")
        parser.add_argument(
            "--replay", action="store_true", help="only judge the kept suggestions once more, and compare"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["replay"]:
            self._replay()
            return
        found = Statement.objects.filter(joined_into__isnull=True).order_by("-pk")
        if options["since"]:
            try:
                since = dt.datetime.fromisoformat(options["since"])
            except ValueError as error:
                raise CommandError(f"“{options['since']}” is no day: write YYYY-MM-DD.") from error
            found = found.filter(created_at__gte=since if since.tzinfo else since.replace(tzinfo=dt.UTC))
        if options["limit"] is not None:
            if not 1 <= options["limit"] <= HIGHEST_KEY:
                raise CommandError(f"--limit is at least 1, and at most {HIGHEST_KEY:,}.")
            found = found[: options["limit"]]
        keys = list(found.values_list("pk", flat=True))
        begun = time.monotonic()
        written = Written()
        if len(keys) <= FEW:
            for done, key in enumerate(keys, 1):
                one = for_statement(key)
                written += act.suggest(one.proposals, by=None, looked_at=one.looked_at)
                self._tell("comparing", done, len(keys))
        else:
            # All pairs of a large desk take one statement longer than a page may, on our side as well.
            with connection.unhurried():  # type: ignore[attr-defined]
                near = find_near(self._tell, Statement.objects.count())
                self._say(f"{near} pairs of near duplicates")
                for many in compared_in_batches(keys, self._tell):
                    written += act.suggest(many.proposals, by=None, looked_at=many.looked_at)
        self._say("")
        self.stdout.write(
            f"{len(keys)} statements in {time.monotonic() - begun:.0f} s: {written.added} suggested, "
            f"{written.changed} brought up to date, {written.again} suggested again, "
            f"{written.remembered} remembered as rejected, {written.gone} taken away."
        )

    def _replay(self) -> None:
        judged = differing = 0
        for model in (Link, SameUtterance):
            rows = model.objects.filter(~Q(features={})).select_related("source", "target").order_by("pk")
            keys = list(rows.values_list("pk", flat=True))
            for at in range(0, len(keys), AT_ONCE):
                for replay in replayed(list(rows.filter(pk__in=keys[at : at + AT_ONCE]))):
                    judged += 1
                    if not replay.agrees:
                        differing += 1
                        self.stdout.write(
                            f"{replay.row.source.uid} {replay.row.type} {replay.row.target.uid}: kept "
                            f"{replay.row.score}, now {replay.score} (measured again: {replay.measured_again})"
                        )
        self.stdout.write(f"{judged} suggestions judged again, {differing} differ.")
        if differing:
            raise CommandError("Not every suggestion is replayed to its score.")

    def _tell(self, what: str, done: int, of: int) -> None:
        if sys.stderr.isatty() or done == of or done % 20_000 == 0:
            self._say(f"{what} {done} of {of}")

    def _say(self, text: str) -> None:
        end = "\r" if sys.stderr.isatty() and text else "\n"
        if text or sys.stderr.isatty():
            self.stderr.write(text, ending=end)
