"""Files in: all or nothing, twice is once, and what people did is never overwritten (invariant 10)."""

import hashlib
import json
import random
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from quotes.actions import imports, undo_import
from quotes.actions.audit import acting
from quotes.actions.undo_import import CannotUndo, undo
from quotes.models import (
    AuditEvent,
    Capture,
    Evidence,
    ImportRun,
    Link,
    Outlet,
    Quote,
    SearchDoc,
    Speaker,
    Standing,
    Statement,
)

from . import factories as make

pytestmark = pytest.mark.django_db

BODY = "He warned: “If we lose this war, we will lose our independence.” Then he left."
WORDS = "If we lose this war, we will lose our independence."


def row(model: str, **fields: Any) -> dict[str, Any]:
    return {"model": f"quotes.{model}", "fields": fields}


def story() -> list[dict[str, Any]]:
    """A small whole story, with a record of every kind."""
    sha = hashlib.sha256(BODY.encode()).hexdigest()
    article = "https://news.example/a"
    place = {"start": BODY.index(WORDS), "end": BODY.index(WORDS) + len(WORDS)}
    role = {"starts": "2019-01-01", "starts_precision": "year", "source_url": "https://roles.example/"}
    quote = {"kind": "direct", "text": WORDS, "language": "en", **place}
    return [
        row("topic", slug="war", name="War"),
        row("measure", slug="killed", name="Killed", unit="persons"),
        row("speaker", slug="ada", name="Ada", kind="person"),
        row("speaker", slug="ada-old", name="Ada B.", kind="person", redirects_to=["ada"]),
        row("speakername", speaker=["ada"], text="Ада", language="uk", kind="official"),
        row("tenure", person=["ada"], title="President", **role),
        row("outlet", slug="group", name="Group", kind="site"),
        row("outlet", slug="news", name="News", kind="site", owner=["group"]),
        row("article", url=article, outlet=["news"], headline="Headline", language="en"),
        row("capture", article=[article], sha256=sha, captured_at="2026-02-05T12:00:00Z", body=BODY),
        row("statement", uid="said-it", speaker=["ada"], gist="She said it.", topics=[["war"]]),
        row("statement", uid="said-more", speaker=["ada"], gist="She said more."),
        row(
            "quote",
            uid="said-it-news",
            statement=["said-it"],
            article=[article],
            capture=[article, sha],
            **quote,
        ),
        row("relay", quote=["said-it-news"], position=1, outlet=["group"]),
        row(
            "figure",
            quote=["said-it-news"],
            measure=["killed"],
            low="5",
            high="5",
            bound="about",
            method="claim",
        ),
        row("evidence", quote=["said-it-news"], kind="wire", url="https://wire.example/1", stance="supports"),
        row("link", source=["said-it"], target=["said-more"], type="contradicts", state="confirmed"),
    ]


@pytest.fixture
def file(tmp_path: Path) -> Any:
    """Give a function that writes records into a file."""
    numbers = iter(range(1000))

    def write(rows: list[dict[str, Any]]) -> Path:
        path = tmp_path / f"{next(numbers)}.json"
        path.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
        return path

    return write


def edited(uid: str, **fields: Any) -> list[dict[str, Any]]:
    """The story with some fields of one record otherwise."""
    rows = story()
    for entry in rows:
        if entry["fields"].get("uid") == uid:
            entry["fields"] |= fields
    return rows


def bring(path: Path, by: Any, **options: Any) -> imports.Report:
    report = imports.run([path], by=by, **options)
    assert not report.refused, [str(error) for error in report.errors]
    return report


def total(counts: dict[str, int]) -> int:
    return sum(counts.values())


