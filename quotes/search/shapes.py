"""Statements and speakers as JSON, for machines with the same rights as people (PRODUCT.md §8).

A statement: `uid`, `url`, `speaker` {slug, name, kind, url}, `role` (the latest held that day) and `roles`,
`uttered_by` and `uttered_by_roles`, `said_on` with `said_on_precision`, `said_by` (day of the first
publication, when the day itself is not known), `occasion`, `original_language`, `original_text`, `gist`,
`topics`, `record`, `embargoed_until`; `standing`, `text`, `kind`, `language` and `shown` of the best-
supported quote, `adverse` [{uid, standing}]; `reports` and `roots` as numbers, `root_outlets`; `citation`;
`quotes`, each with its standing, depth, passes, article, anchor, `chain` (position 1 next to the article),
`root`, figures, evidence and checks; `links` both ways {type, words, direction, state, statement}; `history`.

A speaker: `slug`, `name`, `kind`, `names`, `roles`, `spokespeople`, `total`, `standing` (numbers by
standing), `adverse`, `activity` by month, `statements` (each also with `mouth` and `on_behalf_of`), and
`next`, the cursor of the next page.

Dates are as precise as they are known (`2026-02`); null means not known. Numbers of figures are text, as in
fixtures, so that no digit is lost.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.urls import reverse

from quotes.models import AXES, Figure, Outlet, Quote, Speaker, Statement, Tenure
from quotes.search.history import history_of
from quotes.search.keyset import Page
from quotes.search.speaker_rows import StatementRow
from quotes.search.speakers import SpeakerPage
from quotes.search.statements import LinkOnPage, QuoteOnPage, StatementPage
from quotes.search.verification import name_of
from quotes.text import days


def statement(page: StatementPage, user: Any) -> dict[str, Any]:
    """Return a statement's page as JSON: who, when, every quote with its standing and chain, links, history."""
    it = page.statement
    return {
        **_head(it),
        "roles": [{**_role(role.tenure), "note": role.note or None} for role in page.roles],
        "uttered_by_roles": [{**_role(role.tenure), "note": role.note or None} for role in page.mouth_roles],
        "original_language": it.original_language or None,
        "original_text": it.original_text,
        "topics": [{"slug": topic.slug, "name": topic.name} for topic in it.topics.all()],
        "record": it.record,
        "embargoed_until": it.embargoed_until,
        "reports": page.reports,
        "roots": len(page.roots),
        "root_outlets": [_outlet(outlet) for outlet in page.roots],
        "shown": page.shown.quote.uid if page.shown else None,
        "citation": page.citation,
        "quotes": [_quote(quote) for quote in page.quotes],
        "links": [_link(row) for group in page.links for row in group.rows]
        + [_link(row) for row in page.suggested],
        "history": [
            {
                "at": deed.at,
                "by": deed.who,
                "verb": deed.verb,
                "what": [
                    {
                        "deed": entry.deed,
                        "record": entry.noun,
                        "name": entry.name,
                        "changes": [
                            {"field": change.label, "before": change.before, "after": change.after}
                            for change in entry.changes
                        ],
                    }
                    for entry in deed.entries
                ],
            }
            for deed in history_of(it, user).deeds
        ],
    }


def speaker(page: SpeakerPage, statements: Page[StatementRow]) -> dict[str, Any]:
    """Return a speaker's page as JSON: names, roles, counts, activity, and a page of statements."""
    it = page.speaker
    return {
        **_speaker(it),
        "description": it.description,
        "country": it.country or None,
        "wikidata_id": it.wikidata_id,
        "names": [
            {"text": name.text, "language": name.language, "kind": name.kind, "script": script}
            for script, spellings in page.names
            for spelling in spellings
            for name in spelling.names
        ],
        "roles": [_role(tenure) for tenure in page.roles],
        "spokespeople": [{**_role(tenure), "person": _speaker(tenure.person)} for tenure in page.voices],
        "total": page.total,
        "exact": page.exact,
        "standing": page.counts,
        "adverse": page.adverse,
        "activity": [{"month": days.machine(month.first, "month"), **month.counts} for month in page.months],
        "statements": [
            {
                **_head(row.statement),
                "mouth": _speaker(row.mouth) if row.mouth else None,
                "on_behalf_of": _speaker(row.on_behalf_of) if row.on_behalf_of else None,
                "reports": row.statement.reports,
                "roots": len(row.statement.roots),
            }
            for row in statements.rows
        ],
        "next": statements.next or None,
    }


