"""The page of a statement: who may know of it, its one address, its parts for htmx, and its JSON."""

import datetime as dt
import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from quotes.actions.audit import acting
from quotes.models import Quote, Statement

from .factories import (
    WORDS,
    a_check,
    a_figure,
    a_held_quote,
    a_link,
    a_measure,
    a_quote,
    a_speaker,
    a_statement,
    a_tenure,
    a_topic,
    an_article,
    an_outlet,
    some_evidence,
)
from .htmx import get_part, keeps_the_three_laws, parsed, text_of

pytestmark = pytest.mark.django_db


def page_of(browser: Any, record: Any) -> Any:
    """Open the page of a statement or a quote, and parse it."""
    name = "quote" if isinstance(record, Quote) else "statement"
    answer = browser.get(reverse(name, args=[record.uid]))
    assert answer.status_code == 200
    return parsed(answer)


# --- what may not be known (invariant 12) ---

LATER = dt.datetime(2999, 1, 1, tzinfo=dt.UTC)
HELD_BACK = [{"record": "off"}, {"embargoed_until": LATER}]


@pytest.mark.parametrize("terms", HELD_BACK)
def test_what_is_held_back_is_not_found_and_never_forbidden(reading: Any, verifying: Any, terms: Any) -> None:
    quote = a_held_quote(a_statement(**terms))
    for name, uid in (("statement", quote.statement.uid), ("quote", quote.uid)):
        address = reverse(name, args=[uid])
        assert reading.get(address).status_code == 404
        assert reading.get(address, {"format": "json"}).status_code == 404
        assert get_part(reading, address).status_code == 404
        assert verifying.get(address).status_code == 200
    notice = text_of(page_of(verifying, quote).select_one(".hero"))
    assert ("Off the record" in notice) == ("record" in terms)
    assert ("Embargoed until" in notice) == ("record" not in terms)


@pytest.mark.parametrize("terms", HELD_BACK)
def test_what_is_held_back_leaves_no_trace_on_other_pages(
    reading: Any, verifying: Any, verifier: Any, terms: Any
) -> None:
    open_quote = a_held_quote(a_statement())
    secret = a_statement(uid="the-secret-one", gist="The secret gist", **terms)
    a_quote(
        secret, "The president spoke", article=open_quote.article, capture=open_quote.capture, start=0, end=19,
        uid="the-secret-quote",
    )  # fmt: skip
    a_link(open_quote.statement, secret, by=verifier)
    a_link(secret, open_quote.statement, "echoes", state="suggested")
    for browser, knows in ((reading, False), (verifying, True)):
        answer = browser.get(reverse("statement", args=[open_quote.statement.uid]))
        as_json = browser.get(reverse("statement", args=[open_quote.statement.uid]), {"format": "json"})
        assert (b"secret" in answer.content) is knows
        assert (b"secret" in as_json.content) is knows
        # Its words stand in the next paragraph of the captured text, so that is not shown either.
        assert (b"The president spoke" in answer.content) is knows


def test_an_event_that_tells_of_what_became_secret_is_left_out_of_the_history(
    reading: Any, verifying: Any, verifier: Any
) -> None:
    statement, other = a_statement(), a_statement(uid="later-a-secret")
    a_link(statement, other, by=verifier)
    assert "later-a-secret" in str(page_of(reading, statement))
    with acting(by=verifier, verb="statements.hold"):
        Statement.objects.filter(pk=other.pk).update(record="off")
    page = page_of(reading, statement)
    assert "later-a-secret" not in str(page)
    assert "a link" not in text_of(page.select_one("#history"))
    assert "later-a-secret" in text_of(page_of(verifying, statement).select_one("#history"))


# --- addresses ---


@pytest.mark.parametrize("name", ["statement", "quote"])
def test_only_one_spelling_leads_to_a_record(reading: Any, name: str) -> None:
    quote = a_quote(a_statement(uid="one-spelling"), uid="one-spelling")
    assert reading.get(f"/{name}s/one-spelling/").status_code == 200
    for wrong in (
        "One-spelling",
        "ONE-SPELLING",
        "one-spelling%20",
        "one-spelling%0A",
        "%C2%B9ne",
        "no-such",
        "ab",
        "١٢٣",
    ):
        assert reading.get(f"/{name}s/{wrong}/").status_code == 404, wrong
    assert quote.uid


@pytest.mark.parametrize(
    "query", ["history=0", "history=x", "history=-1", "history=١٢", "history=99999999999999999999"]
)
def test_a_wrong_page_of_the_history_is_not_found(reading: Any, query: str) -> None:
    statement = a_statement()
    assert reading.get(f"{reverse('statement', args=[statement.uid])}?{query}").status_code == 404


def test_only_reading_is_answered(reading: Any) -> None:
    address = reverse("statement", args=[a_statement().uid])
    assert reading.post(address).status_code == 405
    assert reading.head(address).status_code == 200


def test_a_stranger_to_the_house_is_asked_to_sign_in(client: Any) -> None:
    assert client.get(reverse("statement", args=[a_statement().uid])).status_code == 302


# --- htmx ---


