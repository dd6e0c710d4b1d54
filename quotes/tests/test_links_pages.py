"""The pages of links: the list, one link, the dialog, and links on a statement's page."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from quotes.actions import links as act
from quotes.models import AuditEvent, Link
from quotes.tests import factories as make
from quotes.tests.htmx import get_part, keeps_the_three_laws, parsed

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair(db: None) -> tuple[Any, Any]:
    """Two statements of two people, each with a quote."""
    first, second = (make.a_statement(said_on=dt.date(2026, 2, day)) for day in (5, 4))
    make.a_quote(first, "The door is open.")
    make.a_quote(second, "The door is shut.")
    return first, second


class TestTheList:
    def test_it_shows_why_and_stops_for_who_is_not_signed_in(
        self, pair: Any, client: Any, client_of: Any, verifier: Any
    ) -> None:
        make.a_link(*pair, state="suggested", reasons=["Same speaker.", "91 % of the words."])
        assert client.get("/links/").status_code == 302
        page = parsed(client_of(verifier).get("/links/"))
        row = page.select_one("[data-rows] > li")
        assert row is not None
        assert "Same speaker. 91 % of the words." in row.get_text(" ")
        assert row.select_one("button[value=confirm]") is not None
        results = page.select_one("#results")
        assert results is not None
        assert (results["data-total"], results["data-exact"]) == ("1", "true")

    def test_a_reader_sees_it_without_buttons(self, pair: Any, client_of: Any, reader: Any) -> None:
        make.a_link(*pair, state="suggested")
        page = parsed(client_of(reader).get("/links/"))
        assert page.select("[data-rows] > li")
        assert not page.select("button[name=do]")

    @pytest.mark.parametrize(
        "held_back", [{"record": "off"}, {"embargoed_until": dt.datetime(2099, 1, 1, tzinfo=dt.UTC)}]
    )
    def test_what_is_held_back_at_either_end_is_in_no_list_count_or_json(
        self, client_of: Any, reader: Any, reporter: Any, verifier: Any, held_back: Any
    ) -> None:
        hidden, open_one = make.a_statement(**held_back), make.a_statement()
        link = make.a_link(hidden, open_one, state="suggested")
        other = make.a_link(open_one, hidden, "repeats", state="suggested")
        one = make.a_same_utterance(open_one, hidden)
        for person in (reader, reporter):
            browser = client_of(person)
            told = browser.get("/links/?format=json").json()
            assert (told["total"], told["results"]) == (0, [])
            assert hidden.uid not in browser.get("/links/").content.decode()
            for address in (f"/links/{link.pk}/", f"/links/{other.pk}/", f"/links/same/{one.pk}/"):
                assert browser.get(address).status_code == 404
                assert browser.post(address, {"do": "confirm", "version": "1"}).status_code == 404
            assert browser.get(f"/links/new/?source={hidden.uid}").status_code in (403, 404)
            offered = browser.get(f"/links/new/?source={open_one.uid}&q={hidden.uid}").content.decode()
            assert hidden.gist not in offered
        assert client_of(verifier).get("/links/?format=json").json()["total"] == 3

    def test_it_is_filtered_by_type_speaker_score_and_state(
        self, pair: Any, client_of: Any, verifier: Any
    ) -> None:
        third = make.a_statement()
        make.a_link(*pair, "repeats", state="suggested", score=0.95)
        make.a_link(pair[1], third, "echoes", state="suggested", score=0.55)
        make.a_link(pair[0], third, "denies", by=verifier)
        one = make.a_same_utterance(*pair, score=0.7)
        browser = client_of(verifier)

        def types(query: str) -> list[str]:
            return [row["type"] for row in browser.get(f"/links/?format=json&{query}").json()["results"]]

        assert types("") == ["repeats", "same_utterance", "echoes"]
        assert types("type=echoes") == ["echoes"]
        assert types("type=same_utterance") == ["same_utterance"]
        assert types("score=0.9") == ["repeats"]
        assert types(f"speaker={third.speaker.slug}") == ["echoes"]
        assert types(f"speaker={third.speaker.name.upper()}") == ["echoes"]
        assert types("speaker=nobody-at-all") == []
        assert types("state=confirmed") == ["denies"]
        assert types("state=rejected") == []
        act.reject(one, seen=1, by=verifier)
        assert types("state=rejected") == ["same_utterance"]

    @pytest.mark.parametrize(
        "query",
        [
            "type=likes",
            "state=maybe",
            "score=7",
            "cursor=x",
            "at=0",
            "cursor=WyJuYW4iLCAzXQ",
        ],
    )
    def test_a_question_that_cannot_be_is_not_found(self, client_of: Any, verifier: Any, query: str) -> None:
        assert client_of(verifier).get(f"/links/?{query}").status_code == 404

    def test_pages_follow_each_other_without_a_gap(self, client_of: Any, verifier: Any) -> None:
        statements = [make.a_statement() for _ in range(9)]
        for n, first in enumerate(statements):
            for second in statements[n + 1 :]:
                score = round(0.5 + (first.pk + second.pk) % 5 / 10, 4)
                make.a_link(first, second, "repeats", state="suggested", score=score)
            if n:
                make.a_same_utterance(first, statements[n - 1], score=0.7)
        made = act.propose(statements[0].uid, statements[1].uid, "denies", by=verifier)
        browser, cursor, seen = client_of(verifier), "", []
        while True:
            told = browser.get(f"/links/?format=json&cursor={cursor}").json()
            seen += [(row["type"], row["id"], row["score"]) for row in told["results"]]
            cursor = told["next"]
            if not cursor:
                break
        assert len(seen) == len(set(seen)) == 36 + 8 + 1
        assert seen[0][1] == made.pk
        scores = [score for _, _, score in seen[1:]]
        assert scores == sorted(scores, reverse=True)

    def test_a_decision_goes_back_to_the_list_at_the_next_row(
        self, pair: Any, client_of: Any, verifier: Any
    ) -> None:
        third = make.a_statement()
        first = make.a_link(*pair, state="suggested", score=0.9)
        make.a_link(pair[0], third, state="suggested", score=0.8)
        browser = client_of(verifier)
        form = {"do": "confirm", "version": "1", "back": "list", "kept": "score=0.5", "at": "1"}
        answer = browser.post(f"/links/{first.pk}/", form)
        assert (answer.status_code, answer["Location"]) == (303, "/links/?score=0.5&at=1")
        page = parsed(browser.get(answer["Location"]))
        marked = page.select_one("[data-rows] > li.is-sel a")
        assert marked is not None
        assert marked.has_attr("data-focus")
        assert "Confirmed:" in page.select_one("#said").get_text()  # type: ignore[union-attr]
        undo = page.select_one("form.lk-u")
        assert undo is not None
        back = browser.post(
            undo["action"], {field["name"]: field.get("value", "") for field in undo.select("input")}
        )
        assert back.status_code == 303
        assert Link.objects.get(pk=first.pk).state == "suggested"

    def test_it_leads_nowhere_else_whatever_the_form_says(
        self, pair: Any, client_of: Any, verifier: Any
    ) -> None:
        link = make.a_link(*pair, state="suggested")
        form = {
            "do": "confirm",
            "version": "1",
            "back": "list",
            "kept": "//evil.example/?x=\r\nSet-Cookie: a",
        }
        answer = client_of(verifier).post(f"/links/{link.pk}/", form)
        assert answer["Location"].startswith("/links/?")
        assert "\n" not in answer["Location"]

    def test_the_queries_do_not_grow_with_the_rows(self, client_of: Any, verifier: Any) -> None:
        browser = client_of(verifier)

        def queries() -> int:
            with CaptureQueriesContext(connection) as caught:
                assert browser.get("/links/").status_code == 200
            return len(caught)

        make.a_link(make.a_quote().statement, make.a_quote().statement, state="suggested")
        browser.get("/links/")
        one = queries()
        for _ in range(19):
            make.a_link(make.a_quote().statement, make.a_quote().statement, state="suggested")
        assert queries() == one

    def test_it_keeps_the_three_laws(self, client_of: Any, verifier: Any) -> None:
        statements = [make.a_quote().statement for _ in range(8)]
        for n, first in enumerate(statements):
            for second in statements[n + 1 :]:
                make.a_link(
                    first, second, "repeats", state="suggested", score=round(0.5 + first.pk % 4 / 10, 4)
                )
        browser = client_of(verifier)
        keeps_the_three_laws(browser, "/links/", "/links/?score=0.7", "#suggestions")
        following = parsed(browser.get("/links/")).select_one("a[rel=next]")
        assert following is not None
        keeps_the_three_laws(browser, "/links/", str(following["href"]), "#suggestions")


class TestOneLink:
    def test_a_stale_form_gets_409_with_the_typed_note_kept(
        self, pair: Any, client_of: Any, verifier: Any, second_verifier: Any
    ) -> None:
        link = make.a_link(*pair, state="suggested")
        act.reject(Link.objects.get(pk=link.pk), seen=1, by=second_verifier, note="No")
        form = {"do": "confirm", "version": "1", "note": "What I typed", "type": "contradicts"}
        answer = client_of(verifier).post(f"/links/{link.pk}/", form)
        page = parsed(answer)
        assert answer.status_code == 409
        assert "Verifier2 rejected" in page.select_one("[role=alert].notice").get_text(" ")  # type: ignore[union-attr]
        assert page.select_one("textarea[name=note]").get_text() == "What I typed"  # type: ignore[union-attr]
        assert Link.objects.get(pk=link.pk).state == "rejected"

    @pytest.mark.parametrize(
        "form", [{}, {"do": "confirm"}, {"do": "burn", "version": "1"}, {"do": "confirm", "version": "one"}]
    )
    def test_a_form_that_says_nothing_of_use_gets_422(
        self, pair: Any, client_of: Any, verifier: Any, form: Any
    ) -> None:
        link = make.a_link(*pair, state="suggested")
        assert client_of(verifier).post(f"/links/{link.pk}/", form).status_code == 422
        assert Link.objects.get(pk=link.pk).state == "suggested"

    @pytest.mark.parametrize(
        ("who", "status"), [("reader", 403), ("reporter", 403), ("verifier", 303), ("curator", 303)]
    )
    def test_only_who_may_decide_decides(
        self, pair: Any, client_of: Any, request: Any, who: str, status: int
    ) -> None:
        link = make.a_link(*pair, state="suggested")
        answer = client_of(request.getfixturevalue(who)).post(
            f"/links/{link.pk}/", {"do": "confirm", "version": "1"}
        )
        assert answer.status_code == status
        assert (Link.objects.get(pk=link.pk).state == "confirmed") == (status == 303)

    def test_pressed_twice_it_happened_once(self, pair: Any, client_of: Any, verifier: Any) -> None:
        link = make.a_link(*pair, state="suggested")
        browser, form = client_of(verifier), {"do": "confirm", "version": "1", "idempotency_key": "k" * 20}
        assert [browser.post(f"/links/{link.pk}/", form).status_code for _ in range(2)] == [303, 303]
        assert AuditEvent.objects.filter(verb="links.confirm").count() == 1

    @pytest.mark.parametrize(
        "address", ["/links/0/", "/links/01/", "/links/٣/", "/links/999999/", "/links/same/7/"]
    )
    def test_other_spellings_of_a_number_are_not_found(
        self, client_of: Any, verifier: Any, address: str
    ) -> None:
        assert client_of(verifier).get(address).status_code == 404


class TestTheDialog:
    def test_it_searches_and_proposes(self, pair: Any, client_of: Any, reporter: Any) -> None:
        browser = client_of(reporter)
        page = parsed(browser.get(f"/links/new/?source={pair[0].uid}&q=shut"))
        offered = [choice["value"] for choice in page.select("input[name=target]")]
        assert offered == [pair[1].uid]
        form = {"source": pair[0].uid, "target": pair[1].uid, "type": "contradicts", "note": "See"}
        answer = browser.post("/links/new/", form)
        assert (answer.status_code, answer["Location"]) == (303, f"/statements/{pair[0].uid}/#links")
        assert Link.objects.values_list("state", "type", "note").get() == ("suggested", "contradicts", "See")

    def test_the_other_way_round_changes_the_ends(self, pair: Any, client_of: Any, verifier: Any) -> None:
        form = {"source": pair[0].uid, "target": pair[1].uid, "type": "quotes", "turned": "on"}
        client_of(verifier).post("/links/new/", form)
        link = Link.objects.get()
        assert (link.source, link.target, link.state) == (pair[1], pair[0], "confirmed")

    @pytest.mark.parametrize(
        ("field", "value", "said"),
        [
            ("target", "", "Choose the statement"),
            ("target", "not-there", "There is no statement"),
            ("type", "", "Choose what kind"),
            ("type", "likes", "There is no link called"),
            ("target", "SELF", "joins two statements"),
        ],
    )
    def test_a_bad_form_is_told_in_a_sentence_and_keeps_the_note(
        self, pair: Any, client_of: Any, verifier: Any, field: str, value: str, said: str
    ) -> None:
        form = {"source": pair[0].uid, "target": pair[1].uid, "type": "repeats", "note": "Typed"}
        form[field] = pair[0].uid if value == "SELF" else value
        answer = client_of(verifier).post("/links/new/", form)
        page = parsed(answer)
        assert answer.status_code == 422
        assert said in page.select_one("#new-link [role=alert]").get_text(" ")  # type: ignore[union-attr]
        assert page.select_one("textarea").get_text() == "Typed"  # type: ignore[union-attr]
        assert not Link.objects.exists()

    def test_a_rejected_link_is_shown_by_its_address(self, pair: Any, client_of: Any, verifier: Any) -> None:
        link = make.a_link(*pair, "repeats", state="rejected", by=verifier)
        form = {"source": pair[0].uid, "target": pair[1].uid, "type": "repeats"}
        page = parsed(client_of(verifier).post("/links/new/", form))
        assert page.select_one(f"#new-link a[href='/links/{link.pk}/']") is not None

    def test_opened_by_a_swap_it_is_the_form_alone_and_searching_gives_the_offers(
        self, pair: Any, client_of: Any, verifier: Any
    ) -> None:
        browser = client_of(verifier)
        form = parsed(get_part(browser, f"/links/new/?source={pair[0].uid}", **{"HX-Target": "new-link"}))
        assert form.find("html") is None
        assert form.select_one("#offers") is not None
        offers = parsed(
            get_part(browser, f"/links/new/?source={pair[0].uid}&q=shut", **{"HX-Target": "offers"})
        )
        assert offers.select_one("#offers") is None
        assert offers.select_one("input[name=target]") is not None
        address = f"/links/new/?source={pair[0].uid}&q=shut"
        whole = parsed(browser.get(address)).select_one("#offers")
        assert whole is not None
        assert offers.decode() == whole.decode_contents()

    @pytest.mark.parametrize("who", ["stranger", "reader"])
    def test_who_may_not_propose_gets_no_form(
        self, pair: Any, client_of: Any, request: Any, who: str
    ) -> None:
        browser = client_of(request.getfixturevalue(who))
        assert browser.get(f"/links/new/?source={pair[0].uid}").status_code == 403
        form = {"source": pair[0].uid, "target": pair[1].uid, "type": "repeats"}
        assert browser.post("/links/new/", form).status_code == 403


class TestOnTheStatement:
    def test_links_are_told_from_both_ends_with_who_decided(
        self, pair: Any, client_of: Any, verifier: Any
    ) -> None:
        make.a_link(*pair, "updates_figure", by=verifier)
        browser = client_of(verifier)
        source = parsed(browser.get(f"/statements/{pair[0].uid}/")).select_one("#links")
        target = parsed(browser.get(f"/statements/{pair[1].uid}/")).select_one("#links")
        assert source is not None
        assert target is not None
        assert "Updates the figure of" in source.get_text(" ")
        assert "Figure updated by" in target.get_text(" ")
        assert "Confirmed by" in target.get_text(" ")
        assert source.select_one("dialog#link-dialog") is not None

    def test_it_says_what_it_may_be_one_with_but_not_of_what_is_held_back(
        self, pair: Any, client_of: Any, verifier: Any, reader: Any
    ) -> None:
        hidden = make.a_statement(record="off", gist="Kept off the record")
        open_one, closed = make.a_same_utterance(*pair), make.a_same_utterance(pair[0], hidden)
        address = f"/statements/{pair[0].uid}/"
        for person, seen in ((reader, {open_one.pk}), (verifier, {open_one.pk, closed.pk})):
            part = parsed(client_of(person).get(address)).select_one("#links")
            assert part is not None
            told = {int(link["href"].split("/")[-2]) for link in part.select("a[href^='/links/same/']")}
            assert told == seen
            assert (hidden.gist in part.get_text(" ")) == (person == verifier)

    def test_a_suggestion_is_decided_on_from_the_statement(
        self, pair: Any, client_of: Any, verifier: Any
    ) -> None:
        make.a_link(*pair, "repeats", state="suggested")
        browser = client_of(verifier)
        form = parsed(browser.get(f"/statements/{pair[1].uid}/")).select_one("#links form.sug-a")
        assert form is not None
        fields = {field["name"]: field.get("value", "") for field in form.select("input")} | {"do": "reject"}
        answer = browser.post(form["action"], fields)
        assert (answer.status_code, answer["Location"]) == (303, f"/statements/{pair[1].uid}/#links")
        assert Link.objects.get().state == "rejected"
