"""`manage.py run_import ID look|apply|undo PERSON`: the process that an import page starts."""

import argparse
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from quotes.actions import uploads
from quotes.models import ImportRun

DEEDS = {
    "look": (uploads.look, ImportRun.State.RUNNING),
    "apply": (uploads.carry_out, ImportRun.State.RUNNING),
    ImportRun.UNDO: (uploads.carry_back, ImportRun.State.DONE),
}


class Command(BaseCommand):
    """Look at an uploaded file, bring it in, or take back what it brought."""

    help = "Started by the import page; not for people."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Take the number of the import, what to do, and for whom."""
        parser.add_argument("run", type=int)
        parser.add_argument("what", choices=[*DEEDS])
        parser.add_argument("person", type=int)

    def handle(self, *, run: int, what: str, person: int, **options: Any) -> None:
        """Do it.

        Raises:
            CommandError: when there is no such import on its way, or nobody to do it for.
        """
        deed, state = DEEDS[what]
        found = ImportRun.objects.filter(pk=run, state=state).first()
        if found is None:
            raise CommandError(f"Import {run} is not on its way.")
        by = User.objects.filter(pk=person, is_active=True).first()
        if by is None:
            raise CommandError(f"There is no account {person}.")
        deed(found, by=by)
