"""The page of a speaker: names, roles, what was said, and whose mouth it was (invariant 8)."""

import datetime as dt
import json
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from quotes.actions.audit import acting
from quotes.models import Speaker
from quotes.search.speakers import statements_of

from .factories import (
    a_check,
    a_held_quote,
    a_link,
    a_quote,
    a_speaker,
    a_statement,
    a_tenure,
    a_topic,
    an_article,
)
from .htmx import parsed, text_of
from .joined import merge

pytestmark = pytest.mark.django_db

DAY = dt.date(2026, 2, 4)


def page_of(browser: Any, speaker: Any, **query: str) -> Any:
    answer = browser.get(reverse("speaker", args=[speaker.slug]), query)
    assert answer.status_code == 200
    return parsed(answer)


def uids(page: Any) -> list[str]:
    return [row["data-uid"] for row in page.select("#statements [data-uid]")]


# --- whose mouth it was (invariant 8) ---


def test_an_institutions_page_holds_its_own_words_and_its_spokespeoples_while_they_spoke_for_it(
    reading: Any, kremlin: Any, peskov: Any
) -> None:
    own = a_statement(kremlin, said_on=DAY)
    through = a_statement(kremlin, uttered_by=peskov, said_on=dt.date(2025, 3, 1))
    as_voice = a_statement(peskov, said_on=dt.date(2012, 5, 31))
    last_day = a_statement(peskov, said_on=dt.date(2025, 12, 31))
    a_statement(peskov, said_on=dt.date(2012, 4, 30))
    a_statement(peskov, said_on=dt.date(2026, 1, 1))
    a_statement(said_on=DAY)
    assert uids(page_of(reading, kremlin)) == [s.uid for s in (own, last_day, through, as_voice)]


def test_each_row_says_whose_mouth_it_was(reading: Any, kremlin: Any, peskov: Any) -> None:
    day = dt.date(2025, 3, 1)
    for statement in (
        a_statement(kremlin, said_on=day, uid="the-house"),
        a_statement(kremlin, uttered_by=peskov, said_on=day, uid="through-him"),
        a_statement(peskov, said_on=day, uid="himself"),
    ):
        a_quote(statement)
    rows = {
        row["data-uid"]: text_of(row.select_one(".qrow-who"))
        for row in page_of(reading, kremlin).select(".qrow")
    }
    assert rows["the-house"].endswith("The Kremlin")
    assert rows["through-him"].endswith("Dmitry Peskov , Press Secretary, for The Kremlin")
    assert rows["himself"].endswith("Dmitry Peskov , Press Secretary")


def test_none_stands_twice_however_many_ways_lead_to_it(reading: Any, kremlin: Any, peskov: Any) -> None:
    a_tenure(peskov, "Deputy Head", organisation=kremlin, speaks_for=True, starts=dt.date(2020, 1, 1))
    statement = a_statement(peskov, uttered_by=peskov, said_on=dt.date(2025, 1, 1))
    other = a_statement(kremlin, uttered_by=kremlin, said_on=dt.date(2025, 1, 2))
    assert uids(page_of(reading, kremlin)) == [other.uid, statement.uid]
    assert uids(page_of(reading, peskov)) == [statement.uid]


def test_a_role_that_does_not_speak_for_the_institution_brings_nothing(reading: Any, kremlin: Any) -> None:
    person = a_speaker()
    a_tenure(person, "Adviser", organisation=kremlin, starts=dt.date(2012, 5, 1))
    a_statement(person, said_on=DAY)
    assert uids(page_of(reading, kremlin)) == []


def test_with_the_day_not_known_the_publication_decides(reading: Any, kremlin: Any, peskov: Any) -> None:
    inside, outside, never = a_statement(peskov), a_statement(peskov), a_statement(peskov)
    a_quote(inside, article=an_article(published_at=dt.datetime(2025, 12, 31, 23, 59, tzinfo=dt.UTC)))
    a_quote(outside, article=an_article(published_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC)))
    a_quote(never, article=an_article(published_at=None))
    assert uids(page_of(reading, kremlin)) == [inside.uid]


def test_a_month_counts_when_any_of_its_days_may(reading: Any, kremlin: Any, peskov: Any) -> None:
    year = a_statement(peskov, said_on=dt.date(2012, 1, 1), said_on_precision="year")
    april = a_statement(peskov, said_on=dt.date(2012, 4, 1), said_on_precision="month")
    assert uids(page_of(reading, kremlin)) == [year.uid]
    assert april.uid


def test_a_persons_page_shows_what_was_said_through_her_mouth(
    reading: Any, kremlin: Any, peskov: Any
) -> None:
    through = a_statement(kremlin, uttered_by=peskov, said_on=DAY)
    a_quote(through)
    row = page_of(reading, peskov).select_one(".qrow")
    assert row["data-uid"] == through.uid
    assert text_of(row.select_one(".qrow-who")).endswith("Dmitry Peskov , for The Kremlin")


