"""Small fixtures as Python values, and the refusals of one as text."""

import io
import json
from typing import Any

from quotes.importing.errors import ErrorList
from quotes.importing.rows import Row, read_rows

QUOTE: dict[str, Any] = {
    "uid": "umerov-productive",
    "statement": ["umerov-abu-dhabi"],
    "article": ["https://en.fnnews.com/news/202602051022565171"],
    "kind": "partial",
    "text": "productive",
    "language": "en",
}


def record(model: str, **fields: Any) -> dict[str, Any]:
    return {"model": model, "fields": fields}


def quote(**fields: Any) -> dict[str, Any]:
    return record("quotes.quote", **{**QUOTE, **fields})


def read(*records: Any) -> tuple[list[Row], ErrorList]:
    return read_bytes(json.dumps(records, ensure_ascii=False, indent=1).encode())


def read_bytes(data: bytes, file: str = "a.json") -> tuple[list[Row], ErrorList]:
    errors = ErrorList()
    return list(read_rows(io.BytesIO(data), file, errors)), errors


def refusals(*records: Any) -> list[str]:
    rows, errors = read(*records)
    assert not rows or len(records) > 1
    return [f"{error.path}: {error.message}" for error in errors]
