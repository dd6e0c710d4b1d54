"""Whether a uid or an address is held tells nothing of what is held back (invariant 12)."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from quotes.actions import imports
from quotes.models import Article, Quote, Relay

from . import factories as make
from .test_imports import bring, row
from .test_quotes import filled, text

pytestmark = pytest.mark.django_db
NEW = reverse("quote-new")


@pytest.fixture
def hidden() -> Any:
    """A quote that only those with the right may know of, in an article of its own."""
    outlet = make.an_outlet("The Wire", slug="the-wire")
    make.a_speaker("Volodymyr Zelenskyy", slug="zelenskyy", names={"Зеленський": "uk"})
    statement = make.a_statement(uid="held-statement", record="off")
    article = make.an_article(url="https://news.example/held", outlet=outlet)
    return make.a_quote(statement, article=article, uid="held-quote")


def test_a_uid_is_refused_in_the_same_words_whatever_holds_it(
    client_of: Any, reporter: Any, hidden: Any
) -> None:
    told = set()
    for uid in ("held-quote", make.a_quote(uid="open-quote").uid):
        answer = client_of(reporter).post(NEW, filled(uid=uid))
        assert answer.status_code == 422
        told.add(text(answer).replace(uid, "…"))
    assert len(told) == 1


def test_what_is_held_back_gets_a_uid_that_nobody_can_guess(
    client_of: Any, verifier: Any, hidden: Any
) -> None:
    browser = client_of(verifier)
    of_one = {"statement": "held-statement", "speaker": "", "gist": "", "said_on": "", "record": ""}
    held = [{"record": "off"}, {"embargoed_until": "2999-01-01T00:00"}, of_one]
    for fields in held:
        answer = browser.post(NEW, filled(uid="easily-guessed", **fields))
        assert answer.status_code == 422
        assert "nobody can guess" in text(answer)
        assert browser.post(NEW, filled(**fields)).status_code == 303
    assert Quote.objects.filter(uid__regex=r"^quote-[0-9a-f]{10}$").count() == len(held)
    assert browser.post(NEW, filled(uid="easily-guessed")).status_code == 303, (
        "of what is open it is one’s own"
    )


def on_it(which: str, at: str) -> dict[str, Any]:
    """A row of a file that would be new, on a record that the file does not hold."""
    quote = {
        "uid": "a-guess",
        "kind": "indirect",
        "text": "They lose.",
        "language": "en",
        "is_translation": False,
    }
    match which:
        case "quote on a statement":
            return row("quote", **quote, statement=[at], article=["https://news.example/open"])
        case "quote in an article":
            return row("quote", **quote, statement=["open-one"], article=[at])
        case "relay":
            return row("relay", quote=[at], position=7, outlet=["the-wire"], as_printed="")
        case "evidence":
            return row("evidence", quote=[at], kind="wire", url="https://news.example/x", stance="refutes")
    return row("link", source=["open-one"], target=[at], type="repeats", state="suggested")


@pytest.mark.parametrize(
    ("which", "at"),
    [
        ("quote on a statement", "held-statement"),
        ("quote in an article", "https://news.example/held"),
        ("relay", "held-quote"),
        ("evidence", "held-quote"),
        ("link", "held-statement"),
    ],
)
def test_a_file_cannot_hang_anything_on_what_is_held_back_nor_learn_that_it_is_there(
    reporter: Any, verifier: Any, hidden: Any, tmp_path: Path, which: str, at: str
) -> None:
    make.a_quote(make.a_statement(uid="open-one"), article=make.an_article(url="https://news.example/open"))
    told = []
    for named in (at, at.replace("held", "none")):
        path = tmp_path / "guess.json"
        path.write_text(json.dumps([on_it(which, named)]), encoding="utf-8")
        report = imports.run([path], by=reporter, dry=True)
        told.append([str(error).replace(named, "…") for error in report.errors])
    assert told[0] == told[1]
    assert "neither in these files nor on record" in told[0][0]
    path.write_text(json.dumps([on_it(which, at)]), encoding="utf-8")
    assert not bring(path, verifier).errors, "who may see it may work on it"


def test_what_a_file_brought_in_itself_stays_as_it_was_when_it_was_held_back_since(
    reporter: Any, verifier: Any, hidden: Any, tmp_path: Path
) -> None:
    make.a_quote(make.a_statement(uid="open-one"), article=make.an_article(url="https://news.example/open"))
    statement = row(
        "statement", uid="own-one", speaker=["zelenskyy"], gist="He warns", record="off", topics=[]
    )
    quote = on_it("quote on a statement", "own-one")
    relay = on_it("relay", "a-guess")
    path = tmp_path / "own.json"
    path.write_text(json.dumps([statement, quote, relay]), encoding="utf-8")
    assert not bring(path, reporter).errors
    report = bring(path, reporter)
    assert (report.created, report.updated, report.errors.count) == ({}, {}, 0)
    assert Relay.objects.filter(quote__uid="a-guess").count() == 1


def test_an_article_that_is_held_back_is_changed_and_shown_by_no_file(
    client_of: Any, reporter: Any, curator: Any, hidden: Any, tmp_path: Path
) -> None:
    Article.objects.filter(pk=hidden.article_id).update(headline="Canary headline")
    path = tmp_path / "article.json"
    path.write_text(
        json.dumps(
            [
                row(
                    "article",
                    url="https://news.example/held",
                    outlet=["the-wire"],
                    headline="A guess",
                    language="en",
                )
            ]
        ),
        encoding="utf-8",
    )
    run = bring(path, reporter).run
    assert run is not None
    assert Article.objects.get(pk=hidden.article_id).headline == "Canary headline"
    assert "Canary headline" not in client_of(reporter).get(f"/imports/{run.pk}/").content.decode()
    assert "Canary" in client_of(curator).get(f"/imports/{run.pk}/").content.decode(), "a curator decides"
