"""`manage.py export_quotes`: the filters of the search page, and a file that is whole or not there at all."""

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError

from quotes.actions import imports
from quotes.actions.undo_import import undo
from quotes.models import AuditEvent, Evidence, Statement
from quotes.search import exports

from . import factories as make
from .exporting import FIXTURES, bring, rows_of, run, some_secrets, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def secrets() -> dict[str, Any]:
    """Quotes that are open, off the record, under embargo, and on background."""
    return some_secrets()


class TestFilters:
    @pytest.mark.django_db(transaction=True)
    def test_a_selection_brings_along_all_that_it_refers_to(
        self, curator: Any, reader: Any, tmp_path: Path
    ) -> None:
        first = imports.run(FIXTURES, by=curator)
        text, _ = run("--query", "zelenski war", "--from", "2024", "--as", "reader")
        uids = {one["fields"]["uid"] for one in json.loads(text) if one["model"] == "quotes.statement"}
        assert 0 < len(uids) < Statement.objects.count()
        undo(first.run, by=curator)
        bring(tmp_path / "a.json", text, curator)
        assert {one.uid for one in Statement.objects.all()} == uids
        assert text_of("json") == text

    def test_filters_are_those_of_the_search_page(self, reader: Any) -> None:
        ada, bob = make.a_speaker("Ada Lovelace"), make.a_speaker("Bob")
        mine = make.a_quote(make.a_statement(ada, said_on="2026-02-04"), "Peace is near.")
        old = make.a_quote(make.a_statement(ada, said_on="2020-01-01"), "Peace was near.")
        other = make.a_quote(make.a_statement(bob, said_on="2026-02-04"), "Peace, he said.")

        def found(*arguments: str) -> set[str]:
            return {row["uid"] for row in rows_of(run("--format", "csv", *arguments)[0])}

        assert found() == found("--query", "peace") == {mine.uid, old.uid, other.uid}
        assert found("--speaker", ada.slug) == {mine.uid, old.uid}
        assert found(f"--speaker=-{ada.slug}") == {other.uid}
        assert found("--speaker", ada.slug, "--from", "2026", "--standing", "unchecked") == {mine.uid}
        assert found("--query", '"was near"') == {old.uid}
        assert found("--to", "2020-01") == {old.uid}

    @pytest.mark.parametrize(
        "arguments",
        [
            ["--speaker", "nobody-of-that-name"],
            ["--from", "yesterday"],
            ["--query", "said:nobody"],
            ["--kind", "DROP TABLE"],
        ],
    )
    def test_a_filter_that_says_nothing_exports_nothing(self, arguments: list[str]) -> None:
        make.a_quote()
        with pytest.raises(CommandError, match="Nothing was exported"):
            run(*arguments)


class TestTheCommand:
    def test_it_writes_to_standard_output_and_counts_on_the_other(self) -> None:
        quote = make.a_quote()
        out, err = run()
        assert out == text_of("json")
        assert "5 records (1 outlet, 1 speaker, 1 article, 1 statement, 1 quote)." in err
        assert quote.uid in run("--format", "csv")[0]

    def test_it_says_how_much_of_it_is_held_back(self, secrets: dict[str, Any], reader: Any) -> None:
        assert "2 of the statements are off the record or under embargo" in run()[1]
        assert "off the record" not in run("--as", "reader")[1]

    def test_nobody_exports_as_somebody_who_is_not_there(self) -> None:
        with pytest.raises(CommandError, match="no active account “ghost”"):
            run("--as", "ghost")

    def test_a_file_is_whole_or_what_it_was_before(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        make.a_quote()
        path = tmp_path / "a.json"
        path.write_text("the former one")

        def torn(*_: Any) -> Any:
            yield "[\n"
            raise RuntimeError("the power went")

        with monkeypatch.context() as torn_writer:
            torn_writer.setattr(exports, "write_records", torn)
            with pytest.raises(RuntimeError):
                run("--out", str(path))
        assert [one.name for one in tmp_path.iterdir()] == ["a.json"]
        assert path.read_text() == "the former one"
        run("--out", str(path))
        assert path.read_text() == text_of("json")
        assert path.stat().st_mode & 0o077 == 0

    def test_what_is_no_file_is_not_replaced_and_a_link_is_followed(self, tmp_path: Path) -> None:
        device, kept, link = tmp_path / "device", tmp_path / "kept.json", tmp_path / "link.json"
        os.mkfifo(device)
        kept.write_text("before")
        link.symlink_to(kept)
        for place in (device, tmp_path):
            with pytest.raises(CommandError, match="is not a file"):
                run("--out", str(place))
        assert stat.S_ISFIFO(device.stat().st_mode)
        run("--out", str(link))
        assert link.is_symlink()
        assert kept.read_text() != "before"

    def test_a_folder_that_is_not_there_is_said_in_one_line(self, tmp_path: Path) -> None:
        with pytest.raises(CommandError, match="cannot be written: No such file or directory"):
            run("--out", str(tmp_path / "nowhere" / "a.json"))

    def test_what_would_be_refused_on_the_way_back_is_named(self, tmp_path: Path) -> None:
        evidence = make.some_evidence(make.a_quote(), timecode="near the end")
        _, err = run("--out", str(tmp_path / "a.json"))
        assert 'found "near the end", expected a timecode' in err
        assert "1 in all" in err
        assert Evidence.objects.get().pk == evidence.pk
        assert "near the end" in (tmp_path / "a.json").read_text()

    def test_an_export_leaves_no_event_because_it_writes_nothing(self) -> None:
        make.a_quote()
        before = AuditEvent.objects.count()
        run()
        assert AuditEvent.objects.count() == before
