"""Merging speakers: what moves, what is refused, who may, how it is undone, and who is suggested (issue 6, point 7)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from quotes.actions import speakers as act
from quotes.actions.refusals import Changed, NotAllowed, NotValid
from quotes.models import AuditEvent, Merging, Speaker, SpeakerName, Standing, Statement, Tenure
from quotes.search.duplicates import duplicates
from quotes.tests import factories as make
from quotes.tests.htmx import get_part, parsed, swapped, told
from quotes.tests.joined import merge, nothing_is_astray, rows, undo

pytestmark = pytest.mark.django_db

DAY = dt.date(2026, 2, 4)


@pytest.fixture
def pair() -> tuple[Any, Any]:
    """Somebody who was entered twice: the one to be given up, and the one to be kept."""
    return make.a_speaker("Volodimir Zelenskij", names={"Зеленский": "ru"}), make.a_speaker(
        "Volodymyr Zelenskyy", names={"Зеленський": "uk"}
    )


def press(client: Any, page: Any, **more: str) -> Any:
    """Send the form of a page as it stands."""
    form = parsed(page).select_one("main form[method=post]")
    fields = {field["name"]: field.get("value", "") for field in form.select("input[type=hidden]")}
    return client.post(form["action"], {**fields, **more})


def preview(client: Any, gone: Any, kept: Any) -> Any:
    return client.get(reverse("speaker-merge", args=[gone.slug]), {"into": kept.slug})


# --- what moves ---


def test_everything_of_the_one_given_up_is_the_others(verifier: Any, pair: Any) -> None:
    gone, kept = pair
    office = make.a_speaker("Office", kind="institution")
    own = make.a_statement(gone)
    lent = make.a_statement(office, uttered_by=gone)
    role = make.a_tenure(gone, "President", organisation=office)
    before = rows()
    merging = merge(gone, kept, by=verifier)
    assert Statement.objects.get(pk=own.pk).speaker_id == kept.pk
    assert Statement.objects.get(pk=lent.pk).uttered_by_id == kept.pk
    assert Tenure.objects.get(pk=role.pk).person_id == kept.pk
    assert set(kept.names.values_list("text", flat=True)) == {"Зеленський", "Зеленский"}
    nothing_is_astray()
    undo(merging, by=verifier)
    assert rows() == before


def test_offices_of_an_institution_go_with_it(verifier: Any) -> None:
    gone, kept = (make.a_speaker("Kremlin", kind="institution") for _ in range(2))
    peskov = make.a_speaker("Peskov")
    role = make.a_tenure(peskov, "Spokesman", organisation=gone, speaks_for=True)
    said = make.a_statement(peskov, said_on=DAY)
    merge(gone, kept, by=verifier)
    assert Tenure.objects.get(pk=role.pk).organisation_id == kept.pk
    assert list(Statement.objects.of_speaker(kept)) == [said]


def test_a_spelling_and_a_role_that_both_have_stay_behind(verifier: Any, pair: Any) -> None:
    gone, kept = pair
    for speaker in pair:
        SpeakerName.objects.create(speaker=speaker, text="ゼレンスキー", language="ja", kind="official")
        make.a_tenure(speaker, "President", starts=DAY)
    before = rows()
    merging = merge(gone, kept, by=verifier)
    assert kept.names.filter(language="ja").count() == 1
    assert kept.tenures.count() == 1
    undo(merging, by=verifier)
    assert rows() == before


def test_checks_count_no_more_while_another_name_is_shown(
    verifier: Any, second_verifier: Any, curator: Any, pair: Any
) -> None:
    quote = make.a_held_quote(make.a_statement(pair[0], said_on=DAY))
    make.a_check(quote, verifier)
    make.a_check(quote, second_verifier)
    merging = merge(*pair, by=curator)
    assert Standing.objects.get(pk=quote.pk).value == "stale"
    undo(merging, by=curator)
    assert Standing.objects.get(pk=quote.pk).value == "verified"


# --- what is refused ---


@pytest.mark.parametrize(
    ("gone", "kept", "why"),
    [
        ({}, {"kind": "institution"}, "of the kind"),
        ({"wikidata_id": "Q1"}, {"wikidata_id": "Q2"}, "Wikidata knows them as two"),
        ({"kind": "office", "country": "UA"}, {"kind": "office", "country": "RU"}, "is of UA"),
    ],
)
def test_two_who_cannot_be_one_are_refused(verifier: Any, gone: Any, kept: Any, why: str) -> None:
    one, two = make.a_speaker(**gone), make.a_speaker(**kept)
    before = rows()
    with pytest.raises(NotValid, match=why):
        merge(one, two, by=verifier)
    assert rows() == before


def test_one_who_speaks_for_the_other_is_another(verifier: Any) -> None:
    one, two = make.a_speaker(kind="institution"), make.a_speaker(kind="institution")
    make.a_tenure(one, "Secretariat", organisation=two)
    with pytest.raises(NotValid, match="holds a role at the other"):
        merge(one, two, by=verifier)
    three = make.a_speaker(kind="institution")
    make.a_statement(two, uttered_by=three)
    with pytest.raises(NotValid, match="the mouth of the other"):
        merge(three, two, by=verifier)


def test_nobody_is_merged_twice_or_into_themselves_or_in_a_ring(verifier: Any, pair: Any) -> None:
    gone, kept = pair
    with pytest.raises(NotValid, match="into itself"):
        merge(gone, gone, by=verifier)
    merge(gone, kept, by=verifier)
    for one, two in ((gone, kept), (kept, gone), (gone, make.a_speaker())):
        with pytest.raises(NotValid, match="already"):
            merge(one, two, by=verifier)


def test_nothing_can_be_attached_to_a_merged_speaker(verifier: Any, pair: Any) -> None:
    gone, kept = pair
    merge(gone, kept, by=verifier)
    mine, office = make.a_statement(kept), make.a_speaker(kind="institution")
    role = make.a_tenure(kept, "Minister")
    for attach in (
        lambda: make.a_statement(gone),
        lambda: make.a_statement(office, uttered_by=gone),
        lambda: make.a_tenure(gone, "President"),
        lambda: make.a_tenure(kept, "Aide", organisation=gone),
        lambda: SpeakerName.objects.create(speaker=gone, text="Z", language="en", kind="alias"),
        lambda: Statement.objects.filter(pk=mine.pk).update(speaker=gone),
        lambda: Statement.objects.filter(pk=mine.pk).update(uttered_by=gone),
        lambda: Tenure.objects.filter(pk=role.pk).update(person=gone),
        lambda: kept.names.update(speaker=gone),
    ):
        with pytest.raises(IntegrityError, match="nothing can be attached"), transaction.atomic():
            attach()


def test_sql_cannot_merge_a_speaker_that_has_statements(pair: Any) -> None:
    make.a_statement(pair[0])
    with pytest.raises(IntegrityError, match="still has statements"), transaction.atomic():
        Speaker.objects.filter(pk=pair[0].pk).update(redirects_to=pair[1])


# --- undo, and what was done since ---


def test_what_was_credited_to_a_third_since_stays_so(verifier: Any, pair: Any) -> None:
    gone, kept = pair
    one, two = make.a_statement(gone), make.a_statement(gone)
    merging = merge(gone, kept, by=verifier)
    third, newer = make.a_speaker(), make.a_statement(kept)
    Statement.objects.filter(pk=one.pk).update(speaker=third)
    told_back = act.unmerge(merging, by=verifier)
    assert (told_back.statements, told_back.elsewhere) == (1, 1)
    speakers = dict(Statement.objects.values_list("pk", "speaker"))
    assert (speakers[one.pk], speakers[two.pk], speakers[newer.pk]) == (third.pk, gone.pk, kept.pk)


def test_an_undo_that_a_later_merging_stands_in_the_way_of_names_it(verifier: Any, pair: Any) -> None:
    third = make.a_speaker("Third")
    first = merge(*pair, by=verifier)
    second = merge(pair[1], third, by=verifier)
    with pytest.raises(NotValid, match="was itself merged into Third since"):
        undo(first, by=verifier)
    undo(second, by=verifier)
    undo(first, by=verifier)
    with pytest.raises(Changed, match="already"):
        undo(first, by=verifier)


# --- who may, twice, at once ---


@pytest.mark.parametrize(
    ("who", "status"), [("reader", 403), ("reporter", 403), ("second_verifier", 200), ("curator", 200)]
)
def test_only_who_may_merge_is_let_in(
    request: Any, client_of: Any, verifier: Any, pair: Any, who: str, status: int
) -> None:
    person = request.getfixturevalue(who)
    client = client_of(person)
    done = merge(make.a_speaker(), pair[1], by=verifier)
    before = rows()
    addresses = [
        f"{reverse('speaker-merge', args=[pair[0].slug])}?into={pair[1].slug}",
        reverse("speaker-undo", args=[pair[1].slug, done.pk]),
        reverse("duplicates"),
    ]
    for address in addresses:
        assert client.get(address).status_code == status
        assert client.delete(address).status_code == 405
    if status == 403:
        assert [client.post(address).status_code for address in addresses] == [403] * 3
        for deed in (lambda: merge(*pair, by=person), lambda: act.unmerge(done, by=person)):
            with pytest.raises(NotAllowed):
                deed()
        with pytest.raises(NotAllowed):
            act.tell_apart(*pair, by=person)
        assert rows() == before


def test_pressing_merge_twice_merges_once(verifying: Any, pair: Any) -> None:
    page = preview(verifying, *pair)
    first, second = press(verifying, page), press(verifying, page)
    assert [first.status_code, second.status_code] == [303, 303]
    assert first["Location"] == f"/speakers/{pair[1].slug}/#merged"
    assert Merging.objects.count() == 1


def test_a_speaker_changed_since_the_preview_is_looked_at_again(verifying: Any, pair: Any) -> None:
    page = preview(verifying, *pair)
    Speaker.objects.filter(pk=pair[0].pk).update(description="Somebody else altogether.")
    answer = press(verifying, page)
    assert answer.status_code == 409
    assert "Somebody else altogether." in answer.content.decode()
    assert not Merging.objects.exists()
    assert press(verifying, answer).status_code == 303


def test_a_merging_is_one_transaction_with_its_events(verifier: Any, pair: Any) -> None:
    make.a_statement(pair[0])
    merge(*pair, by=verifier)
    events = AuditEvent.objects.filter(verb="speakers.merge")
    assert set(events.values_list("table", flat=True)) == {
        "quotes_merging", "quotes_statement", "quotes_speaker", "quotes_speakername",
    }  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_merging_and_attaching_take_turns(in_threads: Any, verifier: Any) -> None:
    gone, kept = make.a_speaker(), make.a_speaker()

    def go(deed: str) -> str:
        try:
            if deed == "merge":
                merge(gone, kept, by=verifier)
            else:
                make.a_statement(gone)
        except (IntegrityError, NotValid, Changed):
            return "refused"
        return deed

    done = in_threads(go, ["merge", "attach", "attach"])
    assert "merge" in done
    nothing_is_astray()


# --- the pages ---


def test_the_old_address_leads_to_the_one_kept_and_its_page_tells_of_it(
    verifier: Any, verifying: Any, pair: Any
) -> None:
    gone, kept = pair
    merging = merge(gone, kept, by=verifier)
    assert verifying.get(f"/speakers/{gone.slug}/")["Location"] == f"/speakers/{kept.slug}/"
    section = parsed(verifying.get(f"/speakers/{kept.slug}/")).select_one("#merged")
    assert "Volodimir Zelenskij" in section.text
    back = section.select_one("a[href$='/undo/']")["href"]
    assert back == reverse("speaker-undo", args=[kept.slug, merging.pk])
    answer = press(verifying, verifying.get(back))
    assert (answer.status_code, answer["Location"]) == (303, f"/speakers/{gone.slug}/")
    assert verifying.get(answer["Location"]).status_code == 200


@pytest.mark.parametrize("words", ["said:Zelenskij", "said:Зеленский"])
def test_searching_the_old_name_finds_the_one_kept(
    verifier: Any, verifying: Any, pair: Any, words: str
) -> None:
    statement = make.a_statement(pair[0])
    make.a_quote(statement)
    merge(*pair, by=verifier)
    found = verifying.get(reverse("search"), {"q": words, "format": "json"}).json()
    assert [(row["uid"], row["speaker"]) for row in found["results"]] == [
        (statement.uid, "Volodymyr Zelenskyy")
    ]


@pytest.mark.parametrize("named", ["no-such-one", "No Slug", "١"])
def test_an_other_that_is_not_there_is_said(verifying: Any, pair: Any, named: str) -> None:
    answer = verifying.get(reverse("speaker-merge", args=[pair[0].slug]), {"into": named})
    assert answer.status_code == 422
    assert parsed(answer).select_one("main [role=alert]")


def test_a_preview_counts_only_what_one_may_know_of(make_person: Any, client_of: Any, pair: Any) -> None:
    from django.contrib.auth.models import Permission

    person = make_person("merger", "Reporter")
    person.user_permissions.add(Permission.objects.get(codename="merge_speaker"))
    make.a_statement(pair[0], record="off")
    make.a_statement(pair[0])
    assert "1 statement." in " ".join(
        parsed(preview(client_of(person), *pair)).select_one(".jn-w").text.split()
    )


# --- who may be one ---


@pytest.mark.parametrize(
    ("one", "two", "why"),
    [
        ("Zelenskyy, Volodymyr", "zelenskyy volodymyr", "Written"),
        ("Volodymyr Zelenskyy", "Володимир Зеленський", "read alike"),
        ("Dmitry Peskov", "Дмитрий Песков", "read alike"),
    ],
)
def test_who_is_written_or_reads_alike_is_suggested(reader: Any, one: str, two: str, why: str) -> None:
    make.a_speaker(one)
    make.a_speaker(two)
    make.a_speaker("Rustem Umerov")
    make.a_speaker(one, kind="institution")
    (pair,) = duplicates(reader).pairs
    assert {pair.kept.name, pair.gone.name} == {one, two}
    assert why in pair.reasons[0]


def test_who_holds_one_role_from_one_day_is_suggested(reader: Any) -> None:
    office = make.a_speaker("Office", kind="institution")
    for name in ("Ada", "A. Lovelace"):
        make.a_tenure(make.a_speaker(name), "Minister", organisation=office, starts=DAY)
    (pair,) = duplicates(reader).pairs
    assert pair.reasons == ["Both are Minister since 4 Feb 2026."]


def test_who_was_told_apart_is_suggested_no_more(verifying: Any, verifier: Any) -> None:
    one, two = make.a_speaker("Kim Jong"), make.a_speaker("Kim Jong")
    page = parsed(verifying.get(reverse("duplicates")))
    assert page.select_one(f"[data-pair='{one.slug} {two.slug}']")
    address = reverse("duplicates")
    fields = {"do": "apart", "first": one.slug, "second": two.slug, "note": "Father and son."}
    assert verifying.post(address, fields).status_code == 303
    assert duplicates(verifier).total == 0
    with pytest.raises(NotValid, match="stands against"):
        merge(one, two, by=verifier)
    assert "Father and son." in preview(verifying, one, two).content.decode()
    assert verifying.post(address, {**fields, "do": "again"}).status_code == 303
    assert duplicates(verifier).total == 1


def test_telling_apart_by_swap_gives_the_list_as_a_reload_would(verifying: Any) -> None:
    speakers = [make.a_speaker("Kim Jong"), make.a_speaker("Kim Jong"), make.a_speaker("Kim Jong")]
    address = reverse("duplicates")
    before = parsed(verifying.get(address))
    fields = {"do": "apart", "first": speakers[0].slug, "second": speakers[1].slug}
    answer = verifying.post(address, fields, headers={"HX-Request": "true"})
    fragment = parsed(answer)
    assert fragment.find(["html", "main"]) is None
    after = parsed(verifying.get(address)).select_one("#pairs")
    assert told(swapped(before, fragment, "#pairs")) == told(after)
    assert get_part(verifying, address).status_code == 200


@pytest.mark.parametrize("fields", [{}, {"do": "apart", "first": "x", "second": "y"}, {"do": "boom"}])
def test_a_pair_that_is_not_there_is_said(verifying: Any, fields: Any) -> None:
    assert verifying.post(reverse("duplicates"), fields).status_code == 422


def test_duplicates_ask_as_often_for_one_pair_as_for_twenty(verifying: Any) -> None:
    def asked() -> int:
        verifying.get(reverse("duplicates"))
        with CaptureQueriesContext(connection) as queries:
            assert verifying.get(reverse("duplicates")).status_code == 200
        return len(queries)

    for _ in range(2):
        make.a_speaker("Somebody Twice")
    few = asked()
    for number in range(20):
        for _ in range(2):
            make.a_speaker(f"Somebody Else {number}")
    assert asked() == few
