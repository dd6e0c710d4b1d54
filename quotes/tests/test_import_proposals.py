"""What an import proposes is decided field by field, by a curator, on the record as it is (issue 3, point 3)."""

import json
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from quotes.actions import imports, proposals
from quotes.actions.audit import acting
from quotes.models import (
    AuditEvent,
    Figure,
    ImportDecision,
    ImportRow,
    ImportRun,
    Quote,
    Standing,
    Statement,
    Topic,
)

from . import factories as make
from .htmx import parsed
from .test_imports import bring, edited, row, story, total

pytestmark = pytest.mark.django_db
NEW = {"gist": "A better line", "occasion": "A speech", "topics": []}


@pytest.fixture
def file(tmp_path: Any) -> Any:
    numbers = iter(range(1000))

    def write(rows: list[dict[str, Any]]) -> Any:
        path = tmp_path / f"{next(numbers)}.json"
        path.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
        return path

    return write


def work_on(by: Any, **fields: Any) -> None:
    with acting(by=by, verb="statements.change"):
        Statement.objects.filter(uid="said-it").update(**fields)


@pytest.fixture
def proposed(file: Any, reporter: Any, verifier: Any) -> ImportRow:
    """A proposal of three fields for a statement that a verifier has worked on."""
    bring(file(story()), reporter)
    work_on(verifier, occasion="A briefing")
    bring(file(edited("said-it", **NEW)), reporter)
    return ImportRow.objects.open_proposals().get()


def send(browser: Any, row: ImportRow, deed: str, *fields: str, **more: Any) -> Any:
    record = Statement.objects.get(uid="said-it")
    form = {"deed": deed, "row": row.pk, "version": record.version, "field": fields, **more}
    return browser.post(f"/imports/{row.run_id}/", form)


