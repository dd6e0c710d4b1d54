"""What leaves the desk comes back as it was, holds nothing that is held back, and is whole or not there at all."""

import csv
import io
import json
from collections import Counter
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from quotes.actions import imports
from quotes.actions.undo_import import undo
from quotes.importing.schema import MODELS
from quotes.importing.sheet import COLUMNS
from quotes.importing.writer import write_records
from quotes.models import AuditEvent, Evidence, Link, Quote, Statement
from quotes.search import export, exports
from quotes.search.export import NOBODY, OPERATOR, Selection, one_moment, records
from quotes.search.export_linked import Site

from . import factories as make
from .importing.test_sheet import NAUGHTY
from .test_imports import BODY, story

pytestmark = pytest.mark.django_db

emptied = pytest.mark.django_db(transaction=True)
"""For tests that take an import back to get an empty database: the log tells the two apart by their transactions."""

FIXTURES = sorted((Path(settings.BASE_DIR) / "fixtures").glob("*.json"))
SITE = Site("https://desk.example", "The Newsroom")
FORMULA = tuple("=+-@|%＝＋－＠｜％")
IN_A_YEAR = timezone.now() + timezone.timedelta(days=365)


def text_of(name: str, user: Any = OPERATOR) -> str:
    return "".join(exports.FORMATS[name].write(Selection(user), SITE, Counter()))


def bring(path: Path, text: str, by: Any) -> imports.Report:
    path.write_text(text, encoding="utf-8", newline="")
    report = imports.run([path], by=by)
    assert not report.refused, [str(error) for error in report.errors]
    return report


def unchanged(report: imports.Report) -> int:
    assert (report.created, report.updated, report.proposed) == ({}, {}, {})
    return sum(report.unchanged.values())


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True))


