"""Word diff: nothing of either text is lost, and a dropped condition is seen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotes.text.folding import fold_text
from quotes.text.turningwords import turning_words
from quotes.text.worddiff import diff

WORDS = st.lists(
    st.sampled_from(
        ["the", "door", "open,", "but", "“until”", "Kyiv", "55,000", " ", "\n", "двери", "협상의", "说"]
    )
).map(" ".join)


@given(st.one_of(st.text(), WORDS), st.one_of(st.text(), WORDS), st.booleans())
def test_the_pieces_of_each_side_are_that_side(first: str, second: str, exact: bool) -> None:
    found = diff(first, second, exact=exact)
    assert "".join(piece.text for piece in found.first_pieces) == first
    assert "".join(piece.text for piece in found.second_pieces) == second
    for text, pieces in ((first, found.first_pieces), (second, found.second_pieces)):
        assert all(text[piece.start : piece.end] == piece.text for piece in pieces)
    for segment in found.segments:
        if segment.op == "equal":
            left = first[segment.first_start : segment.first_end]
            right = second[segment.second_start : segment.second_end]
            assert fold_text(left).replace(" ", "") == fold_text(right).replace(" ", "")
    assert 0 <= found.likeness <= 1


@given(st.one_of(st.text(), WORDS))
def test_a_text_is_the_same_as_itself(text: str) -> None:
    found = diff(text, text)
    assert found.same
    assert found.likeness == 1
    assert not found.left_out
    assert not found.turned


@given(WORDS, WORDS)
def test_what_one_side_left_out_is_what_the_other_added(first: str, second: str) -> None:
    there, back = diff(first, second), diff(second, first)
    assert there.likeness == pytest.approx(diff(first, second).likeness)
    assert there.same == back.same


def test_the_door_quote_lost_its_condition() -> None:
    whole = "The door to a peaceful settlement remains open, but operations continue until Kyiv accepts."
    found = diff(whole, "the door to a peaceful settlement remains open", "en")
    assert [omission.text for omission in found.left_out] == [", but operations continue until Kyiv accepts."]
    assert found.left_out[0].turning == ("but", "until")
    assert found.turned


def test_the_one_word_of_umerov_is_found_in_his_sentence() -> None:
    found = diff(
        "work was substantive and productive, with an emphasis on concrete steps", "productive", "en"
    )
    assert [piece.text.strip() for piece in found.first_pieces if not piece.changed] == ["productive"]
    assert not found.added


def test_case_and_marks_differ_only_when_asked() -> None:
    assert diff("“We Won’t”", '"we won\'t"').same
    assert not diff("“We Won’t”", '"we won\'t"', exact=True).same


@pytest.mark.parametrize(
    ("text", "language", "words"),
    [
        ("open, unless they won’t", "en", ("unless", "n’t")),
        ("a button, a notion, butter", "en", ()),
        ("двери открыты, пока не примут", "ru", ("пока", "не")),
        ("але поки що Якщо", "uk", ("але", "поки", "якщо")),
        ("다만 조건이 있다", "ko", ("다만",)),
        ("außer, solange", "de", ("außer", "solange")),
        ("à condition de", "fr", ("à condition",)),
        ("Only if", "", ("only if",)),
        ("ただし、条件がある", "ja-JP", ("ただし",)),
    ],
)
def test_turning_words_are_read_in_their_language(text: str, language: str, words: tuple[str, ...]) -> None:
    assert turning_words(text, language or "und") == words


def test_very_long_texts_are_one_change_between_what_they_share() -> None:
    body = "word " * 15_000
    found = diff("same start " + body + "x end", "same start " + body[:-5] + "other end")
    assert "".join(piece.text for piece in found.second_pieces).startswith("same start")
    assert sum(piece.changed for piece in found.second_pieces) == 1
