"""What the form of a quote starts from, what it is compared with, and the source beside it."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.http import Http404
from django.utils import timezone

from quotes.models import WORDS_AROUND, Article, Capture, Measure, Outlet, Quote, Speaker, Statement, Topic
from quotes.search.sources import text_is_open
from quotes.text import days
from quotes.text.anchors import locate
from quotes.text.passages import Paragraph, Span, paragraphs
from quotes.text.urls import NotAWebAddress, canonical_url

QUOTE_FIELDS = (
    "kind", "text", "language", "is_translation", "cue", "speaker_as_printed", "role_as_printed", "prefix", "suffix",
)  # fmt: skip
STATEMENT_FIELDS = (
    "speaker", "uttered_by", "gist", "said_on", "occasion", "original_language", "original_text", "record",
    "embargoed_until",
)  # fmt: skip
SPARE_ROWS = 2
"""Empty rows below the steps and the figures, for adding one without a script."""
MOST_OFFERED = 300
"""Names offered below a field; others can be typed all the same."""
_ROW = re.compile(r"(relay|figure)-(\d{1,3})-([a-z_]+)", re.ASCII)


def quote_to_edit(user: Any, uid: str) -> Quote:
    """Return a quote with all that its form shows.

    Raises:
        Http404: when there is none, or none that `user` may know of.
    """
    found = (
        Quote.objects.visible_to(user)
        .select_related(
            "standing", "article__outlet", "statement__speaker", "statement__uttered_by", "updated_by"
        )
        .prefetch_related("relays__outlet", "figures__measure", "statement__topics")
        .filter(uid=uid)
        .first()
    )
    if found is None:
        raise Http404
    return found


def values_of(quote: Quote, user: Any) -> dict[str, str]:
    """Return a quote as its form has it for `user`: name of a field to text."""
    it = quote.statement
    values = {name: _text(getattr(quote, name)) for name in QUOTE_FIELDS}
    if Quote.objects.filter(pk=quote.pk).crowded(user).exists():
        # Words that may be held back from her (invariant 12). Sent back empty, they are what they were.
        values |= dict.fromkeys(WORDS_AROUND, "")
    values |= {
        "statement": it.uid,
        "article": quote.article.url,
        "speaker": it.speaker.slug,
        "uttered_by": it.uttered_by.slug if it.uttered_by else "",
        "gist": it.gist,
        "said_on": days.machine(it.said_on, it.said_on_precision),
        "occasion": it.occasion,
        "original_language": it.original_language,
        "original_text": it.original_text or "",
        "record": it.record,
        "embargoed_until": _text(it.embargoed_until),
        "topics": ", ".join(sorted(topic.slug for topic in it.topics.all())),
    }
    for place, relay in enumerate(quote.chain):
        values[f"relay-{place}-place"] = str(place + 1)
        values[f"relay-{place}-outlet"] = relay.outlet.slug if relay.outlet else ""
        values[f"relay-{place}-as_printed"] = relay.as_printed
    for place, figure in enumerate(sorted(quote.figures.all(), key=lambda row: row.measure.slug)):
        values |= {
            f"figure-{place}-measure": figure.measure.slug,
            f"figure-{place}-bound": figure.bound,
            f"figure-{place}-low": _text(figure.low),
            f"figure-{place}-high": _text(figure.high),
            f"figure-{place}-as_of": days.machine(figure.as_of, figure.as_of_precision),
            f"figure-{place}-method": figure.method,
            f"figure-{place}-as_printed": figure.as_printed,
        }
    return values


def _text(value: Any) -> str:
    if value is None or value is False:
        return ""
    if value is True:
        return "on"
    if isinstance(value, dt.datetime):
        return timezone.localtime(value).strftime("%Y-%m-%dT%H:%M")
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return str(value)


# --- Two versions --------------------------------------------------------------------------------------------------

LABELS = {
    "statement": "Statement", "article": "Article", "kind": "Kind", "text": "Words", "language": "Language",
    "is_translation": "Translation", "cue": "Verb as printed", "speaker_as_printed": "Name as printed",
    "role_as_printed": "Role as printed", "prefix": "Words before", "suffix": "Words behind", "speaker": "Speaker",
    "uttered_by": "By whose mouth", "gist": "In short", "said_on": "Said on", "occasion": "Occasion",
    "original_language": "Original language", "original_text": "Original wording", "record": "Terms",
    "embargoed_until": "Embargoed until", "topics": "Topics", "relay": "Chain", "figure": "Figures",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that somebody else changed meanwhile: as it was opened, as it is saved, as it was typed."""

    label: str
    before: str
    theirs: str
    yours: str


