"""Valid records for tests, in one line each. `fixtures/` are for people; these are for tests.

Everything is written through `acting`, as in the running house; `by` is the account that enters it (None: the
system). What a test does not name is sensible and told apart by a running number.
"""

import datetime as dt
import hashlib
import itertools
from typing import Any

from quotes.actions.audit import acting
from quotes.models import (
    Article,
    Capture,
    Check,
    Evidence,
    Figure,
    Link,
    Measure,
    Outlet,
    Quote,
    Relay,
    SameUtterance,
    Speaker,
    SpeakerName,
    Standing,
    Statement,
    Tenure,
    Topic,
    axes_of,
)

# Five digits from first to last: the names made of them sort alike as text and as numbers, in every test's turn.
_numbers = itertools.count(10_001)

BODY = (
    'The president spoke in the evening.\n\nHe warned, "If we lose this war, we will lose." He left at ten.'
)
WORDS = "If we lose this war, we will lose."


def number() -> int:
    """Return a number that no other record of this test run has."""
    return next(_numbers)


def a_speaker(
    name: str | None = None,
    *,
    kind: str = "person",
    names: dict[str, str] | None = None,
    by: Any = None,
    **fields: Any,
) -> Any:
    """Enter a speaker; `names` are further spellings, language by text ({"Зеленський": "uk"})."""
    n = number()
    with acting(by=by, verb="speakers.enter"):
        speaker = Speaker.objects.create(
            **{"slug": f"speaker-{n}", "name": name or f"Speaker {n}", "kind": kind, **fields}
        )
        for text, language in (names or {}).items():
            SpeakerName.objects.create(speaker=speaker, text=text, language=language, kind="official")
    return speaker


def a_tenure(person: Any, title: str, *, by: Any = None, **fields: Any) -> Any:
    """Enter a role; `starts` and `ends` are dates known to the day unless their precision is given too."""
    for end in ("starts", "ends"):
        if fields.get(end) is not None:
            fields.setdefault(f"{end}_precision", "day")
    with acting(by=by, verb="speakers.enter"):
        return Tenure.objects.create(
            **{"person": person, "title": title, "source_url": "https://roles.example/list", **fields}
        )


def an_outlet(name: str | None = None, *, by: Any = None, **fields: Any) -> Any:
    """Enter an outlet; `owner` makes it another one's."""
    n = number()
    with acting(by=by, verb="articles.enter"):
        return Outlet.objects.create(
            **{"slug": f"outlet-{n}", "name": name or f"Outlet {n}", "kind": "site", **fields}
        )


def an_article(outlet: Any = None, *, by: Any = None, **fields: Any) -> Any:
    """Enter an article of `outlet` (or of a new one), published 5 Feb 2026, 11:19 UTC."""
    n = number()
    with acting(by=by, verb="articles.enter"):
        return Article.objects.create(
            **{
                "url": f"https://news.example/{n}",
                "outlet": outlet or an_outlet(by=by),
                "headline": f"Headline {n}",
                "language": "en",
                "published_at": dt.datetime(2026, 2, 5, 11, 19, tzinfo=dt.UTC),
                **fields,
            }
        )


def a_capture(article: Any = None, body: str = BODY, *, by: Any = None) -> Any:
    """Keep `body` as the text of `article` as it stood on 5 Feb 2026."""
    with acting(by=by, verb="articles.capture"):
        return Capture.objects.create(
            article=article or an_article(by=by),
            sha256=hashlib.sha256(body.encode()).hexdigest(),
            captured_at=dt.datetime(2026, 2, 5, 12, 0, tzinfo=dt.UTC),
            body=body,
        )


def a_topic(name: str | None = None, *, by: Any = None) -> Any:
    """Enter a topic."""
    n = number()
    with acting(by=by, verb="topics.enter"):
        return Topic.objects.create(slug=f"topic-{n}", name=name or f"Topic {n}")


def a_statement(speaker: Any = None, *, topics: Any = (), by: Any = None, **fields: Any) -> Any:
    """Enter a statement without quotes; a `said_on` is known to the day unless its precision is given too."""
    n = number()
    if fields.get("said_on") is not None:
        fields.setdefault("said_on_precision", "day")
    with acting(by=by, verb="statements.enter"):
        statement = Statement.objects.create(
            **{
                "uid": f"statement-{n}",
                "speaker": speaker or a_speaker(by=by),
                "gist": f"Something neutral, number {n}",
                **fields,
            }
        )
        statement.topics.set(topics)
    return statement


