"""What changed between two wordings: the truncations of the founding story, and what holds of any two."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotes.text.rewording import Wording, credit, reword, sentence


def said(text, language="en", kind="direct", name="The Paper", **more):
    return Wording(text, kind, language, name, **more)


LENTA = said(
    "Россия продолжает специальную военную операцию. Двери для мирного урегулирования открыты, Россия сохраняет "
    "свою открытость", "ru", name="Lenta.ru",
)  # fmt: skip
NEWS_RU = said(
    f"{LENTA.text}. Но пока соответствующие решения Киевом не приняты, специальная военная операция продолжается",
    "ru", name="NEWS.ru",
)  # fmt: skip


def test_the_door_stays_open_without_its_condition_and_we_say_so():
    told = reword(LENTA, NEWS_RU)
    assert told.turned
    (change,) = told.dropped
    assert change.title == "Condition left out"
    assert change.turning == ("но", "пока", "не")
    assert change.sorts == ("condition", "contrast", "negation")
    assert change.sentence.startswith("Lenta.ru leaves out what NEWS.ru has: “Но пока")
    assert change.sentence.endswith("продолжается”, with “но”, “пока” and “не”.")


def test_one_word_of_a_whole_sentence_is_called_one_word():
    short = said("productive", kind="partial", name="FN News")
    told = reword(
        short, said("The work was substantive and productive, focusing on concrete steps", name="UNN")
    )
    assert told.changes[0].title == "A word of many"
    assert told.changes[0].sentence == "FN News quotes one word, “productive”, of the 10 that UNN has."


@pytest.mark.parametrize(
    ("language", "whole", "part", "word", "sort"),
    [
        ("en", "The door is open, but only until spring", "The door is open", "but", "condition"),
        ("en", "We will not negotiate", "We will negotiate", "not", "negation"),
        ("en", "We will talk if they leave", "We will talk", "if", "condition"),
        ("uk", "Двері відчинені, якщо вони підуть", "Двері відчинені", "якщо", "condition"),
        ("uk", "Ми готові, але не зараз", "Ми готові", "але", "contrast"),
        ("ru", "Мы готовы, если они уйдут", "Мы готовы", "если", "condition"),
        ("fr", "La porte reste ouverte, sauf s’ils refusent", "La porte reste ouverte", "sauf", "condition"),
        ("fr", "Nous parlerons, mais pas demain", "Nous parlerons", "mais", "contrast"),
        ("de", "Die Tür bleibt offen, solange sie reden", "Die Tür bleibt offen", "solange", "condition"),
        ("de", "Wir werden nicht verhandeln", "Wir werden verhandeln", "nicht", "negation"),
    ],
)
def test_a_dropped_turning_word_is_found_in_each_language(language, whole, part, word, sort):
    told = reword(said(part, language), said(whole, language))
    change = next(change for change in told.changes if change.turning)
    assert word in change.turning
    assert sort in change.sorts


def test_a_condition_that_both_have_is_no_change():
    told = reword(said("Russia goes on until Kyiv agrees."), said("Moscow goes on until Kyiv agrees."))
    assert not told.turned
    assert [change.title for change in told.changes] == ["Reworded"]


def test_two_languages_are_never_set_against_each_other_word_by_word():
    told = reword(said("productive"), said("продуктивной", "ru"))
    assert told.diff is None
    assert "two languages" in told.changes[0].sentence


def test_wordings_with_little_in_common_are_not_marked():
    told = reword(said("Cats sleep all day long"), said("Nobody expected such numbers from them"))
    assert told.diff is None
    assert told.changes[0].title == "Worded apart"


def test_what_differs_only_in_marks_is_the_same_words():
    assert reword(said("We won."), said("we won")).changes[0].title == "Same words"


def test_a_paraphrase_is_never_copied_between_quotation_marks():
    told = credit(said("the talks went well", kind="indirect", name="UNN"), "Umerov")
    assert told == "UNN reports, in its own words, that Umerov said: the talks went well"
    assert "“" not in told


def test_the_sentence_has_both_papers_and_what_was_dropped():
    told = sentence(LENTA, NEWS_RU, "the Kremlin")
    assert told.startswith("Lenta.ru quotes the Kremlin as saying “Россия")
    assert "; NEWS.ru quotes the Kremlin as saying “" in told
    assert "Lenta.ru leaves out what NEWS.ru has" in told


# --- of any two wordings ---

words = st.lists(
    st.sampled_from("we will not talk until they leave but the door remains open if , .".split()), max_size=30
).map(" ".join)


# A mark alone on a side can be what is kept when nothing else is: which one then hangs on the order.
plain_words = st.lists(st.sampled_from("we will not talk until they leave but".split()), max_size=30).map(
    " ".join
)


@given(plain_words, plain_words)
def test_the_order_only_turns_the_sides_round(first, second):
    one = reword(said(first, name="A"), said(second, name="B"))
    other = reword(said(second, name="B"), said(first, name="A"))
    assert (one.diff is None) == (other.diff is None)


@given(words)
def test_a_wording_differs_in_nothing_from_itself(text):
    told = reword(said(text), said(text))
    assert not told.turned
    assert [change.title for change in told.changes] == ["Same words"]


@given(words, words)
def test_turning_words_that_are_named_stand_in_one_of_the_texts(first, second):
    for change in reword(said(first), said(second)).changes:
        for word in change.turning:
            assert word in first.lower() or word in second.lower()


@given(words, st.sampled_from(["until they leave", "but not now", "if they pay"]))
def test_what_is_cut_off_the_end_with_a_turning_word_never_passes_unseen(first, tail):
    if len(first.split()) >= 3 and any(character.isalpha() for character in first):
        told = reword(said(first), said(f"{first} {tail}"))
        assert told.turned or told.diff is None
