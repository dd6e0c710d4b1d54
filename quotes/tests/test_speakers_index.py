"""The index of speakers, its pages, and what both it and a speaker's page keep: laws, queries and JSON."""

import datetime as dt
import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from quotes.models import Speaker, Statement

from .factories import (
    a_quote,
    a_speaker,
    a_statement,
    a_tenure,
    a_topic,
    an_article,
)
from .htmx import get_part, keeps_the_three_laws, parsed, text_of
from .joined import merge

pytestmark = pytest.mark.django_db

DAY = dt.date(2026, 2, 4)


def page_of(browser: Any, speaker: Any, **query: str) -> Any:
    answer = browser.get(reverse("speaker", args=[speaker.slug]), query)
    assert answer.status_code == 200
    return parsed(answer)


def uids(page: Any) -> list[str]:
    return [row["data-uid"] for row in page.select("#statements [data-uid]")]


# --- the index ---


def test_the_index_is_in_the_order_of_a_printed_one(reading: Any) -> None:
    for name in ("Zoe", "Émile", "adam", "Ángel", "Bob"):
        a_speaker(name)
    page = parsed(reading.get(reverse("speakers")))
    assert [text_of(row.a) for row in page.select("tbody tr")] == ["adam", "Ángel", "Bob", "Émile", "Zoe"]
    assert len(page.select("h1")) == 1


@pytest.mark.parametrize("name", ["zelensky", "ЗЕЛЕНСЬК", "selenskyj", "زيلينسكي", "Volodymyr", "zélenskyy"])
def test_a_speaker_is_found_by_any_spelling(reading: Any, name: str) -> None:
    a_speaker(
        "Volodymyr Zelenskyy",
        names={"Зеленський": "uk", "Selenskyj": "de", "زيلينسكي": "ar", "Zelensky": "fr"},
    )
    a_speaker("Rustem Umerov")
    page = parsed(reading.get(reverse("speakers"), {"q": name}))
    assert [text_of(row.a) for row in page.select("tbody tr")] == ["Volodymyr Zelenskyy"]
    assert page.select_one("#name")["value"] == name


@pytest.mark.parametrize("name", ["колишній", "before"])
def test_a_merged_speakers_name_and_spelling_find_the_one_it_is_now(
    reading: Any, verifier: Any, name: str
) -> None:
    middle, now = a_speaker("Middle"), a_speaker("Now")
    merge(a_speaker("Before", names={"Колишній": "uk"}), middle, by=verifier)
    merge(middle, now, by=verifier)
    page = parsed(reading.get(reverse("speakers"), {"q": name}))
    assert [text_of(row.a) for row in page.select("tbody tr")] == ["Now"]


def test_nobody_found_says_so(reading: Any) -> None:
    a_speaker("Somebody")
    assert "Nobody by that name" in text_of(parsed(reading.get(reverse("speakers"), {"q": "%"})))
    assert "Nobody by that name" in text_of(parsed(reading.get(reverse("speakers"), {"q": "<b>"})))


def test_an_empty_house_says_so(reading: Any) -> None:
    assert "No speakers yet" in text_of(parsed(reading.get(reverse("speakers"))))


def test_pages_of_the_index_follow_each_other_without_gap_or_repeat(reading: Any) -> None:
    names = [f"Speaker {number:03}" for number in range(51)]
    for name in (*names, names[49]):
        a_speaker(name)
    address, seen = reverse("speakers"), []
    while address and len(seen) < 500:
        page = parsed(reading.get(address))
        seen += [row.a["href"] for row in page.select("tbody tr")]
        following = page.select_one(".pager [rel=next]")
        address = following["href"] if following else ""
    assert len(seen) == len(set(seen)) == 52


@pytest.mark.parametrize(
    "cursor", ["x", "bnVsbA", "WyJhIiwtMV0", "WyJhIiwwXQ", "WzEsMV0", "é", "a" * 700, "W251bGwsMV0"]
)
def test_a_cursor_that_no_page_gave_is_not_found(reading: Any, cursor: str) -> None:
    assert reading.get(reverse("speakers"), {"cursor": cursor}).status_code == 404
    if (
        cursor != "W251bGwsMV0"
    ):  # [null, 1]: after those without a date, which a speaker's statements can have
        assert reading.get(reverse("speaker", args=[a_speaker().slug]), {"cursor": cursor}).status_code == 404


