"""What the desk suggests by itself: on write and in a batch, within bounds, and never against a decision."""

import datetime as dt
import logging
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from quotes.actions import links as act
from quotes.actions.audit import acting
from quotes.models import AuditEvent, Link, Quote, SameUtterance, Statement
from quotes.search import links_suggesting
from quotes.search.links_batch import compared_in_batches, find_near, keys_of
from quotes.search.links_candidates import nearest
from quotes.search.links_suggesting import for_statement, replayed
from quotes.tests import factories as make

pytestmark = pytest.mark.django_db

WORDS = "We will not trade land for a pause in the fighting."
AGAIN = "We will not trade land for a pause in fighting."
DAY = dt.date(2026, 2, 4)


def said(text: str, speaker: Any = None, day: dt.date | None = DAY, **fields: Any) -> Any:
    """Enter a statement with one quote."""
    cue, language = fields.pop("cue", "said"), fields.pop("language", "en")
    statement = make.a_statement(speaker, said_on=day, **fields)
    make.a_quote(statement, text, cue=cue, language=language)
    return statement


def suggest(*statements: Any) -> Any:
    """Suggest for statements as after a write of each."""
    written = None
    for statement in statements:
        also = [other for pair in act.suggested_with([statement.pk]) for other in pair]
        found = for_statement(statement.pk, also)
        one = act.suggest(found.proposals, by=None, looked_at=found.looked_at)
        written = one if written is None else written
        if written is not one:
            written += one
    return written


@pytest.fixture
def repeated(db: None) -> tuple[Any, Any]:
    """One speaker who says the same twice, weeks apart."""
    speaker = make.a_speaker()
    return said(WORDS, speaker, DAY), said(AGAIN, speaker, DAY + dt.timedelta(days=30))


class TestSuggesting:
    def test_a_repetition_is_suggested_with_its_reasons_and_features(self, repeated: Any) -> None:
        suggest(repeated[1])
        link = Link.objects.get()
        assert (link.type, link.source, link.target) == ("repeats", repeated[1], repeated[0])
        assert (link.state, link.decided_by, link.created_by) == ("suggested", None, None)
        assert link.reasons[:2] == ["Same speaker.", "30 days later."]
        assert any("of the words" in reason for reason in link.reasons)
        assert link.features["words"] >= 0.9
        assert link.features["kind"] == "repeats"
        assert len(link.input_hash) == 64
        assert AuditEvent.objects.filter(table="quotes_link", verb="links.suggest").count() == 1

    def test_two_reports_of_one_utterance_are_suggested_to_be_joined(self, db: None) -> None:
        speaker = make.a_speaker()
        first, second = said(WORDS, speaker), said(AGAIN, speaker)
        suggest(second)
        one = SameUtterance.objects.get()
        assert {one.source_id, one.target_id} == {first.pk, second.pk}
        assert not Link.objects.exists()

    def test_whoever_is_named_and_answered_is_found_by_name(self, db: None) -> None:
        asked = make.a_speaker("Olena Hrytsenko", names={"Олена Гриценко": "uk"})
        said("The harbour opens in May, and the grain will leave it.", asked, DAY)
        answering = said(
            "What Hrytsenko says about grain and the harbour is worth reading.",
            day=DAY + dt.timedelta(days=2),
            cue="replied",
        )
        suggest(answering)
        link = Link.objects.get()
        assert link.type == "responds_to"
        assert "Names Olena Hrytsenko." in link.reasons

    def test_a_denial_is_found_by_its_cue(self, db: None) -> None:
        claimed = make.a_speaker("Olena Hrytsenko")
        said("The harbour was closed because of the grain dispute.", claimed, DAY)
        suggest(
            said(
                "Hrytsenko is wrong: no harbour was closed over grain.",
                day=DAY + dt.timedelta(days=1),
                cue="denied",
            )
        )
        assert Link.objects.get().type == "denies"

    def test_numbers_of_one_measure_are_found_one_step_apart(self, db: None) -> None:
        speaker, measure = make.a_speaker(), make.a_measure("Soldiers killed")
        made = []
        for n, number in enumerate((31_000, 43_000, 46_000)):
            day = DAY + dt.timedelta(days=100 * n)
            statement = make.a_statement(speaker, said_on=day)
            quote = make.a_quote(statement, f"The toll stands at {number} by our count, number {n}")
            make.a_figure(quote, number, bound="exact", measure=measure, as_of=day)
            made.append(statement)
        suggest(*made)
        steps = set(Link.objects.filter(type="updates_figure").values_list("source", "target"))
        assert steps == {(made[1].pk, made[0].pk), (made[2].pk, made[1].pk)}

    def test_what_stands_alone_gets_nothing(self, db: None) -> None:
        said(WORDS)
        assert suggest(said("The ferry to the islands leaves at nine.")).added == 0

    def test_suggesting_again_changes_nothing_and_leaves_no_event(self, repeated: Any) -> None:
        suggest(*repeated)
        before, events = list(Link.objects.values()), AuditEvent.objects.count()
        written = suggest(*repeated)
        assert (written.added, written.changed, written.gone) == (0, 0, 0)
        assert list(Link.objects.values()) == before
        assert AuditEvent.objects.count() == events

    def test_it_is_taken_away_when_the_words_no_longer_say_so(self, repeated: Any) -> None:
        suggest(*repeated)
        with acting(by=None, verb="quotes.edit"):
            Quote.objects.filter(statement=repeated[1]).update(
                text="The ferry to the islands leaves at nine."
            )
        assert suggest(repeated[1]).gone == 1
        assert not Link.objects.exists()

    def test_nothing_is_ever_confirmed_by_itself(self, repeated: Any) -> None:
        suggest(*repeated)
        assert set(Link.objects.values_list("state", flat=True)) == {"suggested"}


