"""Where the audit chain ended at some moment, noted in a file outside the database and signed with this site's key."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import signing
from django.core.management.base import CommandError
from django.utils import timezone

from quotes.text.auditchain import Checkpoint

SALT = "verbatim.audit.checkpoint"


@dataclass(slots=True)
class Noted:
    """What the chain must agree with, and how many checkpoints a restore has put aside."""

    checkpoints: list[Checkpoint] = field(default_factory=list)
    put_aside: int = 0


def usual_file() -> Path:
    """Return where checkpoints are kept when nobody says otherwise."""
    return Path(settings.DATA_DIR) / "audit-checkpoints.jsonl"


def note(file: Path, position: int, seal: str, **more: Any) -> None:
    """Add a checkpoint to the file.

    Args:
        file: made when it is not there.
        position: of the last seal.
        seal: its hash.
        more: what else is to be signed with it; `restored=True` says that the desk came out of a backup here.

    Raises:
        CommandError: when it cannot be written.
    """
    told = {"position": position, "hash": seal, "noted_at": timezone.now().isoformat(), **more}
    line = json.dumps({**told, "signed": signing.dumps(told, salt=SALT)})
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a", encoding="utf-8") as notes:
            notes.write(line + "\n")
    except OSError as error:
        raise CommandError(f"The checkpoint could not be written to {file}: {error.strerror}.") from error


def read(file: Path) -> Noted:
    """Read the checkpoints; none when there is no file.

    After a restore those noted later than the backup tell of a desk that was put aside, and are only counted.

    Raises:
        CommandError: for one that was not signed with this site's key: an error, not a no.
    """
    noted = Noted()
    if not file.exists():
        return noted
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        try:
            told = signing.loads(json.loads(line)["signed"], salt=SALT)
            checkpoint = Checkpoint(int(told["position"]), str(told["hash"]))
        except (ValueError, KeyError, TypeError, signing.BadSignature) as error:
            raise CommandError(f"{file}:{number}: this checkpoint was not written by this site.") from error
        if told.get("restored"):
            before = len(noted.checkpoints)
            noted.checkpoints = [
                earlier
                for earlier in noted.checkpoints
                if earlier.position <= checkpoint.position and not told.get("broken")
            ]
            noted.put_aside += before - len(noted.checkpoints)
        if checkpoint.position:
            noted.checkpoints.append(checkpoint)
    return noted
