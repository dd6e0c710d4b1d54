"""What a rule finds, and what excuses it."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]

# "house:" and at least three words, in the comment of Python, a template, JavaScript or CSS.
REASON = re.compile(r"(?:#|//|/\*|<!--)\s*house:\s*\S+\s+\S+\s+\S+")


@dataclass(frozen=True)
class Finding:
    """One place that breaks a rule: the file, its line (from 1), and what to do about it."""

    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


def excused(lines: list[str], line: int) -> bool:
    """Whether the line (from 1) or the one above gives a reason for being an exception."""
    return any(REASON.search(text) for text in lines[max(0, line - 2) : line])


def unexcused(found: Iterable[tuple[int, str]], path: str, text: str) -> Iterator[Finding]:
    """Turn (line, message) pairs into findings, without those that carry a reason."""
    lines = text.splitlines()
    for line, message in found:
        if not excused(lines, line):
            yield Finding(path, line, message)


def files(*patterns: str, root: Path = ROOT) -> Iterator[tuple[str, str]]:
    """Yield (path below the root, text) of every file that matches one of the patterns."""
    for pattern in patterns:
        for path in sorted(root.glob(pattern)):
            if path.is_file():
                yield path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")


Rule = Callable[[str, str], Iterator[tuple[int, str]]]
