"""Every road to “verified” with fewer than two entitled people who did not contribute, tried through the pages and
through SQL with the app's role (TRUST.md S1, S2, R2, S13). The roads through models are in test_standing."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.urls import reverse

from quotes.actions import verify as act
from quotes.actions.audit import acting
from quotes.models import (
    Check,
    Quote,
    Speaker,
)

from . import factories as make
from .checking import sent, standing

pytestmark = pytest.mark.django_db


def address(quote: Any) -> str:
    return reverse("verify-quote", args=[quote.uid])


class People:
    """Who walks the roads: browsers by name."""

    def __init__(self, client_of: Any, **people: Any) -> None:
        self.people = people
        self.browsers = {name: client_of(person) for name, person in people.items()}

    def post(self, name: str, quote: Any, **fields: Any) -> int:
        form = {**sent(quote), **fields}
        return self.browsers[name].post(address(quote), form).status_code


# --- Roads through the pages ---------------------------------------------------------------------------------------


def by_its_author(people: People) -> Any:
    quote = make.a_held_quote(by=people.people["verifier"])
    people.post("verifier", quote)
    people.post("curator", quote)
    return quote


def by_its_last_editor(people: People) -> Any:
    quote = make.a_held_quote()
    with acting(by=people.people["verifier"], verb="quotes.edit"):
        Quote.objects.filter(pk=quote.pk).update(cue="warned")
    people.post("verifier", quote)
    people.post("curator", quote)
    return quote


def by_a_past_contributor(people: People) -> Any:
    quote = make.a_held_quote()
    for name, cue in (("verifier", "warned"), ("reporter", "added")):
        with acting(by=people.people[name], verb="quotes.edit"):
            Quote.objects.filter(pk=quote.pk).update(cue=cue)
    people.post("verifier", quote)
    people.post("curator", quote)
    return quote


def by_who_moved_the_highlight(people: People) -> Any:
    quote = make.a_held_quote()
    people.post("verifier", quote, do="anchor", start=quote.start, end=quote.end - 1, version=quote.version)
    people.post("verifier", quote)
    people.post("curator", quote)
    return quote


def by_who_edited_the_persons_name(people: People) -> Any:
    quote = make.a_held_quote()
    with acting(by=people.people["verifier"], verb="speakers.edit"):
        Speaker.objects.filter(pk=quote.statement.speaker_id).update(name="A better name")
    people.post("verifier", quote)
    people.post("curator", quote)
    return quote


def by_one_person_twice(people: People) -> Any:
    quote = make.a_held_quote()
    people.post("verifier", quote)
    people.post("verifier", quote, note="again")
    return quote


def by_one_form_sent_twice(people: People) -> Any:
    quote = make.a_held_quote()
    for _ in range(2):
        people.post("verifier", quote, idempotency_key="one")
    return quote


def by_one_form_with_two_keys(people: People) -> Any:
    quote = make.a_held_quote()
    for key in ("one", "two"):
        people.post("verifier", quote, idempotency_key=key)
    return quote


def by_an_old_form_after_a_change(people: People) -> Any:
    quote = make.a_held_quote()
    old = sent(quote)
    people.post("curator", quote)
    Quote.objects.filter(pk=quote.pk).update(cue="warned")
    people.browsers["verifier"].post(address(quote), old)
    people.browsers["curator"].post(address(quote), old)
    return quote


def by_taking_back_and_signing_again(people: People) -> Any:
    quote = make.a_held_quote()
    for _ in range(2):
        people.post("verifier", quote)
        people.browsers["verifier"].post(address(quote), {"do": "undo"})
    people.post("verifier", quote)
    return quote


def by_taking_back_the_fail_of_another(people: People) -> Any:
    quote = make.a_held_quote()
    people.post("verifier", quote)
    people.post("curator", quote)
    people.post("second", quote, **{"axis-context": "fail"})
    for name in ("verifier", "curator"):
        people.browsers[name].post(address(quote), {"do": "undo"})
    return quote


def by_people_without_the_right(people: People) -> Any:
    quote = make.a_held_quote()
    for name in ("reader", "reporter", "stranger"):
        assert people.post(name, quote) == 403
    return quote


def by_one_entitled_and_one_who_is_not(people: People) -> Any:
    quote = make.a_held_quote()
    people.post("verifier", quote)
    people.post("reporter", quote)
    return quote


def by_somebody_who_lost_the_right_meanwhile(people: People) -> Any:
    quote = make.a_held_quote()
    people.post("verifier", quote)
    people.people["curator"].groups.clear()
    assert people.post("curator", quote) == 403
    return quote


def by_a_deactivated_account(people: People) -> Any:
    quote = make.a_held_quote()
    people.post("verifier", quote)
    type(people.people["curator"]).objects.filter(pk=people.people["curator"].pk).update(is_active=False)
    people.post("curator", quote)
    return quote


def by_leaving_questions_out(people: People) -> Any:
    quote = make.a_held_quote()
    for name in ("verifier", "curator"):
        assert people.browsers[name].post(address(quote), {"seen": sent(quote)["seen"]}).status_code == 422
        assert people.post(name, quote, **{"axis-context": ""}) == 422
    return quote


def by_saying_unclear(people: People) -> Any:
    quote = make.a_held_quote()
    people.post("verifier", quote)
    people.post("curator", quote, **{"axis-dating": "unclear"})
    return quote


def by_fields_that_no_form_has(people: People) -> Any:
    quote = make.a_held_quote()
    extra = {
        "full_pass": "true", "by": "1", "by_id": people.people["curator"].pk, "standing": "verified", "needed": "0",
        "value": "verified", "passes": "2", "status": "verified", "content_hash": "x", "check": "1",
    }  # fmt: skip
    people.post("verifier", quote, **extra)
    assert Check.objects.get(quote=quote).by == people.people["verifier"]
    return quote


def by_get_and_head(people: People) -> Any:
    quote = make.a_held_quote()
    for name in ("verifier", "curator"):
        for method in ("get", "head"):
            getattr(people.browsers[name], method)(address(quote), sent(quote))
    assert not Check.objects.filter(quote=quote).exists()
    return quote


def by_method_override_and_htmx_headers(people: People) -> Any:
    quote = make.a_held_quote()
    for name in ("verifier", "curator"):
        headers = {"HX-Request": "true", "X-HTTP-Method-Override": "POST"}
        people.browsers[name].get(address(quote), {**sent(quote), "_method": "post"}, headers=headers)
    return quote


def by_query_string_on_an_empty_post(people: People) -> Any:
    quote = make.a_held_quote()
    query = "&".join(f"{name}={value}" for name, value in sent(quote).items())
    for name in ("verifier", "curator"):
        people.browsers[name].post(f"{address(quote)}?{query}")
    assert not Check.objects.filter(quote=quote).exists()
    return quote


def by_a_body_of_json(people: People) -> Any:
    quote = make.a_held_quote()
    for name in ("verifier", "curator"):
        people.browsers[name].post(address(quote), json.dumps(sent(quote)), content_type="application/json")
    assert not Check.objects.filter(quote=quote).exists()
    return quote


def by_a_translation_without_its_own_question(people: People) -> Any:
    quote = make.a_held_quote(is_translation=True)
    for name in ("verifier", "curator"):
        assert people.post(name, quote) == 422
    return quote


def by_nothing_that_is_held(people: People) -> Any:
    quote = make.a_quote()
    for name in ("verifier", "curator"):
        assert people.post(name, quote) == 422
    return quote


def by_answering_refuting_evidence_alone(people: People) -> Any:
    quote = make.a_held_quote()
    people.post("verifier", quote)
    people.post("curator", quote)
    make.some_evidence(quote, "refutes", by=people.people["reporter"])
    people.post("verifier", quote)
    return quote


def by_undoing_ones_own_ruling_after_others_relied_on_it(people: People) -> Any:
    quote = make.a_held_quote()
    people.post("curator", quote)
    people.post("verifier", quote, do="misattributed", note="Somebody else said it.")
    make.some_evidence(quote, "refutes", by=people.people["reporter"])
    assert people.browsers["verifier"].post(address(quote), {"do": "undo"}).status_code == 409
    return quote


ROADS: list[Callable[[People], Any]] = [
    road for name, road in list(globals().items()) if name.startswith("by_")
]


@pytest.fixture
def people(
    client_of: Any,
    verifier: Any,
    second_verifier: Any,
    curator: Any,
    reporter: Any,
    reader: Any,
    stranger: Any,
) -> People:
    return People(
        client_of,
        verifier=verifier,
        second=second_verifier,
        curator=curator,
        reporter=reporter,
        reader=reader,
        stranger=stranger,
    )


@pytest.mark.parametrize("road", ROADS, ids=lambda road: road.__name__)
def test_no_road_through_the_pages_verifies_a_quote(people: People, road: Callable[[People], Any]) -> None:
    assert standing(road(people)) != "verified"


def test_the_open_road_does_verify_it(people: People) -> None:
    """The same setting with two people who may: so that no road above fails for another reason."""
    quote = make.a_held_quote()
    assert [people.post(name, quote) for name in ("verifier", "curator")] == [303, 303]
    assert standing(quote) == "verified"


# --- Roads through SQL with the app's role --------------------------------------------------------------------------

TAKE_BACK = "INSERT INTO quotes_withdrawal (check_id, quote_id, by_id, at) VALUES "
SQL_ROADS = {
    "a withdrawal of another's fail": TAKE_BACK + "(%(fail)s, %(quote)s, %(verifier)s, now())",
    "a withdrawal in another's name": TAKE_BACK + "(%(fail)s, %(quote)s, %(curator)s, now())",
    "a withdrawal deleted": "DELETE FROM quotes_withdrawal",
    "a withdrawal changed": "UPDATE quotes_withdrawal SET check_id = %(fail)s",
    "withdrawals emptied": "TRUNCATE quotes_withdrawal",
    "a return deleted": "DELETE FROM quotes_return",
    "the standing set": "UPDATE quotes_standing SET value = 'verified' WHERE quote_id = %(quote)s",
    "the checks that count redefined": "CREATE OR REPLACE FUNCTION verbatim_counted(quote bigint) "
    "RETURNS SETOF quotes_check LANGUAGE sql AS 'SELECT * FROM quotes_check'",
    "a trigger dropped": "DROP TRIGGER withdrawal_is_sound ON quotes_withdrawal",
    "triggers off": "ALTER TABLE quotes_withdrawal DISABLE TRIGGER ALL",
    "a claim in another's name": "INSERT INTO quotes_claim (quote_id, by_id, claimed_at, expires_at, reason) "
    "VALUES (%(quote)s, %(curator)s, now(), now() + interval '1 hour', '')",
    "a return in another's name": "INSERT INTO quotes_return (quote_id, by_id, at, seen, reason) "
    "VALUES (%(quote)s, %(curator)s, now(), 'x', 'y')",
}


@pytest.mark.parametrize("road", SQL_ROADS.values(), ids=SQL_ROADS.keys())
def test_no_road_through_sql_takes_an_objection_away(
    verifier: Any, second_verifier: Any, curator: Any, road: str
) -> None:
    quote = make.a_held_quote()
    make.a_check(quote, verifier)
    make.a_check(quote, second_verifier)
    fail = make.a_check(quote, curator, context="fail")
    values = {"fail": fail.pk, "quote": quote.pk, "verifier": verifier.pk, "curator": curator.pk}
    with pytest.raises(DatabaseError):
        _walk(road, values, verifier)
    assert standing(quote) == "disputed"


def _walk(road: str, values: dict[str, int], person: Any) -> None:
    with acting(by=person, verb="sql.road"), connection.cursor() as cursor:
        cursor.execute(road, values)


def test_an_earlier_check_counts_again_when_the_later_one_is_taken_back(
    verifier: Any, second_verifier: Any
) -> None:
    quote = make.a_held_quote()
    make.a_check(quote, verifier)
    make.a_check(quote, second_verifier)
    act.undo(make.a_check(quote, second_verifier, context="fail"), by=second_verifier)
    assert standing(quote) == "verified"


def test_a_check_of_other_content_cannot_be_taken_back_any_more(verifier: Any) -> None:
    quote = make.a_held_quote()
    check = make.a_check(quote, verifier)
    Quote.objects.filter(pk=quote.pk).update(cue="warned")
    with pytest.raises(act.Changed):
        act.undo(check, by=verifier)
