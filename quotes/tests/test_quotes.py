"""Entering and editing quotes: what is written, what is refused, and that no two editors lose each other's words."""
# house: one form, climbed as one ladder from who may to who was second

import datetime as dt
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from quotes.actions import quotes as act
from quotes.actions.records import Conflict
from quotes.models import Article, AuditEvent, Note, Quote, Statement

from . import factories as make
from .htmx import HEADERS, parsed, text_of

pytestmark = pytest.mark.django_db

NEW = "/quotes/new/"


@pytest.fixture
def quote(reporter: Any) -> Any:
    return make.a_held_quote(by=reporter)


def fields_of(response: Any) -> dict[str, str]:
    """The form of a page as a browser would send it."""
    form = parsed(response).select_one("#quote-form form")
    sent: dict[str, str] = {}
    for field in form.select("input, textarea, select"):
        name = field.get("name")
        if not name or (field.get("type") in ("checkbox", "radio") and not field.has_attr("checked")):
            continue
        if field.name == "select":
            chosen = field.select_one("option[selected]") or field.select_one("option")
            sent[name] = chosen["value"]
        elif field.name == "textarea":
            # A parser drops the line break behind the tag; BeautifulSoup's does not.
            sent[name] = field.get_text().removeprefix("\n").replace("\n", "\r\n")
        else:
            sent[name] = "on" if field.get("type") == "checkbox" else field.get("value", "")
    return sent


def address(quote: Any) -> str:
    return reverse("quote-edit", args=[quote.uid])


def text(response: Any) -> str:
    return text_of(parsed(response))


def saved(quote: Any) -> Any:
    return Quote.objects.select_related("standing", "statement").get(pk=quote.pk)


def filled(**more: str) -> dict[str, str]:
    """A new quote of a known speaker in a new article."""
    return {
        "text": make.WORDS,
        "kind": "direct",
        "language": "en",
        "article": "https://news.example/new",
        "outlet": "the-wire",
        "headline": "He warned",
        "article_language": "en",
        "speaker": "Зеленський",
        "gist": "He warns of losing",
        "said_on": "2026-02",
        **more,
    }


@pytest.fixture
def known() -> Any:
    make.an_outlet("The Wire", slug="the-wire")
    return make.a_speaker("Volodymyr Zelenskyy", slug="zelenskyy", names={"Зеленський": "uk"})