class TestBringingIn:
    def test_a_whole_story_comes_in_whatever_its_order(self, file: Any, reporter: Any) -> None:
        rows = story()
        random.Random(7).shuffle(rows)
        report = bring(file(rows), reporter)
        assert total(report.created) == len(rows)
        quote = Quote.objects.get(uid="said-it-news")
        assert (quote.text, quote.created_by, quote.standing.value) == (WORDS, reporter, "unchecked")
        assert quote.root == Outlet.objects.get(slug="group")
        assert Speaker.objects.get(slug="ada-old").redirects_to.slug == "ada"
        assert [topic.slug for topic in quote.statement.topics.all()] == ["war"]

    def test_the_same_file_twice_changes_nothing(self, file: Any, reporter: Any) -> None:
        path = file(story())
        bring(path, reporter)
        before = AuditEvent.objects.exclude(table="quotes_importrun").count()
        report = bring(path, reporter)
        assert (report.created, report.updated, report.proposed) == ({}, {}, {})
        assert total(report.unchanged) == len(story())
        assert AuditEvent.objects.exclude(table="quotes_importrun").count() == before

    def test_a_dry_run_says_the_same_and_writes_nothing(self, file: Any, reporter: Any) -> None:
        path = file(story())
        told = bring(path, reporter, dry=True)
        assert (Statement.objects.count(), ImportRun.objects.count()) == (0, 0)
        assert bring(path, reporter).created == told.created

    def test_one_bad_row_keeps_all_of_it_out(self, file: Any, reporter: Any) -> None:
        report = imports.run(
            [file([*story(), row("relay", quote=["nobody"], position=1, outlet=["news"])])], by=reporter
        )
        assert [error.path for error in report.errors] == ["[17].fields.quote"]
        assert (Speaker.objects.count(), Statement.objects.count()) == (0, 0)

    def test_text_is_kept_byte_for_byte(self, file: Any, reporter: Any) -> None:
        text = " \u00a0 e\u0301 é \u200b“x”\t\n\u202e "
        rows = [entry for entry in story() if entry["model"] != "quotes.capture"]
        for entry in rows:
            if entry["model"] == "quotes.quote":
                entry["fields"] |= {"text": text, "capture": None, "start": None, "end": None}
        bring(file(rows), reporter)
        assert Quote.objects.get().text == text

    def test_two_files_with_the_same_record_are_one_and_with_different_ones_none(
        self, file: Any, reporter: Any
    ) -> None:
        same, other = file(story()), file(edited("said-it", gist="Another line"))
        assert not imports.run([same, file(story())], by=reporter, dry=True).refused
        report = imports.run([same, other], by=reporter)
        assert "twice, with different content" in str(next(iter(report.errors)))
        assert not Statement.objects.exists()

    @pytest.mark.parametrize(
        ("uid", "fields", "words"),
        [
            ("said-it-news", {"start": 1, "end": 1 + len(WORDS)}, "does not lead to the text"),
            ("said-it", {"speaker": ["nobody"]}, "neither in these files nor on record"),
            ("said-it", {"topics": [["nothing"]]}, "neither in these files nor on record"),
        ],
    )
    def test_what_does_not_hold_is_named_with_its_place(
        self, file: Any, reporter: Any, uid: str, fields: dict[str, Any], words: str
    ) -> None:
        report = imports.run([file(edited(uid, **fields))], by=reporter)
        assert words in " ".join(str(error) for error in report.errors)
        assert not Speaker.objects.exists()

    def test_what_refers_to_a_refused_record_is_not_refused_as_well(self, file: Any, reporter: Any) -> None:
        report = imports.run([file(edited("said-it", said_on="yesterday"))], by=reporter)
        assert [error.path for error in report.errors] == ["[10].fields.said_on"]

    def test_a_direct_quote_outside_quotation_marks_is_refused(self, file: Any, reporter: Any) -> None:
        text = "Then he left."
        place = {"text": text, "start": BODY.index(text), "end": BODY.index(text) + len(text)}
        report = imports.run([file(edited("said-it-news", **place))], by=reporter)
        assert "do not stand in quotation marks" in str(next(iter(report.errors)))


