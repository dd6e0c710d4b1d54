"""Languages: a name and a direction for each, and no guess for what is not known."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotes.text.languages import NAMES, direction, is_tag, name


@pytest.mark.parametrize(
    ("tag", "words", "way"),
    [
        ("uk", "Ukrainian", "ltr"),
        ("ar", "Arabic", "rtl"),
        ("pt-BR", "Portuguese (BR)", "ltr"),
        ("sr-Latn", "Serbian (Latn)", "ltr"),
        ("ku-Arab", "Kurdish (Arab)", "rtl"),
        ("uz-Arab-AF", "Uzbek (Arab, AF)", "rtl"),
        ("und", "not known", "auto"),
        ("xx", "xx", "auto"),
        ("", "", "auto"),
        ("Deutsch", "Deutsch", "auto"),
    ],
)
def test_languages_have_names_and_directions(tag: str, words: str, way: str) -> None:
    assert name(tag) == words
    assert direction(tag) == way


@pytest.mark.parametrize(
    "tag", ["EN", "en_GB", "english", "e", "en-", "en-gb", "zh-hant", "en ", "uk\n", "sr-Latn-RSX"]
)
def test_other_spellings_are_no_tags(tag: str) -> None:
    assert not is_tag(tag)


def test_every_language_of_the_list_is_a_tag() -> None:
    assert all(is_tag(code) for code in NAMES)


@given(st.text())
def test_no_text_breaks_them(text: str) -> None:
    assert isinstance(name(text), str)
    assert direction(text) in ("ltr", "rtl", "auto")
