"""`manage.py audit verify|checkpoint`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from quotes.search.activity import check_chain, last_seal, place_waiting

from .. import checkpoints


class Command(BaseCommand):
    """Check the chain, or note its end."""

    help = "Check the chain of audit events, or note its present end outside the database."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("what", choices=["verify", "checkpoint"])
        parser.add_argument(
            "--file",
            type=Path,
            default=checkpoints.usual_file(),
            help="where checkpoints are kept; keep a copy of it on another machine (default: %(default)s)",
        )

    def handle(self, *, what: str, file: Path, **options: Any) -> None:
        # What many wrote at once, a moment ago, may still wait for its place.
        place_waiting()
        if what == "checkpoint":
            self.checkpoint(file)
        else:
            self.verify(file)

    def checkpoint(self, file: Path) -> None:
        seal = last_seal()
        if seal is None:
            raise CommandError("There is nothing to note yet: no event was ever written.")
        sealed = seal.sealed_at.isoformat() if seal.sealed_at else None
        checkpoints.note(file, seal.position or 0, seal.hash, sealed_at=sealed)
        self.stdout.write(f"Seal {seal.position} noted in {file}: {seal.hash}")

    def verify(self, file: Path) -> None:
        if not file.exists():
            self.stderr.write(
                f"No checkpoints in {file}: a cut end or a rewritten chain could not be noticed. "
                "Run `manage.py audit checkpoint` regularly."
            )
        noted = checkpoints.read(file)
        walk = check_chain(noted.checkpoints)
        if walk.broken:
            places = {"event": walk.broken.event_id, "seal": walk.broken.position}
            where = ", ".join(f"{name} {number}" for name, number in places.items() if number)
            raise CommandError(f"Broken at {where}: {walk.broken.message}.")
        self.stdout.write(
            f"The chain holds: {walk.events} events in {walk.seals + walk.waiting} seals,"
            f" {len(noted.checkpoints)} checkpoints agree."
        )
        if walk.waiting:
            self.stdout.write(f"{walk.waiting} of these seals were made meanwhile and wait for their place.")
        if noted.put_aside:
            self.stdout.write(f"{noted.put_aside} checkpoints tell of a desk that a restore has put aside.")