def test_counts_of_the_index_are_those_of_the_pages(
    reading: Any, reader: Any, verifier: Any, kremlin: Any, peskov: Any
) -> None:
    a_statement(kremlin, said_on=DAY)
    a_statement(kremlin, uttered_by=peskov, said_on=DAY)
    a_statement(kremlin, uttered_by=kremlin, said_on=DAY)
    a_statement(peskov, said_on=dt.date(2025, 1, 1))
    a_statement(peskov, uttered_by=kremlin, said_on=dt.date(2025, 1, 1))
    a_statement(peskov, said_on=DAY)
    merged = a_speaker("Kreml", kind="institution")
    a_statement(merged, said_on=DAY)
    a_statement(merged, uttered_by=merged, said_on=DAY)
    merge(merged, kremlin, by=verifier)
    listed = {
        text_of(row.a): int(text_of(row.select_one(".num")))
        for row in parsed(reading.get(reverse("speakers"))).select("tbody tr")
    }
    for speaker in (kremlin, peskov):
        page = page_of(reading, speaker)
        number = len(uids(page))
        assert int(text_of(page.select_one(".sph-k dd"))) == number
        assert statements_of([speaker], reader) == {speaker.pk: number}
        assert listed[speaker.name] == number
    assert listed == {"The Kremlin": 7, "Dmitry Peskov": 4}


# --- the page ---


def test_the_page_names_roles_spellings_and_what_was_said(
    reading: Any, verifier: Any, second_verifier: Any
) -> None:
    ukraine = a_speaker("Ukraine", kind="institution")
    speaker = a_speaker(
        "Volodymyr Zelenskyy", names={"Володимир Зеленський": "uk", "زيلينسكي": "ar", "Zelensky": "fr"}
    )
    a_tenure(speaker, "President of Ukraine", organisation=ukraine, starts=dt.date(2019, 5, 20))
    a_tenure(speaker, "Actor", starts=dt.date(2000, 1, 1), starts_precision="year", ends=dt.date(2019, 5, 19))
    verified = a_held_quote(a_statement(speaker, said_on=DAY))
    a_check(verified, verifier)
    a_check(verified, second_verifier)
    a_quote(a_statement(speaker, said_on=dt.date(2025, 3, 1)))
    page = page_of(reading, speaker)
    assert len(page.select("h1")) == 1
    assert text_of(page.h1) == "Volodymyr Zelenskyy"
    assert "President of Ukraine since 20 May 2019" in text_of(page.select_one(".sph-r"))
    assert page.select_one(".sph-n [lang=uk]").text == "Володимир Зеленський"
    assert {text_of(pair.dt): text_of(pair.dd) for pair in page.select(".sph-k > div")} == {
        "Statements": "2", "Unchecked": "1", "In review": "0", "Verified": "1",
    }  # fmt: skip
    roles = [text_of(role) for role in page.select(".roles li")]
    assert [role.split()[0] for role in roles] == ["2019–", "2000–2019"]
    assert page.select_one(".roles .now b").text == "President of Ukraine"
    assert page.select_one(".roles a[rel]")["href"] == "https://roles.example/list"
    scripts = [text_of(head) for head in page.select(".al .al-s")]
    assert scripts == ["Latin", "Arabic", "Cyrillic"]
    assert page.select_one(".al [lang=ar]").text == "زيلينسكي"
    row = page.select_one(".qrow")
    assert "President of Ukraine" in text_of(row.select_one(".qrow-who"))
    assert row["data-standing"] == "verified"


def test_one_spelling_of_several_languages_stands_once(reading: Any) -> None:
    speaker = a_speaker("The Kremlin", names={"Кремль": "ru"})
    with acting(by=None, verb="speakers.enter"):
        speaker.names.create(text="Кремль", language="uk", kind="official")
    cells = [text_of(row) for row in page_of(reading, speaker).select(".al tbody tr") if row.td]
    assert cells == ["Кремль Russian, Ukrainian official 0"]


def test_activity_is_drawn_with_the_same_numbers_as_a_table(reading: Any) -> None:
    speaker = a_speaker()
    for day, precision in ((DAY, "day"), (dt.date(2026, 2, 1), "month"), (dt.date(2025, 12, 1), "day")):
        a_quote(a_statement(speaker, said_on=day, said_on_precision=precision))
    a_quote(a_statement(speaker, said_on=dt.date(2026, 1, 1), said_on_precision="year"))
    a_statement(speaker)
    page = page_of(reading, speaker)
    rows = [text_of(row) for row in page.select(".astable tbody tr")]
    assert rows[-3:] == ["Dec 2025 1", "Jan 2026 0", "Feb 2026 2"]
    assert len(rows) == 12
    drawing = page.select_one("svg.ch.w")
    assert drawing["role"] == "img"
    assert [bar.title.text for bar in drawing.select("rect")] == [
        "Dec 2025: 1 unchecked",
        "Feb 2026: 2 unchecked",
    ]
    assert "2 statements of which the month is not known are not drawn." in text_of(page)


