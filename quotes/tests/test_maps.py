"""The map: what is on it, that nothing on it overlaps, and what may not be known."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from quotes.search.map_layout import Item, Tie, lay_out
from quotes.text.measuring import apart, shorten, width, wrap

from .factories import a_link, a_quote, a_speaker, a_statement, a_topic
from .htmx import keeps_the_three_laws, parsed, text_of

pytestmark = pytest.mark.django_db

LATER = dt.datetime(2999, 1, 1, tzinfo=dt.UTC)


def on_the_map(browser: Any, query: str) -> Any:
    answer = browser.get(f"/links/map/?{query}")
    assert answer.status_code == 200
    return parsed(answer)


def said(topic: Any, day: str = "2026-02-04", speaker: Any = None, **fields: Any) -> Any:
    when = dt.date.fromisoformat(day) if day else None
    return a_quote(a_statement(speaker, said_on=when, topics=[topic], **fields)).statement


# --- geometry ---


def numbers_in(layout: Any) -> list[float]:
    return [number for box in layout.boxes for number in box]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.integers(0, 7), st.text(min_size=1, max_size=120)),
        min_size=1,
        max_size=200,
    ),
    st.lists(st.tuples(st.integers(0, 199), st.integers(0, 199)), max_size=60),
)
def test_no_box_and_no_label_overlaps_another_whatever_is_on_the_map(
    placed: list[tuple[int, int, str]], pairs: list[tuple[int, int]]
) -> None:
    items = [
        Item(str(n), str(lane), column, text, f"uid-{n}") for n, (lane, column, text) in enumerate(placed)
    ]
    ties = [Tie(str(n), str(a), str(b), "Contradicts?") for n, (a, b) in enumerate(pairs)]
    lanes, columns = [(str(n), f"Speaker {n}") for n in range(6)], [(f"{n} Feb 2026", "x") for n in range(8)]
    layout = lay_out(lanes, columns, items, ties)
    assert len(layout.nodes) == len(items)
    assert apart(layout.boxes)
    assert all(0 <= number <= max(layout.width, layout.height) for number in numbers_in(layout))
    for node in layout.nodes.values():
        assert all(width(line, 13.5) <= node.width - 22 for line in node.lines)
        assert node.box[2] <= layout.width
        assert node.box[3] <= layout.height


def test_boxes_stand_in_the_lane_of_their_speaker_and_the_column_of_their_day() -> None:
    items = [
        Item("a", "one", 0, "first", "a"),
        Item("b", "two", 1, "second", "b"),
        Item("c", "one", 1, "third", "c"),
    ]
    layout = lay_out([("one", "One"), ("two", "Two")], [("1", ""), ("2", "")], items, [])
    first, second, third = (layout.nodes[key] for key in "abc")
    assert first.y == third.y
    assert second.x == third.x
    tops = [lane.y for lane in layout.lanes]
    assert tops[0] < first.y < tops[1] < second.y


def test_a_link_without_room_for_words_keeps_its_symbol_and_then_only_its_line() -> None:
    items = [Item(str(n), "one", n % 2, "words", "uid") for n in range(40)]
    ties = [
        Tie(f"{a}-{b}", str(a), str(b), "Gives another figure")
        for a in range(0, 40, 2)
        for b in range(1, 40, 2)
    ]
    layout = lay_out([("one", "One")], [("1", ""), ("2", "")], items, ties)
    kinds = {("words" if edge.sign.words else "symbol") if edge.sign else "line" for edge in layout.edges}
    assert "line" in kinds
    assert "symbol" in kinds
    assert apart(layout.boxes)
    assert len(layout.edges) == len(ties)


@given(st.text(max_size=200), st.integers(20, 300), st.integers(1, 5))
def test_wrapped_text_fits_its_room_and_loses_nothing_in_silence(text: str, room: int, most: int) -> None:
    lines = wrap(text, room, 13, most)
    assert len(lines) <= most
    assert all(width(line, 13) <= room for line in lines if len(line) > 1)
    whole = "".join(text.split())
    kept = "".join("".join(line.split()) for line in lines)
    assert kept == whole or (lines and lines[-1].endswith("…"))


def test_what_fits_is_not_shortened() -> None:
    assert shorten("Zelenskyy", 200, 13) == "Zelenskyy"
    assert shorten("Zelenskyy", 40, 13).endswith("…")


# --- what is on it ---


def test_every_statement_of_a_topic_is_a_link_in_its_lane_and_a_row_of_the_table(reading: Any) -> None:
    topic, speaker = a_topic("Talks"), a_speaker("Rustem Umerov")
    one, other = said(topic, "2026-02-04", speaker), said(topic, "2026-02-05")
    said(a_topic("Weather"))
    page = on_the_map(reading, f"topic={topic.slug}")
    boxes = [box["href"] for box in page.select("svg.lm a.m-n")]
    assert set(boxes) == {f"/statements/{one.uid}/", f"/statements/{other.uid}/"}
    assert "Rustem" in text_of(page.select_one("svg.lm"))
    table = page.select("#h-said")[0].find_parent("section")
    assert [row.a["href"] for row in table.select("tbody tr")] == boxes
    assert "2 statements and 0 links on Talks" in text_of(page.select_one(".sub"))


def test_a_statement_has_a_map_of_all_that_is_two_links_away(reading: Any) -> None:
    one, near, far, farther = (a_quote().statement for _ in range(4))
    a_link(one, near)
    a_link(near, far, "denies")
    a_link(far, farther, "clarifies")
    page = on_the_map(reading, f"statement={one.uid}")
    uids = {box["href"].split("/")[2] for box in page.select("svg.lm a.m-n")}
    assert uids == {one.uid, near.uid, far.uid}


def test_links_are_drawn_by_type_with_suggestions_apart(reading: Any) -> None:
    topic = a_topic()
    one, other = said(topic, "2026-02-04"), said(topic, "2026-02-09")
    third = said(topic, "2026-02-12")
    a_link(one, other, "contradicts")
    a_link(one, third, "repeats", state="suggested")
    page = on_the_map(reading, f"topic={topic.slug}")
    assert len(page.select("path.m-e.t-contradicts:not(.sugg)")) == 1
    assert len(page.select("path.m-e.t-repeats.sugg")) == 1
    only = on_the_map(reading, f"topic={topic.slug}&f=1&type=contradicts&suggested=1")
    assert not only.select("path.t-repeats")
    decided = on_the_map(reading, f"topic={topic.slug}&f=1&type=contradicts&type=repeats")
    assert not decided.select("path.t-repeats")
    assert not on_the_map(reading, f"topic={topic.slug}&f=1").select("path.m-e")


def test_the_chosen_link_stands_beside_the_map_with_its_reasons(reading: Any) -> None:
    topic = a_topic()
    one, other, third = said(topic), said(topic, "2026-02-09"), said(topic, "2026-02-12")
    a_link(one, other, "contradicts")
    link = a_link(one, third, "denies", state="suggested", reasons=["It says so."])
    page = on_the_map(reading, f"topic={topic.slug}&link={link.pk}")
    beside = text_of(page.select_one("#selected"))
    assert beside.startswith("Denies")
    assert "It says so." in beside
    assert page.select_one(f"#selected a[href='/compare/?a={one.uid}&b={third.uid}']") is not None
    assert len(page.select("a.m-n.on")) == 2


def test_two_hundred_statements_are_grouped_and_none_is_lost(reading: Any) -> None:
    topic = a_topic()
    speakers = [a_speaker() for _ in range(15)]
    for number in range(200):
        day = dt.date(2020 + number % 6, 1 + number % 12, 1 + number % 28)
        speaker = speakers[number % 2 if number % 3 else number // 3 % 15]
        a_statement(speaker, said_on=day, topics=[topic])
    page = on_the_map(reading, f"topic={topic.slug}")
    boxes = page.select("svg.lm a.m-n:not(.m-group)")
    grouped = sum(int(text_of(group).split()[0]) for group in page.select("svg.lm a.m-group"))
    assert page.select("svg.lm a.m-group")
    assert len(boxes) + grouped == 200
    assert len(page.select("svg.lm .m-col")) <= 10
    assert len(page.select("svg.lm-own .m-lane")) <= 12
    assert "others" in text_of(page.select_one("svg.lm"))


def test_a_group_opens_into_the_map_of_its_speaker(reading: Any) -> None:
    topic, speaker = a_topic(), a_speaker()
    for _ in range(6):
        said(topic, "2026-02-04", speaker)
    page = on_the_map(reading, f"topic={topic.slug}")
    group = page.select_one("a.m-group")
    assert text_of(group) == "4 more statements"
    alone = parsed(reading.get(group["href"]))
    assert len(alone.select("svg.lm a.m-n:not(.m-group)")) == 6


def test_a_statement_without_a_day_has_a_column_of_its_own(reading: Any) -> None:
    topic = a_topic()
    statement = a_statement(topics=[topic])
    page = on_the_map(reading, f"topic={topic.slug}")
    assert text_of(page.select_one(".m-col")) == "Not known"
    assert page.select_one(f"a.m-n[href='/statements/{statement.uid}/']") is not None


def test_a_column_never_says_more_of_a_day_than_is_known(reading: Any) -> None:
    topic = a_topic()
    for day, precision in [("2026-01-01", "year"), ("2026-02-01", "month"), ("2026-02-04", "day")]:
        a_statement(topics=[topic], said_on=dt.date.fromisoformat(day), said_on_precision=precision)
    a_quote(a_statement(topics=[topic]))
    page = on_the_map(reading, f"topic={topic.slug}")
    words = [text_of(column) for column in page.select(".m-col")]
    assert words == ["2026", "Feb 2026", "4 Feb 2026", "by 5 Feb 2026"]


def test_only_the_speakers_own_words_stand_in_marks(reading: Any) -> None:
    topic, speaker = a_topic(), a_speaker()
    statement = a_statement(speaker, topics=[topic], said_on=dt.date(2026, 2, 4))
    a_quote(statement, "we pay", kind="indirect")
    other = a_statement(speaker, topics=[topic], said_on=dt.date(2026, 2, 5), gist="They leave")
    a_quote(other, "Они уходят", language="ru")
    own = a_statement(speaker, topics=[topic], said_on=dt.date(2026, 2, 6))
    a_quote(own, "We stay")
    texts = [
        text_of(box.select_one(".m-t")) for box in on_the_map(reading, f"topic={topic.slug}").select("a.m-n")
    ]
    assert texts == ["we pay", "They leave", "“We stay”"]


def test_without_anything_chosen_the_topics_are_offered(reading: Any) -> None:
    topic = a_topic("Talks")
    said(topic)
    page = parsed(reading.get("/links/map/"))
    assert page.select_one(f"#main a[href='?topic={topic.slug}']") is not None


@pytest.mark.parametrize(
    "query", ["topic=nothing-here", "statement=nothing-here", "topic=a&type=loves", "link=x"]
)
def test_what_is_not_there_is_not_found(reading: Any, query: str) -> None:
    assert reading.get(f"/links/map/?{query}").status_code == 404


def test_the_view_and_the_ticks_keep_the_three_laws(reading: Any) -> None:
    topic = a_topic()
    one, other = said(topic), said(topic, "2026-02-09")
    a_link(one, other, "contradicts")
    base = f"/links/map/?topic={topic.slug}"
    keeps_the_three_laws(reading, base, f"{base}&view=table", "#map")
    keeps_the_three_laws(reading, base, f"{base}&f=1&suggested=1", "#map")


@pytest.mark.parametrize("hidden", [{"record": "off"}, {"embargoed_until": LATER}])
def test_what_is_held_back_is_on_no_map_nor_counted(
    reading: Any, client_of: Any, verifier: Any, hidden: dict[str, Any]
) -> None:
    topic = a_topic("Talks")
    seen = said(topic, gist="The open one")
    secret = said(topic, gist="The quiet one", **hidden)
    beyond = said(a_topic(), gist="The one beyond")
    a_link(seen, secret)
    a_link(secret, beyond, "denies")
    for query in ("", f"topic={topic.slug}", f"topic={topic.slug}&view=table", f"statement={seen.uid}"):
        body = reading.get(f"/links/map/?{query}").content.decode()
        assert "The quiet one" not in body
        assert secret.uid not in body
    assert "The one beyond" not in reading.get(f"/links/map/?statement={seen.uid}").content.decode()
    assert "1 statement and 0 links" in text_of(on_the_map(reading, f"topic={topic.slug}").select_one(".sub"))
    assert reading.get(f"/links/map/?statement={secret.uid}").status_code == 404
    assert "The quiet one" in client_of(verifier).get(f"/links/map/?topic={topic.slug}").content.decode()


def test_a_topic_of_which_nothing_may_be_known_is_not_offered(reading: Any) -> None:
    topic = a_topic("Quiet topic")
    said(topic, record="off")
    assert "Quiet topic" not in reading.get("/links/map/").content.decode()


def test_twenty_statements_take_as_many_queries_as_two(reading: Any) -> None:
    topic = a_topic()

    def count() -> int:
        with CaptureQueriesContext(connection) as asked:
            on_the_map(reading, f"topic={topic.slug}")
        return len(asked)

    a_link(said(topic), said(topic, "2026-02-09"), state="suggested")
    count()
    few = count()
    for _ in range(9):
        a_link(said(topic), said(topic, "2026-02-10"), state="suggested")
    assert count() == few