def run(*arguments: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command("export_quotes", *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


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


@pytest.fixture
def secrets() -> dict[str, Any]:
    """One open quote, one off the record, one under embargo, one on background; the first two in one captured text."""
    article = make.an_article()
    body = "He said: “Open words.” Aside he said: “Secret words.” Then he left."
    ada = make.a_speaker("Ada")
    held = {
        "open": make.a_quote(make.a_statement(ada), "Open words.", article=article, body=body),
        "off": make.a_quote(
            make.a_statement(ada, record="off", uid="secret-off"), "Secret words.", article=article, body=body
        ),
        "embargo": make.a_quote(
            make.a_statement(ada, embargoed_until=IN_A_YEAR, uid="secret-embargo"), "Secret words, too."
        ),
        "background": make.a_quote(
            make.a_statement(ada, record="background"), "Background words.", body="“Background words.”"
        ),
    }
    make.a_link(held["open"].statement, held["off"].statement)
    make.some_evidence(held["off"], excerpt="Secret words.")
    make.a_figure(held["embargo"], as_printed="Secret words")
    return held


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

    def test_a_place_in_a_text_that_is_not_shown_is_left_out_and_stays(
        self, secrets: dict[str, Any], reporter: Any, tmp_path: Path
    ) -> None:
        text, sheet = text_of("json", reporter), text_of("csv", reporter)
        fields = {
            one["fields"]["uid"]: one["fields"] for one in json.loads(text) if one["model"] == "quotes.quote"
        }
        assert "start" not in fields[secrets["open"].uid]
        assert "start" in fields[secrets["background"].uid]
        assert {
            one["fields"]["article"][0] for one in json.loads(text) if one["model"] == "quotes.capture"
        } == {secrets["background"].article.url}
        (row,) = [row for row in rows_of(sheet) if row["uid"] == secrets["open"].uid]
        assert row["withheld"] == "capture prefix suffix start end"
        unchanged(bring(tmp_path / "a.json", text, reporter))
        unchanged(bring(tmp_path / "a.csv", sheet, reporter))
        assert Quote.objects.get(uid=row["uid"]).start is not None

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


class TestFilters:
    @emptied
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


class TestClaimReviews:
    def reviews(self, user: Any = OPERATOR) -> list[dict[str, Any]]:
        told = json.loads(text_of("claimreview", user))
        assert told["@context"] == "https://schema.org"
        graph: list[dict[str, Any]] = told["@graph"]
        return graph

    def verified(self, quote: Any, *people: Any) -> Any:
        make.some_evidence(quote, primary=True, url="https://video.example/1")
        for person in people:
            make.a_check(quote, person)
        assert Quote.objects.get(pk=quote.pk).standing.value == "verified"
        return quote

    def test_verified_means_said_and_is_no_number(self, verifier: Any, second_verifier: Any) -> None:
        ada = make.a_speaker("Ada", wikidata_id="Q7259")
        make.a_tenure(ada, "President", starts="2019-05-20")
        statement = make.a_statement(ada, said_on="2026-02-04")
        root = make.an_outlet("France 2")
        quote = self.verified(make.a_held_quote(statement, chain=[root]), verifier, second_verifier)
        make.a_quote(statement)  # unchecked: not in it
        (review,) = self.reviews()
        assert review["@type"] == "ClaimReview"
        assert review["url"] == f"https://desk.example/statements/{statement.uid}/"
        assert review["claimReviewed"] == f"Ada said: “{quote.text}”"
        rating = review["reviewRating"]
        assert rating["alternateName"] == "Attribution verified"
        assert "says nothing of whether it is true" in rating["ratingExplanation"]
        assert "ratingValue" not in rating
        claim = review["itemReviewed"]
        assert claim["author"] == {
            "@type": "Person", "name": "Ada", "sameAs": "https://www.wikidata.org/wiki/Q7259", "jobTitle": "President",
        }  # fmt: skip
        assert claim["text"] == quote.text
        assert claim["datePublished"] == "2026-02-04"
        assert [one["url"] for one in claim["appearance"]] == [quote.article.url]
        assert claim["firstAppearance"] == {
            "@type": "CreativeWork",
            "publisher": {"@type": "Organization", "name": "France 2"},
            "url": "https://video.example/1",
        }

    @pytest.mark.parametrize(
        ("ruling", "rating"),
        [
            ("disputed", "Attribution disputed"),
            ("misattributed", "Misattributed"),
            ("retracted", "Retracted"),
        ],
    )
    def test_words_that_are_not_verified_have_the_reporter_as_their_author(
        self, verifier: Any, second_verifier: Any, ruling: str, rating: str
    ) -> None:
        statement = make.a_statement(make.a_speaker("Ada"))
        good = self.verified(make.a_held_quote(statement), verifier, second_verifier)
        bad = make.a_quote(
            statement, "We lost </script><b>", article=make.an_article(make.an_outlet("Rumour"))
        )
        make.a_check(bad, verifier, ruling=ruling, reason="Not on the tape.")
        reviews = {one["url"]: one for one in self.reviews()}
        assert len(reviews) == 2
        assert (
            reviews[f"https://desk.example/statements/{statement.uid}/"]["itemReviewed"]["text"] == good.text
        )
        review = reviews[f"https://desk.example/quotes/{bad.uid}/"]
        assert review["reviewRating"]["alternateName"] == rating
        assert review["itemReviewed"]["author"]["name"] == "Rumour"
        assert review["itemReviewed"]["about"]["name"] == "Ada"
        assert review["claimReviewed"].startswith("Rumour reported that Ada said: ")
        assert "</script>" not in text_of("claimreview")


class TestAnnotations:
    def test_every_anchored_quote_leads_to_its_words_by_both_selectors(self) -> None:
        body = "𝒳 “Nous sommes prêts.” — “We are ready,” he said. “We are ready,” she said."
        article = make.an_article()
        first = make.a_quote(text="Nous sommes prêts.", article=article, body=body, prefix="kept")
        second = make.a_quote(text="We are ready,", article=article, body=body)
        make.a_quote(article=article)  # not anchored
        told = json.loads(text_of("annotation"))
        assert (told["@context"], told["type"], told["total"]) == (
            "http://www.w3.org/ns/anno.jsonld", "AnnotationCollection", 2,
        )  # fmt: skip
        items = told["first"]["items"]
        assert [one["id"] for one in items] == [
            f"https://desk.example/quotes/{quote.uid}/#annotation" for quote in (first, second)
        ]
        for item in items:
            target = item["target"]
            assert target["source"] == article.url
            quote, place = target["selector"]
            assert (quote["type"], place["type"]) == ("TextQuoteSelector", "TextPositionSelector")
            assert body[place["start"] : place["end"]] == quote["exact"]
            assert quote["prefix"] == "kept" or body[: place["start"]].endswith(quote["prefix"])
            assert body[place["end"] :].startswith(quote["suffix"])
            assert target["state"]["sourceDate"] == "2026-02-05T12:00:00Z"
        assert items[1]["target"]["selector"][0]["prefix"] == body[: second.start][-32:]

    def test_a_quote_beside_held_back_words_shows_nothing_around_it(self, secrets: dict[str, Any]) -> None:
        assert json.loads(text_of("annotation"))["total"] == 0


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
