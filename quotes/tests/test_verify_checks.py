"""One quote at /verify/<uid>/: checks and rulings, how refusals are told, undo, and the highlight."""

import json
from typing import Any

import pytest
from django.urls import reverse

from quotes.actions.audit import acting
from quotes.models import Check, Claim, Evidence, Quote, Return, Standing, Statement, Withdrawal

from . import factories as make
from .checking import sent, standing
from .htmx import HEADERS, parsed, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def quote(reporter: Any) -> Any:
    return make.a_held_quote(by=reporter)


@pytest.fixture
def address(quote: Any) -> str:
    return reverse("verify-quote", args=[quote.uid])


def text(response: Any) -> str:
    return text_of(parsed(response))


class TestACheck:
    def test_two_people_verify_a_quote(
        self, client_of: Any, verifier: Any, second_verifier: Any, quote: Any, address: str
    ) -> None:
        for person in (verifier, second_verifier):
            assert client_of(person).post(address, sent(quote)).status_code == 303
        assert standing(quote) == "verified"

    def test_a_check_ends_the_claim_and_leads_to_the_next_quote(
        self, client_of: Any, verifier: Any, quote: Any, address: str
    ) -> None:
        other = make.a_held_quote()
        browser = client_of(verifier)
        browser.post("/verify/", {"tab": "first"})
        answer = browser.post(address, sent(quote, tab="first"), follow=True)
        assert answer.redirect_chain == [(f"/verify/{other.uid}/?tab=first&order=oldest", 303)]
        assert f"Signed {quote.uid}. It needs a full pass by one more person." in text(answer)
        assert [claim.quote_id for claim in Claim.objects.all()] == [other.pk]

    def test_the_note_and_the_evidence_are_kept_with_it(
        self, client_of: Any, verifier: Any, quote: Any, address: str
    ) -> None:
        evidence = {
            "evidence-kind": "recording", "evidence-url": "https://tape.example/1", "evidence-timecode": "00:10:02",
            "evidence-primary": "on", "evidence-stance": "supports", "evidence-excerpt": "  as heard ",
        }  # fmt: skip
        client_of(verifier).post(address, sent(quote, note="Clear.", **evidence))
        held = Evidence.objects.get()
        assert (held.kind, held.timecode, held.primary, held.excerpt) == (
            "recording",
            "00:10:02",
            True,
            "  as heard ",
        )
        assert held.created_by == verifier
        assert Check.objects.get().note == "Clear."
        assert Standing.objects.get(pk=quote.pk).depth == "primary"

    def test_several_pieces_of_evidence_come_with_one_check(
        self, client_of: Any, verifier: Any, quote: Any, address: str
    ) -> None:
        two = {
            "evidence-kind": "wire", "evidence-url": "https://wire.example/1",
            "evidence-2-kind": "archive", "evidence-2-url": "https://archive.example/1",
        }  # fmt: skip
        client_of(verifier).post(address, sent(quote, **two))
        assert sorted(Evidence.objects.values_list("kind", flat=True)) == ["archive", "wire"]

    def test_evidence_lets_the_wording_pass_in_the_same_form(
        self, client_of: Any, verifier: Any, reporter: Any
    ) -> None:
        quote = make.a_quote(by=reporter)
        address = reverse("verify-quote", args=[quote.uid])
        browser = client_of(verifier)
        assert "Nothing is held that shows the words" in text(browser.get(address))
        refused = browser.post(address, sent(quote, note="So he said."))
        assert refused.status_code == 422
        assert "Add evidence below" in text(refused)
        assert "So he said." in text(refused)
        more = {"evidence-kind": "wire", "evidence-url": "https://wire.example/1"}
        assert browser.post(address, sent(quote, **more)).status_code == 303

    @pytest.mark.parametrize(
        ("deed", "value"),
        [("disputed", "disputed"), ("misattributed", "misattributed"), ("retracted", "retracted"),
         ("not_a_statement", "retracted")],
    )  # fmt: skip
    def test_a_ruling_takes_its_reason_from_the_note(
        self, client_of: Any, verifier: Any, quote: Any, address: str, deed: str, value: str
    ) -> None:
        browser = client_of(verifier)
        assert browser.post(address, {"do": deed, "seen": quote.standing.content_hash}).status_code == 422
        answer = browser.post(
            address, {"do": deed, "seen": quote.standing.content_hash, "note": "It was his deputy."}
        )
        assert answer.status_code == 303
        assert standing(quote) == value
        assert Check.objects.get().reason == "It was his deputy."

    def test_a_verdict_of_no_disputes_the_quote(
        self, client_of: Any, verifier: Any, quote: Any, address: str
    ) -> None:
        client_of(verifier).post(address, sent(quote, **{"axis-context": "fail"}))
        assert standing(quote) == "disputed"

    def test_a_quote_sent_back_leaves_the_queue_until_it_changes(
        self, client_of: Any, verifier: Any, second_verifier: Any, reporter: Any, quote: Any, address: str
    ) -> None:
        browser = client_of(verifier)
        form = sent(quote, do="return", note="Which minister?")
        assert browser.post(address, {**form, "note": ""}).status_code == 422
        assert browser.post(address, form).status_code == 303
        sent_back = Return.objects.get()
        assert (sent_back.to, sent_back.reason) == (reporter, "Which minister?")
        other = client_of(second_verifier)
        assert other.post("/verify/", {"tab": "first"})["Location"].startswith("/verify/?")
        assert "Which minister?" in text(other.get(address))
        Quote.objects.filter(pk=quote.pk).update(speaker_as_printed="The minister of health")
        assert address in other.post("/verify/", {"tab": "first"})["Location"]

    def test_the_page_proposes_only_what_the_database_keeps(
        self, client_of: Any, verifier: Any, quote: Any, address: str
    ) -> None:
        page = parsed(client_of(verifier).get(address))
        assert [box["name"] for box in page.select("input:checked")] == ["axis-wording"]
        assert "Exact match with our copy" in page.get_text()

    def test_only_axes_that_apply_are_asked(self, client_of: Any, verifier: Any) -> None:
        quote = make.a_held_quote(kind="indirect", is_translation=True)
        make.a_figure(quote)
        page = parsed(client_of(verifier).get(reverse("verify-quote", args=[quote.uid])))
        assert [row["data-axis"] for row in page.select("[data-axis]")] == [
            "attribution", "translation", "dating", "figure", "context",
        ]  # fmt: skip


