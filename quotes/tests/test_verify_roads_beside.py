"""Roads to “verified” beside the pages: the admin, imports, fixtures and the shell (TRUST.md S1, 22 and more).

Each road is walked with one honest pass on the quote already, so that a single false one would be enough. Those
through the pages and through SQL are in test_verify_roads, those of the owner in test_standing.
"""

import datetime as dt
import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import CommandError, call_command
from django.core.serializers.base import DeserializationError
from django.db import DatabaseError, transaction

from quotes.actions import imports, notes
from quotes.actions.audit import acting
from quotes.models import Assignment, Check, Contribution, Note, Quote, Standing, Statement, Withdrawal

from . import factories as make

pytestmark = pytest.mark.django_db

AXES = ("attribution", "wording", "context", "dating")
PASS = dict.fromkeys(AXES, "pass")
FORGED = {
    "standing": "verified", "value": "verified", "status": "verified", "state": "verified", "passes": "2",
    "needed": "1", "full_pass": "on", "verified_by": "1", "verified_at": "2026-02-05", "depth": "primary",
}  # fmt: skip


class House:
    """The people, their browsers, and a quote that one verifier has passed."""

    def __init__(self, client_of: Any, folder: Path, people: dict[str, Any]) -> None:
        self.people, self.folder = people, folder
        self.browsers = {name: client_of(person) for name, person in people.items()}
        self.quote = make.a_held_quote(by=people["reporter"])
        make.a_check(self.quote, people["verifier"])
        assert self.standing == ("in_review", 1)

    @property
    def standing(self) -> tuple[str, int]:
        found = Standing.objects.get(pk=self.quote.pk)
        return found.value, found.passes

    @property
    def seen(self) -> str:
        return Standing.objects.get(pk=self.quote.pk).content_hash

    def bring(self, records: list[dict[str, Any]], by: str = "curator") -> Any:
        file = self.folder / "road.json"
        file.write_text(json.dumps(records, default=str), encoding="utf-8")
        return imports.run([file], by=self.people[by])

    def row(self, **more: Any) -> dict[str, Any]:
        """The quote as a file has it."""
        quote = Quote.objects.select_related("statement", "article").get(pk=self.quote.pk)
        fields = {
            "uid": quote.uid, "statement": [quote.statement.uid], "article": [quote.article.url],
            "kind": quote.kind, "text": quote.text, "language": quote.language,
        }  # fmt: skip
        return {"model": "quotes.quote", "fields": {**fields, **more}}

    def check(self, **more: Any) -> dict[str, Any]:
        """A check as a file would have it."""
        fields = {"quote": [self.quote.uid], "by": ["verifier2"], "seen": self.seen, **PASS}
        return {"model": "quotes.check", "fields": {**fields, **more}}


@pytest.fixture
def house(
    client_of: Any,
    tmp_path: Path,
    reporter: Any,
    verifier: Any,
    second_verifier: Any,
    curator: Any,
    superuser: Any,
) -> House:
    people = {
        "reporter": reporter, "verifier": verifier, "second": second_verifier, "curator": curator,
        "operator": superuser,
    }  # fmt: skip
    return House(client_of, tmp_path, people)


# --- The admin -----------------------------------------------------------------------------------------------------


def _admin(house: House, path: str, **fields: Any) -> None:
    for name in ("curator", "operator"):
        answer = house.browsers[name].post(f"/admin/quotes/{path}", {**FORGED, **fields})
        assert answer.status_code in (200, 302, 403, 404, 405), (path, name, answer.status_code)


def by_the_change_form_of_a_quote(house: House) -> None:
    _admin(house, f"quote/{house.quote.pk}/change/", text=house.quote.text, uid=house.quote.uid)


def by_adding_a_quote_with_a_standing(house: House) -> None:
    _admin(house, "quote/add/", uid="forged-one", text="x", statement=house.quote.statement_id)
    assert not Quote.objects.filter(uid="forged-one").exists()


def by_saving_as_a_new_quote(house: House) -> None:
    _admin(house, f"quote/{house.quote.pk}/change/", _saveasnew="1", uid="forged-two")
    assert Quote.objects.count() == 1


def by_adding_a_check_in_the_admin(house: House) -> None:
    _admin(house, "check/add/", quote=house.quote.pk, by=house.people["second"].pk, seen=house.seen, **PASS)


def by_changing_a_check_in_the_admin(house: House) -> None:
    _admin(
        house, f"check/{Check.objects.get().pk}/change/", by=house.people["second"].pk, quote=house.quote.pk
    )


def by_deleting_an_objection_in_the_admin(house: House) -> None:
    make.a_check(house.quote, house.people["second"])
    make.a_check(house.quote, house.people["curator"], context="fail")
    _admin(house, f"check/{Check.objects.last().pk}/delete/", post="yes")
    assert house.standing[0] == "disputed"


