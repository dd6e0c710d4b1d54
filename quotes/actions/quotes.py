"""Enter a quote and edit it: its words, statement, article, chain and figures, all or nothing.

Only what was meant is written, field by field, and only if all of it still is as it was on the screen (rule 6). The
database stamps, records and makes stale; here its refusals become sentences.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, models

from quotes.models import (
    Article,
    Assignment,
    Capture,
    Figure,
    Measure,
    Note,
    Outlet,
    Quote,
    Relay,
    Return,
    Statement,
    Topic,
)
from quotes.text.anchors import context_of, locate

from . import notes, records
from .audit import acting
from .refusals import NotAllowed, NotValid


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a chain: an outlet, its printed words, or both."""

    outlet: Outlet | None
    as_printed: str = ""


@dataclass(frozen=True, slots=True)
class Number:
    """One figure of a quote; `fields` are those of `Figure` but quote and measure."""

    measure: Measure
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """What a form says. None is: left as it is.

    Attributes:
        quote: fields of `Quote` but statement, article, capture and the anchor; on an edit only those that change.
        statement: an existing one, chosen.
        statement_fields: of a new statement when none is chosen; on an edit those that change.
        article: an existing one, chosen.
        article_fields: of a new article when none is chosen.
        body: the article's text, to be kept as it stands.
        chain: all steps, from the article's side to the root.
        figures: all figures.
        topics: all topics of the statement.
        reason: why the words are entered although a known fake has nearly the same.
    """

    quote: Mapping[str, Any] = field(default_factory=dict)
    statement: Statement | None = None
    statement_fields: Mapping[str, Any] = field(default_factory=dict)
    article: Article | None = None
    article_fields: Mapping[str, Any] = field(default_factory=dict)
    body: str = ""
    chain: Sequence[Step] | None = None
    figures: Sequence[Number] | None = None
    topics: Sequence[Topic] | None = None
    reason: str = ""


REFUSALS = {
    # Not by what: it may be held back from whoever asks.
    "quotes_quote_uid_key": ("This uid is not to be had. Leave it empty, and one is made.", "uid"),
    "quote_uid_is_well_formed": ("A uid is 3 to 64 characters, a–z, 0–9 and hyphens.", "uid"),
    "quotes_article_url_key": (
        "Somebody entered this article at the same moment: send the form again.",
        "article",
    ),
    "article_url_is_a_web_address": ("The address has to begin with http:// or https://.", "article"),
    "quote_anchor_holds": ("The place in our copy does not hold these words.", "text"),
    "quote_text_is_not_empty": ("A quote has words.", "text"),
    "figure_natural_key": ("A quote has one figure of each measure.", "figures"),
    "figure_numbers_fit_the_bound": ("The numbers do not fit the bound.", "figures"),
    "relay_names_somebody": ("A step names an outlet or has printed words.", "chain"),
}
"""Constraint: its sentence, and the field of the form that it is about."""


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) or ""
        if name not in REFUSALS:
            raise
        raise NotValid(*REFUSALS[name]) from error


def enter(entry: Entry, *, by: Any, uid: str = "") -> Quote:
    """Enter a quote, with its statement and article where they are new.

    Args:
        uid: chosen by whoever enters it; when empty one is made.

    Raises:
        NotAllowed: without the right to add quotes.
        NotValid: when the records do not take it; says which field it is about.
    """
    if not by.has_perm("quotes.add_quote"):
        raise NotAllowed("Your account may not enter quotes.")
    with _in_words(), acting(by=by, verb="quotes.enter"):
        article = entry.article or _article(entry.article_fields)
        capture = _keep(article, entry.body, by)
        statement = entry.statement or _new_statement(entry.statement_fields)
        if entry.statement is None:
            _write_topics(statement, entry.topics or ())
        given = dict(entry.quote)
        quote = Quote.objects.create(
            uid=uid or f"quote-{secrets.token_hex(5)}",
            statement=statement,
            article=article,
            **{**given, **_anchor(capture, given, by)},
        )
        _write_chain(quote, entry.chain or ())
        _write_figures(quote, entry.figures or ())
        _say_why(quote, entry.reason, by)
    return quote