def merged(
    opened: Mapping[str, str], now: Mapping[str, str], typed: Mapping[str, str]
) -> tuple[dict[str, str], list[Difference]]:
    """Put two edits together: what was typed is kept, what was not touched follows what is saved.

    Args:
        opened: the values when the form was opened; empty when the form does not say.
        now: the values that are saved.
        typed: the values of the form.

    Returns:
        The values for the form that is shown again, and every field that somebody else changed or that differs.
    """
    values: dict[str, str] = {}
    told: list[Difference] = []
    was_at, is_at, here_at = _grouped(opened), _grouped(now), _grouped(typed)
    for name, label in LABELS.items():
        was, saved, yours = (side.get(name, ()) for side in (was_at or is_at, is_at, here_at))
        untouched = bool(was_at) and yours == was
        values |= dict(_own(now if untouched else typed, name))
        if (saved != was or not was_at) and saved != yours:
            told.append(
                Difference(label, *(_line(side) for side in (was if was_at else saved, saved, yours)))
            )
    return values, told


def read_opened(text: str) -> dict[str, str]:
    """Read the values that a form says it was opened with; nothing when it says nothing readable."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {str(name): str(value) for name, value in found.items()}


def _own(values: Mapping[str, str], name: str) -> Iterable[tuple[str, str]]:
    """The fields of one part: a single one, or all rows of the chain or of the figures."""
    return (
        (key, value)
        for key, value in values.items()
        if key == name or ((row := _ROW.fullmatch(key)) and row[1] == name)
    )


def _grouped(values: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Part to what it says, so that parts can be compared; rows that say nothing do not count."""
    parts: dict[str, tuple[str, ...]] = {}
    rows: dict[tuple[str, int], list[str]] = {}
    for key, value in values.items():
        row = _ROW.fullmatch(key)
        if row is None:
            if value:
                parts[key] = (value.replace("\r\n", "\n"),)
        elif value and row[3] != "place":
            rows.setdefault((row[1], int(row[2])), []).append(value)
    for (name, _), cells in sorted(rows.items()):
        # A row of figures with nothing chosen but its lists says nothing.
        if name == "relay" or len(cells) > 2:
            parts[name] = (*parts.get(name, ()), ", ".join(cells))
    return parts


def _line(said: tuple[str, ...]) -> str:
    return "; ".join(said) or "empty"


# --- The source beside it -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Live:
    """The captured text of the article with the words marked in it.

    `how` says how they were found: `exact`, `folded`, `fuzzy`, or empty; `words` is what the copy has there.
    """

    article: Article
    paragraphs: Sequence[Paragraph] = ()
    how: str = ""
    words: str = ""
    held: bool = False


def live_source(url: str, user: Any, *, text: str = "", prefix: str = "", suffix: str = "") -> Live | None:
    """Return the text of an article as it was captured, with the words marked; None when no such article is held.

    The text is left out when it holds quotes that `user` may not know of (invariant 12).
    """
    article = find_article(url, user)
    if article is None:
        return None
    capture = Capture.objects.filter(article=article).order_by("-captured_at", "-pk").first()
    if capture is None:
        return Live(article)
    if not text_is_open(article.pk, user):
        return Live(article)
    found = locate(capture.body, text, prefix, suffix) if text.strip() else None
    spans = [Span(found.start, found.end, 1)] if found else []
    return Live(
        article,
        paragraphs(capture.body, spans),
        found.how if found else "",
        capture.body[found.start : found.end] if found else "",
        held=True,
    )


