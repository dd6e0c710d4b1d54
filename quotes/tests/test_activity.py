"""The audit log on a page: what it tells, to whom, how it is filtered, whether it holds; and what was when."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from quotes.actions import quotes as act
from quotes.actions import verify
from quotes.models import AuditEvent, Quote, Standing

from . import factories as make
from .htmx import keeps_the_three_laws, parsed

LOG = "/activity/"


def text(response: Any) -> str:
    return " ".join(parsed(response).select_one("#main").get_text(" ").split())


@pytest.mark.django_db
class TestTheLog:
    def test_everybody_signed_in_reads_it_and_nobody_else(
        self, client: Any, client_of: Any, reader: Any
    ) -> None:
        assert client.get(LOG).status_code == 302
        assert client_of(reader).get(LOG).status_code == 200
        assert client_of(reader).post(LOG).status_code == 405

    def test_an_edit_is_told_field_by_field_with_its_author(
        self, client_of: Any, reader: Any, reporter: Any
    ) -> None:
        quote = make.a_held_quote(by=reporter)
        act.edit(quote, act.Entry(quote={"cue": "warned"}), seen=quote.version, by=reporter)
        told = text(client_of(reader).get(LOG))
        assert (
            f"reporter changed the quote {quote.uid} cue: said warned quotes.edit {quote.statement.uid}"
            in told
        )

    def test_checks_returns_and_notes_are_told_in_words(
        self, client_of: Any, verifier: Any, reporter: Any
    ) -> None:
        quote = make.a_held_quote(by=reporter)
        seen = Standing.objects.get(pk=quote.pk).content_hash
        make.a_check(quote, verifier, context="unclear")
        verify.return_to_reporter(quote, by=verifier, seen=seen, reason="Who is he?")
        act.edit(quote, act.Entry(reason="He said it again."), seen=quote.version, by=reporter)
        told = text(client_of(verifier).get(LOG))
        assert f"verifier signed a check {quote.uid}" in told
        assert f"verifier sent back the quote {quote.uid}" in told
        assert "reason: Who is he?" in told
        assert f"reporter wrote a note on {quote.uid}" in told
        assert "He said it again." in told

    def test_what_is_held_back_is_not_told(self, client_of: Any, reporter: Any, verifier: Any) -> None:
        off = make.a_statement(make.a_speaker(), record="off", gist="canary-gist")
        quote = make.a_quote(off, "canary-words", article=make.an_article(headline="canary-headline"))
        make.a_capture(quote.article, "canary-body and its hash")
        make.some_evidence(quote, excerpt="canary-excerpt")
        make.a_link(off, make.a_statement())
        page = client_of(reporter).get(LOG).content.decode()
        assert "canary" not in page
        assert off.uid not in page
        assert quote.uid not in page
        assert client_of(reporter).get(f"{LOG}?statement={off.uid}").status_code == 404
        held = client_of(verifier).get(LOG).content.decode()
        assert off.uid in held
        assert "canary-headline" in held

    def test_accounts_are_told_of_only_to_those_who_may_see_them(
        self, client_of: Any, curator: Any, reporter: Any
    ) -> None:
        assert "auth_user" not in client_of(reporter).get(LOG).content.decode()
        assert client_of(reporter).get(f"{LOG}?kind=auth_user").status_code == 404
        assert "added 2 accounts curator reporter" in text(client_of(curator).get(f"{LOG}?kind=auth_user"))

    @pytest.mark.parametrize(
        ("query", "number"),
        [
            ("who=reporter", 1), ("who=reader", 0), ("verb=quotes.edit", 1), ("verb=quotes", 2), ("verb=verify", 0),
            ("kind=quotes_quote", 2), ("kind=quotes_figure", 0), ("from=2026-01-01&to=2026-01-02", 0),
        ],
    )  # fmt: skip
    def test_it_is_filtered_by_person_deed_record_and_day(
        self, client_of: Any, reader: Any, reporter: Any, query: str, number: int
    ) -> None:
        quote = make.a_quote(by=None)
        act.edit(quote, act.Entry(quote={"cue": "warned"}), seen=quote.version, by=reporter)
        page = parsed(client_of(reader).get(f"{LOG}?{query}&statement={quote.statement.uid}"))
        assert len(page.select(".act-l > li")) == number

    @pytest.mark.parametrize(
        "query",
        ["kind=secret", "from=today", "cursor=0", "cursor=x", "verb=A", "statement=no", "statement=not-held"],
    )
    def test_a_filter_that_cannot_be_is_not_found(self, client_of: Any, reader: Any, query: str) -> None:
        assert client_of(reader).get(f"{LOG}?{query}").status_code == 404

    def test_pages_follow_each_other_without_a_gap(
        self, client_of: Any, reader: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("quotes.search.activity_log.PAGE", 3)
        for _ in range(7):
            make.a_topic()
        browser, address, seen = client_of(reader), f"{LOG}?kind=quotes_topic", []
        while address:
            page = parsed(browser.get(address))
            seen += [row.get_text() for row in page.select(".act-l .hist-e bdi")]
            following = page.select_one('.pager a[rel="next"]')
            address = following["href"] if following else ""
        # In a test all is one deed, whose lines stand in the order in which they were done: so each page turns round.
        topics = [
            event.changes["name"][1]
            for event in AuditEvent.objects.filter(table="quotes_topic").order_by("-pk")
        ]
        assert seen == [*topics[2::-1], *topics[5:2:-1], topics[6]]

    def test_it_keeps_the_three_laws(self, client_of: Any, reader: Any, reporter: Any) -> None:
        make.a_held_quote(by=reporter)
        keeps_the_three_laws(client_of(reader), LOG, f"{LOG}?who=reporter", "#results")

    def test_twenty_deeds_take_as_many_queries_as_one(self, client_of: Any, reader: Any) -> None:
        browser = client_of(reader)

        def queries() -> int:
            with CaptureQueriesContext(connection) as caught:
                browser.get(LOG)
            return len(caught)

        make.a_held_quote()
        browser.get(LOG)
        one = queries()
        for _ in range(19):
            make.a_held_quote()
        assert queries() == one


@pytest.mark.django_db(transaction=True)
class TestTheChain:
    def test_only_curators_can_have_it_verified(self, client_of: Any, reporter: Any, curator: Any) -> None:
        assert client_of(reporter).get(f"{LOG}?check=chain").status_code == 404
        assert "Verify the chain" not in text(client_of(reporter).get(LOG))
        make.a_held_quote()
        browser = client_of(curator)
        assert "Verify the chain" in text(browser.get(LOG))
        assert "The chain holds" in text(browser.get(f"{LOG}?check=chain"))

    def test_a_changed_event_is_told_on_the_page(self, client_of: Any, curator: Any) -> None:
        make.a_topic()
        with connection.as_owner(), connection.cursor() as cursor:  # type: ignore[attr-defined]
            cursor.execute("UPDATE quotes_auditevent SET actor = 'somebody' WHERE \"table\" = 'quotes_topic'")
        assert "The chain is broken" in text(client_of(curator).get(f"{LOG}?check=chain"))

    def test_a_chain_too_long_for_a_page_is_left_to_the_command(
        self, client_of: Any, curator: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("quotes.search.activity_log.MOST_CHECKED", 1)
        make.a_topic()
        make.a_topic()
        assert "manage.py audit verify" in text(client_of(curator).get(f"{LOG}?check=chain"))


@pytest.mark.django_db
class TestAsItWas:
    def backdate(self, days: int) -> None:
        """Let all that is recorded so far have happened some days ago."""
        with connection.as_owner(), connection.cursor() as cursor:  # type: ignore[attr-defined]
            cursor.execute("UPDATE quotes_auditevent SET at = at - make_interval(days => %s)", [days])

    def test_a_statement_is_shown_as_it_was_on_a_day(
        self, client_of: Any, reader: Any, reporter: Any
    ) -> None:
        quote = make.a_quote(chain=[make.an_outlet("Old Wire")], by=reporter)
        self.backdate(10)
        act.edit(quote, act.Entry(quote={"cue": "warned"}, chain=[]), seen=quote.version, by=reporter)
        page = reverse("statement", args=[quote.statement.uid])
        browser = client_of(reader)
        today = dt.datetime.now(dt.UTC).date()

        def was(ago: int) -> str:
            shown = parsed(browser.get(f"{page}?as_of={today - dt.timedelta(days=ago)}")).select_one(
                "#as-it-was"
            )
            return " ".join(shown.get_text(" ").split())

        assert "not entered yet" in was(20)
        assert "Cue said" in was(5)
        assert "Old Wire" in was(5)
        assert "Cue warned" in was(0)
        assert "Old Wire" not in was(0)

    def test_what_is_held_back_is_not_shown_as_it_was(self, client_of: Any, reporter: Any) -> None:
        off = make.a_quote(make.a_statement(record="off"))
        page = reverse("statement", args=[off.statement.uid])
        assert client_of(reporter).get(f"{page}?as_of=2026-01-01").status_code == 404

    @pytest.mark.parametrize("day", ["yesterday", "2026-02-30", "2026"])
    def test_a_day_that_no_calendar_has_is_not_found(self, client_of: Any, reader: Any, day: str) -> None:
        quote: Quote = make.a_quote()
        page = reverse("statement", args=[quote.statement.uid])
        assert client_of(reader).get(f"{page}?as_of={day}").status_code == 404


def test_no_two_kinds_in_the_filter_are_called_the_same(client_of: Any, curator: Any) -> None:
    page = parsed(client_of(curator).get("/activity/"))
    names = [option.get_text(strip=True) for option in page.select("select[name=kind] option")]
    assert "Quotes sent back" in names
    assert sorted(set(names)) == sorted(names)
