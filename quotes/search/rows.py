"""The rows of a page of results: one query for all of them, with everything that a row shows."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.urls import get_script_prefix, reverse
from django.utils.safestring import SafeString

from quotes.search.highlighting import marked, plain
from quotes.text import days

if TYPE_CHECKING:
    from quotes.search.compiling import Plan

_ROWS = "SELECT * FROM verbatim_rows({asked}, %s::bigint[], %s)"
# Filled in with SQL of compiling.py and with nothing that was typed: that travels as parameters.


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the chain, from the root: its name, and whether we hold what it published."""

    name: str
    held: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """A kind of link, as a badge."""

    type: str
    label: str
    count: int


@dataclass(slots=True)
class Row:
    """One statement as a list shows it, in the shape that templates/shared/quote_row.html asks for."""

    pk: int
    uid: str
    score: float
    text: str
    html: SafeString | None
    kind: str
    language: str
    cue: str
    speaker: str
    speaker_html: SafeString | None
    speaker_kind: str
    speaker_slug: str
    role: str
    said_on: dt.date | None
    said_on_precision: str | None
    said: str
    steps: list[Step]
    standing: str
    depth: str
    passes: int
    needed: int
    adverse: list[str]
    reports: int
    roots: int
    links: list[Mark]
    flag: str
    url: str
    topics: tuple[str, ...] = ()


def rows_for(ids: list[int], ranks: list[float], plan: Plan, *, held: bool) -> list[Row]:
    """The rows of these statements, in this order; one query.

    Args:
        ranks: how well each matches, in the same order.
        held: whether what is off the record or under embargo may be shown; it is asked again here.
    """
    if not ids:
        return []
    asked = plan.looked_for
    query = _ROWS.format(asked=asked.text or "NULL::tsquery")
    with connection.cursor() as db:
        db.execute(query, [*asked.params, ids, held])
        names = [column.name for column in db.description or ()]
        found: list[dict[str, Any]] = [dict(zip(names, row, strict=True)) for row in db.fetchall()]
    score = dict(zip(ids, ranks, strict=True))
    numbers = frozenset(
        re.sub(r"\D", "", term.text)
        for clause in plan.query.clauses
        for term in clause
        if term.kind == "number"
    )
    address = _address(get_script_prefix())
    return [_row(row, score[row["id"]], plan, numbers, address) for row in found]


def _row(row: dict[str, Any], score: float, plan: Plan, numbers: frozenset[str], address: str) -> Row:
    text = row["text"] or row["gist"]
    html = marked(text, frozenset(row["hits"] or ()), numbers)
    steps = [
        Step(name, row["depth"] == "primary" and not place) for place, name in enumerate(row["chain"] or ())
    ]
    if row["outlet"]:
        steps.append(Step(row["outlet"], row["captured"]))
    standing = row["standing"] or "unchecked"
    links = [
        Mark(kind, label, row[column])
        for kind, label, column in (
            ("contradicts", "Contradicts", "contradicts"),
            ("conflicts_figure", "Gives another figure than", "conflicts"),
        )
        if row[column]
    ]
    return Row(
        pk=row["id"],
        uid=row["uid"],
        score=round(score, 6),
        text=text,
        html=html,
        kind=row["kind"] or "indirect",
        language=row["language"] or "en",
        cue=row["cue"] or "",
        speaker=row["speaker_name"],
        speaker_html=_speaker(row, plan),
        speaker_kind=row["speaker_kind"],
        speaker_slug=row["speaker_slug"],
        role=_role(row),
        said_on=row["said_on"],
        said_on_precision=row["said_on_precision"],
        said="" if row["said_on"] or not row["first_day"] else f"by {days.in_words(row['first_day'])}",
        steps=steps,
        standing=standing,
        depth=row["depth"] or "cited",
        passes=row["passes"] or 0,
        needed=row["needed"] or 0,
        adverse=[value for value in row["adverse"] or () if value != standing],
        reports=row["reports"] or 0,
        roots=row["roots"] or 0,
        links=links,
        flag=_flag(row),
        url=address.format(row["uid"]),
    )


@lru_cache(maxsize=8)
def _address(prefix: str) -> str:
    """The address of a statement, with a hole for its uid, which is in letters that no address has to encode."""
    del prefix
    return reverse("statement", args=["the-uid"]).replace("the-uid", "{}")


def _speaker(row: dict[str, Any], plan: Plan) -> SafeString | None:
    """The name with the word marked by which the search found its bearer."""
    if row["speaker_id"] not in plan.searched_speakers:
        return None
    words = row["speaker_name"].split()
    typed = {plain(word) for spelling in plan.spellings for word in spelling.label.split()} | {
        plain(word) for word in plan.query.words
    }
    hits = frozenset(plain(word) for word in words if plain(word) in typed) or frozenset([plain(words[-1])])
    return marked(row["speaker_name"], hits)


def _role(row: dict[str, Any]) -> str:
    """The role held on the day; for an institution, whose mouth it was."""
    role = "; ".join(row["own"] or ())
    if not row["mouth_name"] or row["mouth_slug"] == row["speaker_slug"]:
        return role
    through = f"through {row['mouth_name']}"
    if row["mouth"]:
        through += f" ({row['mouth'][0]})"
    return f"{role}, {through}" if role else through


def _flag(row: dict[str, Any]) -> str:
    if row["record"] == "off":
        return "Off the record"
    if row["sealed"]:
        return f"Under embargo until {row['embargoed_until']:%-d %b %Y, %H:%M} UTC"
    if row["record"] == "background":
        return "On background"
    return "" if row["text"] else "No quote is held of it"