def test_only_one_spelling_leads_to_a_speaker(reading: Any) -> None:
    a_speaker(slug="rustem-umerov")
    assert reading.get("/speakers/rustem-umerov/").status_code == 200
    for wrong in ("Rustem-Umerov", "rustem-umerov%20", "rustem_umerov", "no-such", "%D9%A1"):
        assert reading.get(f"/speakers/{wrong}/").status_code == 404, wrong


# --- htmx ---


def test_the_index_keeps_the_three_laws(reading: Any) -> None:
    for number in range(51):
        a_speaker(f"Speaker {number:03}")
    index = reverse("speakers")
    following = parsed(reading.get(index)).select_one(".pager [rel=next]")["href"]
    keeps_the_three_laws(reading, index, following, "#results")
    keeps_the_three_laws(reading, following, index, "#results")
    keeps_the_three_laws(reading, index, f"{index}?q=049", "#results")


def test_a_speakers_list_keeps_the_three_laws(reading: Any) -> None:
    speaker, topic = a_speaker(), a_topic("War")
    for _ in range(52):
        a_quote(a_statement(speaker, topics=[topic], said_on=DAY))
    page = reverse("speaker", args=[speaker.slug])
    following = parsed(reading.get(page)).select_one(".pager [rel=next]")["href"]
    keeps_the_three_laws(reading, page, following, "#statements")
    keeps_the_three_laws(reading, page, f"{page}?topic={topic.slug}", "#statements")
    keeps_the_three_laws(reading, f"{page}?topic={topic.slug}", page, "#statements")
    assert get_part(reading, page)["Vary"].count("HX-Request") == 1


def test_a_speakers_pages_follow_each_other_also_where_no_day_is_known(reading: Any) -> None:
    speaker = a_speaker()
    for number in range(110):
        a_statement(speaker, said_on=None if number % 2 else DAY)
    address, seen = reverse("speaker", args=[speaker.slug]), []
    while address and len(seen) < 500:
        page = parsed(reading.get(address))
        seen += uids(page)
        following = page.select_one(".pager [rel=next]")
        address = following["href"] if following else ""
    assert len(seen) == len(set(seen)) == 110
    said = [statement.said_on for statement in Statement.objects.filter(uid__in=seen[:55])]
    assert set(said) == {DAY}


# --- numbers of queries ---


def test_lists_ask_as_often_for_one_row_as_for_twenty(reading: Any) -> None:
    kremlin = a_speaker(kind="institution")

    def more(number: int) -> None:
        for _ in range(number):
            person = a_speaker(names={f"Имя {Speaker.objects.count()}": "ru"})
            a_tenure(person, "Spokesman", organisation=kremlin, speaks_for=True, starts=dt.date(2020, 1, 1))
            a_quote(
                a_statement(kremlin, uttered_by=person, said_on=DAY, topics=[a_topic()]), chain=["Somebody"]
            )
            a_quote(a_statement(person, said_on=DAY), article=an_article())

    counts = []
    for number in (1, 19):
        more(number)
        asked = []
        for address in (reverse("speakers"), reverse("speaker", args=[kremlin.slug])):
            reading.get(address)
            with CaptureQueriesContext(connection) as queries:
                assert reading.get(address).status_code == 200
            asked.append(len(queries))
        counts.append(asked)
    assert counts[0] == counts[1]


# --- JSON ---


def test_the_page_as_json_says_the_same(reading: Any, kremlin: Any, peskov: Any) -> None:
    a_quote(
        a_statement(kremlin, uttered_by=peskov, said_on=dt.date(2025, 3, 1), uid="through-him"), "Open doors"
    )
    told = json.loads(reading.get("/speakers/kremlin/", {"format": "json"}).content)
    assert (told["slug"], told["name"], told["kind"]) == ("kremlin", "The Kremlin", "institution")
    assert told["total"] == 1
    assert told["standing"]["unchecked"] == 1
    assert told["spokespeople"][0]["person"]["slug"] == "dmitry-peskov"
    assert (told["spokespeople"][0]["starts"], told["spokespeople"][0]["ends"]) == ("2012-05", "2025-12-31")
    (row,) = told["statements"]
    assert (row["uid"], row["text"], row["standing"]) == ("through-him", "Open doors", "unchecked")
    assert (row["speaker"]["slug"], row["mouth"]["slug"]) == ("kremlin", "dmitry-peskov")
    assert (row["reports"], row["roots"]) == (1, 1)
    assert told["next"] is None
    assert told["activity"][-1] == {"month": "2025-03", "unchecked": 1}
