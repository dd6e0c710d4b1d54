"""What a search finds as a file, from its page: all of it, no more than may be seen, whole or not at all."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone

from quotes.models import ImportRun, Quote
from quotes.search import exports

from . import factories as make
from .exporting import some_secrets

pytestmark = pytest.mark.django_db

FORMATS = list(exports.FORMATS)


@pytest.fixture
def secrets() -> dict[str, Any]:
    """Quotes that are open, off the record, under embargo, and on background."""
    return some_secrets()


def got(answer: Any) -> str:
    assert answer.status_code == 200
    assert answer.streaming
    return b"".join(answer.streaming_content).decode()


def uids(text: str) -> list[str]:
    """The statements in a CSV file, each as often as it has quotes."""
    rows = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    return [row["statement"] for row in rows]


def page(browser: Any, address: str) -> BeautifulSoup:
    return BeautifulSoup(browser.get(address).content, "html.parser")


class TestTheMenu:
    @pytest.mark.parametrize("query", ["q=zelenski", "q=zelenski&sort=added", "q=", "speaker=-nobody-there"])
    def test_every_format_leads_to_a_file_with_as_many_as_the_page_counts(
        self, client_of: Any, reader: Any, query: str
    ) -> None:
        speaker = make.a_speaker("Volodymyr Zelenskyy")
        for _ in range(30):  # more than one page of them
            make.a_quote(make.a_statement(speaker))
        make.a_quote(make.a_statement(speaker, record="off"))
        browser = client_of(reader)
        html = page(browser, f"/search/?{query}&from=")
        if query == "q=":
            html = page(browser, "/search/?sort=said")
        total = int(html.select_one("#results")["data-total"])  # type: ignore[index, arg-type]
        assert total == 30
        links = {link.get_text(" ").split()[0]: link["href"] for link in html.select("details.take a")}
        assert len(links) == len(FORMATS)
        assert len(uids(got(browser.get(links["CSV"])))) == total
        told = json.loads(got(browser.get(links["JSON"])))
        assert sum(one["model"] == "quotes.statement" for one in told) == total
        json.loads(got(browser.get(links["ClaimReview"])))
        json.loads(got(browser.get(links["Web"])))

    def test_a_slip_is_read_in_the_file_as_on_the_page(self, client_of: Any, reader: Any) -> None:
        wanted = make.a_quote(text="We speak of independence.")
        make.a_quote(text="We speak of something else.")
        browser = client_of(reader)
        html = page(browser, "/search/?q=independenc")
        assert html.select_one("#results")["data-total"] == "1"  # type: ignore[index]
        assert uids(got(browser.get("/search/export/?format=csv&q=independenc"))) == [wanted.statement.uid]

    def test_filters_of_the_address_narrow_the_file(self, client_of: Any, reader: Any) -> None:
        quotes = [make.a_quote(language=language) for language in ("en", "fr")]
        text = got(
            client_of(reader).get("/search/export/?format=csv&language=fr&cursor=said.0.0.2026-02-04.1.1")
        )
        assert uids(text) == [quotes[1].statement.uid]

    def test_there_is_no_menu_where_nothing_is_found(self, client_of: Any, reader: Any) -> None:
        assert not page(client_of(reader), "/search/?q=nothingatall").select("details.take")


class TestTheFile:
    @pytest.mark.parametrize("name", FORMATS)
    def test_it_has_a_name_with_the_day_and_is_kept_by_nobody_on_the_way(
        self, client_of: Any, reader: Any, name: str
    ) -> None:
        make.a_quote()
        answer = client_of(reader).get(f"/search/export/?format={name}")
        body = got(answer)
        kind = exports.FORMATS[name]
        assert answer["Content-Disposition"] == f'attachment; filename="{kind.filename}"'
        assert timezone.localdate().isoformat() in kind.filename
        assert answer["Content-Type"] == kind.media_type
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "no-store" in answer["Cache-Control"]
        assert int(answer["Content-Length"]) == len(body.encode())

    @pytest.mark.parametrize("name", FORMATS)
    def test_a_reader_gets_no_row_that_is_held_back(
        self,
        client_of: Any,
        reader: Any,
        verifier: Any,
        secrets: dict[str, Any],
        name: str,
    ) -> None:
        for query in (
            "",
            "&q=words",
            "&q=secret",
            f"&speaker={secrets['off'].statement.speaker.slug}",
            "&standing=unchecked",
        ):
            text = got(client_of(reader).get(f"/search/export/?format={name}{query}"))
            assert "ecret" not in text
        mine = got(client_of(verifier).get(f"/search/export/?format={name}&q=words"))
        assert ("Secret words." in mine) is (name in ("json", "csv"))

    def test_full_addresses_are_those_of_the_desk(self, client_of: Any, reader: Any) -> None:
        quote = make.a_held_quote()
        told = json.loads(
            got(client_of(reader).get("/search/export/?format=annotation", HTTP_HOST="127.0.0.1"))
        )
        assert told["first"]["items"][0]["id"] == f"http://127.0.0.1/quotes/{quote.uid}/#annotation"

    def test_a_file_that_breaks_while_it_is_made_is_never_sent(
        self, client_of: Any, reader: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def torn(*_: Any) -> Any:
            yield "["
            raise RuntimeError("the power went")

        monkeypatch.setattr(exports, "write_records", torn)
        answer = client_of(reader, raise_request_exception=False).get("/search/export/?format=json")
        assert answer.status_code == 500
        assert not answer.streaming


class TestRefusals:
    @pytest.mark.parametrize("query", ["", "format=", "format=xml", "format=JSON", "format=csv%00"])
    def test_an_unknown_format_is_refused_in_a_sentence(
        self, client_of: Any, reader: Any, query: str
    ) -> None:
        answer = client_of(reader).get(f"/search/export/?{query}")
        assert answer.status_code == 400
        if "%00" not in query:
            assert "json, csv, claimreview, annotation" in answer.content.decode()

    @pytest.mark.parametrize("query", ["from=yesterday", "kind=DROP TABLE", "sort=none"])
    def test_what_the_search_would_leave_out_is_refused(
        self, client_of: Any, reader: Any, query: str
    ) -> None:
        make.a_quote()
        answer = client_of(reader).get(f"/search/export/?format=csv&{query}")
        assert answer.status_code == 400
        assert "Nothing was exported" in answer.content.decode()

    def test_more_than_one_file_holds_is_said_on_the_page_and_refused(
        self, client_of: Any, reader: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(exports, "MOST", 2)
        for _ in range(3):
            make.a_quote(text="Peace.")
        browser = client_of(reader)
        assert "One file holds at most 2 statements" in page(browser, "/search/?q=peace").get_text()
        answer = browser.get("/search/export/?format=csv&q=peace")
        assert answer.status_code == 422
        assert "finds 3 statements" in answer.content.decode()

    def test_only_looking_is_possible_there(self, client_of: Any, reader: Any, client: Any) -> None:
        for method in ("post", "put", "delete"):
            assert getattr(client_of(reader), method)("/search/export/?format=csv").status_code == 405
        answer = client.get("/search/export/?format=csv")
        assert answer.status_code == 302
        assert answer["Location"].startswith("/accounts/login/")

    @pytest.mark.django_db(transaction=True)
    def test_one_account_waits_for_one_file_at_a_time(
        self, client_of: Any, make_person: Any, in_threads: Any
    ) -> None:
        reader, other = make_person("ada", "Reader"), make_person("bob", "Reader")
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", [exports._TURN, reader.pk])

            def ask(person: Any) -> int:
                answer = client_of(person).get("/search/export/?format=csv")
                if answer.streaming:
                    got(answer)
                return int(answer.status_code)

            assert in_threads(ask, [reader]) == [429]
            assert in_threads(ask, [other]) == [200]
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [exports._TURN, reader.pk])
        assert in_threads(ask, [reader]) == [200]


class TestTheWayBack:
    def test_the_import_page_takes_the_sheet_that_was_exported(
        self, client_of: Any, reporter: Any, settings: Any, tmp_path: Path
    ) -> None:
        settings.DATA_DIR = tmp_path
        quote = make.a_quote(text="=1+1\r\n")
        browser = client_of(reporter)
        sheet = got(browser.get("/search/export/?format=csv"))

        def upload(text: str, name: str) -> str:
            file = SimpleUploadedFile(name, text.encode())
            return str(
                browser.get(browser.post("/imports/new/", {"file": file})["Location"]).content.decode()
            )

        upload(sheet, "quotes.csv")
        run = ImportRun.objects.get()
        assert (run.state, run.counts["unchanged"]) == ("checked", {"quotes.quote": 1})
        text = upload(sheet.replace('"en"', '"english, please"'), "quotes.csv")
        assert "[0].fields.language" in text
        text = upload("was,soll,das\n", "liste.csv")
        assert "unknown column" in text
        assert Quote.objects.get().text == quote.text == "=1+1\r\n"
