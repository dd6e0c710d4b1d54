"""`manage.py send_mail`: write letters about alerts and saved searches, and send what is due. By cron, every minute."""

from __future__ import annotations

import argparse
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

from quotes.actions import letters, saved
from quotes.search.saved import news_for_mail

LONGEST_PAUSE = 86_400
"""Seconds: letters that come daily are due once a day."""


class Command(BaseCommand):
    """Exit 0 when all was sent, 1 when a letter waits, was given up, or may or may not have been sent."""

    help = "Sends mail from the outbox: nothing is lost, nothing is sent twice. Run it by cron every minute."
    requires_system_checks = ()

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--every", type=int, metavar="SECONDS", help="go on, with this pause, until stopped"
        )
        parser.add_argument(
            "--again", action="store_true", help="also letters given up, or of which it is not known"
        )

    def handle(self, *, every: int | None, again: bool, **options: Any) -> None:
        if every is not None and not 1 <= every <= LONGEST_PAUSE:
            raise CommandError(f"--every needs a number of seconds, from 1 to {LONGEST_PAUSE:,} (a day).")
        if again:
            number = letters.again(by=None)
            self.stdout.write(f"{number} letter{'' if number == 1 else 's'} to be sent once more")
        while every is not None:
            self.round()
            # A connection that is kept over the pause would be one that the server may have closed.
            connection.close()
            time.sleep(every)
        done = self.round()
        if done.waiting or done.uncertain or done.refused:
            raise CommandError(
                f"{done.waiting} waiting, {done.uncertain} uncertain, {done.refused} given up now."
            )

    def round(self) -> letters.Sent:
        """Write and send once."""
        letters.compose(by=None)
        for daily in (False, True) if timezone.localtime().hour >= letters.DAILY_HOUR else (False,):
            for news in news_for_mail(daily=daily):
                saved.tell_by_mail(news.person, news.found, news.newest, daily=daily, by=None)
        done = letters.send(by=None, tell=self.stderr.write)
        if done.sent or done.failed:
            self.stdout.write(f"{done.sent} sent, {done.failed} not")
        return done
