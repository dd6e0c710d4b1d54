"""What a file may bring of a corpus, as a fixture in the format of PRODUCT.md §7; written as it is made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from quotes.benchmarks.corpus.columns import COLUMNS, Base, Block
from quotes.benchmarks.corpus.newsroom import Newsroom
from quotes.importing.schema import MODELS
from quotes.importing.writer import write_records

type Tell = Callable[[str, int, int], None]
type Records = Iterator[tuple[str, dict[str, Any]]]

_BASE = Base(tuple(range(1, 13)), tuple(range(13, 29)))


def write(statements: int, seed: int, path: Path, tell: Tell | None = None) -> int:
    """Write the file; give the number of its records.

    Args:
        statements: how many statements, with all that hangs on them but checks.
        seed: as for `loading.make`.
        path: of the file; one that is there is overwritten.
        tell: told how many statements are done.
    """
    count = 0

    def counted(records: Records) -> Records:
        nonlocal count
        for record in records:
            count += 1
            yield record

    with path.open("w", encoding="utf-8", newline="\n") as file:
        for text in write_records(counted(_records(statements, seed, tell))):
            file.write(text)
    return count


def _records(statements: int, seed: int, tell: Tell | None) -> Records:
    newsroom = Newsroom(statements, seed, _BASE)
    yield from _reference(newsroom)
    done = 0
    for block in newsroom.blocks():
        yield from _block(newsroom, block)
        done += len(block["statement"])
        if tell:
            tell("file", done, statements)


def _reference(newsroom: Newsroom) -> Records:
    made = newsroom.reference
    outlets, speakers = made.outlets, made.speakers
    for slug, name, kind, country, language, domain, owner in outlets:
        yield "quotes.outlet", {
            "slug": slug, "name": name, "kind": kind, "country": country, "language": language, "domain": domain,
            "owner": None if owner is None else (outlets[owner][0],),
        }  # fmt: skip
    for slug, name, kind, description, country in speakers:
        yield "quotes.speaker", {
            "slug": slug, "name": name, "kind": kind, "description": description, "country": country,
        }  # fmt: skip
    for speaker, text, language, kind in made.names:
        yield "quotes.speakername", {
            "speaker": (speakers[speaker][0],), "text": text, "language": language, "kind": kind,
        }  # fmt: skip
    for person, title, organisation, starts, ends, speaks_for, source in made.tenures:
        yield "quotes.tenure", {
            "person": (speakers[person][0],), "title": title, "organisation": (speakers[organisation][0],),
            "starts": starts, "starts_precision": "day",
            "ends": ends, "ends_precision": None if ends is None else "day",
            "speaks_for": speaks_for, "source_url": source,
        }  # fmt: skip
    for slug, name in made.topics:
        yield "quotes.topic", {"slug": slug, "name": name}
    for slug, name, unit in made.measures:
        yield "quotes.measure", {"slug": slug, "name": name, "unit": unit}


def _block(newsroom: Newsroom, block: Block) -> Records:
    made = newsroom.reference
    urls = {row[0]: row[1] for row in block["article"]}
    captures = {row[0]: (urls[row[1]], row[2]) for row in block["capture"]}
    quotes = {row[0]: row[1] for row in block["quote"]}
    topics: dict[int, list[tuple[str]]] = {}
    for spoken, topic in block["statement_topics"]:
        topics.setdefault(spoken, []).append((made.topics[topic - 1][0],))

    def statement(number: int) -> tuple[str]:
        return (newsroom.statement_uid(number),)

    natural: dict[str, Callable[[Any], Any]] = {
        "outlet_id": lambda number: number and (made.outlets[number - 1][0],),
        "speaker_id": lambda number: (made.speakers[number - 1][0],),
        "uttered_by_id": lambda number: number and (made.speakers[number - 1][0],),
        "measure_id": lambda number: (made.measures[number - 1][0],),
        "article_id": lambda number: (urls[number],),
        "capture_id": lambda number: number and captures[number],
        "statement_id": statement,
        "source_id": statement,
        "target_id": statement,
        "quote_id": lambda number: (quotes[number],),
        "reasons": lambda text: [] if text == "[]" else ["nearly the same words"],
        "low": lambda number: None if number is None else str(number),
        "high": lambda number: None if number is None else str(number),
    }
    for table in ("article", "capture", "statement", "quote", "relay", "figure", "evidence", "link"):
        label = f"quotes.{table}"
        known = MODELS[label].fields
        taken = [
            (place, name, natural.get(column))
            for place, column in enumerate(COLUMNS[table])
            if (name := column.removesuffix("_id")) in known and not name.startswith("decided_")
        ]
        for row in block[table]:
            fields = {name: turn(row[place]) if turn else row[place] for place, name, turn in taken}
            if table == "statement":
                fields["topics"] = topics.get(row[0], [])
            yield label, fields
