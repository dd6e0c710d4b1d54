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


@dataclass(frozen=True, slots=True)
class Note:
    """One line of the file: a checkpoint, and of what.

    `desk` is how its log begins, the hash of the first seal, which a backup carries along; `place` is the database that
    it was in. Both are empty in lines of before they were noted.
    """

    checkpoint: Checkpoint
    desk: str
    place: str
    restored: bool
    broken: bool


@dataclass(slots=True)
class Noted:
    """What the chain must agree with, how many checkpoints a restore has put aside, and those of other databases."""

    checkpoints: list[Checkpoint] = field(default_factory=list)
    put_aside: int = 0
    elsewhere: list[Note] = field(default_factory=list)


def usual_file() -> Path:
    """Return where checkpoints are kept when nobody says otherwise."""
    return Path(settings.DATA_DIR) / "audit-checkpoints.jsonl"


def note(file: Path, position: int, seal: str, *, desk: str = "", place: str = "", **more: Any) -> None:
    """Add a checkpoint to the file.

    Args:
        file: made when it is not there.
        position: of the last seal.
        seal: its hash.
        desk: how its log begins: the hash of the first seal.
        place: the database that it is in.
        more: what else is to be signed with it; `restored=True` says that the desk came out of a backup here.

    Raises:
        CommandError: when it cannot be written.
    """
    told = {
        "position": position,
        "hash": seal,
        "desk": desk,
        "place": place,
        "noted_at": timezone.now().isoformat(),
        **more,
    }
    line = json.dumps({**told, "signed": signing.dumps(told, salt=SALT)})
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a", encoding="utf-8") as notes:
            notes.write(line + "\n")
    except OSError as error:
        raise CommandError(f"The checkpoint could not be written to {file}: {error.strerror}.") from error


def read(file: Path) -> list[Note]:
    """Read the file; nothing when there is none.

    Raises:
        CommandError: for a line that was not signed with this site's key: an error, not a no.
    """
    notes: list[Note] = []
    if not file.exists():
        return notes
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        try:
            told = signing.loads(json.loads(line)["signed"], salt=SALT)
            notes.append(
                Note(
                    Checkpoint(int(told["position"]), str(told["hash"])),
                    str(told.get("desk", "")),
                    str(told.get("place", "")),
                    bool(told.get("restored")),
                    bool(told.get("broken")),
                )
            )
        except (ValueError, KeyError, TypeError, signing.BadSignature) as error:
            raise CommandError(f"{file}:{number}: this checkpoint was not written by this site.") from error
    return notes


def of(notes: list[Note], desk: str, place: str) -> Noted:
    """Keep the checkpoints that say something about one desk.

    Those of another desk do not, nor those of a copy of this one that was restored into another database and went on by
    itself. After a restore those noted later than the backup tell of a desk that was put aside, and are only counted.

    Args:
        notes: in the order of the file.
        desk: how the log begins that is to be checked.
        place: the database that it is in.
    """
    noted = Noted()
    copies: set[str] = set()
    for note in notes:
        here = note.place in ("", place)
        if note.restored:
            if here:
                before = len(noted.checkpoints)
                noted.checkpoints = [
                    earlier
                    for earlier in noted.checkpoints
                    if earlier.position <= note.checkpoint.position and not note.broken
                ]
                noted.put_aside += before - len(noted.checkpoints)
                if note.broken:
                    noted.elsewhere = [one for one in noted.elsewhere if one.place != place]
            else:
                copies.add(note.place)
        if not note.checkpoint.position:
            continue
        if note.desk not in ("", desk) or note.place in copies:
            noted.elsewhere.append(note)
        else:
            noted.checkpoints.append(note.checkpoint)
    return noted
