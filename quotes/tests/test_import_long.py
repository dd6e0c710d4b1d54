"""Imports that take long: what is said meanwhile is true, and taking one back is a process of its own as well."""

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection

from quotes.actions import imports, progress, uploads
from quotes.actions.undo_import import undo
from quotes.models import ImportRun, Statement, Topic
from quotes.search.imports import SILENT, way_back
from quotes.search.imports import progress as stands

from .test_import_pages import upload
from .test_imports import row, story

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_data")]


@pytest.fixture
def small_portions() -> None:
    """What the database does in portions of thousands is done by twos and threes."""
    with connection.as_owner(), connection.cursor() as cursor:  # type: ignore[attr-defined]
        for name, portion in (("verbatim_settle", 20000), ("verbatim_index_batch", 5000)):
            cursor.execute("SELECT pg_get_functiondef(%s::regproc)", [name])
            text = cursor.fetchone()[0]
            assert f"portion integer := {portion};" in text
            cursor.execute(text.replace(f"portion integer := {portion};", "portion integer := 2;"))


def many(statements: int) -> list[dict[str, Any]]:
    told = [row("statement", uid=f"said-{n}", speaker=["ada"], gist=f"Number {n}") for n in range(statements)]
    return [*story(), *told]


def written(path: Path, rows: Any) -> Path:
    path.write_text(json.dumps(rows), encoding="utf-8")
    return path