class TestWhoMay:
    def test_a_reader_may_neither_enter_nor_edit(self, client_of: Any, reader: Any, quote: Any) -> None:
        browser = client_of(reader)
        for page in (NEW, address(quote)):
            assert browser.get(page).status_code == 403
            assert browser.post(page, filled()).status_code == 403

    def test_somebody_signed_out_is_led_to_the_sign_in(self, client: Any, quote: Any) -> None:
        assert client.get(NEW).status_code == client.get(address(quote)).status_code == 302

    def test_other_methods_are_refused(self, client_of: Any, reporter: Any, quote: Any) -> None:
        assert client_of(reporter).put(address(quote)).status_code == 405

    def test_what_is_held_back_cannot_be_edited_or_named_without_the_right(
        self, client_of: Any, reporter: Any, verifier: Any, known: Any
    ) -> None:
        off = make.a_held_quote(make.a_statement(record="off", gist="canary gist"))
        assert client_of(verifier).get(address(off)).status_code == 200
        browser = client_of(reporter)
        assert browser.get(address(off)).status_code == 404
        assert browser.post(address(off), {"version": "1"}).status_code == 404
        answer = browser.post(NEW, filled(statement=off.statement.uid, speaker="", gist="", said_on=""))
        assert answer.status_code == 422
        assert "canary" not in answer.content.decode()
        shown = browser.get(f"{NEW}?article={off.article.url}").content.decode()
        assert "If we lose this war" not in shown

    def test_an_article_of_hidden_quotes_alone_is_asked_for_like_a_new_one(
        self, client_of: Any, reporter: Any, known: Any
    ) -> None:
        article = make.an_article(headline="Canary headline")
        make.a_quote(make.a_statement(record="off"), article=article)
        told = []
        for url in (article.url, "https://news.example/nowhere"):
            answer = client_of(reporter).post(NEW, filled(article=url, outlet="", headline=""))
            told.append((answer.status_code, answer.content.decode().count("not on record yet")))
        assert told[0] == told[1] == (422, told[0][1])
        assert told[0][1] > 0
        # Once it is described, the quote goes to the one there is: an address has one article.
        assert client_of(reporter).post(NEW, filled(uid="by-hand", article=article.url)).status_code == 303
        assert Quote.objects.get(uid="by-hand").article == article

    def test_a_copy_with_something_held_back_in_it_is_neither_shown_nor_searched(
        self, client_of: Any, reporter: Any, verifier: Any, known: Any, quote: Any
    ) -> None:
        # The article itself is open, by another quote of it: only its text holds what is held back.
        make.a_held_quote(make.a_statement(record="off"), text="He left at ten.", article=quote.article)
        for person, marked in ((reporter, False), (verifier, True)):
            browser = client_of(person)
            page = parsed(browser.get(f"{NEW}?article={quote.article.url}&text=The president spoke"))
            assert ("He left at ten" in page.get_text()) is marked
            assert (page.select_one("aside mark") is not None) is marked
            sent = filled(uid=f"by-{person}", text="The president spoke", article=quote.article.url)
            assert browser.post(NEW, sent).status_code == 303
            assert (Quote.objects.get(uid=f"by-{person}").start is not None) is marked

    def test_only_who_can_see_what_is_held_back_is_offered_to_hold_it_back(
        self, client_of: Any, reporter: Any, verifier: Any, known: Any
    ) -> None:
        assert "embargoed_until" not in client_of(reporter).get(NEW).content.decode()
        assert "embargoed_until" in client_of(verifier).get(NEW).content.decode()
        assert client_of(reporter).post(NEW, filled(record="off")).status_code == 422
        assert client_of(verifier).post(NEW, filled(record="off")).status_code == 303
        assert Statement.objects.get().record == "off"


