"""Paragraphs with marks: nothing is lost, nothing doubled, numbers and places are those of the text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotes.text.passages import Span, around, paragraphs

BODY = "One two three.\n\nFour “five” six.\r\nSeven eight.\n"


def test_paragraphs_are_counted_without_empty_lines() -> None:
    assert [(p.number, BODY[p.start : p.end]) for p in paragraphs(BODY)] == [
        (1, "One two three."),
        (2, "Four “five” six."),
        (3, "Seven eight."),
    ]


def test_overlapping_spans_are_cut_where_they_begin_and_end() -> None:
    (paragraph,) = paragraphs("abcdef", [Span(1, 4, "x"), Span(2, 6, "y")])
    assert [(p.text, p.keys, p.opens) for p in paragraph.pieces] == [
        ("a", (), ()),
        ("b", ("x",), ("x",)),
        ("cd", ("x", "y"), ("y",)),
        ("ef", ("y",), ()),
    ]
    assert paragraph.keys == ("x", "y")


def test_a_span_over_two_paragraphs_opens_once() -> None:
    first, second = paragraphs("ab\ncd", [Span(1, 4, "x")])
    assert [p.opens for p in first.pieces] == [(), ("x",)]
    assert [p.opens for p in second.pieces] == [(), ()]


def test_around_gives_the_neighbours_and_cuts_long_ones_at_a_word() -> None:
    start = BODY.index("five")
    window = around(BODY, start, start + 4, [Span(start, start + 4, "q")])
    assert [p.number for p in window] == [1, 2, 3]
    cut = around(BODY, start, start + 4, limit=6)
    assert [BODY[p.start : p.end] for p in cut] == ["three.", "Four “five” six.", "Seven"]
    assert [(p.cut_before, p.cut_after) for p in cut] == [(True, False), (False, False), (False, True)]


def test_a_stretch_outside_the_text_is_refused() -> None:
    with pytest.raises(ValueError, match="does not lie"):
        around("abc", 2, 9)
    assert around("a   b", 1, 3) != []
    assert around("a\n\n\nb", 2, 3) == []


@given(st.data())
def test_the_pieces_joined_are_the_text(data: st.DataObject) -> None:
    body = data.draw(st.text(alphabet="ab “\r\n\té", max_size=60))
    places = st.integers(0, len(body))
    spans = [
        Span(*sorted(pair), key)
        for key, pair in enumerate(data.draw(st.lists(st.tuples(places, places), max_size=4)))
        if pair[0] != pair[1]
    ]
    found = paragraphs(body, spans)
    for paragraph in found:
        assert "".join(piece.text for piece in paragraph.pieces) == body[paragraph.start : paragraph.end]
        at = paragraph.start
        for piece in paragraph.pieces:
            covering = {s.key for s in spans if s.start <= at and at + len(piece.text) <= s.end}
            assert set(piece.keys) == covering
            at += len(piece.text)
    opened = [key for x in found for piece in x.pieces for key in piece.opens]
    assert len(opened) == len(set(opened))
    for span in spans:
        for window in ([], around(body, span.start, span.end, spans, limit=5)):
            for paragraph in window:
                assert "".join(p.text for p in paragraph.pieces) == body[paragraph.start : paragraph.end]
