"""The peers of `bench search` are asked what we are asked: each finds what a look at every record finds."""

import datetime as dt
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.db import connection
from django.http import QueryDict

from quotes.benchmarks import peers
from quotes.benchmarks.peers import Asked, Found
from quotes.benchmarks.questions import ask, frequencies, queries
from quotes.benchmarks.search import measure
from quotes.models import Quote
from quotes.search import engine
from quotes.search.language import STOP
from quotes.search.reading import read
from quotes.tests.conftest import LOOPBACK
from quotes.tests.factories import a_check, a_quote, a_statement, an_article, an_outlet

# A table is vacuumed, and Datasette is asked over a socket of this machine.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.allow_hosts(LOOPBACK)]

GONE, EARLY, LATE = None, 2024, 2026
TEXTS: tuple[tuple[str, int | None, str, str], ...] = (
    ("The government counted every harvest in the valley.", LATE, "here", "direct"),
    ("Our governor spoke loudly of the harvest, and of the valley.", EARLY, "there", "direct"),
    ("They misgoverned the valley for many years.", EARLY, "here", "indirect"),
    ("A harvest in the valley is a small thing.", LATE, "there", "direct"),
    ("This valley, in the harvest, saw a thing so small.", LATE, "there", "indirect"),
    ("Things that are small were seen on the bridge.", EARLY, "here", "direct"),
    ("Governments fall where bridges fall.", LATE, "here", "direct"),
    ("Nobody crossed that bridge with the government.", GONE, "there", "direct"),
)
"""Text, year, outlet and kind. “gove” also stands within a word, and a phrase also in another order."""

DISPUTED = (0, 2, 6, 7)

# Words have one form in these texts: stems are another question.
QUESTIONS = {
    "a beginning": ("gove", "prefix", {}),
    "a beginning of a word and of its plural": ("brid", "prefix", {}),
    "a beginning with a filter": ("gove", "prefix", {"standing": "disputed"}),
    "a phrase": ("harvest in the valley", "phrase", {}),
    "a phrase in one order": ("small thing", "phrase", {}),
    "two words in any order": ("valley harvest", "words", {}),
    "a word with a standing": ("valley", "words", {"standing": "disputed"}),
    "a word with a year": ("valley", "words", {"year": EARLY}),
    "a word with an outlet": ("harvest", "words", {"outlet": "there"}),
    "a standing": ("", "words", {"standing": "disputed"}),
    "a standing and a kind": ("", "words", {"standing": "disputed", "kind": "direct"}),
    "an outlet": ("", "words", {"outlet": "here"}),
    "a year": ("", "words", {"year": LATE}),
}


@dataclass
class Record:
    """A quote as a look at every record sees it."""

    quote: Any
    text: str
    day: dt.date | None
    facets: dict[str, Any]

    def answers(self, words: str, way: str, wanted: dict[str, Any], *, letters: bool) -> bool:
        """Whether it has the words; as `letters`, they may also stand within words."""
        there = re.findall(r"\w+", self.text.lower())
        asked = words.split()
        if any(self.facets[name] != value for name, value in wanted.items()):
            return False
        if letters:
            return all(term in self.text.lower() for term in ([words] if way == "phrase" else asked))
        if way == "prefix":
            return any(word.startswith(words) for word in there)
        if way == "phrase":
            return any(there[place : place + len(asked)] == asked for place in range(len(there)))
        return set(asked) <= set(there)


@pytest.fixture
def records(verifier: User) -> list[Record]:
    outlets = {name: an_outlet(f"Paper {name}") for name in ("here", "there")}
    made = []
    for place, (text, year, outlet, kind) in enumerate(TEXTS):
        # No two on one day, and not in the order of the keys.
        day = year and dt.date(year, 1 + place * 5 % 12, 3)
        quote = a_quote(a_statement(said_on=day), text, article=an_article(outlets[outlet]), kind=kind)
        if place in DISPUTED:
            a_check(quote, verifier, verdict="fail")
        standing = "disputed" if place in DISPUTED else "unchecked"
        facets = {"year": year, "outlet": outlets[outlet], "kind": kind, "standing": standing}
        made.append(Record(quote, text, day, facets))
    return made


def build_ours(_: Path) -> Iterator[Callable[[Asked], Found]]:
    def search(asked: Asked) -> Found:
        answer = engine.search(read(QueryDict(asked.address)), AnonymousUser(), exactly=True)
        assert answer.exact
        # Each statement has one quote here.
        keys = dict(Quote.objects.values_list("statement_id", "pk"))
        return Found(answer.total, [keys[row.pk] for row in answer.rows])

    yield search


def build_textbook(_: Path) -> Iterator[peers.Textbook]:
    textbook = peers.Textbook()
    yield textbook
    textbook.close()


def build_fts5(folder: Path) -> Iterator[peers.Fts5]:
    fts5 = peers.Fts5(folder / "bench.sqlite3")
    yield fts5
    fts5.close()


