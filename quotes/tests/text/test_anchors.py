"""Anchors: an exact anchor is the words byte for byte, and moved or reworded words are found again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotes.text.anchors import CONTEXT, context_of, locate

BODY = (
    "Zelenskyy warned, “If we lose this war, we will lose our independence.”\n\n"
    "The Kremlin stated that “the door to a peaceful settlement remains open,” but warned that operations "
    "would continue.\n\nThe talks were unproductive, he said, then productive, then productive again.\n"
)
TEXT = st.text(st.sampled_from("abc  \n“”éй한.-—…"), min_size=1, max_size=80)


@given(TEXT, st.data())
def test_words_of_a_text_are_found_where_they_stand(body: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(body) - 1))
    end = data.draw(st.integers(start + 1, len(body)))
    words = body[start:end]
    prefix, suffix = context_of(body, start, end)
    anchor = locate(body, words, prefix, suffix, start)
    if not words.strip():
        assert anchor is None
        return
    assert anchor is not None
    assert anchor.exact
    assert body[anchor.start : anchor.end] == words
    assert anchor.score <= 1


@given(TEXT, TEXT, TEXT, st.one_of(st.none(), st.integers(0, 200)))
def test_an_exact_anchor_is_the_words_byte_for_byte(
    body: str, words: str, around: str, start: int | None
) -> None:
    anchor = locate(body, words, around, around, start)
    assert (anchor is not None and anchor.exact) == (words in body and bool(words.strip()))
    if anchor is not None:
        assert 0 <= anchor.start < anchor.end <= len(body)
        assert not anchor.exact or body[anchor.start : anchor.end] == words


@given(st.text(max_size=40), st.text(max_size=40))
def test_text_put_before_moves_an_anchor_and_no_more(before: str, after: str) -> None:
    words = "the door to a peaceful settlement remains open"
    prefix, suffix = context_of(BODY, BODY.index(words), BODY.index(words) + len(words))
    anchor = locate(before + BODY + after, words, prefix, suffix, BODY.index(words))
    assert anchor is not None
    assert anchor.start == len(before) + BODY.index(words)


def test_what_stands_around_decides_between_equal_words() -> None:
    first = BODY.index(" productive,") + 1
    second = BODY.index("productive again")
    assert locate(BODY, "productive", "he said, then ", ", then").start == first  # type: ignore[union-attr]
    assert locate(BODY, "productive", "", " again.").start == second  # type: ignore[union-attr]


def test_the_old_place_decides_between_equals_only() -> None:
    second = BODY.index("productive again")
    near = locate(BODY, "productive", start=second + 3)
    assert near is not None
    assert (near.start, near.rivals) == (second, 1)
    held = locate(BODY, "productive", ", then ", ", then", start=second)
    assert held is not None
    assert held.start == BODY.index(" productive,") + 1


def test_whole_words_go_before_parts_of_words() -> None:
    anchor = locate(BODY, "productive")
    assert anchor is not None
    assert BODY[anchor.start - 1] == " "
    part = locate("It was unproductive.", "productive")
    assert part is not None
    assert part.start == 9


@pytest.mark.parametrize(
    ("words", "found", "how"),
    [
        (
            "if we lose this war, we will lose our independence",
            "If we lose this war, we will lose our independence",
            "folded",
        ),
        ('"the door to a peaceful settlement', "“the door to a peaceful settlement", "folded"),
        (
            "the doors for a peaceful settlement remain open",
            "the door to a peaceful settlement remains open",
            "fuzzy",
        ),
        (
            "If we lose the war we would lose our independence",
            "If we lose this war, we will lose our independence",
            "fuzzy",
        ),
    ],
)
def test_moved_marks_and_changed_words_are_found_again(words: str, found: str, how: str) -> None:
    anchor = locate(BODY, words)
    assert anchor is not None
    assert BODY[anchor.start : anchor.end] == found
    assert anchor.how == how
    assert not anchor.exact


@pytest.mark.parametrize(
    "words",
    [
        "production",
        "a ceasefire was agreed on Tuesday in Geneva",
        "",
        "  ",
        "…!",
        "독립을 잃게 되는 것입니다 여러분",
    ],
)
def test_what_is_not_there_is_not_found(words: str) -> None:
    assert locate(BODY, words) is None


def test_context_decides_between_two_reworded_places() -> None:
    body = "On Monday she said the talks would go on for weeks. On Friday she said the talks could go on for weeks."
    anchor = locate(body, "she said these talks should go on for weeks", "On Friday ", "", start=0)
    assert anchor is not None
    assert anchor.how == "fuzzy"
    assert anchor.start == body.index("On Friday ") + len("On Friday ")


def test_context_is_what_a_record_keeps() -> None:
    body = "x" * 100 + "words" + "y" * 10
    assert context_of(body, 100, 105) == ("x" * CONTEXT, "y" * 10)
    with pytest.raises(ValueError, match="does not lie"):
        context_of(body, 5, 5)