class TestRights:
    def test_a_reader_may_not_import(self, file: Any, reader: Any) -> None:
        with pytest.raises(imports.NotAllowed):
            imports.run([file(story())], by=reader)

    def test_a_link_is_confirmed_only_by_somebody_who_may_confirm(
        self, file: Any, reporter: Any, verifier: Any
    ) -> None:
        bring(file(story()), reporter)
        assert Link.objects.get().state == "suggested"
        Link.objects.all().delete()
        bring(file(story()), verifier)
        link = Link.objects.get()
        assert (link.state, link.decided_by) == ("confirmed", verifier)
        assert link.decided_at is not None

    def test_who_imported_a_quote_cannot_pass_it(self, file: Any, verifier: Any) -> None:
        bring(file(story()), verifier)
        with pytest.raises(Exception, match="cannot pass it"):
            make.a_check(Quote.objects.get(), verifier)


class TestPeoplesWork:
    def test_what_nobody_touched_is_updated_field_by_field(self, file: Any, reporter: Any) -> None:
        bring(file(story()), reporter)
        report = bring(file(edited("said-it", gist="A better line", topics=[])), reporter)
        assert report.updated == {"quotes.statement": 1}
        statement = Statement.objects.get(uid="said-it")
        assert (statement.gist, statement.topics.count()) == ("A better line", 0)

    def test_what_somebody_has_worked_on_becomes_a_proposal(
        self, file: Any, reporter: Any, curator: Any
    ) -> None:
        bring(file(story()), reporter)
        with acting(by=curator, verb="statements.change"):
            Statement.objects.filter(uid="said-it").update(occasion="A briefing")
        report = bring(file(edited("said-it", gist="A better line")), reporter)
        assert (report.updated, report.proposed) == ({}, {"quotes.statement": 1})
        assert Statement.objects.get(uid="said-it").gist == "She said it."
        (proposal,) = report.run.rows.all()
        assert (proposal.action, proposal.before, proposal.after) == (
            "proposed",
            {"gist": "She said it."},
            {"gist": "A better line"},
        )

    @pytest.mark.parametrize(
        "change",
        [
            lambda rows: edited("said-it-news", cue="warned"),
            lambda rows: edited("said-it", occasion="Elsewhere"),
            lambda rows: [*rows, row("relay", quote=["said-it-news"], position=2, outlet=["news"])],
            lambda rows: [
                *rows,
                row("tenure", person=["ada"], title="Queen", source_url="https://roles.example/2"),
            ],
            lambda rows: [
                entry | {"fields": entry["fields"] | {"name": "Adah"}}
                if entry["fields"].get("slug") == "ada"
                else entry
                for entry in rows
            ],
            lambda rows: [
                entry | {"fields": entry["fields"] | {"headline": "X"}}
                if entry["model"] == "quotes.article"
                else entry
                for entry in rows
            ],
        ],
    )
    def test_what_a_verified_quote_shows_is_never_changed_by_a_file(
        self, file: Any, reporter: Any, verifier: Any, second_verifier: Any, change: Any
    ) -> None:
        bring(file(story()), reporter)
        quote = Quote.objects.get()
        make.a_check(quote, verifier)
        make.a_check(quote, second_verifier)
        report = bring(file(change(story())), reporter)
        assert total(report.proposed) == 1
        assert (report.created, report.updated) == ({}, {})
        assert Standing.objects.get(pk=quote.pk).value == "verified"


