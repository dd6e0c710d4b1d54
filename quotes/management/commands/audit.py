"""`manage.py audit verify|checkpoint`."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from quotes.search.activity import check_chain, identity, last_seal, place_waiting

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
        desk, place = identity()
        checkpoints.note(file, seal.position or 0, seal.hash, desk=desk, place=place, sealed_at=sealed)
        self.stdout.write(f"Seal {seal.position} noted in {file}: {seal.hash}")

    def verify(self, file: Path) -> None:
        if not file.exists():
            self.stderr.write(
                f"No checkpoints in {file}: a cut end or a rewritten chain could not be noticed. "
                "Run `manage.py audit checkpoint` regularly."
            )
        desk, place = identity()
        noted = checkpoints.of(checkpoints.read(file), desk, place)
        # Of this very database, and its log begins otherwise: then it is no other desk, but a log that was rewritten.
        rewritten = [note.checkpoint for note in noted.elsewhere if note.place == place]
        began = time.perf_counter()
        walk = check_chain(noted.checkpoints or rewritten)
        took = time.perf_counter() - began
        if walk.broken:
            places = {"event": walk.broken.event_id, "seal": walk.broken.position}
            where = ", ".join(f"{name} {number}" for name, number in places.items() if number)
            raise CommandError(f"Broken at {where}: {walk.broken.message}.")
        if noted.elsewhere and not noted.checkpoints:
            elsewhere = "; ".join(dict.fromkeys(note.place for note in noted.elsewhere))
            raise CommandError(
                f"None of the checkpoints in {file} is of this database ({place}): they were noted in {elsewhere}."
                " By itself the chain holds here, but a cut end or a rewritten chain could not be noticed. If this is"
                " another desk, note its own end: `manage.py audit checkpoint`. If it should be the same one, something"
                " else was put in its place."
            )
        self.stdout.write(
            f"The chain holds: {walk.events} events in {walk.seals + walk.waiting} seals,"
            f" {len(noted.checkpoints)} checkpoints agree."
        )
        if walk.waiting:
            self.stdout.write(f"{walk.waiting} of these seals were made meanwhile and wait for their place.")
        if noted.elsewhere:
            self.stdout.write(
                f"{len(noted.elsewhere)} checkpoints are of other databases, and say nothing here."
            )
        if noted.put_aside:
            self.stdout.write(f"{noted.put_aside} checkpoints tell of a desk that a restore has put aside.")
        self.stdout.write(
            f"{walk.events:,} events and {walk.seals + walk.waiting:,} seals verified in {took:,.1f} s."
        )
