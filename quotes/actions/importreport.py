"""What an import did or would do, and how that is kept in the list of imports."""

# house: steps of quotes.actions.imports.run, which says by whom

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from quotes.importing.errors import ErrorList, RowError
from quotes.models import ImportRow, ImportRun


@dataclass(slots=True)
class Change:
    """One record that a file has otherwise: what it is, and what the file says, field by field."""

    model: str
    key: list[Any]
    file: str
    line: int
    path: str
    before: dict[str, Any]
    after: dict[str, Any]
    action: str


@dataclass(slots=True)
class Report:
    """What an import did, or would do. Counts are by model, as `quotes.speaker`."""

    created: dict[str, int] = field(default_factory=dict)
    updated: dict[str, int] = field(default_factory=dict)
    unchanged: dict[str, int] = field(default_factory=dict)
    proposed: dict[str, int] = field(default_factory=dict)
    errors: ErrorList = field(default_factory=ErrorList)
    unreadable: bool = False
    changes: list[Change] = field(default_factory=list)
    warnings: list[RowError] = field(default_factory=list)
    run: ImportRun | None = None
    declined: int = 0
    """Proposals that are not listed, because somebody has declined all of them before."""

    @property
    def refused(self) -> bool:
        """Whether anything was wrong, so that nothing was written."""
        return bool(self.errors)

    @property
    def counts(self) -> dict[str, Any]:
        """What stands in the list of imports: numbers only, and the first warnings."""
        return {
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "proposed": self.proposed,
            "declined": self.declined,
            "errors": self.errors.count,
            "warnings": [str(warning) for warning in self.warnings[:20]],
        }

    def as_json(self) -> dict[str, Any]:
        """What `import_quotes --json` prints (PRODUCT.md §5)."""
        return {
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "proposed": self.proposed,
            "warnings": [warning.as_json() for warning in self.warnings],
            "errors": [error.as_json() for error in self.errors],
        }


def enter_run(paths: list[Path], *, by: Any, state: str, name: str = "") -> ImportRun:
    """Add an import to the list; it is part of the transaction of whoever calls this."""
    digest = hashlib.sha256()
    for path in paths:
        with path.open("rb") as file:
            for chunk in iter(lambda file=file: file.read(1 << 20), b""):  # type: ignore[misc]
                digest.update(chunk)
    return ImportRun.objects.create(
        by=by,
        name=(name or ", ".join(path.name for path in paths))[:300],
        sha256=digest.hexdigest(),
        size=sum(path.stat().st_size for path in paths),
        state=state,
    )


def keep_rows(kept: ImportRun, report: Report) -> None:
    """Keep the rows that the report lists, in place of those that an earlier look at the file has left."""
    kept.rows.all().delete()
    refused = [
        ImportRow(
            run=kept,
            line=error.line,
            path=error.path[:300],
            model="",
            action=ImportRow.Action.REFUSED,
            message=error.message,
        )
        for error in report.errors
    ]
    ImportRow.objects.bulk_create(
        refused
        + [
            ImportRow(
                run=kept,
                line=change.line,
                path=change.path[:300],
                model=change.model,
                key=change.key,
                action=change.action,
                before=change.before,
                after=change.after,
            )
            for change in report.changes
        ]
    )