def build_datasette(folder: Path) -> Iterator[peers.Datasette]:
    for fts5 in build_fts5(folder):
        datasette = peers.Datasette(fts5.path)
        yield datasette
        datasette.close()


def build_tantivy(folder: Path) -> Iterator[peers.Tantivy]:
    tantivy = peers.Tantivy(folder / "tantivy")
    yield tantivy
    tantivy.close()


def build_admin(_: Path) -> Iterator[Callable[[Asked], Found]]:
    yield peers.stock_admin


BUILD: dict[str, Callable[[Path], Iterator[Any]]] = {
    "ours": build_ours,
    "textbook": build_textbook,
    "fts5": build_fts5,
    "datasette": build_datasette,
    "tantivy": build_tantivy,
    "admin": build_admin,
}


@pytest.fixture(params=BUILD)
def system(request: pytest.FixtureRequest, records: list[Record], tmp_path: Path) -> Iterator[Any]:
    """Each system, over the records, beside its name."""
    if request.param in ("datasette", "tantivy") and not peers.installed(request.param):
        pytest.skip(f"{request.param} is not installed")  # house: it is no part of Verbatim
    for built in BUILD[request.param](tmp_path):
        yield request.param, built


def question(words: str, way: str, wanted: dict[str, Any], records: list[Record], **more: Any) -> Asked:
    """The question as the bench makes it; and the same outlet for the look at every record."""
    outlets = {outlet.name: outlet for outlet in (record.facets["outlet"] for record in records)}
    asked = dict(wanted)
    if "outlet" in wanted:
        outlet = wanted["outlet"] = outlets[f"Paper {wanted['outlet']}"]
        asked["outlet"] = (outlet.slug, outlet.pk)
    return ask("test", words, way=way, **asked, **more)


def test_every_system_finds_what_a_look_at_every_record_finds(
    system: tuple[str, Any], records: list[Record]
) -> None:
    name, answer = system
    for called, (words, way, wanted) in QUESTIONS.items():
        wanted = dict(wanted)
        asked = question(words, way, wanted, records)
        right = [
            record.quote.pk
            for record in records
            if record.answers(words, way, wanted, letters=name == "admin")
        ]
        assert 0 < len(right) < len(records), called
        found = answer(asked)
        assert (found.total, sorted(found.keys)) == (len(right), sorted(right)), called


def test_every_system_has_the_newest_first_when_that_is_asked(
    system: tuple[str, Any], records: list[Record]
) -> None:
    _, answer = system
    for words, wanted in (("valley", {}), ("", {"standing": "disputed"})):
        right = [record for record in records if record.answers(words, "words", wanted, letters=False)]
        right.sort(key=lambda record: record.day or dt.date.min, reverse=True)
        asked = question(words, "words", wanted, records, newest=True)
        assert answer(asked).keys == [record.quote.pk for record in right]


def test_the_bench_keeps_what_each_peer_found(records: list[Record]) -> None:
    asked = [ask("test", "gove", way="prefix"), ask("test", "valley", standing="disputed")]
    connection.ensure_connection()
    times, found = measure({"admin": peers.stock_admin}, asked, 1)
    assert [told.total for told in found["admin"].values() if told] == [5, 2]
    assert times["admin"].keys() == set(asked)


def test_questions_are_made_of_words_that_every_system_knows(records: list[Record]) -> None:
    for text in (
        "abacus album amber anchor ankle apple april arrow autumn bacon badge baker bamboo barrel basket",
        "beaver blanket bottle bucket butter button cabin camel candle canyon carpet castle cherry circle",
        "housing jungle kitchen lagoon meadow ordered pasture quarry southern tundra using velvet yourself",
        "In the end it was the harvest which made the valley what it is now, and then it was over for them all.",
    ):
        a_quote(a_statement(gist="A zymurgist"), text)
    with connection.as_owner(), connection.cursor() as cursor:  # type: ignore[attr-defined]
        # A sample of so few is empty.
        cursor.execute(
            "INSERT INTO quotes_searchsample"
            " (statement_id, day, last_day, open_from, terms, pairs, lines, facets, level)"
            " SELECT statement_id, day, last_day, open_from, terms, pairs, lines, facets, 9 FROM quotes_searchdoc"
            " ON CONFLICT DO NOTHING"
        )
    words = frequencies()
    assert {"tundra", "using"} <= set(words["rare"])
    # Neither small words, nor those that stand in our documents only.
    assert not any({"yourself", "zymurgist"} & set(told) for told in words.values())
    assert {"jung", "kitc", "tund"} <= set(words["beginning"])
    assert not {"orde", "hous", "usin", "your"} & set(words["beginning"])
    asked = queries()
    assert {"rare word", "two words", "phrase", "prefix", "filter only", "newest first"} <= {
        one.kind for one in asked
    }
    phrases = [one.words.lower().split() for one in asked if one.way == "phrase"]
    assert not {word.strip(".,") for phrase in phrases for word in (phrase[0], phrase[-1])} & STOP
    assert all(one.newest and one.filters for one in asked if one.kind == "filter only")
    assert all(one.filters for one in asked if one.kind == "filter and word")
