"""Joining and splitting statements: what moves, what is refused, who may, and how it is undone (issue 6, point 1)."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from quotes.actions import statements as act
from quotes.actions.audit import acting
from quotes.actions.joining import plan_join
from quotes.actions.refusals import Changed, NotAllowed, NotValid
from quotes.models import AuditEvent, Joining, Link, Quote, SameUtterance, SearchDoc, Standing, Statement
from quotes.tests import factories as make
from quotes.tests.htmx import parsed
from quotes.tests.joined import join, nothing_is_astray, rows, split, undo

pytestmark = pytest.mark.django_db

DAY = dt.date(2026, 2, 4)
LATER = dt.datetime(2999, 1, 1, tzinfo=dt.UTC)


@pytest.fixture
def speaker() -> Any:
    return make.a_speaker("Ada Minister")


@pytest.fixture
def pair(speaker: Any) -> tuple[Any, Any]:
    """Two statements by one speaker on one day, with a quote each."""
    two = make.a_statement(speaker, said_on=DAY), make.a_statement(speaker, said_on=DAY)
    for statement in two:
        make.a_held_quote(statement)
    return two


def preview(client: Any, kept: Any, gone: Any, **more: str) -> Any:
    return client.get(reverse("statement-join", args=[kept.uid]), {"with": gone.uid, **more})


def press(client: Any, page: Any, **more: str) -> Any:
    """Send the form of a page as it stands."""
    form = parsed(page).select_one("main form[method=post]")
    fields = {field["name"]: field.get("value", "") for field in form.select("input[type=hidden]")}
    return client.post(form["action"], {**fields, **more})


# --- what moves ---


def test_joining_moves_quotes_links_and_topics_and_leaves_a_signpost(
    verifier: Any, pair: Any, speaker: Any
) -> None:
    kept, gone = pair
    topic, other = make.a_topic(), make.a_statement(speaker)
    gone.topics.add(topic)
    link = make.a_link(gone, other, "responds_to", by=verifier)
    back = make.a_link(other, gone, "denies", by=verifier)
    join(kept, gone, by=verifier)
    assert Quote.objects.filter(statement=kept).count() == 2
    assert list(kept.topics.all()) == [topic]
    link.refresh_from_db()
    back.refresh_from_db()
    assert (link.source_id, back.target_id) == (kept.pk, kept.pk)
    gone.refresh_from_db()
    assert gone.joined_into_id == kept.pk
    assert not SearchDoc.objects.filter(pk=gone.pk).exists()
    nothing_is_astray()


def test_roots_and_reports_count_over_both_after_joining(verifier: Any, speaker: Any, client_of: Any) -> None:
    house = make.an_outlet("House")
    kept, gone = make.a_statement(speaker, said_on=DAY), make.a_statement(speaker, said_on=DAY)
    for statement in (kept, gone):
        make.a_quote(statement, article=make.an_article(make.an_outlet(owner=house)))
    join(kept, gone, by=verifier)
    told = client_of(verifier).get(reverse("statement", args=[kept.uid]), {"format": "json"}).json()
    assert (told["reports"], told["roots"] if isinstance(told["roots"], int) else len(told["roots"])) == (
        2,
        1,
    )


def test_standing_stays_with_each_quote_and_never_travels(
    verifier: Any, second_verifier: Any, curator: Any, pair: Any
) -> None:
    kept, gone = pair
    mine, moved = kept.quotes.get(), gone.quotes.get()
    for quote in (mine, moved):
        make.a_check(quote, verifier)
    make.a_check(mine, second_verifier)
    joining = join(kept, gone, by=curator)
    assert Standing.objects.get(pk=mine.pk).value == "verified"
    assert Standing.objects.get(pk=moved.pk).value == "stale", "it shows another statement than was checked"
    undo(joining, by=curator)
    assert Standing.objects.get(pk=moved.pk).value == "in_review"
    make.a_check(moved, curator)
    assert Standing.objects.get(pk=moved.pk).value == "verified", "who undid it contributed nothing"


def test_who_joined_contributed_to_what_is_shown_while_it_is_joined(verifier: Any, pair: Any) -> None:
    kept, gone = pair
    moved = gone.quotes.get()
    joining = join(kept, gone, by=verifier)
    with pytest.raises(IntegrityError, match="cannot pass it"), transaction.atomic():
        make.a_check(moved, verifier)
    undo(joining, by=verifier)
    make.a_check(moved, verifier)


def test_nobody_sheds_a_contribution_by_joining_and_undoing(verifier: Any, pair: Any) -> None:
    kept, gone = pair
    moved = gone.quotes.get()
    joining = join(kept, gone, by=verifier)
    with acting(by=verifier, verb="quotes.edit"):
        Quote.objects.filter(pk=moved.pk).update(cue="warned")
    undo(joining, by=verifier)
    with pytest.raises(IntegrityError, match="cannot pass it"), transaction.atomic():
        make.a_check(moved, verifier)


def test_a_link_that_both_have_stays_behind_and_gives_its_decision(
    verifier: Any, pair: Any, speaker: Any
) -> None:
    kept, gone = pair
    other = make.a_statement(speaker)
    like = make.a_link(kept, other, "contradicts", state="suggested")
    left = make.a_link(other, gone, "contradicts", by=verifier)
    before = rows()
    joining = join(kept, gone, by=verifier)
    like.refresh_from_db()
    assert (like.state, like.decided_by) == ("confirmed", verifier)
    assert [link.pk for link in Link.objects.visible_to(verifier)] == [like.pk]
    assert Link.objects.filter(pk=left.pk, target=gone).exists()
    undo(joining, by=verifier)
    assert rows() == before


def test_links_decided_differently_have_to_be_settled_first(verifier: Any, pair: Any, speaker: Any) -> None:
    kept, gone = pair
    other = make.a_statement(speaker)
    make.a_link(kept, other, "denies", by=verifier)
    make.a_link(gone, other, "denies", state="rejected", by=verifier)
    with pytest.raises(NotValid, match="Decide that first"):
        join(kept, gone, by=verifier, despite=True)


# --- what is refused ---


def test_different_voices_are_not_one_utterance(verifier: Any, pair: Any) -> None:
    other = make.a_statement(make.a_speaker("Somebody else"), said_on=DAY)
    with pytest.raises(NotValid, match="no role is on record by which one spoke for the other that day"):
        join(pair[0], other, by=verifier)


@pytest.mark.parametrize(("ends", "refused"), [(None, False), (dt.date(2026, 2, 3), True)])
def test_a_spokesperson_and_the_institution_are_one_voice_while_the_role_lasts(
    verifier: Any, speaker: Any, ends: Any, refused: bool
) -> None:
    office = make.a_speaker("The office", kind="institution")
    make.a_tenure(speaker, "Spokeswoman", organisation=office, speaks_for=True, ends=ends)
    kept, gone = make.a_statement(office, said_on=DAY), make.a_statement(speaker, said_on=DAY)
    if refused:
        with pytest.raises(NotValid, match="no role is on record"):
            join(kept, gone, by=verifier)
    else:
        join(kept, gone, by=verifier)


def test_one_voice_by_two_mouths_is_two_utterances(verifier: Any) -> None:
    office, one, two = make.a_speaker(kind="institution"), make.a_speaker(), make.a_speaker()
    kept = make.a_statement(office, uttered_by=one, said_on=DAY)
    with pytest.raises(NotValid, match="different mouths"):
        join(kept, make.a_statement(office, uttered_by=two, said_on=DAY), by=verifier)
    join(kept, make.a_statement(office, said_on=DAY), by=verifier)


@pytest.mark.parametrize(
    ("first", "second", "refused"),
    [
        ((DAY, "day"), (dt.date(2026, 2, 5), "day"), True),
        ((DAY, "day"), (dt.date(2026, 2, 1), "month"), False),
        ((DAY, "day"), (dt.date(2026, 1, 1), "year"), False),
        ((DAY, "day"), (dt.date(2026, 1, 1), "month"), True),
        ((dt.date(2025, 1, 1), "year"), (dt.date(2026, 1, 1), "year"), True),
        ((DAY, "day"), (None, None), False),
        ((dt.date(2026, 2, 9), "day"), (None, None), True),
    ],
)
def test_days_must_be_able_to_be_one_day(
    verifier: Any, speaker: Any, first: Any, second: Any, refused: bool
) -> None:
    kept, gone = (
        make.a_statement(speaker, said_on=day, said_on_precision=precision)
        for day, precision in (first, second)
    )
    # Published 5 Feb 2026: nothing said on the 9th can be in it.
    make.a_quote(gone)
    if refused:
        with pytest.raises(NotValid, match=r"same day|before"):
            join(kept, gone, by=verifier)
    else:
        join(kept, gone, by=verifier)


@pytest.mark.parametrize("terms", [{"record": "off"}, {"record": "background"}, {"embargoed_until": LATER}])
def test_joining_never_brings_out_what_is_held_back(verifier: Any, speaker: Any, terms: Any) -> None:
    free, held = make.a_statement(speaker, said_on=DAY), make.a_statement(speaker, said_on=DAY, **terms)
    with pytest.raises(NotValid, match=f"Keep {held.uid} instead"):
        join(free, held, by=verifier)
    join(held, free, by=verifier)


def test_undoing_never_brings_out_what_was_put_off_the_record_since(verifier: Any, pair: Any) -> None:
    joining = join(*pair, by=verifier)
    with acting(by=verifier, verb="statements.edit"):
        Statement.objects.filter(pk=pair[0].pk).update(record="off")
    with pytest.raises(NotValid, match="stricter terms since"):
        undo(joining, by=verifier)


def test_what_stands_against_it_is_named_and_has_to_be_overruled(
    verifier: Any, pair: Any, second_verifier: Any
) -> None:
    kept, gone = pair
    make.a_link(gone, kept, "contradicts", by=second_verifier)
    SameUtterance.objects.create(
        source=gone, target=kept, state="rejected", decided_by=second_verifier,
        decided_at=dt.datetime(2026, 2, 6, tzinfo=dt.UTC),
    )  # fmt: skip
    against = plan_join(kept, gone).against
    assert "contradicts" in against[0]
    assert f"rejected by {second_verifier} on 6 Feb 2026" in against[1]
    with pytest.raises(NotValid, match="stands against"):
        join(kept, gone, by=verifier)
    before = rows()
    undo(join(kept, gone, by=verifier, despite=True), by=verifier)
    assert rows() == before


def test_a_rejection_of_what_was_joined_before_is_named_too(verifier: Any, pair: Any, speaker: Any) -> None:
    third = make.a_statement(speaker, said_on=DAY)
    SameUtterance.objects.create(source=pair[1], target=third, state="rejected", decided_by=verifier)
    join(*pair, by=verifier)
    assert f"That {pair[1].uid} and {third.uid} are one" in plan_join(pair[0], third).against[0]


def test_nothing_can_be_attached_to_a_joined_statement(verifier: Any, pair: Any, speaker: Any) -> None:
    kept, gone = pair
    other = make.a_statement(speaker)
    join(kept, gone, by=verifier)
    for attach in (
        lambda: make.a_quote(gone),
        lambda: make.a_link(gone, other),
        lambda: make.a_link(other, gone),
    ):
        with pytest.raises(IntegrityError, match="nothing can be attached"), transaction.atomic():
            attach()
    with pytest.raises(IntegrityError, match="nothing can be attached"), transaction.atomic():
        Quote.objects.filter(statement=kept).update(statement=gone)


def test_sql_cannot_join_a_statement_that_has_quotes(pair: Any) -> None:
    with pytest.raises(IntegrityError, match="still has quotes"), transaction.atomic():
        Statement.objects.filter(pk=pair[1].pk).update(joined_into=pair[0])


def test_what_was_moved_cannot_be_rewritten(verifier: Any, pair: Any) -> None:
    joining = join(*pair, by=verifier)
    for change in ({"moved": {}}, {"hashes": {}}, {"undone_at": LATER}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Joining.objects.filter(pk=joining.pk).update(**change)


# --- undo, and what was done since ---


def test_a_quote_edited_since_goes_back_with_its_edit(verifier: Any, pair: Any) -> None:
    joining = join(*pair, by=verifier)
    moved = joining.moved["quotes"][0]
    Quote.objects.filter(pk=moved).update(cue="warned")
    newer = make.a_quote(pair[0])
    undo(joining, by=verifier)
    assert Quote.objects.get(pk=moved).cue == "warned"
    assert Quote.objects.get(pk=moved).statement_id == pair[1].pk
    assert Quote.objects.get(pk=newer.pk).statement_id == pair[0].pk


def test_an_undo_that_a_later_deed_stands_in_the_way_of_names_it(
    verifier: Any, pair: Any, speaker: Any
) -> None:
    first = join(*pair, by=verifier)
    off = split(pair[0], Quote.objects.filter(pk__in=first.moved["quotes"]), "split-off", by=verifier)
    with pytest.raises(NotValid, match=r"to split-off\. Undo that first"):
        undo(first, by=verifier)
    undo(off, by=verifier)
    third = make.a_statement(speaker, said_on=DAY)
    second = join(third, pair[0], by=verifier)
    with pytest.raises(NotValid, match=f"itself joined into {third.uid}"):
        undo(first, by=verifier)
    undo(second, by=verifier)
    undo(first, by=verifier)
    with pytest.raises(Changed, match="already"):
        undo(first, by=verifier)


def test_a_split_that_was_worked_on_is_not_taken_away(verifier: Any, pair: Any) -> None:
    make.a_held_quote(pair[0])
    off = split(pair[0], [pair[0].quotes.first()], "split-off", by=verifier)
    added = make.a_quote(Statement.objects.get(uid="split-off"))
    make.a_link(pair[1], Statement.objects.get(uid="split-off"), by=verifier)
    with pytest.raises(NotValid, match=f"quote {added.uid} was entered on it; it has a link"):
        undo(off, by=verifier)


# --- who may, twice, at once ---


@pytest.mark.parametrize(
    ("who", "status"), [("reader", 403), ("reporter", 403), ("verifier", 200), ("curator", 200)]
)
def test_only_who_may_join_is_let_in(
    request: Any, client_of: Any, pair: Any, verifier: Any, who: str, status: int
) -> None:
    if who != "verifier":
        person = request.getfixturevalue(who)
    else:
        person = verifier
    client = client_of(person)
    make.a_held_quote(pair[0])
    done = split(pair[0], [pair[0].quotes.first()], "split-off", by=verifier)
    before = rows()
    addresses = [
        f"{reverse('statement-join', args=[pair[0].uid])}?with={pair[1].uid}",
        reverse("statement-split", args=[pair[0].uid]),
        reverse("statement-undo", args=[pair[0].uid, done.pk]),
    ]
    for address in addresses:
        assert client.get(address).status_code == status
        assert client.delete(address).status_code == 405
    if status == 403:
        assert [client.post(address).status_code for address in addresses] == [403] * 3
        assert rows() == before
        with pytest.raises(NotAllowed):
            act.undo(done, by=person)


def test_a_joining_is_one_transaction_with_its_events(verifier: Any, pair: Any) -> None:
    join(*pair, by=verifier)
    events = AuditEvent.objects.filter(verb="statements.join")
    assert set(events.values_list("table", flat=True)) == {
        "quotes_joining",
        "quotes_quote",
        "quotes_statement",
    }
    assert set(events.values_list("actor", flat=True)) == {verifier.username}
    assert "hashes" not in json.loads(events.get(table="quotes_joining").after)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_join_one_statement_elsewhere_only_one_does(
    in_threads: Any, verifier: Any, speaker: Any
) -> None:
    one, two, gone = (make.a_statement(speaker, said_on=DAY) for _ in range(3))
    make.a_quote(gone)

    def go(kept: Any) -> str:
        try:
            join(kept, gone, by=verifier)
        except (NotValid, Changed) as refused:
            return type(refused).__name__
        return "joined"

    assert sorted(in_threads(go, [one, two]))[-1] == "joined"
    assert Joining.objects.count() == 1