class TestRefusals:
    """Each with its status, a sentence, nothing written, and all that was typed."""

    def refused(self, answer: Any, status: int, sentence: str) -> None:
        assert answer.status_code == status
        assert sentence in text(answer)
        assert parsed(answer).select_one("#note").get_text(strip=True) == "Typed with care."
        assert parsed(answer).select_one("#evidence-url")["value"] == "https://wire.example/9"
        assert not Check.objects.exists()
        assert not Evidence.objects.exists()

    def form(self, quote: Any, **fields: Any) -> dict[str, Any]:
        typed = {
            "note": "Typed with care.",
            "evidence-kind": "wire",
            "evidence-url": "https://wire.example/9",
        }
        return sent(quote, **{**typed, **fields})

    def test_an_old_content_hash_shows_both_versions_and_who_changed_it(
        self, client_of: Any, verifier: Any, curator: Any, quote: Any, address: str
    ) -> None:
        browser = client_of(verifier)
        page = parsed(browser.get(address))
        shown = page.select_one("[name=shown]")["value"]
        form = self.form(quote, shown=shown)
        with acting(by=curator, verb="statements.edit"):
            Statement.objects.filter(pk=quote.statement_id).update(occasion="A briefing in Kyiv")
        answer = browser.post(address, form)
        self.refused(answer, 409, "The last change was made by curator")
        rows = [
            [cell.get_text(strip=True) for cell in row.select("th, td")]
            for row in parsed(answer).select(".conf tbody tr")
        ]
        assert rows == [["Occasion", "not known", "A briefing in Kyiv"]]
        assert (
            parsed(answer).select_one("[name=seen]")["value"]
            == Standing.objects.get(pk=quote.pk).content_hash
        )
        assert "you answered “pass”" in text(answer)

    def test_an_old_content_hash_is_told_also_when_the_form_says_nothing_else(
        self, client_of: Any, verifier: Any, quote: Any, address: str
    ) -> None:
        for shown in ("", "{", "[1]", json.dumps({"Words": 1})):
            answer = client_of(verifier).post(address, self.form(quote, seen="0" * 64, shown=shown))
            self.refused(answer, 409, "The content has changed since it was shown")

    @pytest.mark.parametrize(
        ("fields", "sentence"),
        [
            ({"axis-figure": "pass"}, "There is no verdict on figure for this quote."),
            ({"axis-dating": ""}, "The verdict on dating is missing."),
            ({"axis-dating": "maybe"}, "“maybe” is no verdict on dating"),
            ({"axis-colour": "pass"}, "There is no question “colour”."),
            ({"evidence-kind": "rumour"}, "“rumour” is no kind of evidence."),
            ({"evidence-kind": ""}, "Say what kind it is."),
            ({"evidence-stance": "perhaps"}, "“perhaps” is no stance of evidence."),
            ({"do": "delete"}, "There is nothing called “delete” to do here."),
            ({"ruling": "true"}, "“true” is no ruling."),
        ],
    )
    def test_what_does_not_fit_is_told_with_422(
        self, client_of: Any, verifier: Any, quote: Any, address: str, fields: Any, sentence: str
    ) -> None:
        answer = client_of(verifier).post(address, self.form(quote, **fields))
        self.refused(answer, 422, sentence)

    def test_an_address_that_is_no_web_address_is_refused(
        self, client_of: Any, verifier: Any, quote: Any, address: str
    ) -> None:
        answer = client_of(verifier).post(
            address, self.form(quote, **{"evidence-url": "ftp://wire.example/1"})
        )
        assert answer.status_code == 422
        assert not Evidence.objects.exists()

    def test_the_same_evidence_twice_is_told(
        self, client_of: Any, verifier: Any, quote: Any, address: str
    ) -> None:
        make.some_evidence(quote, url="https://wire.example/9")
        answer = client_of(verifier).post(address, self.form(quote))
        assert answer.status_code == 422
        assert "entered already" in text(answer)

    def test_a_reporter_is_told_that_her_account_may_not_check(
        self, client_of: Any, make_person: Any, quote: Any, address: str
    ) -> None:
        other = make_person("other", "Reporter")
        assert "no right to check quotes" in text(client_of(other).get(address))
        self.refused(client_of(other).post(address, self.form(quote)), 403, "not check them")

    def test_who_entered_it_is_told_before_and_after_that_she_cannot_pass_it(
        self, client_of: Any, verifier: Any
    ) -> None:
        quote = make.a_held_quote(by=verifier)
        address = reverse("verify-quote", args=[quote.uid])
        browser = client_of(verifier)
        assert "You cannot pass this one" in text(browser.get(address))
        self.refused(browser.post(address, self.form(quote)), 403, "so you cannot pass it")
        assert browser.post(address, sent(quote, **{"axis-wording": "fail"})).status_code == 303

    def test_a_swap_gets_a_notice_for_the_live_region_and_keeps_the_form(
        self, client_of: Any, verifier: Any
    ) -> None:
        quote = make.a_held_quote(by=verifier)
        address = reverse("verify-quote", args=[quote.uid])
        answer = client_of(verifier).post(address, sent(quote), headers=HEADERS)
        assert answer.status_code == 403
        assert answer["HX-Retarget"] == "#messages"

    def test_a_swap_that_conflicts_is_a_fragment_with_the_typed_note(
        self, client_of: Any, verifier: Any, quote: Any, address: str
    ) -> None:
        answer = client_of(verifier).post(address, self.form(quote, seen="0" * 64), headers=HEADERS)
        assert answer.status_code == 409
        assert parsed(answer).find(["html", "main"]) is None
        self.refused(answer, 409, "has changed")

    def test_a_quote_that_is_not_to_be_known_is_not_found(self, client_of: Any, make_person: Any) -> None:
        hidden = make.a_held_quote(make.a_statement(record="off"))
        address = reverse("verify-quote", args=[hidden.uid])
        assert client_of(make_person("other", "Reporter")).post(address, sent(hidden)).status_code == 404

    def test_a_note_longer_than_a_page_is_refused_and_kept(
        self, client_of: Any, verifier: Any, quote: Any, address: str
    ) -> None:
        answer = client_of(verifier).post(address, sent(quote, note="x" * 10_001))
        assert answer.status_code == 422
        assert "x" * 10_001 in answer.content.decode()


