"""The desk: every number is that of the list it leads to, for everybody by their own rights."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from quotes.actions import verify
from quotes.models import Quote

from . import factories as make
from .htmx import keeps_the_three_laws, parsed

pytestmark = pytest.mark.django_db


@pytest.fixture
def busy(reporter: Any, verifier: Any, second_verifier: Any, curator: Any) -> None:
    """A newsroom with something of everything, some of it held back."""
    plain, begun, disputed, stale, done = (make.a_held_quote(by=reporter) for _ in range(5))
    make.a_check(begun, verifier)
    make.a_check(disputed, verifier, context="fail")
    make.a_check(stale, verifier)
    Quote.objects.filter(pk=stale.pk).update(cue="warned")
    for person in (verifier, second_verifier):
        make.a_check(done, person)
    make.some_evidence(plain, kind="recording", primary=True)
    verify.claim(plain, by=curator)
    make.a_quote(by=reporter)
    for _ in range(3):
        off = make.a_held_quote(make.a_statement(record="off", gist="canary-gist"), by=verifier)
        make.a_check(off, curator, context="fail")
    verify.claim(make.a_held_quote(make.a_statement(record="off"), by=reporter), by=second_verifier)


def numbers(browser: Any, address: str = "/") -> list[tuple[str, int, int]]:
    """Every number on the desk: the address behind it, the number, and the total of the list there."""
    found = {}
    for link in parsed(browser.get(address)).select("[data-number]"):
        assert link.get_text(strip=True) == link["data-number"]
        found[link["href"]] = int(link["data-number"])
    return [
        (url, number, int(parsed(browser.get(url)).select_one("#results")["data-total"]))
        for url, number in found.items()
    ]


class TestTheNumbers:
    @pytest.mark.parametrize("address", ["/", "/?days=7"])
    def test_every_number_is_that_of_the_list_behind_it(
        self, client_of: Any, reader: Any, verifier: Any, busy: None, address: str
    ) -> None:
        for person in (reader, verifier):
            told = numbers(client_of(person), address)
            assert len(told) > 30
            assert [row for row in told if row[1] != row[2]] == []
            assert sum(row[1] > 0 for row in told) >= 10

    def test_the_numbers_are_right(self, client_of: Any, reader: Any, verifier: Any, busy: None) -> None:
        def told(person: Any) -> list[int]:
            page = parsed(client_of(person).get("/"))
            return [int(cell["data-number"]) for cell in page.select(".kpis [data-number]")]

        # New, first check, second signature, disputed, verified.
        assert told(reader) == [6, 2, 1, 1, 1]
        assert told(verifier) == [10, 3, 1, 4, 1]

    def test_a_list_that_is_longer_than_a_page_is_told_whole(
        self, client_of: Any, reader: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("quotes.search.desk_lists.PAGE", 2)
        uids = [make.a_quote().uid for _ in range(5)]
        browser, address, seen = client_of(reader), "/?show=new", []
        while address:
            page = parsed(browser.get(address))
            seen += [row["data-uid"] for row in page.select("[data-rows] > [data-uid]")]
            following = page.select_one('.pager a[rel="next"]')
            address = following["href"] if following else ""
        assert seen == uids[::-1]


class TestWhoSeesWhat:
    def test_somebody_signed_out_is_led_to_the_sign_in(self, client: Any) -> None:
        assert client.get("/").status_code == 302

    def test_what_is_held_back_is_on_no_part_of_it(self, client_of: Any, reader: Any, busy: None) -> None:
        browser = client_of(reader)
        held = set(Quote.objects.filter(statement__record="off").values_list("uid", flat=True))
        for address in ("/", "/?show=new", "/?show=open", "/?show=claimed", "/?show=signed", "/?days=30"):
            page = browser.get(address).content.decode()
            assert "canary" not in page
            assert not [uid for uid in held if f"/{uid}/" in page]
        crew = parsed(browser.get("/")).select_one(".d-ppl").get_text()
        assert "Verifier2" in crew  # signed a quote that is open
        assert [row for row in numbers(browser) if "claimed&by=verifier2" in row[0]] == [
            ("/?show=claimed&by=verifier2", 0, 0)
        ]


class TestThePage:
    @pytest.mark.parametrize(
        "query",
        [
            "days=2",
            "show=all",
            "hour=24",
            "day=today",
            "depth=deep",
            "standing=true",
            "cursor=0",
            "outlet=a b",
        ],
    )
    def test_an_address_that_no_page_gives_is_not_found(
        self, client_of: Any, reader: Any, query: str
    ) -> None:
        assert client_of(reader).get(f"/?{query}").status_code == 404

    def test_other_methods_are_refused(self, client_of: Any, reader: Any) -> None:
        assert client_of(reader).post("/").status_code == 405

    def test_it_stands_without_anything_on_record(self, client_of: Any, reader: Any) -> None:
        page = client_of(reader).get("/")
        assert page.status_code == 200
        assert "Nothing is disputed" in page.content.decode()

    def test_it_keeps_the_three_laws(self, client_of: Any, reader: Any, busy: None) -> None:
        keeps_the_three_laws(client_of(reader), "/", "/?days=7", "#desk")
        keeps_the_three_laws(client_of(reader), "/?show=new", "/?show=new&days=1", "#desk-list")

    @pytest.mark.parametrize("address", ["/", "/?show=new"])
    def test_twenty_quotes_take_as_many_queries_as_one(
        self, client_of: Any, reader: Any, verifier: Any, curator: Any, address: str
    ) -> None:
        browser = client_of(reader)

        def queries() -> int:
            with CaptureQueriesContext(connection) as caught:
                assert browser.get(address).status_code == 200
            return len(caught)

        def more(number: int) -> None:
            for _ in range(number):
                make.a_check(make.a_held_quote(), verifier, context="fail")
                verify.claim(make.a_held_quote(), by=curator)

        more(1)
        queries()
        one = queries()
        more(19)
        assert queries() == one
