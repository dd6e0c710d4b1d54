"""The queue of /verify/: what waits, who is handed what, claims, and the three laws of htmx."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from quotes.actions.audit import acting
from quotes.models import Check, Claim, Quote

from . import factories as make
from .checking import sent, standing
from .htmx import keeps_the_three_laws, parsed, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def quote(reporter: Any) -> Any:
    return make.a_held_quote(by=reporter)


@pytest.fixture
def address(quote: Any) -> str:
    return reverse("verify-quote", args=[quote.uid])


def text(response: Any) -> str:
    return text_of(parsed(response))


class TestTheQueue:
    def test_everybody_signed_in_may_look_at_what_waits(
        self, client_of: Any, reader: Any, quote: Any
    ) -> None:
        page = client_of(reader).get("/verify/")
        assert page.status_code == 200
        assert quote.uid in page.content.decode()
        assert "no right to check" in text(page)

    def test_somebody_signed_out_is_led_to_the_sign_in(self, client: Any) -> None:
        assert client.get("/verify/").status_code == 302

    def test_each_number_is_that_of_the_list_it_leads_to(
        self, client_of: Any, verifier: Any, second_verifier: Any, curator: Any, reporter: Any
    ) -> None:
        first, second, disputed, stale, returned = (make.a_held_quote(by=reporter) for _ in range(5))
        make.a_check(second, second_verifier)
        make.a_check(disputed, curator, context="fail")
        make.a_check(stale, curator)
        Quote.objects.filter(pk=stale.pk).update(cue="warned")
        browser = client_of(verifier)
        browser.post(
            reverse("verify-quote", args=[returned.uid]), sent(returned, do="return", note="Who is he?")
        )
        told = browser.get("/verify/?format=json").json()
        assert told["counts"] == {
            "first": 1, "second": 1, "disputed": 1, "stale": 1, "returned": 1, "mine": 0,
            "assigned": 0,
        }  # fmt: skip
        for tab, quote in zip(told["counts"], (first, second, disputed, stale, returned), strict=False):
            listed = browser.get(f"/verify/?tab={tab}&format=json").json()
            assert [row["uid"] for row in listed["results"]] == [quote.uid]
            assert listed["total"] == 1
            page = parsed(browser.get(f"/verify/?tab={tab}"))
            assert page.select_one("#results")["data-total"] == "1"
            assert [row["data-uid"] for row in page.select("[data-rows] > [data-uid]")] == [quote.uid]

    def test_the_navigation_has_the_sum_of_what_waits_for_a_check(
        self, client_of: Any, verifier: Any, reader: Any, quote: Any
    ) -> None:
        make.a_held_quote()
        assert (
            parsed(client_of(verifier).get("/verify/")).select_one("#waiting-verify").get_text()
            == "2 waiting"
        )
        assert parsed(client_of(reader).get("/verify/")).select_one("#waiting-verify") is None

    def test_orders_are_oldest_most_reported_and_embargo_ending(self, client_of: Any, verifier: Any) -> None:
        soon = dt.datetime.now(dt.UTC) + dt.timedelta(hours=3)
        old, held = make.a_held_quote(), make.a_held_quote(make.a_statement(embargoed_until=soon))
        told = make.a_held_quote()
        make.a_held_quote(told.statement)
        browser = client_of(verifier)

        def first(order: str) -> str:
            return browser.get(f"/verify/?order={order}&format=json").json()["results"][0]["uid"]

        assert (first("oldest"), first("embargo"), first("reported")) == (old.uid, held.uid, told.uid)

    def test_what_is_held_back_is_not_in_the_list_of_those_without_the_right(
        self, client_of: Any, reporter: Any, verifier: Any
    ) -> None:
        off = make.a_held_quote(make.a_statement(record="off"))
        for person, number in ((verifier, 1), (reporter, 0)):
            assert client_of(person).get("/verify/?format=json").json()["total"] == number
        assert client_of(reporter).get(reverse("verify-quote", args=[off.uid])).status_code == 404

    @pytest.mark.parametrize("query", ["tab=nothing", "order=x", "page=0", "page=١", "page=99", "page=1e3"])
    def test_an_address_that_no_page_gives_is_not_found(
        self, client_of: Any, verifier: Any, quote: Any, query: str
    ) -> None:
        assert client_of(verifier).get(f"/verify/?{query}").status_code == 404

    def test_twenty_quotes_take_as_many_queries_as_one(self, client_of: Any, verifier: Any) -> None:
        browser = client_of(verifier)

        def queries() -> int:
            with CaptureQueriesContext(connection) as caught:
                browser.get("/verify/")
            return len(caught)

        make.a_held_quote()
        browser.get("/verify/")
        one = queries()
        for _ in range(19):
            make.a_held_quote()
        assert queries() == one

    def test_the_list_is_paged(self, client_of: Any, verifier: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("quotes.search.verify.PER_PAGE", 2)
        uids = [make.a_held_quote().uid for _ in range(3)]
        browser = client_of(verifier)
        first = browser.get("/verify/?format=json").json()
        second = browser.get(f"/verify/?format=json&page={first['next']}").json()
        assert [row["uid"] for row in first["results"] + second["results"]] == uids
        assert second["next"] is None

    def test_lists_keep_the_three_laws(self, client_of: Any, verifier: Any, quote: Any) -> None:
        keeps_the_three_laws(client_of(verifier), "/verify/", "/verify/?tab=second&order=oldest", "#room")

    def test_one_quote_keeps_the_three_laws(
        self, client_of: Any, verifier: Any, quote: Any, address: str
    ) -> None:
        other = make.a_held_quote()
        browser = client_of(verifier)
        before = reverse("verify-quote", args=[other.uid])
        keeps_the_three_laws(browser, f"{before}?tab=first", f"{address}?tab=first", "#room")

    def test_an_expired_claim_leaves_no_quote_in_review(
        self, client_of: Any, verifier: Any, second_verifier: Any, quote: Any, address: str
    ) -> None:
        client_of(second_verifier).post(address, {"do": "claim"})
        assert standing(quote) == "in_review"
        with acting(by=None, verb="test.wait"):
            Claim.objects.update(expires_at=dt.datetime.now(dt.UTC) - dt.timedelta(seconds=1))
        client_of(verifier).get("/verify/")
        assert standing(quote) == "unchecked"
        assert not Claim.objects.exists()


class TestNext:
    def test_next_claims_a_quote_and_leads_to_it(
        self, client_of: Any, verifier: Any, quote: Any, address: str
    ) -> None:
        answer = client_of(verifier).post("/verify/", {"tab": "first"})
        assert answer["Location"] == f"{address}?tab=first&order=oldest"
        assert Claim.objects.get(quote=quote).by == verifier

    def test_next_passes_over_what_somebody_else_is_on(
        self, client_of: Any, verifier: Any, second_verifier: Any, quote: Any
    ) -> None:
        other = make.a_held_quote()
        client_of(second_verifier).post("/verify/", {"tab": "first"})
        client_of(verifier).post("/verify/", {"tab": "first"})
        assert {claim.quote_id: claim.by for claim in Claim.objects.all()} == {
            quote.pk: second_verifier,
            other.pk: verifier,
        }

    def test_next_hands_nobody_what_she_entered_or_signed(self, client_of: Any, verifier: Any) -> None:
        own = make.a_held_quote(by=verifier)
        signed = make.a_held_quote()
        make.a_check(signed, verifier)
        browser = client_of(verifier)
        for tab in ("first", "second"):
            assert browser.post("/verify/", {"tab": tab})["Location"].startswith("/verify/?")
        page = text(browser.get("/verify/?tab=first"))
        assert "You contributed to it" in page
        assert own.uid in browser.get("/verify/?tab=first").content.decode()

    def test_a_quote_passed_over_is_free_again_and_comes_round_last(
        self, client_of: Any, verifier: Any, quote: Any, address: str
    ) -> None:
        other = make.a_held_quote()
        browser = client_of(verifier)
        browser.post("/verify/", {"tab": "first"})
        second = browser.post("/verify/", {"tab": "first", "skip": quote.uid})["Location"]
        assert other.uid in second
        assert standing(quote) == "unchecked"
        assert address in browser.post("/verify/", {"tab": "first", "skip": other.uid})["Location"]

    def test_a_reporter_is_handed_nothing(self, client_of: Any, reporter: Any) -> None:
        make.a_held_quote()
        assert client_of(reporter).post("/verify/", {"tab": "first"}).status_code == 403
        assert not Claim.objects.exists()

    def test_other_methods_are_refused(self, client_of: Any, verifier: Any, quote: Any, address: str) -> None:
        browser = client_of(verifier)
        for method in ("put", "patch", "delete"):
            assert getattr(browser, method)("/verify/").status_code == 405
            assert getattr(browser, method)(address).status_code == 405

    @pytest.mark.django_db(transaction=True)
    def test_many_who_ask_at_once_get_as_many_quotes(
        self, in_threads: Any, make_person: Any, client_of: Any
    ) -> None:
        for _ in range(12):
            make.a_held_quote()
        browsers = [client_of(make_person(f"checker{n}", "Verifier")) for n in range(12)]
        answers = in_threads(lambda n: browsers[n].post("/verify/", {"tab": "first"}), range(12))
        assert {answer.status_code for answer in answers} == {303}
        assert len({answer["Location"] for answer in answers}) == 12
        assert Claim.objects.values("by").distinct().count() == 12


class TestClaims:
    def test_a_claim_can_be_released(self, client_of: Any, verifier: Any, quote: Any, address: str) -> None:
        browser = client_of(verifier)
        browser.post(address, {"do": "claim"})
        assert "until" in text(browser.get(address))
        browser.post(address, {"do": "release"})
        assert not Claim.objects.exists()

    def test_another_persons_claim_is_told_with_423_and_what_was_typed_is_kept(
        self, client_of: Any, verifier: Any, second_verifier: Any, quote: Any, address: str
    ) -> None:
        client_of(second_verifier).post(address, {"do": "claim"})
        answer = client_of(verifier).post(address, sent(quote, note="I heard the tape."))
        assert answer.status_code == 423
        assert "Verifier2 is at work" in text(answer)
        assert parsed(answer).select_one("#note").get_text(strip=True) == "I heard the tape."
        assert parsed(answer).select_one("[data-sign]") is None
        assert not Check.objects.exists()

    def test_nobody_claims_what_somebody_else_is_on(
        self, client_of: Any, verifier: Any, second_verifier: Any, quote: Any, address: str
    ) -> None:
        client_of(second_verifier).post(address, {"do": "claim"})
        assert client_of(verifier).post(address, {"do": "claim"}).status_code == 423
        assert Claim.objects.get().by == second_verifier

    def test_taking_over_needs_a_reason_that_stays_in_the_log(
        self, client_of: Any, verifier: Any, second_verifier: Any, quote: Any, address: str
    ) -> None:
        client_of(second_verifier).post(address, {"do": "claim"})
        browser = client_of(verifier)
        assert browser.post(address, {"do": "take_over", "reason": " "}).status_code == 422
        assert browser.post(address, {"do": "take_over", "reason": "He is off sick."}).status_code == 303
        claim = Claim.objects.get()
        assert (claim.by, claim.reason) == (verifier, "He is off sick.")

    def test_releasing_frees_nobody_elses_claim(
        self, client_of: Any, verifier: Any, second_verifier: Any, quote: Any, address: str
    ) -> None:
        client_of(second_verifier).post(address, {"do": "claim"})
        client_of(verifier).post(address, {"do": "release"})
        assert Claim.objects.get().by == second_verifier