def by_an_inline_of_the_admin(house: House) -> None:
    inline = {f"checks-{name}": value for name, value in {
        "TOTAL_FORMS": "1", "INITIAL_FORMS": "0", "0-by": house.people["second"].pk, "0-seen": house.seen,
        **{f"0-{axis}": "pass" for axis in AXES},
    }.items()}  # fmt: skip
    _admin(house, f"quote/{house.quote.pk}/change/", **inline)
    _admin(house, f"speaker/{house.quote.statement.speaker_id}/change/", **inline)


def by_a_list_of_the_admin(house: House) -> None:
    _admin(
        house, "quote/", **{"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "1", "form-0-id": house.quote.pk,
        "form-0-standing": "verified", "_save": "Save"},
    )  # fmt: skip


def by_a_bulk_action_on_everything(house: House) -> None:
    for name in ("curator", "operator"):
        for path in ("quote", "check", "statement"):
            answer = house.browsers[name].post(
                f"/admin/quotes/{path}/",
                {
                    "action": "verify",
                    "select_across": "1",
                    "index": "0",
                    "_selected_action": [house.quote.pk],
                },
            )
            assert answer.status_code in (200, 302, 403), answer.status_code


def by_the_admin_of_standings(house: House) -> None:
    for path in (f"standing/{house.quote.pk}/change/", "standing/add/", "policy/1/change/", "contribution/"):
        for browser in house.browsers.values():
            assert browser.post(f"/admin/quotes/{path}", FORGED).status_code in (302, 403, 404)


def by_raising_the_reporter_who_entered_it(house: House) -> None:
    house.people["reporter"].groups.set([Group.objects.get(name="Curator")])
    house.browsers["reporter"].post(
        f"/verify/{house.quote.uid}/", {"seen": house.seen, **{f"axis-{axis}": "pass" for axis in AXES}}
    )


def by_giving_the_reporter_the_one_right(house: House) -> None:
    house.people["reporter"].user_permissions.add(Permission.objects.get(codename="add_check"))
    house.browsers["reporter"].post(
        f"/verify/{house.quote.uid}/", {"seen": house.seen, **{f"axis-{axis}": "pass" for axis in AXES}}
    )


def by_a_new_name_for_the_speaker_in_the_admin_after_it(house: House) -> None:
    make.a_check(house.quote, house.people["second"])
    speaker = house.quote.statement.speaker
    form = {"name": "Somebody else", "slug": speaker.slug, "kind": speaker.kind, "version": speaker.version}
    for prefix in ("names", "tenures"):
        form |= {f"{prefix}-TOTAL_FORMS": "0", f"{prefix}-INITIAL_FORMS": "0"}
    assert (
        house.browsers["curator"].post(f"/admin/quotes/speaker/{speaker.pk}/change/", form).status_code == 302
    )
    assert house.standing == ("stale", 0)


# --- Imports and fixtures ------------------------------------------------------------------------------------------


def by_a_standing_in_a_file(house: House) -> None:
    for name, value in FORGED.items():
        assert house.bring([house.row(**{name: value})]).refused, name


def by_checks_in_a_file(house: House) -> None:
    assert house.bring([house.check()]).refused
    assert house.bring([house.row(), house.check(by=[house.people["second"].username])]).refused


def by_other_tables_in_a_file(house: House) -> None:
    for model in (
        "quotes.standing",
        "quotes.contribution",
        "quotes.policy",
        "quotes.withdrawal",
        "auth.user",
    ):
        assert house.bring([{"model": model, "fields": {"quote": [house.quote.uid]}}]).refused, model


def by_importing_it_again_and_passing_it(house: House) -> None:
    # The same row changes nothing; another one is only proposed, and makes nobody who imports it a checker.
    house.bring([house.row()], by="verifier")
    house.bring([house.row(text="If we lose this war, we will lose!")], by="verifier")
    assert Quote.objects.get(pk=house.quote.pk).text == house.quote.text


def by_importing_evidence_and_passing_a_quote_of_ones_own(house: House) -> None:
    statement = Statement.objects.get(pk=house.quote.statement_id)
    new = {
        "uid": "imported-one", "statement": [statement.uid], "article": [house.quote.article.url],
        "kind": "direct", "text": make.WORDS, "language": "en",
    }  # fmt: skip
    evidence = {
        "quote": ["imported-one"], "kind": "recording", "url": "https://tape.example/1", "primary": True,
        "stance": "supports",
    }  # fmt: skip
    records = [{"model": "quotes.quote", "fields": new}, {"model": "quotes.evidence", "fields": evidence}]
    report = house.bring(records, by="curator")
    assert not report.refused, report
    made = Quote.objects.get(uid="imported-one")
    seen = Standing.objects.get(pk=made.pk).content_hash
    for name in ("verifier", "curator"):
        house.browsers[name].post(
            "/verify/imported-one/", {"seen": seen, **{f"axis-{axis}": "pass" for axis in AXES}}
        )
    assert (Standing.objects.get(pk=made.pk).value, Standing.objects.get(pk=made.pk).passes) == (
        "in_review",
        1,
    )


