"""Rows to a fixture file: the same format that is read, one field a line, always in the same order.

Import, export and import again is the identity, the bytes of every text included. Records come in an order in which
each stands behind what it refers to, so that plain ``loaddata`` takes the file too.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from quotes.importing.schema import MODELS

ORDER: tuple[str, ...] = (
    "quotes.outlet", "quotes.speaker", "quotes.speakername", "quotes.tenure", "quotes.topic", "quotes.measure",
    "quotes.article", "quotes.capture", "quotes.statement", "quotes.quote", "quotes.relay", "quotes.figure",
    "quotes.evidence", "quotes.link",
)  # fmt: skip
"""Models in the order of a file: what is referred to comes first."""


def write_records(records: Iterable[tuple[str, Mapping[str, Any]]]) -> Iterator[str]:
    """The text of a fixture file, one record at a time.

    Args:
        records: model and fields of each, in the order in which they are to stand. Keys of other records are
            tuples or lists, dates and times as Python has them; fields may come in any order and may be left out.

    Raises ValueError for a model or a field that the format has not, and for a value that it cannot hold.
    """
    yield "["
    comma = ""
    for label, fields in records:
        yield f"{comma}\n{_record(label, fields)}"
        comma = ","
    yield "\n]\n"


def _record(label: str, fields: Mapping[str, Any]) -> str:
    if label not in MODELS:
        raise ValueError(f"{label} is no model of the format")
    known = MODELS[label].fields
    unknown = fields.keys() - known.keys()
    if unknown:
        raise ValueError(f"{', '.join(sorted(unknown))}: no field of {label} in the format")
    lines = [f"      {json.dumps(name)}: {_value(fields[name])}" for name in known if name in fields]
    inner = "{\n" + ",\n".join(lines) + "\n    }" if lines else "{}"
    return f'  {{\n    "model": {json.dumps(label)},\n    "fields": {inner}\n  }}'


def _value(value: Any) -> str:
    if isinstance(value, tuple | list):
        return f"[{', '.join(_value(item) for item in value)}]"
    if isinstance(value, Decimal):
        # As text, so that no reader makes a float of it; 55000 and not 55000.000000.
        plain = format(value, "f")
        return json.dumps(plain.rstrip("0").rstrip(".") if "." in plain else plain)
    if isinstance(value, dt.datetime):
        if value.tzinfo is None:
            raise ValueError(f"{value} has no offset from UTC")
        return json.dumps(value.isoformat())
    if isinstance(value, dt.date):
        return json.dumps(value.isoformat())
    if isinstance(value, float):
        return json.dumps(value, allow_nan=False)
    if value is None or isinstance(value, str | bool | int):
        # Characters stay what they are; only what JSON must escape is escaped.
        return json.dumps(value, ensure_ascii=False)
    raise ValueError(f"the format holds no {type(value).__name__}")
