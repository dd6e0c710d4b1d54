"""A ledger as JSON, for machines with the same rights as people (PRODUCT.md §8).

`measure` {slug, name, unit}; `total` statements, `older` that are not in it; `figures`, oldest number first, each
`statement` {uid, url, gist, said_on}, `speaker` {slug, name, url}, `low`, `high` (text, so that no digit is lost; null
is open), `bound`, `as_of` as precise as it is known, `method`, `words`, `standing`, `depth`, `adverse`, `reports`,
`roots`, `root_outlets`, `readings` (the number as different reports give it), `quotes`, and `compared`: the verdicts
against the entries before it {with, kind, words, because, beside, later, sentence}; `others`: measures that are not
this one, and why; `pair`: the verdict on the two statements asked for with `a` and `b`, or null.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.urls import reverse

from quotes.models import Figure
from quotes.search.figures import Against, Entry, Ledger, words_of
from quotes.text import days


def ledger(found: Ledger) -> dict[str, Any]:
    """Return a measure's ledger as JSON."""
    measure = found.measure
    return {
        "measure": {"slug": measure.slug, "name": measure.name, "unit": measure.unit},
        "total": len(found.entries) + found.older,
        "older": found.older,
        "figures": [_entry(entry) for entry in found.entries],
        "others": [
            {
                "slug": other.measure.slug,
                "name": other.measure.name,
                "unit": other.measure.unit,
                "because": other.because,
            }
            for other in found.others
        ],
        "pair": compared(found.chosen) if found.chosen else None,
    }


def compared(pair: Against) -> dict[str, Any]:
    """Return a verdict on two figures as JSON."""
    verdict = pair.verdict
    later = {"first": pair.entry, "second": pair.other}.get(verdict.later or "")
    return {
        "with": pair.other.statement.uid,
        "kind": verdict.kind,
        "words": verdict.words,
        "because": list(verdict.because),
        "beside": list(verdict.beside),
        "later": later.statement.uid if later else None,
        "fell": verdict.fell,
        "sentence": pair.sentence,
    }


def _entry(entry: Entry) -> dict[str, Any]:
    it, speaker = entry.statement, entry.speaker
    return {
        "statement": {
            "uid": it.uid,
            "url": reverse("statement", args=[it.uid]),
            "gist": it.gist,
            "said_on": days.machine(it.said_on, it.said_on_precision) or None,
        },
        "speaker": {
            "slug": speaker.slug,
            "name": speaker.name,
            "url": reverse("speaker", args=[speaker.slug]),
        },
        **_figure(entry.figure),
        "standing": entry.standing,
        "depth": entry.depth,
        "adverse": entry.adverse,
        "reports": entry.reports,
        "roots": len(entry.roots),
        "root_outlets": [{"slug": root.slug, "name": root.name} for root in entry.roots],
        "readings": [
            {**_figure(reading.figure), "reports": len(reading.figures), "outlets": reading.outlets}
            for reading in entry.readings
        ],
        "quotes": [
            {
                "uid": figure.quote.uid,
                "url": reverse("quote", args=[figure.quote.uid]),
                "outlet": figure.quote.article.outlet.name,
                "as_printed": figure.as_printed,
                "language": figure.quote.language,
                "standing": figure.quote.standing.value,
            }
            for reading in entry.readings
            for figure in reading.figures
        ],
        "compared": [compared(pair) for pair in entry.against],
    }


def _figure(figure: Figure) -> dict[str, Any]:
    return {
        "low": digits(figure.low),
        "high": digits(figure.high),
        "bound": figure.bound,
        "as_of": days.machine(figure.as_of, figure.as_of_precision) or None,
        "method": figure.method,
        "words": words_of(figure),
    }


def digits(number: Decimal | None) -> str | None:
    """Return a number as text without a fraction of nought; None stays None."""
    if number is None:
        return None
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