def edit(quote: Quote, entry: Entry, *, seen: int, shown: str = "", by: Any) -> bool:
    """Change what `entry` says of a quote, if it still is as it was on the screen; False when nothing changed.

    Args:
        seen: the version of the quote that was on the screen.
        shown: its `composition` then; when empty only the version counts.

    Raises:
        records.Conflict: when somebody else changed any of it since. Nothing is kept.
        NotAllowed: without the right to change quotes.
        NotValid: when the records do not take it.
    """
    if not by.has_perm("quotes.change_quote"):
        raise NotAllowed("Your account may not change quotes.")
    with _in_words(), acting(by=by, verb="quotes.edit"):
        # The quote's row first, so that two editors of one quote come one after the other, whatever they edit of it.
        # No stronger than an update would: a check that is being written holds the standing and needs the key.
        now = Quote.objects.select_for_update(of=("self",), no_key=True).filter(pk=quote.pk).first()
        if now is None or now.version != seen or (shown and now.composition != shown):
            raise records.Conflict(now)
        sent_back = list(Return.objects.unanswered().filter(quote=now))
        touched = _edit_statement(now, entry)
        fields = dict(entry.quote)
        if entry.statement is not None and entry.statement.pk != now.statement_id:
            fields["statement"] = entry.statement
        fields |= _new_place(now, entry, by)
        if fields:
            if not Quote.objects.filter(pk=now.pk, version=seen).update(**fields):
                raise records.Conflict(now)
            touched = True
        if entry.chain is not None:
            touched |= _write_chain(now, entry.chain)
        if entry.figures is not None:
            touched |= _write_figures(now, entry.figures)
        if entry.topics is not None:
            touched |= _write_topics(now.statement, entry.topics)
        _say_why(now, entry.reason, by)
        if touched:
            notes.done(now, Assignment.Task.CORRECT, by=by)
            notes.tell_answered(sent_back, by=by)
    return touched


def _edit_statement(quote: Quote, entry: Entry) -> bool:
    if not entry.statement_fields or (entry.statement and entry.statement.pk != quote.statement_id):
        return False
    rows = Statement.objects.filter(pk=quote.statement_id, version=quote.statement.version)
    if not rows.update(**entry.statement_fields):
        raise records.Conflict(quote)
    return True


def _article(given: Mapping[str, Any]) -> Article:
    """Enter an article, or take the one with this address that whoever describes it may not know of (invariant 12)."""
    return Article.objects.filter(url=given["url"]).first() or Article.objects.create(**given)


def _new_statement(given: Mapping[str, Any]) -> Statement:
    return Statement.objects.create(**{"uid": f"statement-{secrets.token_hex(5)}", **given})


def _keep(article: Article, body: str, by: Any) -> Capture | None:
    """Keep the text of the article if there is any new one; return the text that it is anchored in."""
    if body.strip():
        sha256 = hashlib.sha256(body.encode()).hexdigest()
        held = Capture.objects.filter(article=article, sha256=sha256).first()
        return held or Capture.objects.create(
            article=article, sha256=sha256, captured_at=dt.datetime.now(dt.UTC), body=body
        )
    return Capture.objects.filter(article=article).order_by("-captured_at", "-pk").first()