class TestEntering:
    def test_a_quote_comes_with_its_statement_article_chain_and_figures(
        self, client_of: Any, reporter: Any, known: Any
    ) -> None:
        root = make.an_outlet("France 2", slug="france-2")
        measure = make.a_measure("Soldiers killed")
        answer = client_of(reporter).post(
            NEW,
            filled(
                uid="the-quote",
                body=make.BODY.replace("\n", "\r\n"),
                **{
                    "relay-0-place": "2", "relay-0-outlet": "france-2", "relay-0-as_printed": "French television",
                    "relay-1-place": "1", "relay-1-as_printed": "Ukrainian media",
                    "relay-2-outlet": "", "relay-2-as_printed": "",
                    "figure-0-measure": measure.slug, "figure-0-bound": "about", "figure-0-low": "55000",
                    "figure-0-as_of": "2026", "figure-0-method": "claim", "figure-1-measure": "",
                },
            ),
        )  # fmt: skip
        assert answer.status_code == 303
        assert answer["Location"] == "/quotes/the-quote/"
        quote = Quote.objects.get(uid="the-quote")
        assert quote.text == make.WORDS
        assert quote.capture.body[quote.start : quote.end] == make.WORDS
        assert quote.capture.body == make.BODY
        assert quote.statement.speaker == known
        assert (quote.statement.said_on, quote.statement.said_on_precision) == (dt.date(2026, 2, 1), "month")
        assert quote.article.headline == "He warned"
        assert [(str(step), step.as_printed) for step in quote.chain] == [
            ("Ukrainian media", "Ukrainian media"),
            ("France 2", "French television"),
        ]
        figure = quote.figures.get()
        assert (figure.low, figure.high, figure.as_of_precision) == (55_000, 55_000, "year")
        assert quote.created_by == reporter
        assert root.relays.count() == 1
        told = AuditEvent.objects.filter(verb="quotes.enter")
        assert set(told.values_list("table", flat=True)) == {
            "quotes_quote", "quotes_statement", "quotes_article", "quotes_capture", "quotes_relay", "quotes_figure",
        }  # fmt: skip

    def test_a_quote_can_be_added_to_a_statement_and_an_article_that_are_on_record(
        self, client_of: Any, reporter: Any, known: Any, quote: Any
    ) -> None:
        browser = client_of(reporter)
        page = browser.get(
            f"{NEW}?statement={quote.statement.uid}&article={quote.article.url}&text={make.WORDS}"
        )
        assert [mark.get_text() for mark in parsed(page).select("aside mark")] == [make.WORDS]
        sent = fields_of(page) | {"kind": "partial", "language": "en", "text": "we will lose"}
        assert browser.post(NEW, sent).status_code == 303
        entered = Quote.objects.exclude(pk=quote.pk).get()
        assert (entered.statement, entered.article) == (quote.statement, quote.article)
        assert entered.capture.body[entered.start : entered.end] == "we will lose"

    def test_words_are_kept_byte_for_byte(self, client_of: Any, reporter: Any, known: Any) -> None:
        words = "  \u201cOne\u00a0\u2026\u200b\n\ntwo\u2028 \t three\u0301 "
        client_of(reporter).post(NEW, filled(text=words.replace("\n", "\r\n")))
        assert Quote.objects.get().text == words

    @pytest.mark.parametrize(
        ("fields", "told"),
        [
            ({"text": " \n "}, "A quote has words"),
            ({"kind": "sung"}, "Kind"),
            ({"speaker": "Nobody Known"}, "No speaker “Nobody Known” is on record"),
            ({"speaker": "", "gist": ""}, "A new statement needs it"),
            ({"statement": "not-held"}, "No statement “not-held” is held"),
            ({"said_on": "5 Feb"}, "2026-02-04"),
            ({"said_on": "2026-02-30"}, "2026-02-04"),
            ({"article": "ftp://news.example/x"}, "expected http"),
            ({"outlet": ""}, "This article is not on record yet"),
            ({"uid": "No"}, "3 to 64 characters"),
            ({"uid": "new"}, "stands for the page"),
            ({"language": "English"}, "Language"),
            ({"prefix": "x" * 65}, "Words before"),
            ({"relay-0-outlet": "nowhere"}, "No outlet “nowhere”"),
            ({"figure-0-measure": "unknown"}, "No measure “unknown”"),
        ],
    )
    def test_what_cannot_be_is_told_and_what_was_typed_is_kept(
        self, client_of: Any, reporter: Any, known: Any, fields: dict[str, str], told: str
    ) -> None:
        answer = client_of(reporter).post(NEW, filled(occasion="typed by hand") | fields)
        assert answer.status_code == 422
        assert told in text(answer)
        assert "typed by hand" in answer.content.decode()
        assert not Quote.objects.exists()
        assert not Article.objects.exists()

    @pytest.mark.parametrize(
        ("bound", "low", "high", "fits"),
        [
            ("about", "5", "", True), ("exact", "", "5", True), ("about", "", "", False), ("at_least", "5", "", True),
            ("at_least", "", "5", False), ("at_most", "", "5", True), ("range", "5", "4", False),
            ("range", "4", "5", True), ("exact", "NaN", "", False), ("exact", "1e99", "", False),
        ],
    )  # fmt: skip
    def test_numbers_have_to_fit_their_bound(
        self, client_of: Any, reporter: Any, known: Any, bound: str, low: str, high: str, fits: bool
    ) -> None:
        measure = make.a_measure()
        row = {"measure": measure.slug, "bound": bound, "low": low, "high": high}
        answer = client_of(reporter).post(
            NEW, filled(**{f"figure-0-{name}": value for name, value in row.items()})
        )
        assert answer.status_code == (303 if fits else 422)

    def test_a_uid_that_is_taken_is_told(self, client_of: Any, reporter: Any, known: Any, quote: Any) -> None:
        answer = client_of(reporter).post(NEW, filled(uid=quote.uid))
        assert answer.status_code == 422
        assert "This uid is not to be had" in text(answer)
        assert Statement.objects.count() == 1

    def test_pressed_twice_it_is_entered_once(self, client_of: Any, reporter: Any, known: Any) -> None:
        browser = client_of(reporter)
        sent = filled(idempotency_key="a" * 32)
        first, second = browser.post(NEW, sent), browser.post(NEW, sent)
        assert (first.status_code, second.status_code) == (303, 303)
        assert first["Location"] == second["Location"]
        assert Quote.objects.count() == 1

    def test_looking_at_it_saves_nothing_and_shows_what_was_found(
        self, client_of: Any, reporter: Any, known: Any, quote: Any
    ) -> None:
        sent = filled(do="look", article=quote.article.url, text="we will LOSE 55,000 times")
        answer = client_of(reporter).post(NEW, sent | {"relay-0-as_printed": "somebody"})
        assert answer.status_code == 200
        assert Quote.objects.count() == 1
        page = parsed(answer)
        assert [one.get_text() for one in page.select(".qf-p b")] == ["exactly 55,000"]
        assert page.select_one('[name="relay-0-as_printed"]')["value"] == "somebody"
        assert page.select_one('[name="relay-2-as_printed"]') is not None

    def test_after_a_swap_the_browser_goes_to_the_page_itself(
        self, client_of: Any, reporter: Any, known: Any
    ) -> None:
        answer = client_of(reporter).post(NEW, filled(uid="by-swap"), headers=HEADERS)
        assert (answer.status_code, answer["HX-Redirect"]) == (204, "/quotes/by-swap/")
        refused = client_of(reporter).post(NEW, filled(text=""), headers=HEADERS)
        assert refused.status_code == 422
        assert parsed(refused).find(["html", "main"]) is None


