"""Folding: what a reader takes for the same is the same, and every place leads back to the text as printed."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotes.text.folding import _COMPOSING_STARTERS, fold_text, fold_with_offsets, same_text

TEXT = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("aéßİıŁ “”„«»''ʼ’—-–\u00a0\u200b\u0301\u0306йЙїёЁҐ젤렌ｶﾞがﬁ…\n\tأإ٠ـ"),
    )
)


@given(TEXT)
def test_every_place_leads_back_to_the_text(text: str) -> None:
    folded = fold_with_offsets(text)
    assert len(folded.starts) == len(folded.ends) == len(folded.text)
    assert list(folded.starts) == sorted(folded.starts)
    for index in range(len(folded.text)):
        start, end = folded.original(index, index + 1)
        assert 0 <= start < end <= len(text)
    assert folded.original(0, len(folded.text))[1] <= len(text)


@given(TEXT)
def test_composed_and_decomposed_text_fold_alike(text: str) -> None:
    composed, apart = unicodedata.normalize("NFC", text), unicodedata.normalize("NFD", text)
    assert fold_text(composed) == fold_text(apart)


@given(TEXT)
def test_folding_twice_changes_nothing_more(text: str) -> None:
    once = fold_text(text)
    assert fold_text(once) == once


@given(st.text(st.characters(max_codepoint=127)))
def test_the_short_way_for_ascii_is_the_long_way(text: str) -> None:
    assert fold_text(text) == fold_with_offsets(text).text.strip(" ")


def test_the_list_of_composing_starters_is_that_of_unicode() -> None:
    def composes(char: str) -> bool:
        parts = unicodedata.decomposition(char).split()
        return len(parts) == 2 and not parts[0].startswith("<")

    second = {
        chr(int(unicodedata.decomposition(char).split()[1], 16))
        for char in map(chr, range(sys.maxunicode + 1))
        if composes(char) and unicodedata.normalize("NFC", char) == char
    }
    needed = {char for char in second if unicodedata.combining(char) == 0}
    jamo = {chr(code) for code in (*range(0x1161, 0x1176), *range(0x11A8, 0x11C3))}
    assert needed | jamo <= _COMPOSING_STARTERS


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("“If we lose”", '"if we lose"'),
        ("„Wir schaffen das“", "«Wir schaffen das»"),
        ("''Their plan''", "“Their plan”"),
        ("Ukraine’s", "Ukraine's"),
        ("зʼявитися", "з'явитися"),
        ("100–140", "100-140"),
        ("yes -- no", "yes — no"),
        ("55\u00a0000", "55 000"),
        ("Élysée", "ELYSEE"),
        ("всё", "ВСЕ"),
        ("ein Satz\r\n mit  Umbruch", "ein Satz mit Umbruch"),
        ("zero\u200bwidth", "zerowidth"),
        ("ﬁnal…", "final..."),
        ("straße", "STRASSE"),
        ("Łódź", "lodz"),
        ("ｶﾞ", "ガ"),
        ("أمس", "امس"),
    ],
)
def test_what_a_reader_takes_for_the_same_is_the_same(first: str, second: str) -> None:
    assert same_text(first, second)


@pytest.mark.parametrize(
    ("first", "second"), [("мій", "міи"), ("їх", "іх"), ("ゼ", "セ"), ("not", "now"), ("5.5", "55")]
)
def test_other_letters_stay_other(first: str, second: str) -> None:
    assert not same_text(first, second)


def test_a_match_in_the_folded_text_is_found_in_the_print() -> None:
    body = "Він сказав: «Мы\u0301  не здамо́ся» — учора."
    folded = fold_with_offsets(body)
    at = folded.text.index("не здамося")
    start, end = folded.original(at, at + len("не здамося"))
    assert body[start:end] == "не здамо́ся"


def test_a_span_outside_is_refused() -> None:
    with pytest.raises(ValueError, match="outside"):
        fold_with_offsets("abc").original(1, 9)
    assert fold_with_offsets("").original(0, 0) == (0, 0)
    assert fold_with_offsets("ab").original(2, 2) == (2, 2)
