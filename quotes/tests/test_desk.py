"""The desk: every number is that of the list it leads to, for everybody by their own rights."""

import datetime as dt
import itertools
from typing import Any

import pytest
from django.db import ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from quotes.actions import verify
from quotes.models import Claim, FormerStanding, Quote, Standing
from quotes.search.desk_lists import midnight

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

        # New, first check, second signature (of them for oneself), disputed, verified, signed.
        assert told(reader) == [6, 2, 1, 1, 1, 4]
        assert told(verifier) == [10, 3, 1, 0, 4, 1, 7]

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


def stood(quote: Quote, value: str, since: dt.datetime, until: dt.datetime) -> None:
    """Put a standing of earlier days into the record, which only the database's own hand can do otherwise."""
    with connection.as_owner():  # type: ignore[attr-defined]
        FormerStanding.objects.create(quote=quote, value=value, since=since, until=until)


def entered_earlier(quote: Quote, interval: str) -> None:
    """Move the entry of a quote back, which the database refuses everybody: it stamps the time itself."""
    with connection.as_owner(), connection.cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE quotes_quote DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE quotes_quote SET created_at = created_at - %s::interval WHERE id = %s",
            [interval, quote.pk],
        )
        cursor.execute("ALTER TABLE quotes_quote ENABLE TRIGGER USER")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


class TestTheDaysBefore:
    def ends(self, browser: Any) -> list[list[int]]:
        """The table of the backlog: unchecked, in review, stale and disputed, oldest day first."""
        rows = parsed(browser.get("/")).select(".d-back tbody tr")
        return [[int(cell["data-number"]) for cell in row.select("[data-number]")] for row in rows]

    def test_the_backlog_is_as_each_day_ended(self, client_of: Any, reader: Any) -> None:
        quote, hidden = make.a_held_quote(), make.a_held_quote(make.a_statement(record="off"))
        today = midnight(timezone.localdate())
        day, noon = dt.timedelta(days=1), dt.timedelta(hours=12)
        for one in (quote, hidden):
            stood(one, "unchecked", today - 20 * day, today - 4 * day + noon)
            stood(one, "disputed", today - 4 * day + noon, today - 2 * day)
            stood(one, "verified", today - 2 * day, today)
        told = self.ends(client_of(reader))
        assert told[:9] == [[1, 0, 0, 0]] * 9
        assert told[9:] == [[0, 0, 0, 1], [0, 0, 0, 1], [0, 0, 0, 0], [0, 0, 0, 0], [1, 0, 0, 0]]
        assert [row for row in numbers(client_of(reader)) if row[1] != row[2]] == []

    def test_each_change_of_a_standing_is_remembered_once(self, verifier: Any, second_verifier: Any) -> None:
        quote = make.a_held_quote()
        make.a_check(quote, verifier)
        make.a_check(quote, second_verifier)
        Quote.objects.filter(pk=quote.pk).update(cue="warned")
        former = list(FormerStanding.objects.filter(quote=quote).order_by("pk"))
        assert [row.value for row in former] == ["unchecked", "in_review", "verified"]
        assert all(one.until == two.since for one, two in itertools.pairwise(former))
        assert former[-1].until == Standing.objects.get(quote=quote).since

    def test_the_app_cannot_write_what_stood_before(self) -> None:
        quote = make.a_held_quote()
        now = timezone.now()
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            FormerStanding.objects.create(quote=quote, value="verified", since=now, until=now)
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            FormerStanding.objects.all().delete()

    def test_a_quote_goes_with_what_it_stood_at(self, verifier: Any) -> None:
        quote = make.a_held_quote()
        stood(quote, "disputed", timezone.now(), timezone.now())
        quote.delete()
        assert not FormerStanding.objects.exists()

    def test_today_is_compared_with_this_weekday_a_week_ago(self, client_of: Any, reader: Any) -> None:
        for _ in range(2):
            make.a_quote()
        old = make.a_quote()
        entered_earlier(old, "7 days 1 second")
        page = parsed(client_of(reader).get("/"))
        weekday = f"{timezone.localdate():%a}"
        assert f"1 more than last {weekday} by now" in page.select_one(".kpis").get_text()
        assert len(page.select_one(".spark polyline")["points"].split()) == 7

    def test_the_median_of_the_waits_is_told(
        self, client_of: Any, reader: Any, verifier: Any, second_verifier: Any
    ) -> None:
        for hours in (1, 3, 50):
            quote = make.a_held_quote()
            make.a_check(quote, verifier)
            make.a_check(quote, second_verifier)
            entered_earlier(quote, f"{hours} hours")
        assert "3 signed, median 3 h 0 min" in parsed(client_of(reader).get("/")).select_one(
            ".kpis"
        ).get_text().replace("\n", " ")


class TestWhatNeedsADecision:
    def test_a_claim_that_ran_out_is_named_until_somebody_takes_the_quote(
        self, client_of: Any, reader: Any, verifier: Any
    ) -> None:
        quote = make.a_held_quote()
        verify.claim(quote, by=verifier)
        assert "ran out" not in client_of(reader).get("/").content.decode()
        Claim.objects.filter(pk=quote.pk).update(
            claimed_at=timezone.now() - dt.timedelta(hours=3),
            expires_at=timezone.now() - dt.timedelta(hours=1),
        )
        told = parsed(client_of(reader).get("/")).select_one(".needs").get_text()
        assert quote.uid in told
        assert "Claim ran out" in told

    def test_a_suggested_contradiction_is_named_to_who_may_see_both_ends(
        self, client_of: Any, reader: Any, verifier: Any
    ) -> None:
        open_one, other, off = make.a_statement(), make.a_statement(), make.a_statement(record="off")
        make.a_link(open_one, other, "contradicts", state="suggested")
        make.a_link(open_one, off, "conflicts_figure", state="suggested")

        def told(person: Any) -> int:
            return len(parsed(client_of(person).get("/")).select(".needs .lkb"))

        assert (told(reader), told(verifier)) == (1, 2)


class TestWhoSeesWhat:
    def test_somebody_signed_out_is_led_to_the_sign_in(self, client: Any) -> None:
        assert client.get("/").status_code == 302

    def test_no_two_parts_of_it_are_called_the_same(self, client_of: Any, curator: Any, busy: None) -> None:
        page = parsed(client_of(curator).get("/"))
        names = [
            page.select_one(f"#{part['aria-labelledby']}").get_text()
            if part.has_attr("aria-labelledby")
            else part["aria-label"]
            for part in page.select("#main section[aria-labelledby], #main [role=region][aria-label]")
        ]
        assert len(names) > 5
        assert sorted(set(names)) == sorted(names)

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