class TestRemembering:
    def test_a_rejected_one_stays_rejected_until_its_words_change(self, repeated: Any, verifier: Any) -> None:
        suggest(*repeated)
        link = Link.objects.get()
        act.reject(link, seen=link.version, by=verifier, note="A phrase")
        assert suggest(*repeated).remembered == 2
        assert Link.objects.get().state == "rejected"
        with acting(by=None, verb="quotes.edit"):
            Quote.objects.filter(statement=repeated[1]).update(
                text="We shall not trade land for a pause in fighting."
            )
        assert suggest(repeated[1]).again == 1
        link = Link.objects.get()
        assert (link.state, link.decided_by) == ("suggested", None)
        assert link.reasons[0] == "Rejected before; what it rests on has changed since."
        assert all(replay.agrees for replay in replayed([link]))

    def test_a_rejected_same_utterance_is_remembered_too(self, verifier: Any) -> None:
        speaker = make.a_speaker()
        both = said(WORDS, speaker), said(AGAIN, speaker)
        suggest(*both)
        one = SameUtterance.objects.get()
        act.reject(one, seen=one.version, by=verifier)
        suggest(*both)
        assert SameUtterance.objects.get().state == "rejected"

    def test_one_rejected_by_hand_is_remembered_from_the_first_look(
        self, repeated: Any, verifier: Any
    ) -> None:
        link = act.propose(repeated[1].uid, repeated[0].uid, "repeats", by=verifier)
        act.reject(link, seen=link.version, by=verifier)
        suggest(*repeated)
        assert Link.objects.get().state == "rejected"
        assert Link.objects.get().input_hash

    def test_a_link_whose_type_was_changed_is_not_suggested_anew(self, repeated: Any, verifier: Any) -> None:
        suggest(*repeated)
        link = Link.objects.get()
        act.confirm(link, seen=link.version, by=verifier, kind="clarifies")
        suggest(*repeated)
        assert list(Link.objects.values_list("type", "state")) == [("clarifies", "confirmed")]

    @pytest.mark.parametrize("state", ["suggested", "confirmed"])
    def test_what_people_made_is_left_as_it_is(self, repeated: Any, verifier: Any, state: str) -> None:
        verb = act.make if state == "confirmed" else act.propose
        verb(repeated[1].uid, repeated[0].uid, "repeats", by=verifier, note="By me")
        before = list(Link.objects.values())
        suggest(*repeated)
        assert list(Link.objects.values()) == before