def test_an_older_page_of_the_history_keeps_the_three_laws(reading: Any) -> None:
    statement = a_statement()
    for number in range(103):
        with acting(by=None, verb="statements.edit"):
            Statement.objects.filter(pk=statement.pk).update(gist=f"Version {number}")
    address = reverse("statement", args=[statement.uid])
    first = parsed(reading.get(address)).select_one("#history")
    older = first.select_one(".pager a")
    assert older["href"] == older["hx-get"]
    keeps_the_three_laws(reading, address, older["href"], "#history")
    last = parsed(reading.get(older["href"])).select_one("#history")
    assert "added the statement" in text_of(last)
    assert "added the statement" not in text_of(first)


# --- numbers of queries ---


def test_the_page_asks_as_often_for_one_report_as_for_twenty(reading: Any, verifier: Any) -> None:
    def a_full_one(number: int) -> Any:
        statement = a_statement(
            a_speaker(), topics=[a_topic()], uttered_by=a_speaker(), said_on=dt.date(2026, 2, 4)
        )
        a_tenure(
            statement.speaker,
            "President",
            starts=dt.date(2019, 5, 20),
            organisation=a_speaker(kind="institution"),
        )
        a_tenure(statement.uttered_by, "Spokesman", starts=dt.date(2019, 5, 20), organisation=a_speaker())
        for _ in range(number):
            owner = an_outlet()
            article = an_article(an_outlet(owner=owner))
            quote = a_held_quote(
                statement, chain=[an_outlet(owner=owner), an_outlet(owner=owner)], article=article
            )
            a_figure(quote)
            some_evidence(quote)
            a_check(quote, verifier, verdict="unclear")
            for target, state in (
                (a_statement(said_on=dt.date(2026, 2, 1)), "confirmed"),
                (a_statement(), "suggested"),
            ):
                a_quote(target)
                a_link(statement, target, state=state, by=verifier if state == "confirmed" else None)
        return statement

    counts = []
    for number in (1, 20):
        statement = a_full_one(number)
        address = reverse("statement", args=[statement.uid])
        reading.get(address)
        with CaptureQueriesContext(connection) as asked:
            assert reading.get(address).status_code == 200
        counts.append(len(asked))
    # With more to tell, a page of the history may name fewer kinds of records, never more.
    assert counts[1] <= counts[0]


# --- JSON ---


def test_the_page_as_json_says_the_same(reading: Any, verifier: Any) -> None:
    france2, post = an_outlet("France 2", slug="france-2"), an_outlet("Kyiv Post", slug="kyiv-post")
    speaker = a_speaker("Volodymyr Zelenskyy", slug="volodymyr-zelenskyy")
    a_tenure(speaker, "President of Ukraine", starts=dt.date(2019, 5, 20))
    statement = a_statement(
        speaker,
        uid="the-number",
        said_on=dt.date(2026, 2, 1),
        said_on_precision="month",
        topics=[a_topic("War")],
    )
    quote = a_held_quote(statement, uid="its-report", chain=[post, france2])
    a_figure(quote, measure=a_measure("Killed"), as_printed="about 55,000")
    a_check(quote, verifier)
    a_link(a_statement(uid="the-estimate"), statement, "conflicts_figure", by=verifier)
    answer = reading.get(reverse("statement", args=["the-number"]), {"format": "json"})
    assert answer["Content-Type"] == "application/json"
    told = json.loads(answer.content)
    assert told["uid"] == "the-number"
    assert told["url"] == "/statements/the-number/"
    assert told["speaker"]["slug"] == "volodymyr-zelenskyy"
    assert told["role"] == "President of Ukraine"
    assert (told["said_on"], told["said_on_precision"]) == ("2026-02", "month")
    assert told["original_text"] is None
    assert told["standing"] == "in_review"
    assert (told["reports"], told["roots"]) == (1, 1)
    assert told["root_outlets"] == [{"slug": "france-2", "name": "France 2"}]
    (report,) = told["quotes"]
    assert report["uid"] == "its-report"
    assert report["text"] == WORDS
    assert (report["standing"], report["depth"], report["passes"], report["needed"]) == (
        "in_review",
        "report",
        1,
        2,
    )
    assert [step["outlet"]["slug"] for step in report["chain"]] == ["kyiv-post", "france-2"]
    assert report["root"]["slug"] == "france-2"
    assert (report["figures"][0]["low"], report["figures"][0]["bound"]) == ("55000", "about")
    assert report["checks"][0]["verdicts"]["wording"] == "pass"
    (link,) = told["links"]
    assert (link["type"], link["direction"], link["state"]) == ("conflicts_figure", "in", "confirmed")
    assert link["statement"]["uid"] == "the-estimate"
    assert told["history"]


def test_nothing_known_is_null_in_json(reading: Any) -> None:
    told = json.loads(reading.get(reverse("statement", args=[a_statement().uid]), {"format": "json"}).content)
    for name in (
        "said_on",
        "said_on_precision",
        "said_by",
        "uttered_by",
        "occasion",
        "role",
        "standing",
        "text",
    ):
        assert told[name] is None, name
    assert told["quotes"] == []