@pytest.mark.django_db(transaction=True)
class TestUndo:
    def test_undo_gives_back_the_earlier_rows(self, file: Any, reporter: Any) -> None:
        bring(file(story()), reporter)
        held = _contents()
        report = bring(
            file(
                [
                    *edited("said-it", gist="Other", topics=[]),
                    row("topic", slug="peace", name="Peace"),
                    row("statement", uid="new-one", speaker=["ada"], gist="New", topics=[["peace"]]),
                ]
            ),
            reporter,
        )
        assert _contents() != held
        undo(report.run, by=reporter)
        assert _contents() == held

    def test_undo_takes_captures_and_evidence_back_too(self, file: Any, reporter: Any) -> None:
        report = bring(file(story()), reporter)
        undo(report.run, by=reporter)
        assert not any(
            model.objects.exists() for model in (Quote, Capture, Evidence, Speaker, Outlet, Statement)
        )
        with pytest.raises(CannotUndo):
            undo(report.run, by=reporter)

    def test_undo_writes_no_document_anew_that_goes_with_it(
        self, file: Any, reporter: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        report = bring(file(story()), reporter)
        look, patience = undo_import._require_untouched, []

        def looked(*given: Any) -> None:
            patience.append(connection.connection.patience)
            look(*given)

        monkeypatch.setattr(undo_import, "_require_untouched", looked)
        with transaction.atomic(), connection.cursor() as cursor:
            undo(report.run, by=reporter)
            cursor.execute(
                "SELECT pg_stat_get_xact_tuples_updated(t), pg_stat_get_xact_tuples_deleted(t)"
                " FROM (SELECT 'quotes_searchdoc'::regclass AS t) document"
            )
            assert cursor.fetchone() == (0, 2)
            assert patience == [None], "it may take longer than a page"
            # And from then on a document is written at once again.
            statement = make.a_statement()
            assert SearchDoc.objects.filter(pk=statement.pk).exists()

    def test_undo_says_who_has_worked_on_it_since_and_changes_nothing(
        self, file: Any, reporter: Any, curator: Any
    ) -> None:
        report = bring(file(story()), reporter)
        with acting(by=curator, verb="statements.change"):
            Statement.objects.filter(uid="said-it").update(gist="Mine")
        with pytest.raises(CannotUndo) as refusal:
            undo(report.run, by=reporter)
        assert [(one.actor, one.verb) for one in refusal.value.worked_on] == [
            (curator.username, "statements.change")
        ]
        assert Quote.objects.exists()
        report.run.refresh_from_db()
        assert report.run.state == "done"

    def test_undo_is_refused_when_others_rest_on_what_came(self, file: Any, reporter: Any) -> None:
        report = bring(file(story()), reporter)
        make.a_statement(Speaker.objects.get(slug="ada"))
        with pytest.raises(CannotUndo, match="rest on"):
            undo(report.run, by=reporter)
        assert Quote.objects.exists()


class TestTheCommand:
    def test_it_prints_one_object_and_ends_with_0_1_or_2(
        self, file: Any, make_person: Any, tmp_path: Path
    ) -> None:
        make_person("import", "Reporter")
        torn = tmp_path / "torn.json"
        torn.write_text('[{"model": ')
        for path, code in ((file(story()), 0), (file([row("topic", slug="x")]), 1), (torn, 2)):
            out = StringIO()
            try:
                call_command("import_quotes", path, "--json", stdout=out, stderr=StringIO())
                ended = 0
            except SystemExit as end:
                ended = end.code
            told = json.loads(out.getvalue())
            assert ended == code
            assert {"created", "updated", "unchanged", "errors"} <= told.keys()
            assert bool(told["errors"]) == bool(code)
            assert all({"file", "line", "path", "message"} <= error.keys() for error in told["errors"])

    def test_a_missing_account_is_one_clear_line(self, file: Any) -> None:
        with pytest.raises(CommandError, match="There is no active account “nobody”"):
            call_command("import_quotes", file(story()), "--as", "nobody")


def _contents() -> dict[str, Any]:
    """Everything that a person sees of the records; versions and stamps go on counting after an undo."""
    quiet = {"version", "updated_at", "updated_by_id"}
    held: dict[str, Any] = {}
    for model in (Speaker, Outlet, Statement, Quote, Capture, Evidence, Link):
        rows = [
            {name: value for name, value in entry.items() if name not in quiet}
            for entry in model.objects.values()
        ]
        held[model.__name__] = sorted(rows, key=lambda entry: entry["id"])
    held["topics"] = sorted(Statement.topics.through.objects.values_list("statement__uid", "topic__slug"))
    return held
