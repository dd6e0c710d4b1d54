"""Enter, change and remove one record, by the version that was on the screen (rule 6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import models

from .audit import acting


class Conflict(Exception):
    """Somebody else wrote the record after it was shown. Nothing of this change was kept.

    Attributes:
        record: the record as it is saved now; None when it was removed meanwhile.
    """

    def __init__(self, record: models.Model | None) -> None:
        super().__init__("The record is no longer the one that was shown.")
        self.record = record


def enter[Entered: models.Model](record: Entered, *, by: Any, verb: str) -> Entered:
    """Save a new record.

    Args:
        record: the record, not saved yet.
        by: who enters it.
        verb: as `speakers.enter`.
    """
    with acting(by=by, verb=verb):
        record.save(force_insert=True)
    return record


def change(record: models.Model, fields: Mapping[str, Any], *, seen: int, by: Any, verb: str) -> None:
    """Change only these fields, and only if the record still is at the version that was seen.

    Args:
        record: the record; it is brought up to date with what is saved.
        fields: new values by field name.
        seen: the version that was on the screen.
        by: who changes it.
        verb: as `speakers.change`.

    Raises:
        Conflict: when somebody else has changed or removed it since.
    """
    rows = type(record)._default_manager.filter(pk=record.pk)
    with acting(by=by, verb=verb):
        # `update()` and not `save()`: a form opened long ago must not write back what it did not mean.
        if fields and not rows.filter(version=seen).update(**fields):
            raise Conflict(rows.first())
        if not fields and not rows.filter(version=seen).exists():
            raise Conflict(rows.first())
    record.refresh_from_db()


def remove(record: models.Model, *, seen: int, by: Any, verb: str) -> None:
    """Delete the record if it still is at the version that was seen; the log keeps what it was.

    Raises:
        Conflict: when somebody else has changed or removed it since.
        django.db.models.ProtectedError: when other records rest on it.
    """
    with acting(by=by, verb=verb):
        rows = type(record)._default_manager.filter(pk=record.pk)
        removed, _ = rows.filter(version=seen).delete()
        if not removed:
            raise Conflict(rows.first())