def by_loaddata_of_checks(house: House) -> None:
    file = house.folder / "checks.json"
    rows = [house.check(at=dt.datetime.now(dt.UTC)), house.check(at=dt.datetime.now(dt.UTC), full_pass=True)]
    file.write_text(json.dumps(rows, default=str), encoding="utf-8")
    with pytest.raises((CommandError, DatabaseError)), transaction.atomic():
        call_command("loaddata", str(file), stdout=StringIO(), verbosity=0)


def by_loaddata_over_the_quote(house: House) -> None:
    file = house.folder / "over.json"
    row = house.row(standing="verified")
    file.write_text(json.dumps([row]), encoding="utf-8")
    with pytest.raises(DeserializationError), transaction.atomic():
        call_command("loaddata", str(file), stdout=StringIO(), verbosity=0)


# --- The shell, as the app's role ----------------------------------------------------------------------------------


def _shell(house: House, *roads: Callable[[], Any], by: str = "verifier") -> None:
    for road in roads:
        with pytest.raises(DatabaseError), acting(by=house.people[by], verb="shell.road"):
            road()


def by_update_of_the_standing(house: House) -> None:
    rows = Standing.objects.filter(pk=house.quote.pk)
    _shell(
        house,
        lambda: rows.update(value="verified"),
        lambda: rows.update(passes=2),
        lambda: rows.delete(),
        lambda: Standing.objects.bulk_update([Standing(pk=house.quote.pk, value="verified")], ["value"]),
    )


def by_bulk_create_of_checks(house: House) -> None:
    other, twice = house.people["second"], house.people["verifier"]

    def made(**fields: Any) -> Check:
        return Check(quote=house.quote, seen=house.seen, **{**PASS, **fields})

    _shell(
        house,
        lambda: Check.objects.bulk_create([made(by=other)]),
        lambda: Check.objects.bulk_create([made(by=twice), made(by=other)]),
        lambda: Check.objects.bulk_create([made(by=house.people["reporter"])]),
    )
    with acting(by=twice, verb="shell.road"):
        Check.objects.bulk_create([made(by=twice, full_pass=True) for _ in range(3)])


def by_moving_checks_and_contributions(house: House) -> None:
    own, mine = make.a_held_quote(by=house.people["verifier"]), Check.objects.filter(quote=house.quote)
    _shell(
        house,
        lambda: mine.update(by=house.people["second"]),
        lambda: mine.update(quote=own),
        lambda: mine.delete(),
        lambda: Contribution.objects.filter(quote=house.quote).delete(),
        lambda: Contribution.objects.filter(quote=own).update(user=house.people["second"]),
    )


def by_withdrawals_of_others_in_the_shell(house: House) -> None:
    objection = make.a_check(house.quote, house.people["curator"], context="fail")
    make.a_check(house.quote, house.people["second"])
    _shell(
        house,
        lambda: Withdrawal.objects.create(
            check_taken_back=objection, quote=house.quote, by=house.people["verifier"]
        ),
        lambda: Withdrawal.objects.create(
            check_taken_back=objection, quote=house.quote, by=house.people["curator"]
        ),
    )
    assert house.standing[0] == "disputed"


def by_notes_and_assignments(house: House) -> None:
    notes.assign(house.quote, "verifier2", "verify", "please", seen="", by=house.people["verifier"])
    notes.write(house.quote, "verified, says @verifier2", by=house.people["verifier"])
    _shell(
        house,
        lambda: Assignment.objects.filter(quote=house.quote).update(by=house.people["second"]),
        lambda: Note.objects.create(quote=house.quote, by=house.people["second"], text="I pass it"),
    )


ROADS: list[Callable[[House], None]] = [
    road for name, road in list(globals().items()) if name.startswith("by_")
]


@pytest.mark.parametrize("road", ROADS, ids=lambda road: road.__name__)
def test_no_road_beside_the_pages_verifies_a_quote(house: House, road: Callable[[House], None]) -> None:
    road(house)
    value, passes = house.standing
    assert value != "verified"
    assert passes < 2 or value == "disputed"


def test_the_same_house_verifies_it_by_the_open_road(house: House) -> None:
    """So that no road above fails for another reason: one more honest pass is all that was wanting."""
    make.a_check(house.quote, house.people["second"])
    assert house.standing == ("verified", 2)