class TestDeciding:
    def test_a_curator_accepts_one_field_and_declines_another(
        self, client_of: Any, curator: Any, proposed: ImportRow
    ) -> None:
        browser = client_of(curator)
        assert send(browser, proposed, "accept", "gist", "topics").status_code == 303
        statement = Statement.objects.get(uid="said-it")
        assert (statement.gist, statement.occasion, statement.topics.count()) == (
            "A better line",
            "A briefing",
            0,
        )
        assert ImportRow.objects.open_proposals().get() == proposed, "one field is left"
        assert send(browser, proposed, "decline", "occasion").status_code == 303
        assert not ImportRow.objects.open_proposals().exists()
        assert list(proposed.decisions.values_list("field", "verdict", "by")) == [
            ("gist", "accepted", curator.pk),
            ("topics", "accepted", curator.pk),
            ("occasion", "declined", curator.pk),
        ]
        event = AuditEvent.objects.of_record(statement).latest("pk")
        assert (event.verb, event.actor) == ("imports.accept", "curator")
        page = browser.get(f"/imports/{proposed.run_id}/").content.decode()
        assert "declined by Curator" in page

    def test_a_field_is_decided_once_and_only_what_was_proposed(
        self, client_of: Any, curator: Any, proposed: ImportRow
    ) -> None:
        browser = client_of(curator)
        send(browser, proposed, "decline", "gist")
        for fields in (["gist"], ["gist", "occasion"], ["uid"], ["record"], []):
            assert send(browser, proposed, "accept", *fields).status_code == 422
        assert Statement.objects.get(uid="said-it").gist == "She said it."
        assert ImportDecision.objects.count() == 1

    def test_a_decision_is_never_changed(self, client_of: Any, curator: Any, proposed: ImportRow) -> None:
        send(client_of(curator), proposed, "decline", "gist")
        for write in (
            lambda: ImportDecision.objects.update(verdict="accepted"),
            ImportDecision.objects.all().delete,
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                write()

    def test_somebody_was_faster_and_both_values_are_shown(
        self, client_of: Any, curator: Any, verifier: Any, proposed: ImportRow
    ) -> None:
        seen = Statement.objects.get(uid="said-it").version
        work_on(verifier, gist="Her own line")
        answer = send(
            client_of(curator), proposed, "accept", "gist", version=seen, **{"seen-gist": "She said it."}
        )
        page = answer.content.decode()
        assert answer.status_code == 409
        assert "changed this record since" in page
        told = parsed(answer).get_text()
        assert all(words in told for words in ("She said it.", "Her own line", "A better line"))
        assert 'value="gist" checked' in page
        assert Statement.objects.get(uid="said-it").gist == "Her own line"
        assert not ImportDecision.objects.exists()

    def test_a_present_value_that_moved_since_the_import_is_said_to_have(
        self, client_of: Any, curator: Any, verifier: Any, proposed: ImportRow
    ) -> None:
        work_on(verifier, gist="Her own line")
        page = client_of(curator).get(f"/imports/{proposed.run_id}/").content.decode()
        assert "Changed since the import; it was: <bdi>She said it.</bdi>" in page

    def test_a_new_part_of_a_checked_quote_is_entered_when_accepted(
        self, file: Any, client_of: Any, reporter: Any, curator: Any, verifier: Any
    ) -> None:
        rows = story()
        bring(file([entry for entry in rows if entry["model"] != "quotes.figure"]), reporter)
        make.a_check(Quote.objects.get(), verifier)
        bring(file(rows), reporter)
        proposal = ImportRow.objects.open_proposals().get()
        fields = list(proposal.after)
        browser = client_of(curator)
        assert send(browser, proposal, "accept", fields[0], version="").status_code == 422
        assert send(browser, proposal, "accept", *fields, version="").status_code == 303
        assert (Figure.objects.get().low, Figure.objects.get().measure.slug) == (5, "killed")

    def test_a_value_that_the_database_refuses_is_refused_in_words(
        self, file: Any, client_of: Any, reporter: Any, curator: Any, verifier: Any
    ) -> None:
        bring(file(story()), reporter)
        make.a_check(Quote.objects.get(), verifier)
        changed = [
            entry | {"fields": entry["fields"] | {"text": "If we lose", "end": entry["fields"]["start"] + 10}}
            if entry["model"] == "quotes.quote"
            else entry
            for entry in story()
        ]
        bring(file(changed), reporter)
        proposal = ImportRow.objects.open_proposals().get()
        quote = Quote.objects.get()
        answer = send(client_of(curator), proposal, "accept", "text", version=quote.version)
        assert answer.status_code == 422
        assert "cannot be like that" in answer.content.decode()
        assert not ImportDecision.objects.exists()
        assert (
            send(client_of(curator), proposal, "accept", "text", "end", version=quote.version).status_code
            == 303
        )


class TestVerifiedWords:
    def test_accepting_on_a_verified_quote_says_its_price_and_makes_it_stale(
        self, file: Any, client_of: Any, reporter: Any, curator: Any, verifier: Any, second_verifier: Any
    ) -> None:
        bring(file(story()), reporter)
        quote = Quote.objects.get()
        for person in (verifier, second_verifier):
            make.a_check(quote, person)
        assert Standing.objects.get().value == "verified"
        changed = [
            entry | {"fields": entry["fields"] | {"cue": "warned"}}
            if entry["model"] == "quotes.quote"
            else entry
            for entry in edited("said-it", said_on="2026-02-05", said_on_precision="day")
        ]
        bring(file(changed), reporter)
        assert Standing.objects.get().value == "verified", "an import alone costs nothing"
        browser = client_of(curator)
        page = browser.get("/imports/proposals/").content.decode()
        assert "1 verified quote shows this record" in page
        assert "This quote is verified" in page
        dated = ImportRow.objects.open_proposals().get(model="quotes.statement")
        assert send(browser, dated, "accept", "said_on", "said_on_precision").status_code == 303
        assert Standing.objects.get().value == "stale"


class TestRemembering:
    def test_the_same_file_lists_what_waits_once(self, file: Any, reporter: Any, proposed: ImportRow) -> None:
        report = bring(file(edited("said-it", **NEW)), reporter)
        assert report.proposed == {"quotes.statement": 1}
        assert ImportRow.objects.open_proposals().get().run == report.run

    def test_what_was_declined_is_not_listed_again_until_the_file_says_something_else(
        self, file: Any, client_of: Any, reporter: Any, curator: Any, verifier: Any, proposed: ImportRow
    ) -> None:
        send(client_of(curator), proposed, "decline", *NEW)
        report = bring(file(edited("said-it", **NEW)), reporter)
        assert (report.proposed, report.declined, report.changes) == ({}, 1, [])
        work_on(verifier, gist="Her own line")
        assert bring(file(edited("said-it", **NEW)), reporter).proposed == {}, "the file says what it said"
        report = bring(file(edited("said-it", **NEW | {"gist": "A third line"})), reporter)
        assert report.proposed == {"quotes.statement": 1}
        assert list(ImportRow.objects.open_proposals().get().after) == ["gist"]

    def test_the_dry_run_leaves_declined_ones_out_too(
        self, file: Any, client_of: Any, reporter: Any, curator: Any, proposed: ImportRow
    ) -> None:
        send(client_of(curator), proposed, "decline", *NEW)
        assert bring(file(edited("said-it", **NEW)), reporter, dry=True).changes == []

    def test_the_same_fixture_five_times_changes_nothing_that_people_did(
        self, file: Any, reporter: Any, verifier: Any, second_verifier: Any
    ) -> None:
        bring(file(story()), reporter)
        work_on(verifier, gist="Her own line")
        quote = Quote.objects.get()
        for person in (verifier, second_verifier):
            make.a_check(quote, person)
        changed = [
            entry | {"fields": entry["fields"] | {"cue": "warned"}}
            if entry["model"] == "quotes.quote"
            else entry
            for entry in edited("said-it", gist="The file’s line")
        ]
        path, first = file(changed), None
        events = AuditEvent.objects.exclude(table="quotes_importrun")
        before = events.count()
        for _ in range(5):
            report = bring(path, reporter)
            first = first or report.run
            assert (report.created, report.updated) == ({}, {})
            assert report.proposed == {"quotes.statement": 1, "quotes.quote": 1}
            assert total(report.unchanged) == len(changed) - 2
        assert events.count() == before, "not a row was written"
        assert Statement.objects.get(uid="said-it").gist == "Her own line"
        assert Standing.objects.get().value == "verified"
        assert ImportRow.objects.open_proposals().count() == 2


class TestWhoMay:
    @pytest.mark.parametrize("name", ["reporter", "verifier"])
    def test_who_is_no_curator_sees_her_import_and_cannot_decide(
        self, request: Any, client_of: Any, proposed: ImportRow, name: str
    ) -> None:
        person = request.getfixturevalue(name)
        proposed.run.by = person
        with acting(by=person, verb="tests.give"):
            proposed.run.save()
        browser = client_of(person)
        page = browser.get(f"/imports/{proposed.run_id}/").content.decode()
        assert "A better line" in page
        assert 'value="accept"' not in page
        assert send(browser, proposed, "accept", "gist").status_code == 403
        assert browser.get("/imports/proposals/").status_code == 403
        with pytest.raises(proposals.NotAllowed):
            proposals.decide(proposed, ["gist"], "accepted", seen=1, by=person)
        assert Statement.objects.get(uid="said-it").gist == "She said it."

    def test_what_is_held_back_shows_to_nobody_without_the_right(
        self, file: Any, client_of: Any, reporter: Any, verifier: Any, curator: Any, proposed: ImportRow
    ) -> None:
        work_on(verifier, record="off", gist="A secret line")
        page = client_of(reporter).get(f"/imports/{proposed.run_id}/").content.decode()
        assert "A secret line" not in page
        assert "A briefing" not in page
        assert "said-it" not in page
        assert "A secret line" in client_of(curator).get(f"/imports/{proposed.run_id}/").content.decode()

    def test_a_file_opens_and_changes_nothing_that_is_held_back_from_who_brings_it(
        self, file: Any, reporter: Any, verifier: Any
    ) -> None:
        held = {"record": "off", "embargoed_until": "2999-01-01T00:00:00Z"}
        for name, value in held.items():
            uid = f"held-{name[:3]}"
            own = [
                entry | {"fields": entry["fields"] | {"uid": uid, name: value}}
                for entry in story()
                if entry["fields"].get("uid") == "said-it"
            ]
            bring(file([*story(), *own]), reporter)
            assert not total(bring(file([*story(), *own]), reporter).updated), "the same file changes nothing"
            own[0]["fields"] |= {name: "on" if name == "record" else None, "gist": "Guessed", "topics": []}
            report = bring(file([*story(), *own]), reporter)
            assert (total(report.updated), total(report.proposed)) == (0, 1)
            statement = Statement.objects.get(uid=uid)
            assert statement.gist == "She said it."
            assert statement.topics.exists()
            assert not Statement.objects.visible_to(reporter).filter(uid=uid).exists()
            report = bring(file([*story(), *own]), verifier)
            assert report.updated["quotes.statement"] == 1, "who may see it may change it"

    def test_a_file_moves_no_quote_out_of_what_is_held_back(
        self, file: Any, reporter: Any, verifier: Any
    ) -> None:
        bring(file(edited("said-it", record="off")), reporter)
        report = bring(file(edited("said-it-news", statement=["said-more"])), reporter)
        assert total(report.updated) == 0
        assert Quote.objects.get(uid="said-it-news").statement.uid == "said-it"

    def test_what_was_taken_back_waits_no_more(
        self, file: Any, client_of: Any, reporter: Any, curator: Any, proposed: ImportRow
    ) -> None:
        with acting(by=reporter, verb="imports.undo"):
            ImportRun.objects.filter(pk=proposed.run_id).update(state="undone")
        assert send(client_of(curator), proposed, "accept", "gist").status_code == 422
        assert "Nothing waits" in client_of(curator).get("/imports/proposals/").content.decode()


class TestTheList:
    def test_the_imports_page_counts_what_waits_for_a_curator(
        self, client_of: Any, reporter: Any, curator: Any, proposed: ImportRow
    ) -> None:
        assert "1 proposal</a> waits" in client_of(curator).get("/imports/").content.decode()
        assert "/imports/proposals/" not in client_of(reporter).get("/imports/").content.decode()
        page = client_of(curator).get("/imports/proposals/").content.decode()
        assert "Last worked on by <bdi>verifier</bdi>" in page
        assert "<del>She</del>" in page or "<del>She said it.</del>" in page

    def test_accepting_from_the_list_comes_back_to_it(
        self, client_of: Any, curator: Any, proposed: ImportRow
    ) -> None:
        answer = send(client_of(curator), proposed, "decline", *NEW, back="list")
        assert answer["Location"] == "/imports/proposals/"

    def test_twenty_proposals_cost_as_many_queries_as_one(
        self, file: Any, client_of: Any, reporter: Any, verifier: Any, curator: Any
    ) -> None:
        many = [
            row("statement", uid=f"many-{number}", speaker=["ada"], gist="A line", topics=[["war"]])
            for number in range(20)
        ]
        bring(file([*story(), *many]), reporter)
        with acting(by=verifier, verb="statements.change"):
            Statement.objects.filter(uid__startswith="many-").update(occasion="A briefing")
        browser = client_of(curator)

        def cost(rows: list[dict[str, Any]]) -> int:
            bring(file(rows), reporter)
            browser.get("/imports/proposals/")
            with CaptureQueriesContext(
                connection,
            ) as queries:
                assert browser.get("/imports/proposals/").status_code == 200
            return len(queries)

        changed = [entry | {"fields": entry["fields"] | {"gist": "Another line"}} for entry in many]
        one = cost(changed[:1])
        assert cost(changed) == one
        assert ImportRow.objects.open_proposals().count() == 20

    @pytest.mark.parametrize("after", ["x", "-1", "١٢", "9" * 40, "\x00"])
    def test_an_odd_place_in_the_list_is_no_error(self, client_of: Any, curator: Any, after: str) -> None:
        assert client_of(curator).get("/imports/proposals/", {"after": after}).status_code in (200, 400)


def test_an_import_that_proposes_again_writes_no_topic_twice(
    file: Any, reporter: Any, proposed: ImportRow
) -> None:
    imports.run([file(edited("said-it", **NEW))], by=reporter)
    assert Topic.objects.count() == 1


def test_the_desk_tells_a_curator_of_open_proposals_and_nobody_else(
    client_of: Any, curator: Any, verifier: Any, proposed: ImportRow
) -> None:
    told = "1 change that a file proposes"
    assert told in client_of(curator).get("/").content.decode()
    assert told not in client_of(verifier).get("/").content.decode()