class TestReplaying:
    def test_every_kept_suggestion_is_replayed_to_its_score(self, repeated: Any) -> None:
        suggest(*repeated)
        (replay,) = replayed(list(Link.objects.all()))
        assert replay.agrees
        assert replay.same_input
        assert replay.measured_again == Link.objects.get().score

    def test_a_score_that_was_tampered_with_is_found(self, repeated: Any) -> None:
        suggest(*repeated)
        with acting(by=None, verb="links.suggest"):
            Link.objects.update(score=0.999)
        out = StringIO()
        with pytest.raises(CommandError):
            call_command("suggest_links", "--replay", stdout=out)
        assert "1 differ" in out.getvalue()


class TestOnWrite:
    def enter(self, browser: Any, statement: Any) -> Any:
        """Enter a quote of a statement through the form, as a person does."""
        article = make.an_article()
        form = {
            "statement": statement.uid,
            "article": article.url,
            "text": AGAIN,
            "kind": "direct",
            "language": "en",
        }
        answer = browser.post("/quotes/new/", form)
        assert answer.status_code == 303, answer.content.decode()[:2000]
        return answer

    def test_entering_a_quote_suggests_links_in_the_same_request(
        self, client_of: Any, reporter: Any, django_capture_on_commit_callbacks: Any
    ) -> None:
        speaker = make.a_speaker()
        earlier = said(WORDS, speaker, DAY)
        new = make.a_statement(speaker, said_on=DAY + dt.timedelta(days=30))
        with django_capture_on_commit_callbacks(execute=True):
            self.enter(client_of(reporter), new)
        assert Link.objects.values_list("source", "target", "type").get() == (new.pk, earlier.pk, "repeats")

    def test_a_failure_while_looking_breaks_no_write(
        self, client_of: Any, reporter: Any, django_capture_on_commit_callbacks: Any, monkeypatch: Any
    ) -> None:
        def fail(*args: Any) -> Any:
            raise RuntimeError("no luck")

        monkeypatch.setattr("quotes.views.quotes.for_statement", fail)
        new = make.a_statement()
        logging.disable(logging.CRITICAL)
        try:
            with django_capture_on_commit_callbacks(execute=True):
                self.enter(client_of(reporter), new)
        finally:
            logging.disable(logging.NOTSET)
        assert new.quotes.count() == 1

    def test_the_questions_do_not_grow_with_what_is_there(self, db: None) -> None:
        speaker = make.a_speaker()
        mine = said(WORDS, speaker)
        said(AGAIN, speaker)

        def asked() -> int:
            with CaptureQueriesContext(connection) as caught:
                for_statement(mine.pk)
            return len(caught)

        asked()
        few = asked()
        assert few <= 20
        for n in range(12):
            said(f"{AGAIN} Number {n}.", speaker, DAY + dt.timedelta(days=n))
        asked()  # a new outlet has a name, and names are read anew
        assert asked() == few

    def test_no_more_are_kept_than_a_person_reads(self, db: None) -> None:
        speaker = make.a_speaker()
        for n in range(12):
            said(AGAIN, speaker, DAY - dt.timedelta(days=n + 1))
        suggest(said(WORDS, speaker))
        assert Link.objects.count() == links_suggesting.MOST_OF_A_KIND

    def test_what_is_held_back_is_suggested_only_to_who_may_know(
        self, client_of: Any, reporter: Any, verifier: Any
    ) -> None:
        speaker = make.a_speaker()
        hidden = said(WORDS, speaker, DAY, record="off")
        suggest(said(AGAIN, speaker, DAY + dt.timedelta(days=30)))
        link = Link.objects.get()
        assert link.target == hidden
        for person, total in ((reporter, 0), (verifier, 1)):
            assert client_of(person).get("/links/?format=json").json()["total"] == total
        events = AuditEvent.objects.filter(table="quotes_link")
        assert not events.visible_to(reporter).exists()
        assert events.visible_to(verifier).exists()