def _new_place(quote: Quote, entry: Entry, by: Any) -> dict[str, Any]:
    """Return the fields of article, capture and anchor that change with what is edited."""
    article = entry.article or (_article(entry.article_fields) if entry.article_fields else None)
    moved = article is not None and article.pk != quote.article_id
    at = article if moved and article is not None else quote.article
    capture = _keep(at, entry.body, by) if moved or entry.body.strip() else quote.capture
    words = entry.quote.get("text", quote.text)
    holds = quote.start is not None and not moved and capture == quote.capture and words == quote.text
    if holds and not {"prefix", "suffix"} & set(entry.quote):
        return {}
    if not (moved or entry.body.strip() or {"text", "prefix", "suffix"} & set(entry.quote)):
        return {}
    given = {name: entry.quote.get(name, getattr(quote, name)) for name in ("text", "prefix", "suffix")}
    fields: dict[str, Any] = {"start": None, "end": None, **_anchor(capture, given, by, quote.start)}
    if moved:
        fields["article"] = at
    return {
        name: value
        for name, value in fields.items()
        if (value.pk if isinstance(value, models.Model) else value)
        != (getattr(quote, f"{name}_id") if name in ("article", "capture") else getattr(quote, name))
    }


def _anchor(
    capture: Capture | None, given: Mapping[str, Any], by: Any, start: int | None = None
) -> dict[str, Any]:
    """Return capture, start and end, and the context as the copy has it, where exactly these words stand in it.

    Words that stand there only nearly get no anchor: the page shows the difference, and a person decides. A copy that
    holds quotes which `by` may not know of answers no questions (invariant 12).
    """
    if capture is None:
        return {"capture": None}
    if Quote.objects.hidden_from(by).filter(article=capture.article_id).exists():
        return {"capture": capture}
    found = locate(capture.body, given["text"], given.get("prefix", ""), given.get("suffix", ""), start)
    if found is None or not found.exact:
        return {"capture": capture}
    prefix, suffix = context_of(capture.body, found.start, found.end)
    return {"capture": capture, "start": found.start, "end": found.end, "prefix": prefix, "suffix": suffix}


def _write_chain(quote: Quote, steps: Sequence[Step]) -> bool:
    """Bring the chain to these steps, writing only rows that differ; True when any did."""
    touched = False
    held = {relay.position: relay for relay in quote.relays.all()}
    for position, step in enumerate(steps, 1):
        relay = held.pop(position, None)
        if relay is None:
            Relay.objects.create(
                quote=quote, position=position, outlet=step.outlet, as_printed=step.as_printed
            )
            touched = True
            continue
        touched |= _change(
            relay, {"outlet_id": step.outlet.pk if step.outlet else None, "as_printed": step.as_printed}
        )
    for relay in held.values():
        relay.delete()
        touched = True
    return touched


def _write_topics(statement: Statement, topics: Sequence[Topic]) -> bool:
    """Bring the topics of a statement to these; True when any came or went."""
    # Two quotes of one statement may be edited at once: their topics are written one after the other.
    Statement.objects.select_for_update(no_key=True).filter(pk=statement.pk).values("pk").first()
    wanted, held = {topic.pk for topic in topics}, set(statement.topics.values_list("pk", flat=True))
    statement.topics.remove(*(held - wanted))
    statement.topics.add(*(wanted - held))
    return wanted != held


def _write_figures(quote: Quote, numbers: Sequence[Number]) -> bool:
    """Bring the figures to these numbers, writing only rows that differ; True when any did."""
    touched = False
    held = {figure.measure_id: figure for figure in quote.figures.all()}
    for number in numbers:
        figure = held.pop(number.measure.pk, None)
        if figure is None:
            Figure.objects.create(quote=quote, measure=number.measure, **number.fields)
            touched = True
        else:
            touched |= _change(figure, number.fields)
    for figure in held.values():
        figure.delete()
        touched = True
    return touched


def _change(record: Relay | Figure, fields: Mapping[str, Any]) -> bool:
    changed = {name: value for name, value in fields.items() if getattr(record, name) != value}
    if not changed:
        return False
    if not type(record)._default_manager.filter(pk=record.pk, version=record.version).update(**changed):
        raise records.Conflict(record)
    return True


def _say_why(quote: Quote, reason: str, by: Any) -> None:
    if reason.strip():
        Note.objects.create(quote=quote, by=by, kind=Note.Kind.DESPITE, text=reason.strip())
