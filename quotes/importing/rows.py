"""Records to rows: each checked against ``schema``, with its natural key and what it refers to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, BinaryIO

from quotes.importing.errors import ErrorList, Refused, RowError, shown
from quotes.importing.kinds import Key, Wrong, WrongItem
from quotes.importing.reader import Record, read_records
from quotes.importing.schema import (
    MODELS,
    REFUSED_APPS,
    REFUSED_FIELDS,
    REFUSED_MODELS,
    SYMMETRIC_LINKS,
    Model,
)


# Not frozen: freezing makes it three times as slow to make, and a file has a million of them.
@dataclass(slots=True)
class Row:
    """One record that a file brings. Values are as the records keep them: dates, decimals, keys as tuples.

    Only fields that the file names are in ``fields``: an absent field is not the same as null.
    """

    model: str
    key: Key
    fields: dict[str, Any]
    record: Record

    def error(self, message: str, *path: str | int) -> RowError:
        """A refusal of ``path`` below this record's fields; of the whole record without one."""
        return self.record.error(message, *(("fields", *path) if path else ()))

    def references(self) -> Iterator[tuple[str, str, Key]]:
        """What it refers to: field, model, natural key."""
        for name, field in MODELS[self.model].fields.items():
            value = self.fields.get(name)
            if not field.refers_to or value is None:
                continue
            for key in value if field.many else (value,):
                yield name, field.refers_to, key


def read_rows(stream: BinaryIO, file: str, errors: ErrorList) -> Iterator[Row]:
    """The rows of a file that are in order; what is not goes into ``errors``.

    A record that does not fit the schema is refused and the next one is read; text that is no strict JSON ends the
    file. Nothing may be kept of a file that has errors.
    """
    try:
        for record in read_records(stream, file):
            row = check_record(record, errors)
            if row is not None:
                yield row
    except Refused as refusal:
        errors.add(refusal.error)


def check_record(record: Record, errors: ErrorList) -> Row | None:
    """The row of one record, or None when it was refused, with every reason in ``errors``."""
    model = _model(record, errors)
    if model is None:
        return None
    count = errors.count
    found: dict[str, Any] = record.value["fields"]
    known = model.fields
    fields: dict[str, Any] = {}
    for name, value in found.items():
        field = known.get(name)
        if field is None:
            errors.add(_unknown_field(record, model, name))
            continue
        try:
            fields[name] = field.check(value)
        except Wrong as problem:
            errors.add(_wrong(record, name, value, problem))
    missing = model.required - found.keys()
    for name in sorted(missing):
        errors.add(record.error(f"found no {name}, expected one", "fields"))
    if errors.count == count:
        # Rules look at several fields: they say nothing sensible of values that were refused.
        for rule in model.rules:
            for name, message in rule(fields):
                errors.add(record.error(message, "fields", name))
    if errors.count != count:
        return None
    return Row(model.label, _key(model, fields), fields, record)


def _model(record: Record, errors: ErrorList) -> Model | None:
    value = record.value
    if type(value) is not dict:
        errors.add(record.error(f"found {shown(value)}, expected an object with model and fields"))
        return None
    count = errors.count
    for name in value.keys() - {"model", "fields"}:
        if name == "pk":
            message = "found a primary key, expected none: records are known by their natural keys"
        else:
            message = f"found the unknown key {shown(name)}, expected only model and fields"
        errors.add(record.error(message, name, at_key=True))
    label = value.get("model")
    if "model" not in value:
        errors.add(record.error("found no model, expected one"))
    elif type(label) is not str or label not in MODELS:
        errors.add(record.error(_why_no_model(label), "model"))
    if "fields" not in value:
        errors.add(record.error("found no fields, expected an object of fields"))
    elif type(value["fields"]) is not dict:
        errors.add(record.error(f"found {shown(value['fields'])}, expected an object of fields", "fields"))
    return MODELS[str(label)] if errors.count == count else None


def _why_no_model(label: Any) -> str:
    if type(label) is not str:
        return f"found {shown(label)}, expected the name of a model as quotes.quote"
    reason = REFUSED_MODELS.get(label.lower()) or REFUSED_APPS.get(label.lower().partition(".")[0])
    if reason:
        return f"found {shown(label)}, which cannot be imported: {reason}"
    near = get_close_matches(label.lower()[:80], MODELS, 1)
    return f"found the unknown model {shown(label)}" + (f", expected {near[0]} perhaps" if near else "")


def _unknown_field(record: Record, model: Model, name: str) -> RowError:
    if name in REFUSED_FIELDS:
        message = f"found {shown(name)}, which cannot be imported: {REFUSED_FIELDS[name]}"
    else:
        near = get_close_matches(name[:80], model.fields, 1)
        message = f"found the unknown field {shown(name)} of {model.label}"
        message += f", expected {near[0]} perhaps" if near else ""
    return record.error(message, "fields", name, at_key=True)


def _wrong(record: Record, name: str, value: Any, problem: Wrong) -> RowError:
    path: tuple[str | int, ...] = ("fields", name)
    if isinstance(problem, WrongItem):
        path, value = (*path, problem.at), problem.item
    return record.error(f"found {problem.found or shown(value)}, expected {problem.expected}", *path)


def _key(model: Model, fields: dict[str, Any]) -> Key:
    key: list[str | int | None] = []
    for name in model.key:
        value = fields.get(name)
        if isinstance(value, tuple):
            key.extend(value)
        elif value is None or isinstance(value, str | int):
            # Evidence without an address or a timecode is known by the empty text, as the record keeps it.
            key.append("" if value is None and model.label == "quotes.evidence" else value)
        else:
            key.append(value.isoformat())
    if model.label == "quotes.link" and key[2] in SYMMETRIC_LINKS:
        key[:2] = sorted(key[:2], key=str)
    return tuple(key)