def test_statements_can_be_narrowed_to_a_topic_and_a_standing(reading: Any, verifier: Any) -> None:
    speaker, war = a_speaker(), a_topic("War")
    about = a_statement(speaker, topics=[war])
    a_quote(about)
    seen = a_held_quote(a_statement(speaker))
    a_check(seen, verifier)
    assert uids(page_of(reading, speaker, topic=war.slug)) == [about.uid]
    assert uids(page_of(reading, speaker, standing="in_review")) == [seen.statement.uid]
    assert uids(page_of(reading, speaker, topic="no-such-topic")) == []
    assert "No statements" in text_of(
        page_of(reading, speaker, topic="no-such-topic").select_one("#statements")
    )
    assert reading.get(reverse("speaker", args=[speaker.slug]), {"standing": "true"}).status_code == 404


def test_conflicts_are_told_from_the_speakers_side(reading: Any, verifier: Any) -> None:
    speaker, csis = a_speaker(), a_speaker("CSIS", kind="document")
    own, other = a_statement(speaker, gist="55,000"), a_statement(csis, gist="140,000")
    a_link(other, own, "denies", by=verifier)
    a_link(own, a_statement(csis), "echoes", by=verifier)
    a_link(own, a_statement(csis), "contradicts", state="suggested")
    row, itself = page_of(reading, speaker).select(".cons li")
    assert text_of(itself) == "Self-contradiction None found."
    assert text_of(row.select_one(".cons-k")) == "Denied by"
    assert row.select_one(".rel-t")["href"] == reverse("statement", args=[own.uid])
    assert "CSIS" in text_of(row)
    assert text_of(page_of(reading, csis).select_one(".cons-k")) == "Denies"


def test_a_speaker_of_whom_nothing_is_known_has_a_page(reading: Any) -> None:
    page = page_of(reading, a_speaker("A source", kind="unnamed"))
    assert "Nothing that fits is on record." in text_of(page)
    assert "No roles are held." in text_of(page)
    assert page.select_one(".portrait").text == "?"
    assert page.select_one("svg.ch") is None


def test_a_merged_speaker_leads_to_the_one_it_was_merged_into(reading: Any, verifier: Any) -> None:
    last = a_speaker("Zelenskyy", slug="zelenskyy")
    middle = a_speaker("Zelenski", slug="zelenski")
    first = a_speaker("Selenskyj", slug="selenskyj")
    statement = a_statement(middle)
    oldest = a_statement(first)
    merge(first, middle, by=verifier)
    merge(middle, last, by=verifier)
    for old in (first, middle):
        answer = reading.get(f"/speakers/{old.slug}/", {"topic": "war"})
        assert answer.status_code == 301
        assert answer["Location"] == "/speakers/zelenskyy/?topic=war"
    assert set(uids(page_of(reading, last))) == {statement.uid, oldest.uid}
    assert "2" in text_of(page_of(reading, last).select_one(".sph-k dd"))
    assert "Selenskyj" not in text_of(parsed(reading.get(reverse("speakers"))))


def test_speakers_cannot_be_merged_in_a_ring() -> None:
    one = a_speaker(slug="one")
    two = a_speaker(slug="two", redirects_to=one)
    with pytest.raises(IntegrityError, match="would be merged into itself"), transaction.atomic():
        Speaker.objects.filter(pk=one.pk).update(redirects_to=two)


# --- what may not be known (invariant 12) ---


@pytest.mark.parametrize(
    "terms", [{"record": "off"}, {"embargoed_until": dt.datetime(2999, 1, 1, tzinfo=dt.UTC)}]
)
def test_what_is_held_back_is_in_no_list_and_no_count(
    reading: Any, verifying: Any, verifier: Any, kremlin: Any, peskov: Any, terms: Any
) -> None:
    day = dt.date(2025, 6, 1)
    for secret in (
        a_statement(kremlin, said_on=day, topics=[a_topic("Hushed topic")], gist="Hushed gist", **terms),
        a_statement(kremlin, uttered_by=peskov, said_on=day, **terms),
        a_statement(peskov, said_on=day, **terms),
    ):
        a_quote(secret, "Hushed words")
        a_link(a_statement(kremlin, gist="An open one"), secret, by=verifier)
    for browser, number in ((reading, 3), (verifying, 6)):
        answer = browser.get(reverse("speaker", args=["kremlin"]))
        as_json = browser.get(reverse("speaker", args=["kremlin"]), {"format": "json"})
        listed = parsed(browser.get(reverse("speakers")))
        for content in (answer.content, as_json.content):
            assert (b"Hushed" in content) is (browser is verifying)
        assert int(text_of(parsed(answer).select_one(".sph-k dd"))) == number
        assert json.loads(as_json.content)["total"] == number
        counts = {text_of(row.a): text_of(row.select_one(".num")) for row in listed.select("tbody tr")}
        assert counts["The Kremlin"] == str(number)
        assert counts["Dmitry Peskov"] == ("2" if browser is verifying else "0")
    assert page_of(reading, kremlin).select(".cons li") == []
    assert page_of(reading, kremlin).select_one("svg.ch") is None
