"""What only shows when all records of a file are seen together: keys twice, references, cycles, look-alike names.

Keys are kept in a private temporary table of SQLite, which spills to disk by itself, so that a file of a million
records needs no more memory than one of a thousand. The newsroom's data never lie in it; it is gone with the index.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from json.encoder import encode_basestring as _quoted
from types import TracebackType
from typing import Self

from quotes.importing.errors import ErrorList, RowError, printable
from quotes.importing.kinds import Key
from quotes.importing.rows import Row
from quotes.text.lookalikes import appearance, warnings

_BATCH = 2_000
_REMEMBERED = 50_000  # references that were noted lately need not be noted again
_CACHE_KILOBYTES = 8_192
_LONGEST_CIRCLE = 8

_PLACE = "file INTEGER, record INTEGER, line INTEGER, column INTEGER"
_TABLES = f"""
CREATE TABLE given (model TEXT, key TEXT, {_PLACE});
CREATE TABLE wanted (model TEXT, key TEXT, {_PLACE}, field TEXT);
CREATE TABLE leads (model TEXT, key TEXT, target TEXT, {_PLACE}, field TEXT);
CREATE TABLE steps (quote TEXT, position INTEGER, outlet TEXT, {_PLACE});
CREATE TABLE looks (appearance TEXT, name TEXT, owner TEXT, {_PLACE}, field TEXT, language TEXT);
"""

# Names that people read, and the field that says whose each is; a merged speaker's old name is her own.
_NAMED = {
    "quotes.speaker": ("name", "slug"),
    "quotes.outlet": ("name", "slug"),
    "quotes.speakername": ("text", "speaker"),
}
_LEADS = {"quotes.speaker": "redirects_to", "quotes.outlet": "owner"}


@dataclass(frozen=True, slots=True)
class Reference:
    """A natural key that no record of the files has, and where it is asked for first."""

    model: str
    key: Key
    file: str
    line: int
    column: int
    path: str

    def error(self) -> RowError:
        """The refusal, when the database has no such record either."""
        found = ", ".join(json.dumps(part, ensure_ascii=False) for part in self.key)
        message = (
            f"found a reference to {self.model} [{printable(found)}], which is neither in the file nor held"
        )
        return RowError(self.file, self.line, self.column, self.path, message)


class FileIndex:
    """The keys and references of one or more files. Use as a context, so that the temporary table is closed.

    ``add`` every row, then ``finish`` once, then ask for ``unresolved`` and ``look_alikes``.

    Args:
        references: whether ``unresolved`` will be asked for; an import lets the database say what is nowhere.
    """

    def __init__(self, *, references: bool = True) -> None:
        self._references = references
        # An empty name is a private file that only exists while this connection does.
        self._db = sqlite3.connect("", isolation_level=None)
        # house: a number of our own
        self._db.execute(f"PRAGMA cache_size = -{_CACHE_KILOBYTES}")
        self._db.execute("PRAGMA journal_mode = OFF")
        self._db.execute("PRAGMA synchronous = OFF")
        self._db.executescript(_TABLES)
        self._db.execute("BEGIN")
        self._files: dict[str, int] = {}
        self._given: list[tuple[str, str, int, int, int, int]] = []
        self._wanted: list[tuple[str, str, int, int, int, int, str]] = []
        self._seen: dict[tuple[str, Key], None] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.close()

    def add(self, row: Row) -> None:
        """Note one row."""
        record = row.record
        file = self._files.setdefault(record.file, len(self._files))
        place = (file, record.index, record.line, record.column)
        self._given.append((row.model, _written(row.key), *place))
        for field, model, key in row.references() if self._references else ():
            if (model, key) not in self._seen:
                if len(self._seen) >= _REMEMBERED:
                    self._seen.clear()
                self._seen[model, key] = None
                self._wanted.append((model, _written(key), *place, field))
        if row.model in _LEADS and row.fields.get(_LEADS[row.model]):
            field = _LEADS[row.model]
            self._db.execute(
                "INSERT INTO leads VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (row.model, str(row.key[0]), str(row.fields[field][0]), *place, field),
            )
        if row.model == "quotes.relay" and row.fields.get("outlet"):
            step = (str(row.key[0]), row.fields["position"], str(row.fields["outlet"][0]), *place)
            self._db.execute("INSERT INTO steps VALUES (?, ?, ?, ?, ?, ?, ?)", step)
        if row.model in _NAMED:
            field, owner = _NAMED[row.model]
            name, whose = row.fields[field], row.fields[owner]
            look = (
                row.model.removesuffix("name") + " " + appearance(name),
                name,
                whose if isinstance(whose, str) else whose[0],
            )
            language = str(row.fields.get("language") or "") if row.model == "quotes.speakername" else ""
            self._db.execute(
                "INSERT INTO looks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", (*look, *place, field, language)
            )
        if len(self._given) >= _BATCH:
            self._write()

    def finish(self, errors: ErrorList) -> None:
        """Add what the records make together: natural keys twice, cycles of redirects, owners and relays."""
        self._write()
        # Made at the end: sorting once is far quicker than keeping an index while rows come.
        self._db.execute("CREATE INDEX given_key ON given (model, key)")
        self._db.execute("CREATE INDEX wanted_key ON wanted (model, key)")
        for model, key, file, record, line, column, first_file, first_line in self._db.execute(
            """
            SELECT later.model, later.key, later.file, later.record, later.line, later.column, first.file, first.line
            FROM (SELECT model, key, min(rowid) AS row FROM given GROUP BY model, key HAVING count(*) > 1) AS twice
            JOIN given AS first ON first.rowid = twice.row
            JOIN given AS later ON later.model = twice.model AND later.key = twice.key AND later.rowid > twice.row
            ORDER BY later.rowid
            """
        ):
            name = self._name(first_file)
            where = f"line {first_line}" if first_file == file else f"{name}:{first_line}"
            message = (
                f"found {model} {printable(key)} twice, first at {where}, expected each natural key once"
            )
            errors.add(RowError(self._name(file), line, column, f"[{record}]", message))
        for error in (*self._cycles(), *self._circles_of_relays()):
            errors.add(error)

    def unresolved(self) -> Iterator[Reference]:
        """What the files refer to and do not bring, each key once: the database must have it."""
        for model, key, file, record, line, column, field in self._db.execute(
            """
            SELECT model, key, file, record, line, column, field FROM wanted
            WHERE rowid IN (SELECT min(rowid) FROM wanted GROUP BY model, key)
            AND NOT EXISTS (SELECT 1 FROM given WHERE given.model = wanted.model AND given.key = wanted.key)
            ORDER BY rowid
            """
        ):
            path = f"[{record}].fields.{field}"
            yield Reference(model, tuple(json.loads(key)), self._name(file), line, column, path)

    def look_alikes(self) -> Iterator[RowError]:
        """Warnings, not errors: names with characters that an eye misses, and names of two that look alike.

        Nothing is ever joined because of one (TRUST.md T7, R9).
        """
        for name, language, file, record, line, column, field in self._db.execute(
            "SELECT name, language, file, record, line, column, field FROM looks ORDER BY rowid"
        ):
            for warning in warnings(name, language):
                path = f"[{record}].fields.{field}"
                yield RowError(
                    self._name(file), line, column, path, f"the name “{printable(name)}”: {warning.message}"
                )
        for name, owner, other, whose, file, record, line, column, field in self._db.execute(
            """
            SELECT later.name, later.owner, earlier.name, earlier.owner, later.file, later.record, later.line,
                   later.column, later.field
            FROM looks AS later
            JOIN (SELECT appearance, min(rowid) AS row FROM looks GROUP BY appearance HAVING count(DISTINCT owner) > 1)
              AS alike ON alike.appearance = later.appearance
            JOIN looks AS earlier ON earlier.rowid = alike.row
            WHERE later.owner <> earlier.owner ORDER BY later.rowid
            """
        ):
            same = "is also the name" if name == other else f"looks like “{printable(other)}”, the name"
            message = f"the name “{printable(name)}” of {owner} {same} of {whose}; they are kept apart"
            yield RowError(self._name(file), line, column, f"[{record}].fields.{field}", message)

    def _cycles(self) -> Iterator[RowError]:
        """A redirect or an owner that leads back to where it began; one cycle is one error."""
        for model in _LEADS:
            query = "SELECT key, target, file, record, line, column, field FROM leads WHERE model = ? ORDER BY rowid"
            rows = {row[0]: row[1:] for row in self._db.execute(query, (model,))}
            walked: dict[str, str] = {}  # each key, and the walk that came by first
            for begin in rows:
                key = begin
                while key in rows and key not in walked:
                    walked[key] = begin
                    key = rows[key][0]
                if walked.get(key) != begin:
                    continue
                circle = [key]
                while rows[circle[-1]][0] != key:
                    circle.append(rows[circle[-1]][0])
                _, file, record, line, column, field = rows[key]
                names = circle if len(circle) <= _LONGEST_CIRCLE else [*circle[:_LONGEST_CIRCLE], "…"]
                message = f"found a circle: {' → '.join([*names, key])}"
                yield RowError(self._name(file), line, column, f"[{record}].fields.{field}", message)

    def _circles_of_relays(self) -> Iterator[RowError]:
        """An outlet that comes twice in the chain of one quote."""
        for quote, outlet, file, record, line, column in self._db.execute(
            """
            SELECT later.quote, later.outlet, later.file, later.record, later.line, later.column
            FROM steps AS later
            WHERE later.rowid IN (
              SELECT max(rowid) FROM steps GROUP BY quote, outlet HAVING count(DISTINCT position) > 1
            ) ORDER BY later.rowid
            """
        ):
            message = f"found {outlet} twice in the chain of {quote}, expected each outlet once"
            yield RowError(self._name(file), line, column, f"[{record}].fields.outlet", message)

    def _write(self) -> None:
        self._db.executemany("INSERT INTO given VALUES (?, ?, ?, ?, ?, ?)", self._given)
        self._db.executemany("INSERT INTO wanted VALUES (?, ?, ?, ?, ?, ?, ?)", self._wanted)
        self._given.clear()
        self._wanted.clear()

    def _name(self, file: int) -> str:
        return next(name for name, number in self._files.items() if number == file)


def _written(key: Key) -> str:
    """The key as JSON, without space: what json.dumps gives, in a fraction of its time."""
    parts = []
    for part in key:
        if type(part) is str:
            parts.append(_quoted(part))
        else:
            parts.append("null" if part is None else int.__repr__(part))
    return f"[{','.join(parts)}]"
