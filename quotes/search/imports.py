"""Where a running import stands: read from the small file that its process writes."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass

from quotes.models import ImportRun

SILENT = 60.0
"""Seconds without a word after which a run counts as stopped; it wrote nothing then."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a run stands: the step, and how much of it in percent."""

    step: str
    percent: int
    stopped: bool


def progress(run: ImportRun) -> Progress:
    """Say where a running import stands."""
    try:
        told = json.loads(run.progress_file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        told = {"step": "starting", "percent": 0, "at": run.created_at.timestamp()}
    return Progress(told["step"], told["percent"], time.time() - told["at"] > SILENT)