class TestKnownFakes:
    @pytest.fixture
    def fake(self, verifier: Any, known: Any) -> Any:
        dead = make.a_held_quote(make.a_statement(known))
        make.a_check(dead, verifier, ruling="retracted", reason="He never said it.")
        return dead

    def test_a_known_fake_is_shown_first_and_needs_a_reason(
        self, client_of: Any, reporter: Any, fake: Any
    ) -> None:
        browser = client_of(reporter)
        answer = browser.post(NEW, filled(text=make.WORDS.upper()))
        assert answer.status_code == 422
        assert "known fake" in text(answer)
        assert "He never said it." in text(answer)
        assert Quote.objects.count() == 1
        again = fields_of(answer) | {"reason": "It was really said in June."}
        assert browser.post(NEW, again).status_code == 303
        entered = Quote.objects.exclude(pk=fake.pk).get()
        note = Note.objects.get()
        assert (note.quote, note.by, note.kind, note.text) == (
            entered, reporter, "despite", "It was really said in June.",
        )  # fmt: skip

    def test_an_edit_into_a_known_fake_needs_a_reason_too(
        self, client_of: Any, reporter: Any, known: Any, fake: Any
    ) -> None:
        other = make.a_quote(make.a_statement(known), "Something else entirely.")
        browser = client_of(reporter)
        sent = fields_of(browser.get(address(other)))
        assert browser.post(address(other), sent | {"text": make.WORDS}).status_code == 422
        assert browser.post(address(other), sent | {"cue": "warned"}).status_code == 303


