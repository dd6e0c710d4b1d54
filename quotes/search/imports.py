"""Where an import stands that is brought in or taken back: read from the small file that its process writes."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

from quotes.models import ImportRun

SILENT = 60.0
"""Seconds without a word after which a process counts as gone (one at work gives a sign of life every ten); it wrote
nothing then."""

WORDS = {"settling": "giving quotes their standing", "indexing": "bringing the search up to date"}
"""Steps that are the database's own, as people call them."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a process stands: the step, and how much of it in percent; whether it is gone.

    `back` is true of one that takes an import back. `refused` says why it ended without doing so, as far as known.
    """

    step: str
    percent: int
    stopped: bool
    back: bool = False
    refused: tuple[str, ...] = ()


def progress(run: ImportRun) -> Progress:
    """Say where a running import stands."""
    told = _told(run) or {"step": "starting", "percent": 0, "at": run.created_at.timestamp()}
    return _stands(told)


def way_back(run: ImportRun) -> Progress | None:
    """Say where the way back of an import stands that is done; None when nobody has set out on it."""
    told = _told(run)
    if not told or told.get("deed") != ImportRun.UNDO:
        return None
    return _stands(told, back=True)


def _stands(told: dict[str, Any], *, back: bool = False) -> Progress:
    refused = tuple(told.get("refused") or ())
    stopped = bool(refused) or time.time() - told["at"] > SILENT
    return Progress(WORDS.get(told["step"], told["step"]), told["percent"], stopped, back, refused)


def _told(run: ImportRun) -> dict[str, Any] | None:
    try:
        told = json.loads(run.progress_file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return told if _is_note(told) else None


def _is_note(told: Any) -> bool:
    """Tell whether it is what `quotes.actions.progress.Note` writes: another release's file may stand there."""
    if not isinstance(told, dict):
        return False
    refused = told.get("refused") or []
    return (
        isinstance(told.get("step"), str)
        and isinstance(told.get("percent"), int)
        and isinstance(told.get("at"), int | float)
        and isinstance(refused, list)
        and all(isinstance(line, str) for line in refused)
    )
