"""The pages on which statements are joined and split: led on, previewed, chosen, undone (issue 6, point 1)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from quotes.actions.audit import acting
from quotes.actions.refusals import NotValid
from quotes.models import AuditEvent, Joining, Statement
from quotes.tests import factories as make
from quotes.tests.htmx import keeps_the_three_laws, parsed
from quotes.tests.joined import join, split, undo

from .test_joining import DAY, pair, press, preview, speaker

pytestmark = pytest.mark.django_db

__all__ = ["pair", "speaker"]


# --- the pages ---


def test_the_old_address_leads_to_the_statement_kept(verifier: Any, verifying: Any, pair: Any) -> None:
    kept, gone = pair
    join(kept, gone, by=verifier)
    answer = verifying.get(f"/statements/{gone.uid}/", {"format": "json"})
    assert (answer.status_code, answer["Location"]) == (302, f"/statements/{kept.uid}/?format=json")
    assert verifying.get(f"/statements/{gone.uid}/join/").status_code == 404


def test_the_address_of_a_split_that_was_undone_leads_back(verifier: Any, verifying: Any, pair: Any) -> None:
    make.a_held_quote(pair[0])
    undo(split(pair[0], [pair[0].quotes.first()], "split-off", by=verifier), by=verifier)
    assert verifying.get("/statements/split-off/")["Location"] == f"/statements/{pair[0].uid}/"


def test_nobody_is_led_to_or_from_what_is_held_back(
    verifier: Any, client_of: Any, reader: Any, speaker: Any
) -> None:
    held = make.a_statement(speaker, said_on=DAY, record="off")
    free = make.a_statement(speaker, said_on=DAY)
    other = make.a_statement(speaker, said_on=DAY, record="off")
    join(held, free, by=verifier)
    join(held, other, by=verifier)
    reading = client_of(reader)
    assert {reading.get(f"/statements/{uid}/").status_code for uid in (held.uid, free.uid, other.uid)} == {
        404
    }
    assert client_of(verifier).get(f"/statements/{free.uid}/").status_code == 302
    assert (
        not AuditEvent.objects.visible_to(reader)
        .filter(statement_pk__in=[held.pk, free.pk, other.pk])
        .exists()
    )


@pytest.mark.parametrize("hidden", ["other", "first"])
@pytest.mark.parametrize(
    "terms", [{"record": "off"}, {"embargoed_until": dt.datetime(2999, 1, 1, tzinfo=dt.UTC)}]
)
def test_one_of_two_that_were_split_tells_nothing_of_the_other_that_is_held_back(
    verifier: Any, reader: Any, client_of: Any, verifying: Any, pair: Any, hidden: str, terms: dict[str, Any]
) -> None:
    first = pair[0]
    make.a_quote(first)
    split(first, [first.quotes.first()], "split-off", by=verifier)
    uids = {"other": "split-off", "first": first.uid}
    with acting(by=verifier, verb="statements.hold"):
        Statement.objects.filter(uid=uids.pop(hidden)).update(**terms)
    hidden_uid = {"other": "split-off", "first": first.uid}[hidden]
    (seen,) = uids.values()
    for address in (
        f"/statements/{seen}/",
        f"/statements/{seen}/?format=json",
        "/activity/",
        f"/statements/{seen}/receipt/",
    ):
        assert hidden_uid not in client_of(reader).get(address).content.decode(), address
    assert hidden_uid in verifying.get(f"/statements/{seen}/").content.decode()


def test_a_joined_statement_is_in_no_list(verifier: Any, verifying: Any, pair: Any, speaker: Any) -> None:
    join(*pair, by=verifier)
    found = verifying.get(reverse("search"), {"q": "war", "format": "json"}).json()
    assert [row["uid"] for row in found["results"]] == [pair[0].uid]
    page = parsed(verifying.get(reverse("speaker", args=[speaker.slug])))
    assert [row["data-uid"] for row in page.select("#statements [data-uid]")] == [pair[0].uid]


def test_the_preview_keeps_the_three_laws(verifying: Any, pair: Any) -> None:
    kept, gone = pair
    before = f"/statements/{kept.uid}/join/?with={gone.uid}"
    keeps_the_three_laws(verifying, before, f"{before}&keep={gone.uid}", "#join")


def test_the_other_one_can_be_kept_instead(verifying: Any, pair: Any) -> None:
    kept, gone = pair
    assert press(verifying, preview(verifying, kept, gone, keep=gone.uid)).status_code == 303
    assert Statement.objects.get(pk=kept.pk).joined_into_id == gone.pk


@pytest.mark.parametrize("named", ["no-such-one", "x", "Not A Uid", "\u0661\u0662\u0663"])
def test_an_other_that_is_not_there_is_said(verifying: Any, pair: Any, named: str) -> None:
    answer = verifying.get(reverse("statement-join", args=[pair[0].uid]), {"with": named})
    assert answer.status_code == 422
    assert parsed(answer).select_one("main [role=alert]")


def test_a_hidden_other_is_not_there_for_who_may_not_know_of_it(
    make_person: Any, client_of: Any, pair: Any, speaker: Any
) -> None:
    from django.contrib.auth.models import Permission

    person = make_person("joiner", "Reporter")
    person.user_permissions.add(Permission.objects.get(codename="join_statement"))
    held = make.a_statement(speaker, said_on=DAY, record="off")
    answer = preview(client_of(person), pair[0], held)
    assert answer.status_code == 422
    assert f"There is no statement {held.uid}" in answer.content.decode()
    assert held.gist not in answer.content.decode()


def test_near_statements_by_the_speaker_are_offered(verifying: Any, pair: Any, speaker: Any) -> None:
    make.a_statement(speaker, said_on=dt.date(2020, 1, 1))
    page = parsed(verifying.get(reverse("statement-join", args=[pair[0].uid])))
    assert [link["href"] for link in page.select(".jn-o a")] == [f"?with={pair[1].uid}"]


def test_quotes_are_chosen_and_split_off_on_the_page(verifying: Any, verifier: Any, pair: Any) -> None:
    moving = make.a_held_quote(pair[0])
    address = reverse("statement-split", args=[pair[0].uid])
    page = verifying.get(address)
    refused = press(verifying, page, uid="the-other", gist="Another one.")
    assert refused.status_code == 422
    assert "Choose the quotes" in parsed(refused).select_one("main [role=alert]").text
    answer = press(verifying, refused, quotes=moving.uid, uid="the-other", gist="Another one.")
    assert (answer.status_code, answer["Location"]) == (303, "/statements/the-other/#same")
    other = Statement.objects.get(uid="the-other")
    assert (other.speaker_id, other.said_on, other.record) == (pair[0].speaker_id, DAY, "on")
    back = parsed(verifying.get("/statements/the-other/")).select_one("#same li a[href$='/undo/']")["href"]
    assert press(verifying, verifying.get(back)).status_code == 303
    assert not Statement.objects.filter(uid="the-other").exists()


@pytest.mark.parametrize("uid", ["A", "statement one", "../x", ""])
def test_a_uid_that_is_none_is_refused_with_the_form_kept(verifying: Any, pair: Any, uid: str) -> None:
    moving = make.a_held_quote(pair[0])
    page = verifying.get(reverse("statement-split", args=[pair[0].uid]))
    answer = press(verifying, page, quotes=moving.uid, uid=uid, gist="Kept as typed.")
    assert answer.status_code == 422
    again = parsed(answer)
    assert again.select_one("#id_gist")["value"] == "Kept as typed."
    assert again.select_one(f"input[value={moving.uid}]").has_attr("checked")


def test_a_uid_that_is_taken_is_refused(verifier: Any, pair: Any) -> None:
    make.a_held_quote(pair[0])
    with pytest.raises(NotValid, match="is taken"):
        split(pair[0], [pair[0].quotes.first()], pair[1].uid, by=verifier)


def test_the_preview_asks_as_often_for_two_quotes_as_for_twenty(verifying: Any, pair: Any) -> None:
    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert preview(verifying, *pair).status_code == 200
        return len(queries)

    asked()
    few = asked()
    for _ in range(18):
        make.a_quote(pair[1])
    assert asked() == few


def test_what_was_joined_is_told_on_the_statement(verifying: Any, verifier: Any, pair: Any) -> None:
    joining = join(*pair, by=verifier)
    page: BeautifulSoup = parsed(verifying.get(f"/statements/{pair[0].uid}/"))
    told = page.select_one("#same")
    assert pair[1].uid in told.text
    assert told.select_one("li a")["href"] == reverse("statement-undo", args=[pair[0].uid, joining.pk])


def test_a_stranger_is_led_to_sign_in(client: Any, pair: Any) -> None:
    assert preview(client, *pair).status_code == 302


def test_pressing_join_twice_joins_once(verifying: Any, pair: Any) -> None:
    page = preview(verifying, *pair)
    first, second = press(verifying, page), press(verifying, page)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first["Location"] == second["Location"] == f"/statements/{pair[0].uid}/#same"
    assert Joining.objects.count() == 1


def test_what_changed_after_the_preview_is_shown_before_it_is_joined(verifying: Any, pair: Any) -> None:
    page = preview(verifying, *pair)
    newer = make.a_quote(pair[1])
    answer = press(verifying, page)
    assert answer.status_code == 409
    assert parsed(answer).select_one(f"[data-uid={newer.uid}]")
    assert not Joining.objects.exists()
    assert press(verifying, answer).status_code == 303