def a_quote(
    statement: Any = None,
    text: str = WORDS,
    *,
    article: Any = None,
    chain: Any = (),
    body: str | None = None,
    by: Any = None,
    **fields: Any,
) -> Any:
    """Enter a direct quote of `statement` (or of a new one), not anchored: nothing is held.

    Args:
        chain: its relays from the article's side to the root: outlets, or printed words for unresolved steps.
        body: keep this as the article's captured text, and anchor the quote where `text` first stands in it.
        by: who enters it; she is then a contributor and cannot pass it.
    """
    n = number()
    with acting(by=by, verb="quotes.enter"):
        article = article or an_article(by=by)
        if body is not None:
            capture = Capture.objects.filter(
                article=article, sha256=hashlib.sha256(body.encode()).hexdigest()
            ).first() or a_capture(article, body, by=by)
            start = body.index(text)
            fields = {"capture": capture, "start": start, "end": start + len(text), **fields}
        quote = Quote.objects.create(
            **{
                "uid": f"quote-{n}",
                "statement": statement or a_statement(by=by),
                "article": article,
                "kind": "direct",
                "text": text,
                "language": "en",
                "cue": "said",
                **fields,
            }
        )
        for position, step in enumerate(chain, 1):
            step = {"as_printed": step} if isinstance(step, str) else {"outlet": step}
            Relay.objects.create(quote=quote, position=position, **step)
    return Quote.objects.select_related("standing").get(pk=quote.pk)


def a_held_quote(statement: Any = None, **fields: Any) -> Any:
    """Enter a direct quote that stands in its captured article, so that its wording can pass."""
    return a_quote(statement, **{"body": BODY, **fields})


def some_evidence(quote: Any, stance: str = "supports", *, by: Any = None, **fields: Any) -> Any:
    """Add evidence to `quote`: by default a wire copy, not the recording itself."""
    n = number()
    with acting(by=by, verb="verify.evidence"):
        return Evidence.objects.create(
            **{"quote": quote, "kind": "wire", "url": f"https://wire.example/{n}", "stance": stance, **fields}
        )


def a_check(quote: Any, by: Any, *, verdict: str = "pass", **fields: Any) -> Any:
    """Have `by` check the present content of `quote`: `verdict` on every axis that applies.

    A single axis is answered otherwise by its name (`wording="fail"`); with a `ruling` and its `reason` no
    axis needs an answer, so none is given unless named.
    """
    quote = Quote.objects.get(pk=quote.pk)
    answers = {} if fields.get("ruling") else dict.fromkeys(axes_of(quote), verdict)
    seen = Standing.objects.get(pk=quote.pk).content_hash
    with acting(by=by, verb="verify.check"):
        return Check.objects.create(**{"quote": quote, "by": by, "seen": seen, **answers, **fields})


def a_measure(name: str | None = None, *, unit: str = "persons", by: Any = None) -> Any:
    """Enter a measure."""
    n = number()
    with acting(by=by, verb="figures.enter"):
        return Measure.objects.create(slug=f"measure-{n}", name=name or f"Measure {n}", unit=unit)


def a_figure(
    quote: Any, low: int | None = 55_000, high: int | None = None, *, by: Any = None, **fields: Any
) -> Any:
    """Enter a number of `quote`: about `low`, or between `low` and `high`, unless `bound` says otherwise."""
    if fields.get("as_of") is not None:
        fields.setdefault("as_of_precision", "day")
    bound = fields.pop("bound", "range" if high is not None else "about")
    if bound in ("exact", "about"):
        high = low
    with acting(by=by, verb="figures.enter"):
        return Figure.objects.create(
            **{
                "quote": quote,
                "measure": fields.pop("measure", None) or a_measure(by=by),
                "low": low,
                "high": high,
                "bound": bound,
                "method": "claim",
                **fields,
            }
        )


def a_link(
    source: Any,
    target: Any,
    kind: str = "contradicts",
    *,
    state: str = "confirmed",
    by: Any = None,
    **fields: Any,
) -> Any:
    """Link two statements; suggested ones carry a score and reasons, decided ones who decided."""
    if state == "suggested":
        fields = {"score": 0.8, "reasons": ["Same topic"], "method": "test", **fields}
    else:
        fields = {"decided_by": by, "decided_at": dt.datetime(2026, 2, 6, tzinfo=dt.UTC), **fields}
    with acting(by=by, verb="links.decide" if state != "suggested" else "links.suggest"):
        return Link.objects.create(source=source, target=target, type=kind, state=state, **fields)


def a_same_utterance(source: Any, target: Any, **fields: Any) -> Any:
    """Enter the suggestion that two statements are one utterance."""
    with acting(by=None, verb="links.suggest"):
        return SameUtterance.objects.create(
            source=source,
            target=target,
            **{"score": 0.9, "reasons": ["Same day."], "method": "desk@1", **fields},
        )
