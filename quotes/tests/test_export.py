"""What leaves the desk comes back as it was, and holds nothing that is held back."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from quotes.actions import imports
from quotes.actions.speakers import merge
from quotes.actions.undo_import import undo
from quotes.importing.schema import MODELS
from quotes.importing.sheet import COLUMNS
from quotes.importing.writer import write_records
from quotes.models import Link, Quote, Statement
from quotes.search import export, exports
from quotes.search.export import NOBODY, OPERATOR, Selection, one_moment, records

from . import factories as make
from .exporting import FIXTURES, FORMULA, SITE, bring, rows_of, some_secrets, text_of, unchanged
from .importing.test_sheet import NAUGHTY
from .joined import join
from .test_imports import BODY, story

pytestmark = pytest.mark.django_db

emptied = pytest.mark.django_db(transaction=True)
"""For tests that take an import back to get an empty database: the log tells the two apart by their transactions."""


@pytest.fixture
def secrets() -> dict[str, Any]:
    """Quotes that are open, off the record, under embargo, and on background."""
    return some_secrets()


class TestTheRoundTrip:
    @emptied
    def test_both_stories_come_back_byte_for_byte(self, curator: Any, tmp_path: Path) -> None:
        first = imports.run(FIXTURES, by=curator)
        text, sheet = text_of("json"), text_of("csv")
        assert unchanged(bring(tmp_path / "a.json", text, curator)) == 608
        assert unchanged(bring(tmp_path / "a.csv", sheet, curator)) == 93
        undo(first.run, by=curator)
        assert not Statement.objects.exists()
        again = bring(tmp_path / "b.json", text, curator)
        assert sum(again.created.values()) == 608
        assert text_of("json") == text
        assert text_of("csv") == sheet

    @emptied
    def test_a_story_with_a_record_of_every_kind_comes_back(self, verifier: Any, tmp_path: Path) -> None:
        path = tmp_path / "story.json"
        path.write_text(json.dumps(story()))
        first = imports.run([path], by=verifier)
        text = text_of("json")
        assert {one["model"] for one in json.loads(text)} == set(MODELS)
        undo(first.run, by=verifier)
        assert sum(bring(tmp_path / "b.json", text, verifier).created.values()) == len(story())
        assert text_of("json") == text

    @emptied
    def test_an_export_also_loads_into_an_empty_database_with_loaddata(
        self, curator: Any, tmp_path: Path
    ) -> None:
        path = tmp_path / "story.json"
        path.write_text(json.dumps(story()))
        first = imports.run([path], by=curator)
        (tmp_path / "a.json").write_text(text_of("json"))
        undo(first.run, by=curator)
        call_command("loaddata", str(tmp_path / "a.json"), verbosity=0)
        assert text_of("json") == (tmp_path / "a.json").read_text()

    @hypothesis(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        st.lists(
            st.text(
                st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=60
            ),
            max_size=20,
        )
    )
    def test_every_text_leaves_and_comes_back_byte_for_byte(
        self, reporter: Any, tmp_path: Path, drawn: list[str]
    ) -> None:
        texts = [text for text in [*NAUGHTY, *drawn] if text.strip()]
        number = make.number()
        quote = make.a_quote(by=reporter)
        written = {
            f"naughty-{number}-{place}": {
                "statement": (quote.statement.uid,), "article": (quote.article.url,), "kind": "direct",
                "text": text, "language": "en", "prefix": text[:64], "cue": text[:80],
            }
            for place, text in enumerate(texts)
        }  # fmt: skip
        given_file = "".join(write_records(("quotes.quote", {"uid": uid} | f) for uid, f in written.items()))
        bring(tmp_path / "in.json", given_file, reporter)
        text, sheet = text_of("json"), text_of("csv")
        left = {one["fields"].get("uid"): one["fields"] for one in json.loads(text)}
        for uid, fields in written.items():
            for name in ("text", "prefix", "cue"):
                assert left[uid][name].encode() == fields[name].encode()
        unchanged(bring(tmp_path / "out.json", text, reporter))
        assert unchanged(bring(tmp_path / "out.csv", sheet, reporter)) == Quote.objects.count()
        for row in rows_of(sheet):
            for cell in row.values():
                assert not cell.lstrip(" \t\r\n\u00a0\u200b\ufeff").startswith(FORMULA), cell

    def test_a_sheet_with_one_cell_edited_changes_that_field_alone(
        self, reporter: Any, tmp_path: Path
    ) -> None:
        for place in range(3):
            make.a_quote(text=f"Words {place}", cue="=said")
        sheet = text_of("csv").replace("Words 1", "Words 1\r and more")
        path = tmp_path / "a.csv"
        path.write_text(sheet, newline="")
        report = imports.run([path], by=reporter)
        (change,) = report.changes
        assert (report.unchanged, report.updated) == ({"quotes.quote": 2}, {"quotes.quote": 1})
        assert (change.before, change.after) == ({"text": "Words 1"}, {"text": "Words 1\r and more"})

    def test_a_sheet_enters_new_quotes_of_statements_on_record(self, reporter: Any, tmp_path: Path) -> None:
        quote = make.a_quote()
        cells = f"new-one,{quote.statement.uid},{quote.article.url},indirect,x,en"
        new = f"uid,statement,article,kind,text,language\n{cells}"
        assert bring(tmp_path / "a.csv", new, reporter).created == {"quotes.quote": 1}
        lost = tmp_path / "b.csv"
        lost.write_text(new.replace(quote.statement.uid, "nowhere").replace("new-one", "new-two"))
        (error,) = imports.run([lost], by=reporter).errors
        assert (error.line, error.path) == (2, "[0].fields.statement")


class TestWhatBecameOne:
    def test_a_joined_statement_leaves_as_the_one_that_it_is_now(self, verifier: Any, tmp_path: Path) -> None:
        speaker = make.a_speaker()
        kept, gone, other = (make.a_statement(speaker, said_on="2026-02-04") for _ in range(3))
        quotes = [make.a_quote(statement) for statement in (kept, gone)]
        make.a_link(gone, other, "denies", by=verifier)
        join(kept, gone, by=verifier)
        text, sheet = text_of("json"), text_of("csv")
        assert gone.uid not in text
        assert [row["statement"] for row in rows_of(sheet)] == [kept.uid, kept.uid]
        assert {row["uid"] for row in rows_of(sheet)} == {quote.uid for quote in quotes}
        unchanged(bring(tmp_path / "a.json", text, verifier))
        unchanged(bring(tmp_path / "a.csv", sheet, verifier))

    def test_a_merged_speaker_leaves_as_a_way_to_the_one_that_is_left(
        self, verifier: Any, tmp_path: Path
    ) -> None:
        kept, gone = make.a_speaker("Ada"), make.a_speaker("Ada L.", names={"Ада": "uk"})
        statement = make.a_quote(make.a_statement(gone)).statement
        merge(gone, kept, seen=(gone.version, kept.version), despite=False, by=verifier)
        text = text_of("json")
        told = {
            one["fields"]["slug"]: one["fields"]
            for one in json.loads(text)
            if one["model"] == "quotes.speaker"
        }
        assert told[gone.slug]["redirects_to"] == [kept.slug]
        (said,) = [one["fields"] for one in json.loads(text) if one["model"] == "quotes.statement"]
        assert (said["uid"], said["speaker"]) == (statement.uid, [kept.slug])
        unchanged(bring(tmp_path / "a.json", text, verifier))


class TestLinks:
    @emptied
    @pytest.mark.parametrize("state", Link.State.values)
    def test_a_link_gets_its_state_back_from_whoever_may_decide_links(
        self, verifier: Any, reporter: Any, tmp_path: Path, state: str
    ) -> None:
        rows = [
            *story()[:-1],
            story()[-1] | {"fields": story()[-1]["fields"] | {"state": state, "note": "why"}},
        ]
        path = tmp_path / "story.json"
        path.write_text(json.dumps(rows))
        first = imports.run([path], by=verifier)
        text = text_of("json")
        # A reporter brings the same file: what was decided stays decided.
        unchanged(bring(tmp_path / "a.json", text, reporter))
        undo(first.run, by=verifier)
        second = bring(tmp_path / "a.json", text, reporter)
        assert Link.objects.get().state == "suggested"
        undo(second.run, by=reporter)
        bring(tmp_path / "a.json", text, verifier)
        link = Link.objects.get()
        assert (link.state, link.decided_by) == (state, None if state == "suggested" else verifier)


class TestRights:
    @pytest.mark.parametrize("name", list(exports.FORMATS))
    def test_nothing_that_is_held_back_leaves_with_a_reader(
        self, secrets: dict[str, Any], reader: Any, stranger: Any, name: str
    ) -> None:
        for person in (reader, stranger, NOBODY):
            text = text_of(name, person)
            assert "ecret" not in text
            assert secrets["embargo"].article.url not in text

    @pytest.mark.parametrize("name", ["json", "csv"])
    def test_all_of_it_leaves_with_a_verifier(
        self, secrets: dict[str, Any], verifier: Any, name: str
    ) -> None:
        text = text_of(name, verifier)
        assert all(f'"{one.uid}"' in text for one in secrets.values())
        assert text == text_of(name)

    @pytest.mark.parametrize("name", ["claimreview", "annotation"])
    def test_linked_data_hold_nothing_but_what_is_on_the_record(
        self, secrets: dict[str, Any], verifier: Any, second_verifier: Any, name: str
    ) -> None:
        for one in secrets.values():
            make.some_evidence(one, primary=True)
            for person in (verifier, second_verifier):
                make.a_check(one, person)
        text = text_of(name)
        assert "ecret" not in text
        assert "ackground" not in text

    def test_a_place_leaves_with_its_quote_also_beside_what_is_held_back(
        self, secrets: dict[str, Any], reporter: Any, verifier: Any, tmp_path: Path
    ) -> None:
        sheet = text_of("csv", reporter)
        place = ("article", "capture", "start", "end")
        told = {row["uid"]: [row[name] for name in place] for row in rows_of(sheet)}
        full = {row["uid"]: [row[name] for name in place] for row in rows_of(text_of("csv", verifier))}
        assert told == {uid: full[uid] for uid in told}, "the rows tell of nothing that is held back"
        row = next(row for row in rows_of(sheet) if row["uid"] == secrets["open"].uid)
        assert row["start"]
        assert row["capture"]
        unchanged(bring(tmp_path / "a.csv", sheet, reporter))

    def test_a_fixture_stands_alone_so_a_place_in_a_text_that_it_lacks_stays(
        self, secrets: dict[str, Any], reporter: Any, tmp_path: Path
    ) -> None:
        own = secrets["open"]
        text = text_of("json", reporter)
        fields = {
            one["fields"]["uid"]: one["fields"] for one in json.loads(text) if one["model"] == "quotes.quote"
        }
        assert not {"capture", "start", "end"} & set(fields[own.uid])
        assert "start" in fields[secrets["background"].uid]
        assert {
            one["fields"]["article"][0] for one in json.loads(text) if one["model"] == "quotes.capture"
        } == {secrets["background"].article.url}
        unchanged(bring(tmp_path / "a.json", text, reporter))
        assert Quote.objects.get(uid=own.uid).start is not None

    def test_an_embargo_that_is_over_holds_nothing_back(self, reader: Any) -> None:
        over = make.a_quote(make.a_statement(embargoed_until=timezone.now() - timezone.timedelta(minutes=1)))
        for name in ("json", "csv"):
            assert f'"{over.uid}"' in text_of(name, reader)

    def test_nothing_of_checks_people_or_standing_is_in_a_fixture(self, verifier: Any) -> None:
        quote = make.a_held_quote()
        make.a_check(quote, verifier, note="A private note")
        text = text_of("json")
        assert verifier.username not in text.replace("verifier-", "")
        assert "private note" not in text
        assert "standing" not in text


class TestMemory:
    @pytest.mark.parametrize("name", list(exports.FORMATS))
    def test_records_are_fetched_a_few_at_a_time(self, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
        """However many there are, no more are held than one fetch gives."""
        for _ in range(12):
            make.a_held_quote()
        monkeypatch.setattr(export, "AT_ONCE", 3)
        monkeypatch.setattr(exports, "AT_ONCE", 3)
        monkeypatch.setattr(export, "CAPTURES_AT_ONCE", 2)
        monkeypatch.setattr("quotes.search.export_linked.AT_ONCE", 3)
        fetched: list[int] = []
        cursors = connection.chunked_cursor

        class Counting:
            def __init__(self) -> None:
                self.cursor = cursors()

            def __getattr__(self, name: str) -> Any:
                return getattr(self.cursor, name)

            def fetchmany(self, size: int) -> Any:
                rows = self.cursor.fetchmany(size)
                fetched.append(len(rows))
                return rows

        monkeypatch.setattr(connection, "chunked_cursor", Counting)
        before = 0
        for _ in exports.FORMATS[name].write(Selection(OPERATOR), SITE, Counter()):
            # A piece is a record: nothing is gathered before it goes.
            assert sum(fetched) - before <= 3
            before = sum(fetched)
        assert max(fetched, default=0) <= 3
        if name in ("json", "csv", "annotation"):
            assert sum(fetched) >= 12

    def test_a_captured_text_is_not_read_for_a_sheet(self) -> None:
        for _ in range(3):
            make.a_held_quote()
        with connection.execute_wrapper(_no_bodies):
            text_of("csv")

    def test_a_longer_file_takes_no_more_questions(self) -> None:
        counts = []
        for _ in range(2):
            for _ in range(10):
                make.a_figure(make.a_quote(make.a_statement(topics=[make.a_topic()]), chain=["somebody"]))
            with CaptureQueriesContext(connection) as asked:
                text_of("csv")
            counts.append(len(asked))
        assert counts[0] == counts[1]


def _no_bodies(execute: Any, sql: str, params: Any, many: Any, context: Any) -> Any:
    assert '"body"' not in sql
    return execute(sql, params, many, context)


def test_every_format_has_a_name_of_its_own_and_a_file_of_today() -> None:
    today = timezone.localdate().isoformat()
    names = [one.filename for one in exports.FORMATS.values()]
    assert len(set(names)) == len(names)
    assert all(name.startswith(f"verbatim-{today}") for name in names)


def test_every_column_of_a_sheet_is_filled_by_somebody(reporter: Any) -> None:
    statement = make.a_statement(
        make.a_speaker("Ada"), topics=[make.a_topic()], said_on="2026-02-04", occasion="Interview",
        embargoed_until=timezone.now(),
    )  # fmt: skip
    make.a_tenure(statement.speaker, "President")
    quote = make.a_quote(
        statement, "If we lose this war, we will lose our independence.", body=BODY, speaker_as_printed="she",
        role_as_printed="chief", prefix="He warned: “", suffix="”", is_translation=True, chain=["somebody"],
    )  # fmt: skip
    make.a_figure(quote)
    (row,) = rows_of(text_of("csv"))
    assert [column for column in COLUMNS if not row[column]] == ["withheld"]


@pytest.mark.django_db(transaction=True)
def test_an_export_sees_one_moment_and_writes_nothing(groups: Any, in_threads: Any) -> None:
    make.a_quote()
    with one_moment():
        before = len(list(records(Selection(OPERATOR))))
        in_threads(lambda _: make.a_quote(), [1])
        assert len(list(records(Selection(OPERATOR)))) == before
        with pytest.raises(Exception, match="read-only"), connection.cursor() as cursor:
            cursor.execute("DELETE FROM quotes_topic")


@pytest.mark.parametrize(("milliseconds", "limit", "patience"), [(0, "0", None), (60_000, "1min", 61)])
def test_our_side_waits_for_an_export_as_long_as_the_server(
    milliseconds: int, limit: str, patience: int | None
) -> None:
    before = connection.connection.patience
    with one_moment(milliseconds), connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert (cursor.fetchone()[0], connection.connection.patience) == (limit, patience)
    assert connection.connection.patience == before