class TestEditing:
    def test_a_form_that_is_sent_as_it_came_changes_nothing(
        self, client_of: Any, reporter: Any, quote: Any
    ) -> None:
        make.a_figure(quote, 55_000, as_of=dt.date(2026, 2, 1))
        make.a_figure(quote, 100_000, 140_000)
        browser = client_of(reporter)
        before = AuditEvent.objects.count()
        sent = fields_of(browser.get(address(quote)))
        answer = browser.post(address(quote), sent)
        assert answer.status_code == 303
        assert AuditEvent.objects.count() == before

    def test_only_what_is_different_is_written(
        self, client_of: Any, reporter: Any, verifier: Any, quote: Any
    ) -> None:
        browser = client_of(verifier)
        sent = fields_of(browser.get(address(quote)))
        assert browser.post(address(quote), sent | {"cue": "warned"}).status_code == 303
        event = AuditEvent.objects.get(verb="quotes.edit")
        assert event.changes == {"cue": ("said", "warned")}
        assert (event.actor, saved(quote).updated_by) == ("verifier", verifier)

    def test_a_change_makes_a_checked_quote_stale_and_its_editor_a_contributor(
        self, client_of: Any, curator: Any, verifier: Any, second_verifier: Any, quote: Any
    ) -> None:
        for person in (verifier, second_verifier):
            make.a_check(quote, person)
        assert saved(quote).standing.value == "verified"
        browser = client_of(curator)
        sent = fields_of(browser.get(address(quote)))
        browser.post(address(quote), sent | {"said_on": "2026-02-04"})
        assert saved(quote).standing.value == "stale"
        assert quote.contributions.filter(user=curator).exists()
        assert saved(quote).statement.said_on == dt.date(2026, 2, 4)

    def test_new_words_are_marked_where_they_stand_and_nowhere_else(
        self, client_of: Any, reporter: Any, quote: Any
    ) -> None:
        browser = client_of(reporter)
        sent = fields_of(browser.get(address(quote)))
        browser.post(address(quote), sent | {"text": "we will lose."})
        now = saved(quote)
        assert now.capture.body[now.start : now.end] == "we will lose."
        sent = fields_of(browser.get(address(quote)))
        browser.post(address(quote), sent | {"text": "Words that do not stand there"})
        now = saved(quote)
        assert (now.start, now.end, now.text) == (None, None, "Words that do not stand there")

    def test_a_chain_is_reordered_shortened_and_lengthened(self, client_of: Any, reporter: Any) -> None:
        near, far = make.an_outlet("Near"), make.an_outlet("Far")
        quote = make.a_quote(chain=[near, far])
        browser = client_of(reporter)
        sent = fields_of(browser.get(address(quote)))
        assert browser.post(address(quote), sent | {"relay-0-place": "3"}).status_code == 303
        assert [str(step) for step in saved(quote).chain] == ["Far", "Near"]
        sent = fields_of(browser.get(address(quote)))
        more = {"relay-0-outlet": "", "relay-2-as_printed": "a witness"}
        assert browser.post(address(quote), sent | more).status_code == 303
        assert [str(step) for step in saved(quote).chain] == ["Near", "a witness"]

    def test_figures_are_changed_and_taken_away(self, client_of: Any, reporter: Any, quote: Any) -> None:
        figure = make.a_figure(quote, 55_000)
        browser = client_of(reporter)
        sent = fields_of(browser.get(address(quote)))
        changed = {"figure-0-low": "60000", "figure-0-high": "60000"}
        assert browser.post(address(quote), sent | changed).status_code == 303
        figure.refresh_from_db()
        assert figure.low == 60_000
        sent = fields_of(browser.get(address(quote)))
        assert browser.post(address(quote), sent | {"figure-0-measure": ""}).status_code == 303
        assert not saved(quote).figures.exists()

    def test_the_page_links_to_its_form_for_those_who_may(
        self, client_of: Any, reporter: Any, reader: Any, quote: Any
    ) -> None:
        page = reverse("quote", args=[quote.uid])
        assert address(quote) in client_of(reporter).get(page).content.decode()
        assert address(quote) not in client_of(reader).get(page).content.decode()