class TestWhatIsSaidMeanwhile:
    def test_the_database_tells_of_each_portion_of_its_own_work(
        self, reporter: Any, small_portions: None, tmp_path: Path
    ) -> None:
        said: list[tuple[str, int, int]] = []
        rows = [
            *many(6),
            *(
                row("quote", uid=f"words-{n}", statement=["said-it"], article=["https://news.example/a"],
                    text=f"Words {n}", kind="indirect", language="en")
                for n in range(4)
            ),
        ]  # fmt: skip
        report = imports.run(
            [written(tmp_path / "a.json", rows)], by=reporter, progress=lambda *told: said.append(told)
        )
        assert not report.refused, list(map(str, report.errors))
        assert Statement.objects.count() == 8
        assert [told for told in said if told[0] == "indexing"] == [
            ("indexing", done, 8) for done in (0, 2, 4, 6, 8)
        ]
        settled = [told for told in said if told[0] == "settling"]
        assert [done for _step, done, _whole in settled] == list(range(0, settled[0][2], 2))
        assert len(settled) >= 2
        steps = list(dict.fromkeys(step for step, *_ in said))
        assert steps == ["reading", "writing", "settling", "indexing"]

    def test_portions_give_the_same_standings_documents_and_contributions(
        self, reporter: Any, small_portions: None, tmp_path: Path
    ) -> None:
        imports.run([written(tmp_path / "a.json", many(5))], by=reporter)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM quotes_quote q"
                " LEFT JOIN quotes_standing s ON s.quote_id = q.id AND s.value = 'unchecked'"
                " LEFT JOIN quotes_contribution c ON c.quote_id = q.id AND c.user_id = %s"
                " WHERE s.quote_id IS NULL OR c.quote_id IS NULL",
                [reporter.pk],
            )
            assert cursor.fetchone() == (0,)
            cursor.execute(
                "SELECT count(*) FROM quotes_statement s LEFT JOIN quotes_searchdoc d ON d.statement_id = s.id"
                " WHERE d.statement_id IS NULL"
            )
            assert cursor.fetchone() == (0,)

    def test_records_written_are_what_writing_is_measured_by(self, reporter: Any, tmp_path: Path) -> None:
        said: list[tuple[str, int, int]] = []
        imports.run(
            [written(tmp_path / "a.json", many(20))],
            by=reporter,
            dry=True,
            progress=lambda *told: said.append(told),
        )
        writing = [told for told in said if told[0] == "writing"]
        assert {whole for _step, _done, whole in writing} == {37}
        assert writing[0][1] == 0
        assert writing[-1][1] == 37
        assert 22 in [after[1] - before[1] for before, after in pairwise(writing)]

    def test_a_process_at_work_gives_a_sign_of_life_though_its_step_takes_long(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The clock is not waited for: the wait between two beats is over at once, three times."""
        note = progress.Note(tmp_path / "7.progress")
        waits = iter([False, False, False, True])
        monkeypatch.setattr(note._over, "wait", lambda seconds: next(waits))
        moments = iter(range(100, 200))
        monkeypatch.setattr(progress.time, "time", lambda: float(next(moments)))
        with note:
            pass
        told = json.loads((tmp_path / "7.progress").read_text())
        assert told["at"] == 103.0
        assert progress.BEAT * 3 < SILENT

    def test_work_goes_on_though_nobody_can_be_told_how_far_it_is(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A full disk, or another process that has just put its own note there."""
        note = progress.Note(tmp_path / "7.progress")
        waits = iter([False, False, True])
        monkeypatch.setattr(note._over, "wait", lambda seconds: next(waits))
        moments = iter(range(100, 200))
        monkeypatch.setattr(progress.time, "time", lambda: float(next(moments)))
        put, tried = Path.replace, []

        def replace(part: Path, file: Path) -> Path:
            tried.append(file)
            if len(tried) < 3:
                raise FileNotFoundError(part)
            return put(part, file)

        monkeypatch.setattr(Path, "replace", replace)
        with note:
            pass
        assert len(tried) == 3
        assert json.loads((tmp_path / "7.progress").read_text())["at"] == 102.0

    def test_what_was_noted_before_does_not_make_a_new_process_look_gone(
        self, reporter: Any, processes: list[list[str]]
    ) -> None:
        """Whoever reads the dry run for two minutes finds the import begun, and not stopped."""
        run = uploads.receive(uploaded(story()), by=reporter)
        run.progress_file.write_text(json.dumps({"step": "reading", "percent": 100, "at": time.time() - 120}))
        assert stands(run).stopped
        uploads._start(run, "apply", reporter)
        assert not stands(run).stopped
        assert (stands(run).step, stands(run).percent) == ("starting", 0)
        assert processes[0][-3:] == [str(run.pk), "apply", str(reporter.pk)]


def uploaded(rows: Any) -> SimpleUploadedFile:
    return SimpleUploadedFile("story.json", json.dumps(rows).encode())


@pytest.mark.django_db(transaction=True)
class TestTheWayBackOfALargeImport:
    @pytest.fixture
    def brought(
        self, client_of: Callable[[Any], Any], reporter: Any, monkeypatch: pytest.MonkeyPatch
    ) -> tuple[Any, str, ImportRun]:
        """A browser, the address and the run of an import that is too large to be taken back at once."""
        monkeypatch.setattr(uploads, "BACK_AT_ONCE", 3)
        browser = client_of(reporter)
        address = upload(browser, story())["Location"]
        run = ImportRun.objects.get()
        ImportRun.objects.filter(pk=run.pk).update(state="running")
        run.refresh_from_db()
        uploads.carry_out(run, by=reporter)
        run.refresh_from_db()
        return browser, address, run

    def test_it_is_started_once_and_the_page_tells_how_far_it_is(
        self,
        brought: Any,
        reporter: Any,
        processes: list[list[str]],
        django_capture_on_commit_callbacks: Callable[..., AbstractContextManager[Any]],
    ) -> None:
        browser, address, run = brought
        for _ in range(2):
            with django_capture_on_commit_callbacks(execute=True):
                assert browser.post(address, {"deed": "undo"}).status_code == 303
        assert [words[-3:] for words in processes] == [[str(run.pk), "undo", str(reporter.pk)]]
        text = browser.get(address).content.decode()
        assert f"Taking back import {run.pk}" in text
        assert "nothing was started twice" in text
        assert 'value="undo"' not in text
        part = browser.get(address, headers={"HX-Request": "true", "HX-Target": "progress"})
        assert part.content.decode().strip().startswith("<section")
        call_command("run_import", *processes[0][-3:])
        assert not Statement.objects.exists()
        over = browser.get(address, headers={"HX-Request": "true", "HX-Target": "progress"})
        assert over["HX-Redirect"] == address
        assert "taken back" in browser.get(address).content.decode()

    def test_what_stands_in_the_way_is_said_on_the_page_and_nothing_is_undone(
        self, brought: Any, reporter: Any
    ) -> None:
        browser, address, run = brought
        topic = Topic.objects.get(slug="war")
        Topic.objects.filter(pk=topic.pk).update(name="The war")
        uploads.carry_back(run, by=reporter)
        text = browser.get(address).content.decode()
        assert "Not taken back" in text
        assert f"topic {topic.pk}:" in text
        assert Statement.objects.exists()
        assert 'value="undo"' in text

    def test_a_process_that_is_gone_is_said_to_have_changed_nothing(self, brought: Any) -> None:
        browser, address, run = brought
        note = {"step": "taking back", "percent": 40, "deed": "undo", "at": time.time() - SILENT - 1}
        run.progress_file.write_text(json.dumps(note))
        text = browser.get(address).content.decode()
        assert "Taking it back has stopped" in text
        assert 'value="undo"' in text

    def test_a_small_one_is_taken_back_while_one_waits(
        self, brought: Any, processes: list[list[str]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        browser, address, run = brought
        monkeypatch.setattr(uploads, "BACK_AT_ONCE", 2_000)
        browser.post(address, {"deed": "undo"})
        run.refresh_from_db()
        assert run.state == "undone"
        assert processes == []

    def test_a_note_of_bringing_in_says_nothing_of_a_way_back(self, brought: Any) -> None:
        _browser, _address, run = brought
        assert way_back(run) is None
        run.progress_file.write_text("[]")
        assert way_back(run) is None
        run.progress_file.unlink()
        assert way_back(run) is None

    def test_how_far_the_way_back_is_counts_records(self, brought: Any, reporter: Any) -> None:
        _browser, _address, run = brought
        said: list[tuple[str, int, int]] = []
        undo(run, by=reporter, progress=lambda *told: said.append(told))
        assert said[0][:2] == ("taking back", 0)
        assert said[-1][1] == said[-1][2] >= 17

    def test_what_came_by_the_command_line_is_taken_back_though_the_page_never_kept_a_file(
        self,
        client_of: Callable[[Any], Any],
        reporter: Any,
        processes: list[list[str]],
        settings: Any,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        settings.DATA_DIR = tmp_path / "fresh"
        monkeypatch.setattr(uploads, "BACK_AT_ONCE", 3)
        run = imports.run([written(tmp_path / "a.json", story())], by=reporter).run
        assert run is not None
        browser, address = client_of(reporter), f"/imports/{run.pk}/"
        assert browser.post(address, {"deed": "undo"}).status_code == 303
        assert len(processes) == 1
        assert f"Taking back import {run.pk}" in browser.get(address).content.decode()

    @pytest.mark.parametrize("state", ["checked", "running", "refused", "undone"])
    def test_what_is_not_brought_in_is_not_set_out_upon(
        self, brought: Any, processes: list[list[str]], state: str
    ) -> None:
        browser, address, run = brought
        ImportRun.objects.filter(pk=run.pk).update(state=state)
        before = run.progress_file.read_text()
        answer = browser.post(address, {"deed": "undo"})
        assert (answer.status_code, processes) == (409, [])
        assert "not there to be undone" in answer.content.decode()
        assert run.progress_file.read_text() == before

    def test_a_note_of_another_shape_is_none(self, brought: Any) -> None:
        """Of another release, or by somebody's hand: the page of the import opens all the same."""
        browser, address, run = brought
        others: list[dict[str, Any]] = [
            {"percent": None},
            {"percent": "40"},
            {"percent": [1]},
            {"at": "yesterday"},
            {"at": None},
            {"step": ["taking back"]},
            {"step": None},
            {"refused": 7},
            {"refused": "no"},
            {"refused": [["no"], {}]},
        ]
        whole = {"step": "taking back", "percent": 40, "deed": "undo", "at": time.time()}
        for state in ("done", "running"):
            ImportRun.objects.filter(pk=run.pk).update(state=state)
            run.progress_file.write_text(json.dumps(whole))
            assert b"<b>40</b> %" in browser.get(address).content
            for other in others:
                kept = {name: value for name, value in (whole | other).items() if value is not None}
                for note in (whole | other, kept):
                    run.progress_file.write_text(json.dumps(note))
                    page = browser.get(address)
                    assert page.status_code == 200, note
                    assert b"<b>40</b> %" not in page.content, note

    def test_the_process_waits_for_whoever_holds_the_import(self, brought: Any, reporter: Any) -> None:
        """Such as the server's part of a process that was killed: it goes on for as long as its statement takes."""
        _browser, _address, run = brought
        other = connection.another()  # type: ignore[attr-defined]

        def take_back() -> None:
            try:
                with connection.cursor() as cursor:
                    cursor.execute("SET lock_timeout = '1ms'")
                uploads.carry_back(run, by=reporter)
            finally:
                connection.close()

        try:
            with other.cursor() as holder, ThreadPoolExecutor(1) as pool:
                holder.execute("BEGIN")
                holder.execute(
                    "SELECT pg_backend_pid() FROM quotes_importrun WHERE id = %s FOR UPDATE", [run.pk]
                )
                (holding,) = holder.fetchone()
                done = pool.submit(take_back)
                waits = False
                while not (waits or done.done()):
                    holder.execute(
                        "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND %s = ANY (pg_blocking_pids(pid)))",
                        [holding],
                    )
                    (waits,) = holder.fetchone()
                holder.execute("ROLLBACK")
                done.result()
        finally:
            other.close()
        run.refresh_from_db()
        assert run.state == "undone"

    @pytest.mark.parametrize(("what", "person"), [("apply", 0), ("look", 0), ("undo", 10**6)])
    def test_the_command_refuses_what_is_not_on_its_way_or_nobodys(
        self, brought: Any, reporter: Any, what: str, person: int
    ) -> None:
        _browser, _address, run = brought
        with pytest.raises(CommandError, match=r"not on its way|no account"):
            call_command("run_import", str(run.pk), what, str(person or reporter.pk))
        run.refresh_from_db()
        assert run.state == "done"
