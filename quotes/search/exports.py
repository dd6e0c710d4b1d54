"""The formats in which records leave, and a selection as a file in one of them (docs/formats.md)."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import IO, Any

from django.db import connection
from django.db.models import F, QuerySet
from django.utils import timezone

from quotes.importing.errors import ErrorList
from quotes.importing.reader import read_records
from quotes.importing.rows import check_record
from quotes.importing.sheet import COLUMNS, cells_of
from quotes.importing.writer import write_records
from quotes.models import Figure
from quotes.search.criteria import Criteria
from quotes.search.engine import search
from quotes.search.export import (
    AT_ONCE,
    Selection,
    first_published,
    in_byte_order,
    one_moment,
    records,
    roles_then,
    without_place,
)
from quotes.search.export_linked import Site, claim_reviews, web_annotations
from quotes.text import days
from quotes.text.csvsafe import write_csv

MOST = 20_000
"""Statements that a page gives as one file; `manage.py export_quotes` knows no limit."""

PATIENCE_MS = 60_000
"""Milliseconds that one question to the database may take while a page's file is made."""

IN_MEMORY = 1 << 20
"""Bytes of a page's file that are kept in memory; a longer one lies in a temporary file without a name."""

_TURN = 1_702_391_151
"""With the key of an account the lock under which that account makes one file at a time."""


@dataclass(frozen=True, slots=True)
class Format:
    """A way of writing a selection down.

    `write` gives the text in pieces and counts in the tally what it has written, by the words for it.
    """

    name: str
    label: str
    what: str
    suffix: str
    media_type: str
    write: Callable[[Selection, Site, Counter[str]], Iterator[str]]

    @property
    def filename(self) -> str:
        """What the file is called today."""
        return f"verbatim-{timezone.localdate().isoformat()}{self.suffix}"


class TooMany(Exception):
    """A search finds more than one file from a page may hold; `found` says about how many."""

    def __init__(self, found: int) -> None:
        super().__init__(f"{found:,}")
        self.found = found


class NotYet(Exception):
    """Another file for the same account is still being made."""


def _fixture(selection: Selection, site: Site, tally: Counter[str]) -> Iterator[str]:
    def counted() -> Iterator[tuple[str, dict[str, Any]]]:
        for label, fields in records(selection):
            tally[label.removeprefix("quotes.")] += 1
            yield label, fields

    yield from write_records(counted())


def _sheet(selection: Selection, site: Site, tally: Counter[str]) -> Iterator[str]:
    def rows() -> Iterator[list[str]]:
        for quote in _for_sheet(selection).iterator(AT_ONCE):
            tally["quote"] += 1
            yield cells_of(_fields(quote), _context(quote))

    yield from write_csv(COLUMNS, rows())


def _for_sheet(selection: Selection) -> QuerySet[Any]:
    """The quotes with all that a row shows: newest said first, those of a statement together."""
    return (
        selection.quotes_with_place()
        .select_related("standing", "article__outlet", "capture", "statement__speaker")
        .defer("capture__body", "statement__original_text")
        .prefetch_related(
            "relays__outlet",
            "figures__measure",
            "statement__topics",
            "statement__speaker__tenures",
        )
        .annotate(published=first_published("statement__"))
        .order_by(
            F("statement__said_on").desc(nulls_last=True),
            in_byte_order("quotes.quote", "statement__uid"),
            in_byte_order("quotes.quote", "uid"),
        )
    )


def _fields(quote: Any) -> dict[str, Any]:
    # With its place also where the text itself is held back from whoever asks, as on the quote's page: a row that
    # lacked it would tell that there is something to hold back.
    fields = {
        "uid": quote.uid,
        "statement": quote.statement.natural_key(),
        "article": quote.article.natural_key(),
        "capture": (quote.article.url, quote.capture.sha256) if quote.capture else None,
        **{
            name: getattr(quote, name)
            for name in (
                "kind", "text", "language", "is_translation", "cue", "speaker_as_printed", "role_as_printed",
                "prefix", "suffix", "start", "end",
            )
        },
    }  # fmt: skip
    return without_place(fields, bare=False, crowded=quote.crowded)


