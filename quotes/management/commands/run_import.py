"""`manage.py run_import ID look|apply`: the process that an import page starts."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from quotes.actions import uploads
from quotes.models import ImportRun


class Command(BaseCommand):
    """Look at an uploaded file, or bring it in."""

    help = "Started by the import page; not for people."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Take the number of the import and what to do."""
        parser.add_argument("run", type=int)
        parser.add_argument("what", choices=["look", "apply"])

    def handle(self, *, run: int, what: str, **options: Any) -> None:
        """Do it.

        Raises:
            CommandError: when there is no such import on its way.
        """
        found = ImportRun.objects.filter(pk=run, state=ImportRun.State.RUNNING).select_related("by").first()
        if found is None:
            raise CommandError(f"Import {run} is not on its way.")
        (uploads.look if what == "look" else uploads.carry_out)(found, by=found.by)