class TestTwoEditors:
    def test_the_second_gets_both_versions_and_keeps_what_she_typed(
        self, client_of: Any, reporter: Any, verifier: Any, quote: Any
    ) -> None:
        first, second = client_of(reporter), client_of(verifier)
        mine, theirs = fields_of(first.get(address(quote))), fields_of(second.get(address(quote)))
        first.post(address(quote), mine | {"cue": "warned", "role_as_printed": "leader"})
        answer = second.post(address(quote), theirs | {"cue": "shouted", "occasion": "A <b>rally</b>"})
        assert answer.status_code == 409
        assert saved(quote).cue == "warned"
        rows = [
            [cell.get_text(" ", strip=True) for cell in row.select("th, td")]
            for row in parsed(answer).select(".conf tbody tr")
        ]
        assert rows == [
            ["Verb as printed", "said", "warned", "shouted"],
            ["Role as printed", "empty", "leader", "empty"],
        ]
        assert parsed(answer).select_one('[name="occasion"]')["value"] == "A <b>rally</b>"
        again = fields_of(answer)
        assert (again["cue"], again["role_as_printed"]) == ("shouted", "leader")
        assert second.post(address(quote), again).status_code == 303
        now = saved(quote)
        assert (now.cue, now.role_as_printed, now.statement.occasion) == (
            "shouted",
            "leader",
            "A <b>rally</b>",
        )

    @pytest.mark.parametrize(
        "change",
        [{"relay-0-as_printed": "a witness"}, {"occasion": "A rally"}, {"cue": "warned"}],
    )
    def test_a_change_of_any_part_of_it_is_noticed(
        self, client_of: Any, reporter: Any, verifier: Any, quote: Any, change: dict[str, str]
    ) -> None:
        first, second = client_of(reporter), client_of(verifier)
        mine, theirs = fields_of(first.get(address(quote))), fields_of(second.get(address(quote)))
        assert first.post(address(quote), mine | change).status_code == 303
        assert second.post(address(quote), theirs | {"language": "uk"}).status_code == 409

    def test_an_old_version_alone_is_a_conflict(self, client_of: Any, reporter: Any, quote: Any) -> None:
        browser = client_of(reporter)
        sent = fields_of(browser.get(address(quote)))
        for version in ("0", "99", "", "1e0", "١"):
            assert browser.post(address(quote), sent | {"version": version}).status_code == 409
        del sent["version"]
        assert browser.post(address(quote), sent | {"cue": "x"}).status_code == 409
        assert saved(quote).cue == "said"

    def test_the_action_itself_refuses_what_has_changed(self, reporter: Any, quote: Any) -> None:
        stale = Quote.objects.get(pk=quote.pk)
        act.edit(quote, act.Entry(quote={"cue": "warned"}), seen=quote.version, by=reporter)
        with pytest.raises(Conflict):
            act.edit(stale, act.Entry(quote={"cue": "shouted"}), seen=stale.version, by=reporter)
        assert saved(quote).cue == "warned"

    def test_when_one_part_fails_nothing_is_kept(
        self, reporter: Any, quote: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fails(*_: Any) -> bool:
            raise RuntimeError

        monkeypatch.setattr(act, "_write_figures", fails)
        before = AuditEvent.objects.count()
        entry = act.Entry(quote={"cue": "warned"}, chain=[act.Step(None, "somebody")], figures=[])
        with pytest.raises(RuntimeError):
            act.edit(quote, entry, seen=quote.version, by=reporter)
        assert (saved(quote).cue, saved(quote).relays.count()) == ("said", 0)
        assert AuditEvent.objects.count() == before


def test_twenty_steps_and_figures_take_as_many_queries_as_one(client_of: Any, reporter: Any) -> None:
    browser = client_of(reporter)
    short, long = (make.a_quote(chain=[make.an_outlet() for _ in range(number)]) for number in (1, 20))
    for quote, number in ((short, 1), (long, 20)):
        for n in range(number):
            make.a_figure(quote, n + 1)

    def queries(quote: Any) -> int:
        with CaptureQueriesContext(connection) as caught:
            assert browser.get(address(quote)).status_code == 200
        return len(caught)

    queries(short)
    assert queries(long) == queries(short)


def test_a_note_cannot_be_changed_or_taken_away_again(reporter: Any, quote: Any) -> None:
    act.edit(quote, act.Entry(reason="because"), seen=quote.version, by=reporter)
    for write in (lambda: Note.objects.update(text="other"), lambda: Note.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            write()
    assert Note.objects.get().text == "because"
    assert saved(quote).standing.value == "unchecked"