# --- Records by what is typed ---------------------------------------------------------------------------------------


class Unclear(ValueError):
    """What was typed names no record, or more than one; the message says which."""


def find_article(url: str, user: Any) -> Article | None:
    """Return the article with this address in any spelling, if `user` may know that it is on record."""
    try:
        canonical = canonical_url(url.strip())
    except NotAWebAddress:
        return None
    return Article.objects.visible_to(user).select_related("outlet").filter(url=canonical).first()


def find_statement(typed: str, user: Any) -> Statement:
    """Return the statement with this uid or at this address of ours, or the one of the quote with it.

    Raises:
        Unclear: when there is none, or none that `user` may know of.
    """
    uid = typed.strip().rstrip("/").rsplit("/", 1)[-1]
    found = Statement.objects.visible_to(user).filter(Q(uid=uid) | Q(quotes__uid=uid)).distinct().first()
    if found is None:
        raise Unclear(f"No statement “{uid[:64]}” is held.")
    return found


def find_speaker(typed: str) -> Speaker:
    """Return the speaker with this slug, name or spelling, in any script.

    Raises:
        Unclear: when there is none, or several have the name.
    """
    text = typed.strip()
    exact = Speaker.objects.filter(slug=text).first()
    found = [exact] if exact else list(Speaker.objects.current().named(text).order_by("slug")[:6])
    return _only(found, text, "speaker")


def find_outlet(typed: str) -> Outlet:
    """Return the outlet with this slug or name.

    Raises:
        Unclear: when there is none, or several have the name.
    """
    text = typed.strip()
    exact = Outlet.objects.filter(slug=text).first()
    found = [exact] if exact else list(Outlet.objects.filter(name__iexact=text).order_by("slug")[:6])
    return _only(found, text, "outlet")


def find_measure(typed: str) -> Measure:
    """Return the measure with this slug or name.

    Raises:
        Unclear: when there is none, or several have the name.
    """
    text = typed.strip()
    exact = Measure.objects.filter(slug=text).first()
    found = [exact] if exact else list(Measure.objects.filter(name__iexact=text).order_by("slug")[:6])
    return _only(found, text, "measure")


def find_topics(typed: str) -> list[Topic]:
    """Return the topics with these slugs or names, with commas between them, each once.

    Raises:
        Unclear: when one is not on record.
    """
    found: dict[int, Topic] = {}
    for text in filter(None, (part.strip() for part in typed.split(","))):
        topic = (
            Topic.objects.filter(slug=text).first()
            or Topic.objects.filter(name__iexact=text).order_by("pk").first()
        )
        if topic is None:
            raise Unclear(f"No topic “{text[:80]}” is on record. A curator can enter it.")
        found[topic.pk] = topic
    return list(found.values())


def _only(found: list[Any], text: str, noun: str) -> Any:
    if not found:
        raise Unclear(f"No {noun} “{text[:80]}” is on record. A curator can enter it.")
    if len(found) > 1:
        raise Unclear(f"Several have this name; write one of these: {', '.join(one.slug for one in found)}.")
    return found[0]


@dataclass(frozen=True, slots=True)
class Offer:
    """The names that the fields of the form offer: pairs of slug and name."""

    speakers: Sequence[tuple[str, str]]
    outlets: Sequence[tuple[str, str]]
    measures: Sequence[tuple[str, str]]
    topics: Sequence[tuple[str, str]]


def offer() -> Offer:
    """Return the names to choose from below the fields, four queries."""
    return Offer(
        list(Speaker.objects.current().alphabetical().values_list("slug", "name")[:MOST_OFFERED]),
        list(Outlet.objects.order_by("name", "pk").values_list("slug", "name")[:MOST_OFFERED]),
        list(Measure.objects.order_by("name", "pk").values_list("slug", "name")[:MOST_OFFERED]),
        list(Topic.objects.order_by("name", "pk").values_list("slug", "name")[:MOST_OFFERED]),
    )
