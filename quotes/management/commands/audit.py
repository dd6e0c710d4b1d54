"""`manage.py audit verify|checkpoint`."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import signing
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from quotes.search.activity import check_chain, last_seal
from quotes.text.auditchain import Checkpoint

SALT = "verbatim.audit.checkpoint"


class Command(BaseCommand):
    """Check the chain, or note its end."""

    help = "Check the chain of audit events, or note its present end outside the database."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("what", choices=["verify", "checkpoint"])
        parser.add_argument(
            "--file",
            type=Path,
            default=Path(settings.DATA_DIR) / "audit-checkpoints.jsonl",
            help="where checkpoints are kept; keep a copy of it on another machine (default: %(default)s)",
        )

    def handle(self, *, what: str, file: Path, **options: Any) -> None:
        if what == "checkpoint":
            self.checkpoint(file)
        else:
            self.verify(file)

    def checkpoint(self, file: Path) -> None:
        seal = last_seal()
        if seal is None:
            raise CommandError("There is nothing to note yet: no event was ever written.")
        note = {
            "position": seal.position,
            "hash": seal.hash,
            "sealed_at": seal.sealed_at.isoformat() if seal.sealed_at else None,
            "noted_at": timezone.now().isoformat(),
        }
        line = signing.dumps(note, salt=SALT)
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            with file.open("a", encoding="utf-8") as notes:
                notes.write(json.dumps({**note, "signed": line}) + "\n")
        except OSError as error:
            raise CommandError(f"The checkpoint could not be written to {file}: {error.strerror}.") from error
        self.stdout.write(f"Seal {seal.position} noted in {file}: {seal.hash}")

    def verify(self, file: Path) -> None:
        checkpoints = self.noted(file)
        walk = check_chain(checkpoints)
        if walk.broken:
            places = {"event": walk.broken.event_id, "seal": walk.broken.position}
            where = ", ".join(f"{name} {number}" for name, number in places.items() if number)
            raise CommandError(f"Broken at {where}: {walk.broken.message}.")
        self.stdout.write(
            f"The chain holds: {walk.events} events in {walk.seals} seals,"
            f" {len(checkpoints)} checkpoints agree."
        )

    def noted(self, file: Path) -> list[Checkpoint]:
        """Read the checkpoints; one that was not signed with this site's key is an error, not a no."""
        if not file.exists():
            self.stderr.write(
                f"No checkpoints in {file}: a cut end or a rewritten chain could not be noticed. "
                "Run `manage.py audit checkpoint` regularly."
            )
            return []
        found = []
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            try:
                note = signing.loads(json.loads(line)["signed"], salt=SALT)
                found.append(Checkpoint(int(note["position"]), str(note["hash"])))
            except (ValueError, KeyError, TypeError, signing.BadSignature) as error:
                raise CommandError(
                    f"{file}:{number}: this checkpoint was not written by this site."
                ) from error
        return found