class TestTheBatch:
    def batch(self) -> None:
        """Compare everything by hashing, as for more statements than are asked about one by one."""

        def tell(what: str, done: int, of: int) -> None:
            assert done <= of

        find_near(tell, Statement.objects.count())
        keys = list(Statement.objects.values_list("pk", flat=True))
        for found in compared_in_batches(keys, tell):
            act.suggest(found.proposals, by=None, looked_at=found.looked_at)

    def test_it_finds_what_the_write_finds(self, repeated: Any) -> None:
        speaker = make.a_speaker()
        said("The port reopens on Monday, and ferries run hourly.", speaker)
        said("The port reopens on Monday, and the ferries run hourly.", speaker)
        everything = list(Statement.objects.all())
        suggest(*everything)
        kept = [
            sorted(model.objects.values_list("source", "target", "score")) for model in (Link, SameUtterance)
        ]
        assert all(kept)
        with acting(by=None, verb="links.suggest"):
            Link.objects.all().delete()
            SameUtterance.objects.all().delete()
        self.batch()
        assert kept == [
            sorted(model.objects.values_list("source", "target", "score")) for model in (Link, SameUtterance)
        ]

    def test_the_command_says_what_it_did_and_does_nothing_twice(
        self, repeated: Any, monkeypatch: Any
    ) -> None:
        for few in (500, 0):
            monkeypatch.setattr("quotes.management.commands.suggest_links.FEW", few)
            out = StringIO()
            call_command("suggest_links", stdout=out, stderr=StringIO())
            told = out.getvalue()
            assert told.startswith("2 statements in ")
            assert f" s: {1 if few else 0} suggested, 0 brought up to date" in told
        assert Link.objects.count() == 1

    @pytest.mark.parametrize("wrong", [["--since", "yesterday"], ["--limit", "0"], ["--limit", "9" * 30]])
    def test_a_question_that_cannot_be_is_refused(self, wrong: list[str], db: None) -> None:
        with pytest.raises(CommandError):
            call_command("suggest_links", *wrong, stdout=StringIO(), stderr=StringIO())

    def test_since_a_later_day_there_is_nothing_to_do(self, repeated: Any) -> None:
        out = StringIO()
        call_command("suggest_links", "--since", "2999-01-01", stdout=out, stderr=StringIO())
        assert "0 statements" in out.getvalue()

    def test_alike_documents_share_a_key_and_others_do_not(self) -> None:
        words = list(range(1000, 1040))
        assert set(keys_of(words)) & set(keys_of([*words[:38], 7, 8]))
        assert not set(keys_of(words)) & set(keys_of(list(range(2000, 2040))))


class TestNearDuplicates:
    def test_the_likest_comes_first_whatever_is_cut_or_changed(self, db: None) -> None:
        wanted = said(
            "The grid in the northern valley will be repaired before the first snow falls this year."
        )
        for n in range(30):
            said(f"The council of town {n} will be elected before the first bell rings this spring.")
        for typed in (
            "the grid in the northern valley will be repaired before the first snow",
            "THE GRID IN THE NORTHERN VALLEY WILL SURELY BE REPAIRED BEFORE THE FIRST SNOW FALLS",
            "As he said: the grid in the northern valley will be repaired before the first snow falls this year",
        ):
            assert nearest(typed)[0].key == wanted.pk

    @pytest.mark.parametrize("text", ["", " ", "word", "!!!", "\n\n"])
    def test_a_text_without_pairs_of_words_is_near_nothing(self, text: str, db: None) -> None:
        assert nearest(text) == []
