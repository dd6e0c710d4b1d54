"""Refusals: every one names the file, the line, the column, the JSON path, what was found and what was expected."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

type Path = tuple[str | int, ...]

LISTED = 1_000
"""Errors of a file that are kept word for word; the rest is counted (issue 3)."""

_LONGEST_SHOWN = 60
_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class RowError:
    """One refusal. Lines and columns count from 1, columns in code points; path as ``[12].fields.speaker``."""

    file: str
    line: int
    column: int
    path: str
    message: str

    def __str__(self) -> str:
        return f"{printable(self.file)}:{self.line}:{self.column}: {self.path}: {self.message}"

    def as_json(self) -> dict[str, str | int]:
        """What ``import_quotes --json`` prints of it (PRODUCT.md §5)."""
        return {
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "path": self.path,
            "message": self.message,
        }


class Refused(Exception):
    """A file that cannot be read on; ``error`` says where and why."""

    def __init__(self, error: RowError) -> None:
        super().__init__(str(error))
        self.error = error


@dataclass(slots=True)
class ErrorList:
    """Refusals in order: the first ``limit`` of them, and how many there were in all."""

    limit: int = LISTED
    listed: list[RowError] = field(default_factory=list)
    count: int = 0

    def add(self, error: RowError) -> None:
        """Note one more."""
        self.count += 1
        if len(self.listed) < self.limit:
            self.listed.append(error)

    def __bool__(self) -> bool:
        return self.count > 0

    def __iter__(self) -> Iterator[RowError]:
        return iter(self.listed)

    @property
    def unlisted(self) -> int:
        """How many more there were than are listed."""
        return self.count - len(self.listed)


def json_path(path: Path) -> str:
    """``(12, "fields", "speaker", 0)`` as ``[12].fields.speaker[0]``; the whole file is ``$``."""
    parts: list[str] = []
    for step in path:
        if isinstance(step, int):
            parts.append(f"[{step}]")
        elif _PLAIN_KEY.fullmatch(step):
            parts.append(f".{step}")
        else:
            parts.append(f"[{shown(step)}]")
    return "".join(parts).removeprefix(".") or "$"


def shown(value: Any) -> str:
    """A found value as an error names it: JSON on one line, cut, and nothing in it that a terminal obeys."""
    if isinstance(value, Decimal):
        text = str(value)
    elif isinstance(value, dict):
        text = "an object"
    elif isinstance(value, list):
        text = "a list" if value else "an empty list"
    elif isinstance(value, str):
        cut = value if len(value) <= _LONGEST_SHOWN else value[: _LONGEST_SHOWN - 1] + "…"
        text = json.dumps(cut, ensure_ascii=False)
    else:
        text = json.dumps(value)
    return printable(text)


def printable(text: str) -> str:
    """``text`` with every character that cannot be seen written as an escape."""
    return "".join(char if char.isprintable() else _escape(char) for char in text)


def _escape(char: str) -> str:
    code = ord(char)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
