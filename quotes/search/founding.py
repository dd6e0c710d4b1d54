"""What the desk makes of the founding story: the results by which it can be seen that cross-linking works.

Everything is read from the records as any page reads them; only the uids of the story's records are known here
(fixtures/10-founding-story.json and 20-wider-story.json).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from quotes.models import Quote, Statement
from quotes.search.compare import comparison
from quotes.search.figures import Entry, against, ledger
from quotes.search.statements import statement_page

THE_NUMBER, KILLED, CASUALTIES = "zelenskyy-55000-killed", "ukr-soldiers-killed", "ukr-military-casualties"
THE_ARTICLE = "https://en.fnnews.com/news/202602051022565171"


@dataclass(frozen=True, slots=True)
class Result:
    """One thing that the story is to give: what was found, how many, and in which records."""

    name: str
    expected: int
    found: Sequence[str]
    said: str

    @property
    def kept(self) -> bool:
        """Whether as many were found as there are to be."""
        return len(self.found) == self.expected


def results(user: Any) -> list[Result]:
    """Return every result, read with the rights of `user`.

    Raises:
        Http404: when the founding story is not among the records.
    """
    return [ask(user) for ask in (_root, _series, _conflict, _not_comparable, _role, _partial, _condition)]


def _root(user: Any) -> Result:
    page = statement_page(user, statement_uid=THE_NUMBER)
    roots = [str(root) for root in page.roots]
    return Result(
        "One root for 55,000 over all its reports", 1, roots, f"{page.reports} reports, {len(roots)} root"
    )


def _series(user: Any) -> Result:
    speaker = Statement.objects.visible_to(user).get(uid=THE_NUMBER).speaker.slug
    entries = ledger(KILLED, user, speaker=speaker).entries
    steps = [pair.verdict.kind for entry in entries for pair in entry.against]
    return Result(
        "The six-point series in order",
        6,
        [f"{entry.words} ({entry.told.when})" for entry in entries],
        f"{steps.count('update')} of {len(steps)} steps are updates",
    )


def _beside_the_number(user: Any, measure: str) -> list[tuple[Entry, Any]]:
    """Set the 55,000 against what other speakers say of a measure."""
    (own,) = (entry for entry in ledger(KILLED, user).entries if entry.statement.uid == THE_NUMBER)
    others = [entry for entry in ledger(measure, user).entries if entry.speaker != own.speaker]
    return [(entry, against(own, entry)) for entry in others]


def _conflict(user: Any) -> Result:
    # The same study is quoted in several statements: one speaker with one number is one conflict.
    found = {
        f"{entry.speaker.name}: {entry.words}": pair.sentence
        for entry, pair in _beside_the_number(user, KILLED)
        if pair.verdict.kind == "conflict"
    }
    return Result("One conflict", 1, list(found), next(iter(found.values()), ""))


def _not_comparable(user: Any) -> Result:
    found = {
        entry.speaker.name: " ".join(pair.verdict.because)
        for entry, pair in _beside_the_number(user, CASUALTIES)
        if pair.verdict.kind == "not_comparable"
    }
    return Result("One “not comparable”", 1, list(found), next(iter(found.values()), ""))


def _role(user: Any) -> Result:
    """The article calls a president a former one: the flag, once however many quotes of it print that."""
    found: dict[str, str] = {}
    for quote in Quote.objects.visible_to(user).filter(article__url=THE_ARTICLE).order_by("pk"):
        page = statement_page(user, quote_uid=quote.uid)
        if page.shown is not None:
            flags = [*page.shown.mentions, *([page.shown.flag] if page.shown.flag else [])]
            found.update({flag.sentence: quote.uid for flag in flags})
    return Result("The role flag", 1, list(found.values()), next(iter(found), ""))


def _partial(user: Any) -> Result:
    """A word or two that another report of the same statement prints inside a whole sentence."""
    found: dict[str, str] = {}
    partial = (
        Quote.objects.visible_to(user).filter(kind=Quote.Kind.PARTIAL).prefetch_related("statement__quotes")
    )
    for quote in partial.order_by("pk"):
        others = [other for other in quote.statement.quotes.all() if other.kind != Quote.Kind.PARTIAL]
        if longer := [other for other in others if quote.text in other.text]:
            found.setdefault(quote.text, longer[0].uid)
    return Result(
        "Two partial quotes", 2, [f"“{text}”" for text in found], f"in full in {', '.join(found.values())}"
    )


def _condition(user: Any) -> Result:
    """The open door without its condition, as one report prints it against another."""
    it = comparison(user, "lenta-door-open", "news-ru-door-open")
    dropped = it.rewording.dropped
    return Result(
        "The dropped condition", 1, [", ".join(change.turning) for change in dropped],
        dropped[0].sentence if dropped else "",
    )  # fmt: skip
