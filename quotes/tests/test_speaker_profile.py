"""The profile: roles drawn, topics by year, outlets, figures, spellings found, and what the latest add up to."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from quotes.models import Standing
from quotes.search import speaker_profile as profile
from quotes.tests import factories as make
from quotes.tests.htmx import keeps_the_three_laws, parsed, text_of

pytestmark = pytest.mark.django_db

DAY = dt.date(2026, 2, 4)


def page_of(client: Any, speaker: Any, **query: Any) -> Any:
    answer = client.get(reverse("speaker", args=[speaker.slug]), query)
    assert answer.status_code == 200
    return parsed(answer)


# --- roles over time ---


def test_roles_are_drawn_from_their_first_day_to_their_last() -> None:
    speaker = make.a_speaker()
    early = make.a_tenure(speaker, "Actor", starts=dt.date(2016, 1, 1), ends=dt.date(2019, 5, 19))
    late = make.a_tenure(speaker, "President", starts=dt.date(2019, 5, 20))
    drawn = profile.timeline([late, early], dt.date(2026, 1, 1))
    assert drawn is not None
    president, actor = drawn.lanes
    assert (president.open, actor.open) == (True, False)
    assert float(actor.x) == 0
    assert float(actor.x) + float(actor.width) == pytest.approx(float(president.x), abs=0.5)
    assert float(president.x) + float(president.width) == pytest.approx(drawn.width)
    assert president.label == "President, 20 May 2019 to now"
    assert [label for label, _ in drawn.ticks][:2] == ["2016", "2019"]


def test_a_role_whose_start_is_not_known_reaches_to_the_edge_and_says_so() -> None:
    role = make.a_tenure(make.a_speaker(), "Minister", ends=dt.date(2020, 1, 1), ends_precision="year")
    drawn = profile.timeline([role], DAY)
    assert drawn is not None
    assert (drawn.lanes[0].vague, drawn.lanes[0].x) == (True, "0.0")
    assert "not known" in drawn.lanes[0].label
    assert profile.timeline([make.a_tenure(make.a_speaker(), "Minister")], DAY) is None
    assert profile.timeline([], DAY) is None


def test_the_drawing_stands_beside_the_list_in_words(reading: Any) -> None:
    speaker = make.a_speaker()
    make.a_tenure(speaker, "Minister", starts=dt.date(2020, 1, 1))
    page = page_of(reading, speaker)
    assert page.select_one("svg.tl")["role"] == "img"
    assert [bar.title.text for bar in page.select("svg.tl rect")] == ["Minister, 1 Jan 2020 to now"]
    assert page.select_one(".roles b").text == "Minister"


# --- about what, and when ---


def test_topics_are_counted_by_year_and_each_number_leads_to_its_statements(reading: Any) -> None:
    speaker, war, peace = make.a_speaker(), make.a_topic("War"), make.a_topic("Peace")
    both = make.a_statement(speaker, topics=[war, peace], said_on=DAY)
    make.a_statement(speaker, topics=[war], said_on=dt.date(2024, 1, 1), said_on_precision="year")
    make.a_statement(speaker, topics=[war])
    page = page_of(reading, speaker)
    rows = {text_of(row.th): [cell.contents[0].get_text().split()[0] for cell in row.select("td")]
            for row in page.select(".tbl-by tbody tr")}  # fmt: skip
    assert rows == {"War": ["1", "1"], "Peace": ["0", "1"]}
    address = page.select(".tbl-by a")[-1]["href"]
    led_to = parsed(reading.get(address.split("#")[0]))
    assert [row["data-uid"] for row in led_to.select("#statements [data-uid]")] == [both.uid]
    assert led_to.select_one("#statements .chips a.chip-l[aria-current]")


@pytest.mark.parametrize("year", ["0", "99999", "x", "٢٠٢٦"])
def test_a_year_that_is_none_is_not_found(reading: Any, year: str) -> None:
    assert reading.get(reverse("speaker", args=[make.a_speaker().slug]), {"year": year}).status_code == 404


def test_a_year_keeps_the_three_laws(reading: Any) -> None:
    speaker, topic = make.a_speaker(), make.a_topic()
    make.a_quote(make.a_statement(speaker, topics=[topic], said_on=DAY))
    make.a_quote(make.a_statement(speaker, topics=[topic], said_on=dt.date(2020, 1, 1)))
    before = reverse("speaker", args=[speaker.slug])
    keeps_the_three_laws(
        reading, f"{before}?year=2026", f"{before}?topic={topic.slug}&year=2026", "#statements"
    )


# --- through whom, which numbers, which spellings ---


def test_outlets_figures_and_spellings_are_counted(reading: Any) -> None:
    speaker = make.a_speaker("Ada", names={"Ада": "uk"})
    agency, measure = make.an_outlet("Agency"), make.a_measure("Killed")
    for number in range(2):
        quote = make.a_quote(
            make.a_statement(speaker), article=make.an_article(agency), speaker_as_printed="Ада"
        )
        make.a_figure(quote, 100 + number, measure=measure)
    make.a_quote(make.a_statement(speaker))
    page = page_of(reading, speaker)
    assert text_of(page.select_one(".thr li")) == "Agency 2"
    assert page.select_one(".thr rect")["width"] == "100"
    numbers = page.select_one("[aria-labelledby=h-numbers] li")
    assert text_of(numbers) == "Killed 2 statements"
    assert text_of(page.select_one(".al tbody tr:has(td)")).endswith("2")


def test_who_else_speaks_for_the_same_is_named_while_they_do(reading: Any) -> None:
    office, one, two, before = (
        make.a_speaker(kind=kind) for kind in ("institution", "person", "person", "person")
    )
    make.a_tenure(one, "Spokeswoman", organisation=office, speaks_for=True)
    make.a_tenure(two, "Deputy", organisation=office, speaks_for=True)
    make.a_tenure(before, "Former", organisation=office, speaks_for=True, ends=dt.date(2020, 1, 1))
    assert [link["href"] for link in page_of(reading, one).select("[aria-labelledby=h-also] a")] == [
        reverse("speaker", args=[two.slug])
    ]


def test_a_contradiction_of_oneself_is_told_as_one(reading: Any, verifier: Any) -> None:
    speaker = make.a_speaker()
    one, two = make.a_statement(speaker), make.a_statement(speaker)
    make.a_link(one, two, "reverses", by=verifier)
    rows = [text_of(row) for row in page_of(reading, speaker).select(".cons li")]
    assert rows[0].startswith("Reverses")
    assert "None found" not in " ".join(rows)


# --- what is looked at is bounded ---


def test_above_the_bound_the_page_says_what_it_looked_at(
    reading: Any, reader: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(profile, "CONSIDERED", 3)
    speaker = make.a_speaker()
    for month in range(1, 6):
        make.a_quote(make.a_statement(speaker, said_on=dt.date(2025, month, 1)))
    seen = profile.consider(speaker, reader)
    assert [seen.days[key][0].month for key in seen.keys] == [5, 4, 3]
    assert not seen.all
    page = page_of(reading, speaker)
    assert "those of the latest 3 statements" in text_of(page)
    assert text_of(page.select_one(".sph-k dd")).endswith("~5")
    # March is where the looking ended: it may have more.
    assert [text_of(row.th) for row in page.select(".astable tbody tr") if row.select("td")] == [
        "Apr 2025", "May 2025",
    ]  # fmt: skip


def test_the_latest_come_by_every_road_and_none_twice(reader: Any) -> None:
    office, mouth = make.a_speaker(kind="institution"), make.a_speaker()
    make.a_tenure(mouth, "Spokeswoman", organisation=office, speaks_for=True, starts=dt.date(2026, 1, 1))
    own = make.a_statement(office, said_on=DAY, uttered_by=office)
    lent = make.a_statement(mouth, said_on=DAY)
    make.a_statement(mouth, said_on=dt.date(2020, 1, 1))
    hidden = make.a_statement(office, said_on=DAY, record="off")
    seen = profile.consider(office, reader)
    assert sorted(seen.keys) == sorted([own.pk, lent.pk])
    assert hidden.pk not in seen.keys


def test_standing_is_that_of_the_best_supported_quote_with_bad_ones_beside(
    reader: Any, verifier: Any, second_verifier: Any
) -> None:
    statement = make.a_statement(make.a_speaker())
    good, bad = make.a_held_quote(statement), make.a_held_quote(statement)
    make.a_check(good, verifier)
    make.a_check(good, second_verifier)
    make.a_check(bad, verifier, ruling="disputed", reason="Not said so.")
    seen = profile.consider(statement.speaker, reader)
    assert seen.counts == {Standing.Value.VERIFIED: 1}
    assert seen.adverse == {statement.pk}


def test_the_quotes_of_a_profile_are_read_once_and_by_their_keys(reader: Any) -> None:
    speaker = make.a_speaker()
    outlet = make.an_outlet("The Wire")
    for name in ("Ada", "Ada", ""):
        make.a_quote(
            make.a_statement(speaker, said_on=DAY),
            article=make.an_article(outlet=outlet),
            speaker_as_printed=name,
        )
    with CaptureQueriesContext(connection) as queries, profile.by_keys():
        seen = profile.consider(speaker, reader)
        (share,) = profile.outlets_of(seen)
        found = profile.spellings_found(seen)
        with connection.cursor() as cursor:
            cursor.execute("SHOW enable_seqscan")
            assert cursor.fetchone() == ("off",)
    assert (share.name, share.number, found) == ("The Wire", 3, {"Ada": 2})
    quotes = [query["sql"] for query in queries if re.search('(FROM|JOIN) "quotes_quote"', query["sql"])]
    assert len(quotes) == 1


def test_a_profile_asks_as_often_for_one_statement_as_for_twenty(reading: Any) -> None:
    speaker = make.a_speaker()

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            page_of(reading, speaker)
        return len(queries)

    make.a_quote(make.a_statement(speaker, topics=[make.a_topic()], said_on=DAY))
    asked()
    few = asked()
    for _ in range(19):
        make.a_quote(make.a_statement(speaker, topics=[make.a_topic()], said_on=DAY))
    assert asked() == few


# --- the role of that day, wherever words are shown (invariant 7) ---


def test_a_printed_role_not_held_that_day_is_flagged_on_every_page(
    reading: Any, client_of: Any, verifier: Any
) -> None:
    speaker = make.a_speaker("Donald Trump")
    make.a_tenure(speaker, "President of the United States", starts=dt.date(2025, 1, 20))
    quote = make.a_held_quote(make.a_statement(speaker, said_on=DAY), role_as_printed="former U.S. President")
    addresses = [
        reverse("statement", args=[quote.statement.uid]),
        reverse("quote", args=[quote.uid]),
        reverse("verify-quote", args=[quote.uid]),
    ]
    checking = client_of(verifier)
    for address in addresses:
        text = text_of(parsed(checking.get(address)).main)
        assert "former U.S. President" in text, address
        assert "President of the United States" in text, address
    assert "former U.S. President" in text_of(parsed(reading.get(addresses[0])).main)