class TestUndo:
    def test_ones_own_last_check_can_be_taken_back_and_counts_for_nothing(
        self, client_of: Any, verifier: Any, second_verifier: Any, quote: Any, address: str
    ) -> None:
        make.a_check(quote, second_verifier)
        browser = client_of(verifier)
        browser.post(address, sent(quote))
        assert standing(quote) == "verified"
        assert "Undo" in text(browser.get(address))
        answer = browser.post(address, {"do": "undo"}, follow=True)
        assert f"Took back your check of {quote.uid}." in text(answer)
        assert "taken back" in text(answer)
        assert standing(quote) == "in_review"
        assert Check.objects.count() == 2
        assert Withdrawal.objects.get().by == verifier

    def test_a_check_that_somebody_built_on_stays(
        self, client_of: Any, verifier: Any, second_verifier: Any, quote: Any, address: str
    ) -> None:
        make.a_check(quote, verifier)
        make.a_check(quote, second_verifier)
        answer = client_of(verifier).post(address, {"do": "undo"})
        assert answer.status_code == 409
        assert "Somebody has built on this check" in text(answer)
        assert standing(quote) == "verified"

    def test_there_is_nothing_to_take_back_twice(
        self, client_of: Any, verifier: Any, quote: Any, address: str
    ) -> None:
        make.a_check(quote, verifier)
        browser = client_of(verifier)
        assert browser.post(address, {"do": "undo"}).status_code == 303
        assert browser.post(address, {"do": "undo"}).status_code == 409


