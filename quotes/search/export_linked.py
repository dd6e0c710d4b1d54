"""Linked data for others: schema.org ClaimReview of what was judged, and W3C Web Annotations of what is anchored.

Both are made to be published. So what is not on the record, or still under embargo, is never in them, whoever asks;
and nobody is named as the author of words before the newsroom has verified that they said them. A rating here is one
of attribution: “verified” means that the speaker said it, not that it is true, so there is no number that a machine
could take for a measure of truth (schema.org/ClaimReview; search engines ask for `alternateName` only).
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, OuterRef, Prefetch, QuerySet, Value
from django.db.models.functions import Greatest, Substr
from django.urls import reverse

from quotes.models import Outlet, Quote, Speaker, Standing, Statement, best_supported
from quotes.models.statement import open_to
from quotes.search.export import AT_ONCE, NOBODY, Selection, first_published, in_byte_order, roles_then
from quotes.text import days

JUDGED = (Standing.Value.VERIFIED, *Standing.ADVERSE)
PEOPLE = (Speaker.Kind.PERSON, Speaker.Kind.UNNAMED)
ANNOTATIONS = "http://www.w3.org/ns/anno.jsonld"
AROUND = 32
"""Characters on each side that are given where a quote has none of its own."""

RATINGS = {
    Standing.Value.VERIFIED: (
        "Attribution verified",
        "Checked: the speaker said this. That says nothing of whether it is true.",
    ),
    Standing.Value.DISPUTED: (
        "Attribution disputed",
        "Whether the speaker said this, or said it so, is disputed.",
    ),
    Standing.Value.MISATTRIBUTED: ("Misattributed", "Checked: the speaker did not say this."),
    Standing.Value.RETRACTED: ("Retracted", "The report of these words was withdrawn."),
}


@dataclass(frozen=True, slots=True)
class Site:
    """Where the desk is reached, without a slash at the end, and under which name it publishes."""

    url: str
    publisher: str

    def address(self, name: str, key: str) -> str:
        """The full address of a page."""
        return f"{self.url}{reverse(name, args=[key])}"


def claim_reviews(selection: Selection, site: Site, tally: Counter[str]) -> Iterator[str]:
    """The text of a JSON-LD file with one ClaimReview for each judgement.

    A statement has one review for all of its verified quotes, and one more for each disputed, misattributed or
    retracted quote, so that one bad report neither hides nor is hidden (invariant 3).
    """
    yield '{"@context": "https://schema.org", "@graph": ['
    comma = ""
    for statement in _judged(selection).iterator(AT_ONCE):
        for review in _reviews(statement, site):
            tally["reviews"] += 1
            yield f"{comma}\n{_json(review)}"
            comma = ","
    yield "\n]}\n"


def _for_all(statements: Any, path: str = "") -> Any:
    """Leave only what may be published: on the record, under no embargo."""
    return statements.filter(open_to(NOBODY, path), **{f"{path}record": Statement.Terms.ON})


def _judged(selection: Selection) -> QuerySet[Statement]:
    quotes = (
        Quote.objects.standing_at(*JUDGED)
        .select_related("standing", "article__outlet")
        .prefetch_related("relays__outlet", "evidence")
        .order_by(in_byte_order("quotes.quote", "uid"))
    )
    judged = Quote.objects.standing_at(*JUDGED).filter(statement=OuterRef("pk"))
    found: QuerySet[Statement] = (
        _for_all(selection.statements)
        .filter(Exists(judged))
        .select_related("speaker")
        .prefetch_related(
            Prefetch("quotes", quotes, to_attr="judged"),
            "speaker__tenures",
        )
        .annotate(published=first_published(""))
        .order_by(in_byte_order("quotes.statement", "uid"))
    )
    return found


def _reviews(statement: Any, site: Site) -> Iterator[dict[str, Any]]:
    verified = [quote for quote in statement.judged if quote.standing.value == Standing.Value.VERIFIED]
    if verified:
        yield _review(statement, verified, site, site.address("statement", statement.uid))
    for quote in statement.judged:
        if quote.standing.value != Standing.Value.VERIFIED:
            yield _review(statement, [quote], site, site.address("quote", quote.uid))


def _review(statement: Any, quotes: Sequence[Quote], site: Site, url: str) -> dict[str, Any]:
    shown = best_supported(quotes)
    assert shown is not None  # noqa: S101  a review is of at least one quote
    standing = Standing.Value(shown.standing.value)
    rating, explanation = RATINGS[standing]
    is_said = standing == Standing.Value.VERIFIED
    speaker = _speaker(statement)
    by = _organisation(shown.article.outlet)
    words = f"“{shown.text}”" if shown.kind != Quote.Kind.INDIRECT else shown.text
    claim: dict[str, Any] = {
        "@type": "Claim",
        "@id": f"{url}#claim",
        "text": shown.text,
        "inLanguage": shown.language,
        # Before it is verified, the claim is the reporter's: that this speaker said this.
        "author": speaker if is_said else by,
    }
    if not is_said:
        claim["about"] = speaker
    said = days.machine(statement.said_on, statement.said_on_precision)
    if said:
        claim["datePublished" if is_said else "temporalCoverage"] = said
    claim["appearance"] = [_article(quote) for quote in quotes]
    claim["firstAppearance"] = _first(quotes)
    head = (
        f"{statement.speaker.name} said"
        if is_said
        else f"{shown.article.outlet.name} reported that {statement.speaker.name} said"
    )
    return {
        "@type": "ClaimReview",
        "@id": f"{url}#review",
        "url": url,
        "author": {"@type": "Organization", "name": site.publisher, "url": f"{site.url}/"},
        "datePublished": max(quote.standing.since for quote in quotes).astimezone(dt.UTC).isoformat(),
        "claimReviewed": f"{head}: {words}",
        "reviewAspect": "attribution",
        "reviewRating": {"@type": "Rating", "alternateName": rating, "ratingExplanation": explanation},
        "itemReviewed": claim,
    }


def _speaker(statement: Any) -> dict[str, Any]:
    speaker = statement.speaker
    is_person = speaker.kind in PEOPLE
    told: dict[str, Any] = {"@type": "Person" if is_person else "Organization", "name": speaker.name}
    if speaker.wikidata_id:
        told["sameAs"] = f"https://www.wikidata.org/wiki/{speaker.wikidata_id}"
    titles = [role.title for role in roles_then(statement, statement.published)]
    if is_person and titles:
        told["jobTitle"] = titles[0] if len(titles) == 1 else titles
    return told


def _organisation(outlet: Outlet) -> dict[str, Any]:
    return {"@type": "Organization", "name": outlet.name}


def _article(quote: Quote) -> dict[str, Any]:
    article = quote.article
    told = {
        "@type": "NewsArticle",
        "url": article.url,
        "headline": article.headline,
        "inLanguage": article.language,
        "publisher": _organisation(article.outlet),
    }
    if article.published_at:
        told["datePublished"] = article.published_at.astimezone(dt.UTC).isoformat()
    return told


def _first(quotes: Sequence[Quote]) -> dict[str, Any]:
    """Where the words came up first, as far as it is known: the end of a chain, else the earliest article."""
    for quote in quotes:
        if quote.chain and quote.root is not None:
            told: dict[str, Any] = {"@type": "CreativeWork", "publisher": _organisation(quote.root)}
            sources = [item.url for item in quote.evidence.all() if item.primary and item.url]
            if sources:
                told["url"] = min(sources)
            return told
    latest = dt.datetime.max.replace(tzinfo=dt.UTC)
    return _article(min(quotes, key=lambda quote: (quote.article.published_at or latest, quote.uid)))


def web_annotations(selection: Selection, site: Site, tally: Counter[str]) -> Iterator[str]:
    """The text of a JSON-LD file: a collection of one page with an annotation for each anchored quote.

    Positions are code points into the text as it was captured, which `state` dates; a page may have changed since, and
    then the quote selector finds the words (Web Annotation Data Model, §4.2.4 and §4.2.5).
    """
    head = {
        "@context": ANNOTATIONS,
        "id": f"{site.url}/#annotations",
        "type": "AnnotationCollection",
        "label": f"Quotes in their articles, by {site.publisher}",
    }
    page = {"id": f"{site.url}/#annotations-1", "type": "AnnotationPage", "startIndex": 0}
    yield f'{_json(head)[:-1]}, "first": {_json(page)[:-1]}, "items": ['
    comma = ""
    for quote in _anchored(selection).iterator(AT_ONCE):
        tally["annotations"] += 1
        yield f"{comma}\n{_json(_annotation(quote, site))}"
        comma = ","
    yield f'\n]}}, "total": {tally["annotations"]}}}\n'


def _anchored(selection: Selection) -> QuerySet[Any]:
    found: QuerySet[Any] = (
        _for_all(selection.quotes_with_place(NOBODY), "statement__")
        .filter(start__isnull=False, bare=False)
        .select_related("standing", "article", "capture", "statement__speaker")
        .defer("capture__body", "statement__original_text")
        .prefetch_related("statement__speaker__tenures")
        .annotate(
            published=first_published("statement__"),
            before=Substr("capture__body", Greatest(F("start") + 1 - AROUND, 1), Value(AROUND)),
            after=Substr("capture__body", F("end") + 1, Value(AROUND)),
        )
        .order_by(
            in_byte_order("quotes.quote", "article__url"), "start", in_byte_order("quotes.quote", "uid")
        )
    )
    return found


def _annotation(quote: Any, site: Site) -> dict[str, Any]:
    statement = quote.statement
    role = ", ".join(tenure.title for tenure in roles_then(statement, quote.published))
    who = f"{statement.speaker.name}{f' ({role})' if role else ''}"
    said = days.in_words(statement.said_on, statement.said_on_precision)
    return {
        "id": f"{site.address('quote', quote.uid)}#annotation",
        "type": "Annotation",
        "motivation": "describing",
        "creator": {"type": "Organization", "name": site.publisher},
        "body": [
            {
                "type": "TextualBody",
                "purpose": "describing",
                "format": "text/plain",
                "language": "en",
                "value": f"Attributed to {who}, said on: {said}. {quote.standing.get_value_display()}.",
            },
            {
                "type": "SpecificResource",
                "purpose": "linking",
                "source": site.address("statement", statement.uid),
            },
        ],
        "target": {
            "type": "SpecificResource",
            "source": quote.article.url,
            "selector": [
                {
                    "type": "TextQuoteSelector",
                    "prefix": quote.prefix or quote.before[: quote.start],
                    "exact": quote.text,
                    "suffix": quote.suffix or quote.after,
                },
                {"type": "TextPositionSelector", "start": quote.start, "end": quote.end},
            ],
            "state": {
                "type": "TimeState",
                "sourceDate": quote.capture.captured_at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            },
        },
    }


def _json(value: Any) -> str:
    """JSON that also stands safely inside a script element, where linked data mostly ends up."""
    text = json.dumps(value, ensure_ascii=False)
    for mark in "<>&\u2028\u2029":
        text = text.replace(mark, f"\\u{ord(mark):04x}")
    return text
