"""Quotation marks of all languages: what they enclose is found, and an apostrophe encloses nothing."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotes.tests.text.steps import steps
from quotes.text.quotation import inside_quotation_marks, outermost, quotations


def between(text: str, language: str = "und") -> list[str]:
    return [text[quotation.inner_start : quotation.inner_end] for quotation in quotations(text, language)]


@pytest.mark.parametrize(
    ("text", "language", "inside"),
    [
        ("“We will go,” he said.", "en", ["We will go,"]),
        ('"One," she said, "two."', "en", ["One,", "two."]),
        (
            "''Their plan is clear,'' he said. ''It's Trump's way,''",
            "en",
            ["Their plan is clear,", "It's Trump's way,"],
        ),
        ("‘I will not go,’ he said. It’s the dogs’ day.", "en", ["I will not go,"]),
        ("'I won't go,' he said.", "en", ["I won't go,"]),
        ("He said “we will ‘never’ go,” and left.", "en", ["we will ‘never’ go,", "never"]),
        ("Trump’s “wall” isn’t “built.”", "en", ["wall", "built."]),
        ("«Ми не здамося», — сказав він.", "uk", ["Ми не здамося"]),
        ("Він сказав: „Ні“. З'явився.", "uk", ["Ні"]),
        ("«мы „не“ уйдем»", "ru", ["мы „не“ уйдем", "не"]),
        ("„Wir schaffen das“, sagte sie.", "de", ["Wir schaffen das"]),
        ("»Wir schaffen das«, sagte sie.", "de", ["Wir schaffen das"]),
        ("Sie sagte:»Nein«.", "de", ["Nein"]),
        ("„Idziemy”, powiedział.", "pl", ["Idziemy"]),
        ("« Nous sommes prêts », a-t-il dit. L’État.", "fr", [" Nous sommes prêts "]),
        ("”Vi är klara”, sa hon.", "sv", ["Vi är klara"]),
        ("彼は「はい」と『いいえ』", "ja", ["はい", "いいえ"]),
        ("“전쟁에서 패한다면”이라고 말했다. ‘평화의 문’은 열려", "ko", ["전쟁에서 패한다면", "평화의 문"]),
        ('He is 6\'2" tall and said "no".', "en", ["no"]),
        ("Rock 'n' roll, the '90s, and 'em all; the Joneses' house", "en", []),
        ("A 5\" gun and a 7' man", "en", []),
        ("“unclosed to the end.", "en", ["unclosed to the end."]),
        ("he said “unclosed in the middle. And more.", "en", []),
        ("“one“ and “two”", "en", ["one", "two"]),
        ('"""', "en", []),
        ("(“yes”)", "en", ["yes"]),
        ("the word—“peace”—came", "en", ["peace"]),
        ("no marks", "en", []),
        ("", "en", []),
    ],
)
def test_what_stands_between_marks(text: str, language: str, inside: list[str]) -> None:
    assert between(text, language) == inside


def test_a_mark_too_few_loses_no_more_than_its_paragraph() -> None:
    assert between("He said “this.\n\n“That,” she said.", "en")[-1] == "That,"
    assert between("A “broken quote here\nand “this one” is whole") == ["this one"]


def test_a_quotation_over_paragraphs_is_carried_on() -> None:
    text = "Reyes said: “This is the first paragraph.\n\n“This is the second.”"
    assert between(text) == ["This is the first paragraph.", "This is the second."]
    assert inside_quotation_marks(text, text.index("This"), text.index("second") + 6)


@pytest.mark.parametrize(
    ("text", "words", "inside"),
    [
        ("“If we lose, we will lose,” he said.", "If we lose, we will lose", True),
        ("“If we lose, we will lose,” he said.", "“If we lose, we will lose,”", True),
        ("“If we lose,” he said, “we will lose.”", "If we lose,” he said, “we will lose", False),
        ("He said the talks were “productive” indeed.", "productive", True),
        ("He said the talks were “productive” indeed.", "were “productive”", False),
        ("He said the talks were productive.", "productive", False),
        ("“…”", "…", False),
    ],
)
def test_whether_words_stand_in_quotation_marks(text: str, words: str, inside: bool) -> None:
    start = text.index(words)
    assert inside_quotation_marks(text, start, start + len(words)) is inside


def test_a_stretch_outside_the_text_is_refused() -> None:
    with pytest.raises(ValueError, match="does not lie"):
        inside_quotation_marks("abc", 2, 9)


MARKS = st.text(st.sampled_from("“”„‟«»‹›「」『』\"'‘’‚`´ab 1.,\n—("), max_size=60)


@given(MARKS, st.sampled_from(["en", "de", "sv", "uk", "und"]))
def test_spans_lie_in_the_text_and_do_not_cross(text: str, language: str) -> None:
    found = quotations(text, language)
    for quotation in found:
        assert (
            0 <= quotation.start < quotation.inner_start <= quotation.inner_end <= quotation.end <= len(text)
        )
        assert quotation.closed == (quotation.inner_end < quotation.end)
    for at, first in enumerate(found):
        for second in found[at + 1 :]:
            assert second.start >= first.end or second.end <= first.end
    outer = outermost(found)
    assert all(one.end <= other.start for one, other in pairwise(outer))


@pytest.mark.parametrize("pump", ['"', "“", "«", "「", "'", '"a ', "„x “y ", '“"', '"x"', "' '", "“\n"])
def test_the_work_grows_with_the_length_only(pump: str) -> None:
    def work(size: int) -> int:
        return steps(lambda: quotations(pump * (size // len(pump))))

    work(2_000)  # what is made once and kept does not count
    assert work(16_000) < 12 * work(2_000)