def _context(quote: Any) -> dict[str, str]:
    statement, article = quote.statement, quote.article
    steps = [step.outlet.name if step.outlet else f"“{step.as_printed}”" for step in reversed(quote.chain)]
    return {
        "(speaker)": statement.speaker.name,
        "(role)": "; ".join(role.title for role in roles_then(statement, quote.published)),
        "(said on)": days.machine(statement.said_on, statement.said_on_precision),
        "(standing)": quote.standing.get_value_display(),
        "(traced)": quote.standing.get_depth_display(),
        "(chain)": " → ".join([*steps, article.outlet.name]),
        "(outlet)": article.outlet.name,
        "(headline)": article.headline,
        "(published)": article.published_at.isoformat() if article.published_at else "",
        "(gist)": statement.gist,
        "(occasion)": statement.occasion,
        "(topics)": "; ".join(sorted(topic.name for topic in statement.topics.all())),
        "(figures)": "; ".join(
            f"{figure.measure.name}: {_number(figure)}"
            for figure in sorted(quote.figures.all(), key=lambda one: one.measure.slug)
        ),
        "(record)": statement.get_record_display(),
        "(embargoed until)": statement.embargoed_until.isoformat() if statement.embargoed_until else "",
    }


def _number(figure: Figure) -> str:
    """As it was printed; else low and high, without zeros that nobody wrote."""
    ends = [f"{end.normalize():f}" for end in (figure.low, figure.high) if end is not None]
    return figure.as_printed or f"{figure.get_bound_display()} {'–'.join(dict.fromkeys(ends))}"


FORMATS: dict[str, Format] = {
    one.name: one
    for one in (
        Format("json", "JSON", "every record, to import again", ".json", "application/json", _fixture),
        Format("csv", "CSV", "a row for each quote, for spreadsheets", ".csv", "text/csv; charset=utf-8", _sheet),
        Format(
            "claimreview", "ClaimReview", "verdicts as schema.org linked data",
            "-claimreview.jsonld", "application/ld+json", claim_reviews,
        ),
        Format(
            "annotation", "Web Annotation", "quotes at their place in the article",
            "-annotations.jsonld", 'application/ld+json; profile="http://www.w3.org/ns/anno.jsonld"', web_annotations,
        ),
    )
}  # fmt: skip
"""By the name in the address and on the command line, in the order in which they are offered."""


def selection_of(criteria: Criteria, user: Any) -> tuple[Selection, list[str], int]:
    """Return what a search selects, the notes on how it was read, and how many statements it finds (about).

    The search is read as its page reads it, a slip of a name included, so that the file holds what the page shows.
    """
    if criteria.empty:
        return Selection(user), list(criteria.notes), Selection(user).statements.count()
    answer = search(replace(criteria, cursor=None, size=1), user, facets=False)
    return Selection(user, answer.plan), answer.notes, answer.total


def file_of(kind: Format, criteria: Criteria, user: Any, site: Site) -> IO[bytes]:
    """Make a whole file of what a search finds, before the first byte of it is sent: a download is never a part.

    Args:
        kind: the format.
        criteria: the search; its page and its order do not count.
        user: for whom; what is held back from them is not in it.
        site: for full addresses.

    Returns:
        The file, at its beginning; it is gone when it is closed.

    Raises:
        TooMany: when there are more statements than MOST.
        NotYet: when the same account is still waiting for another file.
    """
    file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  handed on open
    try:
        with one_moment(PATIENCE_MS):
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [_TURN, user.pk])
                if not cursor.fetchone()[0]:
                    raise NotYet
            selection, _, found = selection_of(criteria, user)
            if found > MOST:
                raise TooMany(found)
            for piece in kind.write(selection, site, Counter()):
                file.write(piece.encode())
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


def refusals_of(path: str) -> ErrorList:
    """Read a JSON or CSV file as an import would, and return what it would refuse of it, whatever is on record."""
    errors = ErrorList(limit=20)
    with open(path, "rb") as stream:
        for record in read_records(stream, path):
            check_record(record, errors)
    return errors