def _head(it: Statement) -> dict[str, Any]:
    quote = it.shown_quote
    known = it.said_on is not None
    return {
        "uid": it.uid,
        "url": reverse("statement", args=[it.uid]),
        "speaker": _speaker(it.speaker),
        "role": next((tenure.title for tenure in it.roles), None),
        "uttered_by": _speaker(it.uttered_by) if it.uttered_by else None,
        "said_on": days.machine(it.said_on, it.said_on_precision) or None,
        "said_on_precision": it.said_on_precision,
        "said_by": it.days[0].isoformat() if it.days and not known else None,
        "occasion": it.occasion or None,
        "gist": it.gist,
        "standing": quote.standing.value if quote else None,
        "adverse": [{"uid": bad.uid, "standing": bad.standing.value} for bad in it.adverse_quotes],
        "text": quote.text if quote else None,
        "kind": quote.kind if quote else None,
        "language": quote.language if quote else None,
    }


def _quote(row: QuoteOnPage) -> dict[str, Any]:
    quote, standing = row.quote, row.quote.standing
    return {
        "uid": quote.uid,
        "url": reverse("quote", args=[quote.uid]),
        "text": quote.text,
        "kind": quote.kind,
        "language": quote.language,
        "is_translation": quote.is_translation,
        "cue": quote.cue,
        "speaker_as_printed": quote.speaker_as_printed,
        "role_as_printed": quote.role_as_printed,
        "role_flag": row.flag.sentence if row.flag else None,
        "mentions": [flag.sentence for flag in row.mentions],
        "standing": standing.value,
        "depth": standing.depth,
        "passes": standing.passes,
        "needed": standing.needed,
        "article": {
            "id": quote.article_id,
            "url": quote.article.url,
            "headline": quote.article.headline,
            "outlet": _outlet(quote.article.outlet),
            "published_at": quote.article.published_at,
        },
        "capture": quote.capture.sha256 if quote.capture else None,
        "start": quote.start,
        "end": quote.end,
        "prefix": quote.prefix,
        "suffix": quote.suffix,
        "chain": [
            {
                "position": relay.position,
                "outlet": _outlet(relay.outlet) if relay.outlet else None,
                "as_printed": relay.as_printed,
            }
            for relay in quote.chain
        ],
        "root": _outlet(quote.root) if quote.root else None,
        "figures": [_figure(figure) for figure in row.figures],
        "evidence": [
            {
                "kind": item.kind,
                "url": item.url,
                "timecode": item.timecode,
                "excerpt": item.excerpt,
                "primary": item.primary,
                "stance": item.stance,
            }
            for item in row.verification.evidence
        ],
        "checks": [
            {
                "by": check.who,
                "at": check.check.at,
                "verdicts": {axis: value for axis in AXES if (value := getattr(check.check, axis))},
                "ruling": check.check.ruling,
                "reason": check.check.reason,
                "note": check.check.note,
                "full_pass": check.check.full_pass,
                "current": check.current,
            }
            for check in row.verification.checks
        ],
    }


def _link(row: LinkOnPage) -> dict[str, Any]:
    other: Quote | None = row.other.shown_quote
    return {
        "type": row.link.type,
        "words": row.words,
        "direction": "out" if row.outward else "in",
        "state": row.link.state,
        "score": row.link.score,
        "reasons": row.link.reasons,
        "note": row.link.note,
        "decided_by": name_of(row.link.decided_by) if row.link.decided_by else None,
        "decided_at": row.link.decided_at,
        "statement": {
            "uid": row.other.uid,
            "url": reverse("statement", args=[row.other.uid]),
            "speaker": _speaker(row.other.speaker),
            "gist": row.other.gist,
            "text": other.text if other else None,
            "standing": other.standing.value if other else None,
        },
    }


def _figure(figure: Figure) -> dict[str, Any]:
    return {
        "measure": figure.measure.slug,
        "name": figure.measure.name,
        "unit": figure.measure.unit,
        "low": _digits(figure.low),
        "high": _digits(figure.high),
        "bound": figure.bound,
        "as_of": days.machine(figure.as_of, figure.as_of_precision) or None,
        "method": figure.method,
        "as_printed": figure.as_printed,
    }


def _digits(number: Decimal | None) -> str | None:
    if number is None:
        return None
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _role(tenure: Tenure) -> dict[str, Any]:
    return {
        "title": tenure.title,
        "organisation": _speaker(tenure.organisation) if tenure.organisation else None,
        "starts": days.machine(tenure.starts, tenure.starts_precision) or None,
        "ends": days.machine(tenure.ends, tenure.ends_precision) or None,
        "speaks_for": tenure.speaks_for,
        "source_url": tenure.source_url,
    }


def _speaker(it: Speaker) -> dict[str, Any]:
    return {"slug": it.slug, "name": it.name, "kind": it.kind, "url": reverse("speaker", args=[it.slug])}


def _outlet(it: Outlet) -> dict[str, Any]:
    return {"slug": it.slug, "name": it.name}
