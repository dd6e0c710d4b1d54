"""Links: proposed, made, decided on, changed, taken back; by the right people, once, and never on what is hidden."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection

from quotes.actions import links as act
from quotes.actions.audit import acting
from quotes.actions.refusals import Changed, NotAllowed, NotValid
from quotes.models import AuditEvent, Link, Statement
from quotes.tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair(db: None) -> tuple[Any, Any]:
    """Two statements of two people, each with a quote."""
    first, second = (make.a_statement(said_on=dt.date(2026, 2, day)) for day in (5, 4))
    make.a_quote(first, "The door is open.")
    make.a_quote(second, "The door is shut.")
    return first, second


def columns(link: Any) -> dict[str, Any]:
    """Everything of a link but its version and who touched it last."""
    row = type(link).objects.filter(pk=link.pk).values().get()
    return {
        name: value for name, value in row.items() if name not in ("version", "updated_at", "updated_by_id")
    }


class TestMaking:
    def test_a_reporter_proposes_and_a_verifier_confirms(
        self, pair: Any, reporter: Any, verifier: Any
    ) -> None:
        link = act.propose(pair[0].uid, pair[1].uid, "contradicts", by=reporter, note=" See both. ")
        assert (link.state, link.note, link.created_by, link.decided_by) == (
            "suggested",
            "See both.",
            reporter,
            None,
        )
        act.confirm(link, seen=link.version, by=verifier)
        assert (link.state, link.decided_by) == ("confirmed", verifier)
        assert link.decided_at is not None
        verbs = AuditEvent.objects.filter(table="quotes_link").order_by("pk").values_list("verb", flat=True)
        assert list(verbs) == ["links.propose", "links.confirm"]

    def test_every_type_can_be_made(self, pair: Any, verifier: Any) -> None:
        for kind in Link.Type.values:
            assert act.make(pair[0].uid, pair[1].uid, kind, by=verifier).state == "confirmed"
        assert Link.objects.count() == len(Link.Type.values)

    @pytest.mark.parametrize("who", ["stranger", "reader"])
    def test_who_may_not_add_links_proposes_none(self, pair: Any, who: str, request: Any) -> None:
        with pytest.raises(NotAllowed):
            act.propose(pair[0].uid, pair[1].uid, "repeats", by=request.getfixturevalue(who))
        assert not Link.objects.exists()

    def test_a_reporter_cannot_make_confirm_reject_or_change(self, pair: Any, reporter: Any) -> None:
        link = act.propose(pair[0].uid, pair[1].uid, "repeats", by=reporter)
        deeds = (
            lambda: act.make(pair[1].uid, pair[0].uid, "denies", by=reporter),
            lambda: act.confirm(link, seen=1, by=reporter),
            lambda: act.reject(link, seen=1, by=reporter),
            lambda: act.change(link, seen=1, by=reporter, kind="denies"),
        )
        for deed in deeds:
            with pytest.raises(NotAllowed):
                deed()
        assert Link.objects.values_list("state", "type").get() == ("suggested", "repeats")

    def test_a_link_to_itself_is_refused_in_a_sentence(self, pair: Any, verifier: Any) -> None:
        with pytest.raises(NotValid, match="joins two statements, and this is one"):
            act.make(pair[0].uid, pair[0].uid, "repeats", by=verifier)

    def test_a_type_that_is_none_is_refused_with_those_there_are(self, pair: Any, verifier: Any) -> None:
        with pytest.raises(NotValid, match=r"no link called “likes”\. There are: repeats, echoes"):
            act.make(pair[0].uid, pair[1].uid, "likes", by=verifier)
        with pytest.raises(NotValid, match="no link called “same_utterance”"):
            act.make(pair[0].uid, pair[1].uid, "same_utterance", by=verifier)

    def test_a_hidden_statement_is_as_one_that_is_not_there(
        self, pair: Any, reporter: Any, verifier: Any
    ) -> None:
        hidden = make.a_statement(record="off")
        with pytest.raises(NotValid) as told:
            act.propose(pair[0].uid, hidden.uid, "repeats", by=reporter)
        with pytest.raises(NotValid) as nothing:
            act.propose(pair[0].uid, "not-there", "repeats", by=reporter)
        assert told.value.sentence.replace(hidden.uid, "X") == nothing.value.sentence.replace(
            "not-there", "X"
        )
        assert act.make(pair[0].uid, hidden.uid, "repeats", by=verifier).state == "confirmed"

    def test_the_same_link_twice_is_refused_and_says_who_made_it(
        self, pair: Any, verifier: Any, second_verifier: Any
    ) -> None:
        link = act.make(pair[0].uid, pair[1].uid, "repeats", by=verifier)
        with pytest.raises(act.Contradicts, match=r"there already\. Verifier confirmed") as refused:
            act.make(pair[0].uid, pair[1].uid, "repeats", by=second_verifier)
        assert refused.value.link == link
        assert Link.objects.count() == 1

    @pytest.mark.parametrize("kind", Link.SYMMETRIC)
    def test_a_symmetric_link_is_one_whichever_end_comes_first(
        self, pair: Any, verifier: Any, kind: str
    ) -> None:
        act.make(pair[0].uid, pair[1].uid, kind, by=verifier)
        with pytest.raises(act.Contradicts, match="there already"):
            act.make(pair[1].uid, pair[0].uid, kind, by=verifier)
        assert Link.objects.count() == 1

    def test_the_other_way_round_contradicts_a_confirmed_link(self, pair: Any, verifier: Any) -> None:
        act.make(pair[0].uid, pair[1].uid, "updates_figure", by=verifier)
        with pytest.raises(act.Contradicts, match="other way round is confirmed"):
            act.make(pair[1].uid, pair[0].uid, "updates_figure", by=verifier)

    def test_an_earlier_rejection_is_said_with_who_and_why(
        self, pair: Any, verifier: Any, second_verifier: Any, reporter: Any
    ) -> None:
        link = act.propose(pair[0].uid, pair[1].uid, "contradicts", by=reporter)
        act.reject(link, seen=link.version, by=verifier, note="Two doors.")
        for by in (reporter, second_verifier):
            with pytest.raises(
                act.Contradicts, match=r"Verifier rejected .*\(Two doors\). Change that decision"
            ) as no:
                act.propose(pair[1].uid, pair[0].uid, "contradicts", by=by)
            assert no.value.link == link

    def test_joined_statements_are_one_and_cannot_be_linked(self, pair: Any, verifier: Any) -> None:
        from quotes.actions import statements

        kept = make.a_statement(pair[0].speaker, said_on=pair[0].said_on)
        make.a_quote(kept, "The door is open, he said.")
        plan = statements.plan_join(kept, pair[0])
        seen = (kept.version, pair[0].version)
        statements.join(kept, pair[0], seen=seen, shown=plan.shown, despite=True, by=verifier)
        with pytest.raises(NotValid, match="were joined: they are one statement"):
            act.make(pair[0].uid, kept.uid, "repeats", by=verifier)
        assert act.make(pair[0].uid, pair[1].uid, "echoes", by=verifier).source == kept


class TestDeciding:
    def test_confirming_as_another_type_keeps_what_it_was_suggested_as(
        self, pair: Any, verifier: Any
    ) -> None:
        link = make.a_link(*pair, "repeats", state="suggested")
        act.confirm(link, seen=link.version, by=verifier, kind="reverses")
        assert (link.state, link.type, link.score) == ("confirmed", "reverses", 0.8)

    def test_a_change_turns_round_and_leaves_the_decision(
        self, pair: Any, verifier: Any, reporter: Any
    ) -> None:
        link = act.make(pair[0].uid, pair[1].uid, "clarifies", by=verifier)
        act.change(link, seen=link.version, by=verifier, kind="responds_to", turned=True, note="After all")
        assert (link.source, link.target, link.type) == (pair[1], pair[0], "responds_to")
        assert (link.state, link.note) == ("confirmed", "After all")

    def test_a_change_into_a_link_that_is_there_is_refused(self, pair: Any, verifier: Any) -> None:
        act.make(pair[0].uid, pair[1].uid, "repeats", by=verifier)
        other = act.make(pair[0].uid, pair[1].uid, "clarifies", by=verifier)
        before = columns(other)
        with pytest.raises(act.Contradicts, match="there already"):
            act.change(other, seen=other.version, by=verifier, kind="repeats")
        assert columns(other) == before

    def test_the_second_of_two_decisions_changes_nothing_and_hears_who_was_first(
        self, pair: Any, verifier: Any, second_verifier: Any
    ) -> None:
        link = make.a_link(*pair, state="suggested")
        act.confirm(Link.objects.get(pk=link.pk), seen=link.version, by=verifier)
        before = columns(link)
        with pytest.raises(Changed, match=r"was quicker.* Verifier confirmed"):
            act.reject(link, seen=link.version, by=second_verifier)
        assert columns(link) == before

    def test_two_statements_that_may_be_one_are_never_confirmed_as_a_link(
        self, pair: Any, verifier: Any
    ) -> None:
        suggested = make.a_same_utterance(*pair)
        with pytest.raises(NotValid, match="joined, not linked"):
            act.confirm(suggested, seen=1, by=verifier)
        act.reject(suggested, seen=1, by=verifier)
        assert suggested.state == "rejected"

    def test_a_link_that_became_hidden_cannot_be_decided_on(
        self, pair: Any, verifier: Any, make_person: Any
    ) -> None:
        from django.contrib.auth.models import Permission

        link = make.a_link(*pair, state="suggested")
        half = make_person("half", "Reporter")
        half.user_permissions.add(Permission.objects.get(codename="decide_link"))
        with acting(by=verifier, verb="statements.edit"):
            Statement.objects.filter(pk=pair[1].pk).update(record="off")
        with pytest.raises(Changed):
            act.confirm(link, seen=link.version, by=type(half).objects.get(pk=half.pk))

    def test_nothing_of_a_decision_stays_when_the_log_cannot_be_written(
        self, pair: Any, verifier: Any, monkeypatch: Any
    ) -> None:
        link = make.a_link(*pair, state="suggested")
        before = columns(link)
        with connection.as_owner(), connection.cursor() as cursor:  # type: ignore[attr-defined]
            cursor.execute(
                "ALTER TABLE quotes_auditevent ADD CONSTRAINT broken CHECK (verb <> 'links.confirm')"
            )
        with pytest.raises(Exception, match="broken"):
            act.confirm(link, seen=link.version, by=verifier)
        assert columns(link) == before


class TestTakingBack:
    @pytest.mark.parametrize(
        "deed",
        [
            lambda link, by: act.confirm(link, seen=link.version, by=by, note="Yes"),
            lambda link, by: act.reject(link, seen=link.version, by=by, note="No"),
            lambda link, by: act.change(
                link, seen=link.version, by=by, kind="denies", turned=True, note="So"
            ),
            lambda link, by: act.confirm(link, seen=link.version, by=by, kind="quotes"),
        ],
    )
    def test_every_deed_is_taken_back_exactly(self, pair: Any, verifier: Any, deed: Any) -> None:
        link = make.a_link(*pair, "repeats", state="suggested", note="As it was", features={"words": 0.91})
        before = columns(link)
        deed(link, verifier)
        assert columns(link) != before
        act.undo(link, seen=link.version, by=verifier)
        assert columns(link) == before

    def test_a_rejection_after_a_confirmation_gives_the_confirmation_back(
        self, pair: Any, verifier: Any, second_verifier: Any
    ) -> None:
        link = act.make(pair[0].uid, pair[1].uid, "repeats", by=verifier)
        before = columns(link)
        act.reject(link, seen=link.version, by=second_verifier)
        act.undo(link, seen=link.version, by=second_verifier)
        assert columns(link) == before
        assert link.decided_by == verifier

    def test_a_new_link_that_is_taken_back_is_gone(self, pair: Any, reporter: Any) -> None:
        link = act.propose(pair[0].uid, pair[1].uid, "repeats", by=reporter)
        assert act.undo(link, seen=link.version, by=reporter) is None
        assert not Link.objects.exists()

    def test_only_ones_own_last_deed_can_be_taken_back(
        self, pair: Any, verifier: Any, second_verifier: Any
    ) -> None:
        link = make.a_link(*pair, state="suggested")
        act.confirm(link, seen=link.version, by=verifier)
        with pytest.raises(Changed):
            act.undo(link, seen=link.version, by=second_verifier)
        act.undo(link, seen=link.version, by=verifier)
        with pytest.raises(Changed):
            act.undo(link, seen=link.version, by=verifier)
        assert link.state == "suggested"


@pytest.mark.django_db(transaction=True)
def test_of_people_who_decide_at_once_exactly_one_is_heard(
    in_threads: Any, verifier: Any, second_verifier: Any
) -> None:
    link = make.a_link(make.a_statement(), make.a_statement(), state="suggested")
    people = [verifier, second_verifier] * 3

    def decide(number: int) -> str:
        verb = act.confirm if number % 2 else act.reject
        try:
            verb(Link.objects.get(pk=link.pk), seen=link.version, by=people[number])
        except Changed:
            return "late"
        return "heard"

    assert sorted(in_threads(decide, range(6))) == ["heard"] + ["late"] * 5
    events = AuditEvent.objects.filter(table="quotes_link", verb__in=["links.confirm", "links.reject"])
    assert events.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_people_who_link_the_same_two_at_once_exactly_one_makes_it(in_threads: Any, verifier: Any) -> None:
    first, second = make.a_statement(), make.a_statement()

    def link(number: int) -> str:
        ends = (first.uid, second.uid) if number % 2 else (second.uid, first.uid)
        try:
            act.make(*ends, "contradicts", by=verifier)
        except NotValid as refused:
            return refused.sentence[:20]
        return "made"

    told = in_threads(link, range(6))
    assert told.count("made") == 1
    assert set(told) == {"made", "That link is there a"}
    assert Link.objects.count() == 1
