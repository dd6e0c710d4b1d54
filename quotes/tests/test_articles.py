"""The list of articles, and one article with its quotes marked in the captured text."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from .factories import BODY, WORDS, a_capture, a_held_quote, a_quote, a_statement, an_article, an_outlet
from .htmx import get_part, keeps_the_three_laws, parsed, text_of

pytestmark = pytest.mark.django_db

HELD_BACK = [{"record": "off"}, {"embargoed_until": dt.datetime(2999, 1, 1, tzinfo=dt.UTC)}]


def page_of(browser: Any, article: Any) -> Any:
    answer = browser.get(reverse("article", args=[article.pk]))
    assert answer.status_code == 200
    return parsed(answer)


def listed(browser: Any, **query: str) -> list[str]:
    answer = browser.get(reverse("articles"), query)
    assert answer.status_code == 200
    return [text_of(row) for row in parsed(answer).select(".art-h")]


def at(day: int, hour: int = 0) -> dt.datetime:
    return dt.datetime(2026, 2, day, hour, tzinfo=dt.UTC)


def test_articles_stand_newest_first_and_those_without_a_date_last(reading: Any) -> None:
    an_article(headline="Unknown", published_at=None)
    an_article(headline="Old", published_at=at(1))
    an_article(headline="New", published_at=at(5, 11))
    assert listed(reading) == ["New", "Old", "Unknown"]
    page = parsed(reading.get(reverse("articles")))
    assert len(page.select("h1")) == 1
    assert "date not known" in text_of(page.select_one("#results"))


def test_the_list_can_be_narrowed_to_an_outlet(reading: Any) -> None:
    reuters = an_outlet("Reuters", slug="reuters")
    an_article(reuters, headline="Theirs")
    an_article(headline="Another")
    assert listed(reading, outlet="reuters") == ["Theirs"]
    assert reading.get(reverse("articles"), {"outlet": "no-such"}).status_code == 404
    an_outlet(slug="silent")
    page = parsed(reading.get(reverse("articles"), {"outlet": "silent"}))
    assert "No articles of this outlet" in text_of(page)
    assert "Reuters (1)" in [text_of(option) for option in page.select("option")]


def test_an_empty_house_says_so(reading: Any) -> None:
    assert "No articles yet" in text_of(parsed(reading.get(reverse("articles"))))


def test_the_captured_text_is_shown_with_its_quotes_marked(reading: Any) -> None:
    quote = a_held_quote()
    inner = a_quote(
        a_statement(), "lose this war", article=quote.article, capture=quote.capture, kind="partial",
        start=BODY.index("lose this war"), end=BODY.index("lose this war") + 13,
    )  # fmt: skip
    page = page_of(reading, quote.article)
    text = page.select_one(".src")
    assert "".join(mark.text for mark in text.select("mark")) == WORDS
    assert [p["data-p"] for p in text.select("p")] == ["1", "2"]
    assert [a["href"] for a in text.select(".src-os a")] == [
        reverse("quote", args=[quote.uid]),
        reverse("quote", args=[inner.uid]),
    ]
    assert quote.capture.sha256 in text_of(page)
    assert text["lang"] == "en"
    assert len(page.select("h1")) == 1


def test_the_latest_capture_is_shown_and_older_anchors_are_told_apart(reading: Any) -> None:
    quote = a_held_quote()
    later = a_capture(quote.article, f"{BODY} Corrected.")
    type(later).objects.none()
    page = page_of(reading, quote.article)
    assert "1 without a place in the captured text" in text_of(page.select_one("#h-quotes"))
    assert later.sha256 in text_of(page)
    assert "the latest of 2" in text_of(page.select_one(".facts"))
    assert page.select_one(".src mark") is None
    assert page.select_one(".aq mark").text == WORDS


def test_without_a_capture_the_quotes_stand_with_their_context(reading: Any) -> None:
    article = an_article(language="uk", published_at=None, byline="")
    quote = a_quote(article=article, prefix="Він сказав: ", language="uk", text="Ми переможемо")
    page = page_of(reading, article)
    assert page.select_one(".src") is None
    (row,) = page.select(".aq [data-uid]")
    assert (row["data-uid"], row["data-standing"]) == (quote.uid, "unchecked")
    assert row.mark.text == "Ми переможемо"
    assert "Він сказав: " in row.text
    assert row.select_one(".ctx")["lang"] == "uk"
    facts = text_of(page.select_one(".facts"))
    assert "Published not known" in facts
    assert "Text captured not shown" in facts


def test_an_article_without_quotes_says_so(reading: Any) -> None:
    assert "No quotes" in text_of(page_of(reading, an_article()))


def test_times_name_their_zone(reading: Any) -> None:
    facts = page_of(reading, an_article(published_at=at(5, 11))).select_one(".facts")
    assert "5 Feb 2026, 11:00 UTC" in text_of(facts)
    assert facts.time["datetime"] == "2026-02-05T11:00:00+00:00"


# --- what may not be known (invariant 12) ---


@pytest.mark.parametrize("terms", HELD_BACK)
def test_an_article_that_holds_only_what_is_held_back_is_not_there(
    reading: Any, verifying: Any, terms: Any
) -> None:
    outlet = an_outlet(slug="secret")
    quote = a_held_quote(a_statement(**terms), article=an_article(outlet, headline="Secret"))
    assert reading.get(reverse("article", args=[quote.article_id])).status_code == 404
    assert listed(reading) == []
    assert listed(reading, outlet="secret") == []
    assert "secret" not in str(parsed(reading.get(reverse("articles"))).select_one("#outlet"))
    assert listed(verifying) == ["Secret"]
    assert page_of(verifying, quote.article).select_one(".src mark").text == WORDS


@pytest.mark.parametrize("terms", HELD_BACK)
def test_the_captured_text_is_not_shown_when_it_would_give_something_away(
    reading: Any, verifying: Any, terms: Any
) -> None:
    quote = a_held_quote(a_statement())
    secret = a_quote(
        a_statement(**terms),
        "The president spoke",
        article=quote.article,
        capture=quote.capture,
        start=0,
        end=19,
    )
    page = page_of(reading, quote.article)
    assert "The president spoke" not in text_of(page)
    assert secret.uid not in str(page)
    assert page.select_one(".src") is None
    assert [row["data-uid"] for row in page.select(".aq [data-uid]")] == [quote.uid]
    assert "1 quote" in text_of(parsed(reading.get(reverse("articles"))).select_one(".art-n"))
    assert secret.uid in str(page_of(verifying, quote.article))
    assert "The president spoke" in text_of(page_of(verifying, quote.article).select_one(".src"))


# --- addresses ---


def test_only_ascii_digits_lead_to_an_article(reading: Any) -> None:
    article = an_article()
    wrongs = (
        "0",
        f"0{article.pk}",
        f"+{article.pk}",
        "%D9%A1%D9%A2%D9%A3",
        f"{article.pk}%20",
        "1_0",
        "9" * 18,
        "9" * 40,
    )
    for wrong in wrongs:
        assert reading.get(f"/articles/{wrong}/").status_code == 404, wrong


# --- pages, htmx, numbers of queries ---


def test_pages_follow_each_other_without_gap_or_repeat(reading: Any) -> None:
    outlet = an_outlet()
    for number in range(103):
        an_article(outlet, published_at=None if number % 3 == 0 else at(1 + number % 5))
    address, seen = reverse("articles"), []
    while address and len(seen) < 500:
        page = parsed(reading.get(address))
        seen += [a["href"] for a in page.select(".art-h")]
        following = page.select_one(".pager [rel=next]")
        address = following["href"] if following else ""
    assert len(seen) == len(set(seen)) == 103


def test_the_list_keeps_the_three_laws(reading: Any) -> None:
    outlet = an_outlet()
    for _ in range(51):
        an_article(outlet)
    index = reverse("articles")
    following = parsed(reading.get(index)).select_one(".pager [rel=next]")["href"]
    keeps_the_three_laws(reading, index, following, "#results")
    keeps_the_three_laws(reading, following, index, "#results")
    keeps_the_three_laws(reading, index, f"{index}?outlet={outlet.slug}", "#results")


def test_pages_ask_as_often_for_one_quote_as_for_twenty(reading: Any) -> None:
    article = an_article()
    counts = []
    for number in (1, 19):
        for _ in range(number):
            a_held_quote(article=article)
            a_quote()
        asked = []
        for address in (reverse("articles"), reverse("article", args=[article.pk])):
            reading.get(address)
            with CaptureQueriesContext(connection) as queries:
                assert reading.get(address).status_code == 200
            asked.append(len(queries))
        counts.append(asked)
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    "cursor", ["x", "WyIyMDI2LTAyLTA1IiwxXQ", "WyJ4IiwxXQ", "WyIyMDI2LTAyLTA1VDExOjE5OjAwIiwxXQ"]
)
def test_a_cursor_that_no_page_gave_is_not_found(reading: Any, cursor: str) -> None:
    assert reading.get(reverse("articles"), {"cursor": cursor}).status_code == 404


@pytest.mark.parametrize("terms", HELD_BACK)
@pytest.mark.parametrize("placed", ["nowhere", "in an earlier copy"])
def test_a_text_stays_back_where_the_hidden_words_have_no_mark_in_it(
    reading: Any, verifying: Any, terms: Any, placed: str
) -> None:
    article = an_article()
    earlier = "The president spoke. He left."
    place = {"body": earlier} if placed != "nowhere" else {}
    a_quote(a_statement(**terms), "The president spoke", article=article, **place)
    quote = a_held_quote(a_statement(), article=article)
    for address in (
        reverse("article", args=[article.pk]),
        reverse("quote", args=[quote.uid]),
        reverse("search-peek", args=[quote.statement.uid]),
        reverse("verify-quote", args=[quote.uid]),
    ):
        ask = get_part if "peek" in address else lambda client, where: client.get(where)
        assert "The president spoke" not in ask(reading, address).content.decode(), address
        assert "The president spoke" in ask(verifying, address).content.decode(), address
