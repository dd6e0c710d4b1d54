"""What the verbs of /verify/ write: one event each, nothing when refused or stale, and no field that no form names
(TRUST.md S2, S13, R2)."""

from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.urls import reverse

from quotes.actions import verify as act
from quotes.actions.audit import acting
from quotes.models import (
    AuditEvent,
    Check,
    Claim,
    Evidence,
    Quote,
    Return,
    Statement,
    Withdrawal,
)

from . import factories as make
from .checking import sent

pytestmark = pytest.mark.django_db


def address(quote: Any) -> str:
    return reverse("verify-quote", args=[quote.uid])


# --- What is written, and that it is written once -------------------------------------------------------------------


def events(since: int) -> list[tuple[str, str, str]]:
    rows = AuditEvent.objects.filter(pk__gt=since).order_by("pk")
    return [(row.verb, row.table.removeprefix("quotes_"), row.actor) for row in rows]


def last_event() -> int:
    return AuditEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({"do": "claim"}, [("verify.claim", "claim")]),
        ({}, [("verify.check", "check")]),
        (
            {"evidence-kind": "wire", "evidence-url": "https://wire.example/1"},
            [("verify.check", "evidence"), ("verify.check", "check")],
        ),
        ({"do": "disputed", "note": "Two tapes."}, [("verify.disputed", "check")]),
        ({"do": "return", "note": "Who?"}, [("verify.return", "return")]),
        ({"do": "nothing"}, []),
        ({"seen": "0" * 64}, []),
    ],
)
def test_every_write_leaves_exactly_one_event_and_a_refusal_none(
    client_of: Any, verifier: Any, fields: dict[str, str], wanted: list[tuple[str, str]]
) -> None:
    quote = make.a_held_quote()
    browser = client_of(verifier)
    before = last_event()
    browser.post(address(quote), sent(quote, **fields))
    assert events(before) == [(*row, "verifier") for row in wanted]


def test_a_check_that_ends_a_claim_says_both(client_of: Any, verifier: Any) -> None:
    quote = make.a_held_quote()
    browser = client_of(verifier)
    browser.post(address(quote), {"do": "claim"})
    before = last_event()
    browser.post(address(quote), sent(quote))
    browser.post(address(quote), {"do": "undo"})
    assert [row[:2] for row in events(before)] == [
        ("verify.check", "check"), ("verify.check", "claim"), ("verify.undo", "withdrawal"),
    ]  # fmt: skip


def test_history_of_what_is_held_back_is_held_back_for_the_new_records_too(
    verifier: Any, reporter: Any
) -> None:
    quote = make.a_held_quote(make.a_statement(record="off"))
    act.undo(make.a_check(quote, verifier), by=verifier)
    told = AuditEvent.objects.filter(table="quotes_withdrawal")
    assert told.count() == 1
    assert not AuditEvent.objects.visible_to(reporter).filter(table="quotes_withdrawal").exists()


def test_the_posts_change_no_field_that_no_form_names(client_of: Any, verifier: Any) -> None:
    """Mass assignment (S2): every field name of every model, in three spellings, on the one form."""
    quote = make.a_held_quote()
    names = {
        field.name
        for model in apps.get_app_config("quotes").get_models()
        for field in model._meta.get_fields()
    }
    spent = {name: "1" for field in names for name in (field, f"{field}_id", f"{field}__in")}
    ours = {"start", "end", "reason", "note", "seen", "version", "ruling", "order", "shown", "do", "tab"}
    before = (
        Quote.objects.filter(pk=quote.pk).values().get(),
        Statement.objects.filter(pk=quote.statement_id).values().get(),
    )
    client_of(verifier).post(
        address(quote), {**{k: v for k, v in spent.items() if k not in ours}, **sent(quote)}
    )
    after = (
        Quote.objects.filter(pk=quote.pk).values().get(),
        Statement.objects.filter(pk=quote.statement_id).values().get(),
    )
    assert before == after
    signed = Check.objects.get()
    assert (signed.by, signed.ruling, signed.note) == (verifier, None, "")


# --- Races, one for each verb: A loads, B commits, A submits (R2) ----------------------------------------------------


def changed(quote: Any, curator: Any) -> None:
    with acting(by=curator, verb="quotes.edit"):
        Quote.objects.filter(pk=quote.pk).update(cue="warned")


def claimed(quote: Any, curator: Any) -> None:
    act.claim(quote, by=curator)


def checked(quote: Any, curator: Any) -> None:
    make.a_check(quote, curator)


RACES = {
    "check after a change": (changed, {}, 409),
    "ruling after a change": (changed, {"do": "disputed", "note": "n"}, 409),
    "return after a change": (changed, {"do": "return", "note": "n"}, 409),
    "highlight after a change": (changed, {"do": "anchor", "start": "42", "end": "50"}, 409),
    "check after a claim": (claimed, {}, 423),
    "ruling after a claim": (claimed, {"do": "retracted", "note": "n"}, 423),
    "return after a claim": (claimed, {"do": "return", "note": "n"}, 423),
    "claim after a claim": (claimed, {"do": "claim"}, 423),
    "undo after a check": (checked, {"do": "undo"}, 409),
    "undo after a change": (changed, {"do": "undo"}, 409),
}


@pytest.mark.parametrize(("meanwhile", "fields", "status"), RACES.values(), ids=RACES.keys())
def test_a_stale_write_is_refused_and_what_came_before_it_stays(
    client_of: Any, verifier: Any, curator: Any, meanwhile: Any, fields: dict[str, str], status: int
) -> None:
    quote = make.a_held_quote()
    if fields.get("do") == "undo":
        make.a_check(quote, verifier)
    form = sent(quote, version=quote.version, **fields)
    meanwhile(quote, curator)
    kept = [
        list(model.objects.order_by("pk").values())
        for model in (Quote, Claim, Check, Evidence, Return, Withdrawal)
    ]
    assert client_of(verifier).post(address(quote), form).status_code == status
    assert kept == [
        list(model.objects.order_by("pk").values())
        for model in (Quote, Claim, Check, Evidence, Return, Withdrawal)
    ]


@pytest.mark.django_db(transaction=True)
def test_when_the_event_cannot_be_written_nothing_is(client_of: Any, verifier: Any) -> None:
    quote = make.a_held_quote()
    browser = client_of(verifier, raise_request_exception=False)
    form = sent(
        quote, idempotency_key="k", **{"evidence-kind": "wire", "evidence-url": "https://wire.example/1"}
    )
    with connection.as_owner(), connection.cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute(
            "ALTER TABLE quotes_auditevent ADD CONSTRAINT no_more CHECK (verb <> 'verify.check') NOT VALID"
        )
    try:
        assert browser.post(address(quote), form).status_code == 500
    finally:
        with connection.as_owner(), connection.cursor() as cursor:  # type: ignore[attr-defined]
            cursor.execute("ALTER TABLE quotes_auditevent DROP CONSTRAINT no_more")
    assert not Check.objects.exists()
    assert not Evidence.objects.exists()
    assert browser.post(address(quote), form).status_code == 303