class TestTheHighlight:
    def test_a_moved_highlight_is_shown_but_not_saved(
        self, client_of: Any, verifier: Any, quote: Any, address: str
    ) -> None:
        browser = client_of(verifier)
        page = parsed(browser.get(address))
        move = page.select_one('.moves [data-key="["]')["href"]
        shown = parsed(browser.get(move))
        assert shown.select_one(".paper mark").get_text() == "If we lose this war, we will lose"
        assert "you become a contributor" in shown.get_text()
        assert Quote.objects.get(pk=quote.pk).text == quote.text

    def test_saving_it_changes_the_words_and_makes_the_mover_a_contributor(
        self, client_of: Any, verifier: Any, second_verifier: Any, quote: Any, address: str
    ) -> None:
        make.a_check(quote, second_verifier)
        browser = client_of(verifier)
        form = {"do": "anchor", "start": quote.start, "end": quote.end - 1, "version": quote.version}
        assert browser.post(address, form).status_code == 303
        moved = Quote.objects.select_related("standing").get(pk=quote.pk)
        assert moved.text == quote.text[:-1]
        assert moved.suffix.startswith('."')
        assert moved.standing.value == "stale"
        assert browser.post(address, sent(quote)).status_code == 403

    def test_a_highlight_moved_by_two_people_is_a_conflict(
        self, client_of: Any, verifier: Any, curator: Any, quote: Any, address: str
    ) -> None:
        with acting(by=curator, verb="quotes.edit"):
            Quote.objects.filter(pk=quote.pk).update(cue="warned")
        form = {"do": "anchor", "start": quote.start, "end": quote.end - 1, "version": quote.version}
        assert client_of(verifier).post(address, form).status_code == 409
        assert Quote.objects.get(pk=quote.pk).text == quote.text

    @pytest.mark.parametrize("place", [(0, 10**6), (5, 5), (9, 3), (-1, 4)])
    def test_a_place_outside_the_text_is_refused(
        self, client_of: Any, verifier: Any, quote: Any, address: str, place: tuple[int, int]
    ) -> None:
        form = {"do": "anchor", "start": place[0], "end": place[1], "version": quote.version}
        assert client_of(verifier).post(address, form).status_code == 422

    def test_a_reader_moves_nothing(self, client_of: Any, reader: Any, quote: Any, address: str) -> None:
        form = {"do": "anchor", "start": 0, "end": 5, "version": quote.version}
        assert client_of(reader).post(address, form).status_code == 403

    def test_the_captured_text_is_not_shown_where_it_gives_something_away(
        self, client_of: Any, reporter: Any, quote: Any, address: str
    ) -> None:
        body = make.BODY
        make.a_quote(make.a_statement(record="off"), "He left at ten.", article=quote.article, body=body)
        assert "He left at ten." not in client_of(reporter).get(address).content.decode()
