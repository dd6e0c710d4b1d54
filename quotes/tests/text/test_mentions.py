"""Names in notes: what is one, what is none, and that nothing of a text is lost by cutting it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotes.text.mentions import begun, mentions, pieces


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@ada, is this right?", ["ada"]),
        ("Is it? @ada.", ["ada"]),
        ("(@ada's note) and @Bob-2 and @c.d+e_f!", ["ada", "Bob-2", "c.d+e_f"]),
        ("@ada@newsroom.example, please", ["ada@newsroom.example"]),
        ("write to desk@newsroom.example", []),
        ("a+@b", []),
        ("@ ada", []),
        ("@", []),
        ("@@ada", []),
        ("@Олена і @レナ", ["Олена", "レナ"]),
        ("see\n@ada\n", ["ada"]),
    ],
)
def test_names_are_found_where_colleagues_write_them(text: str, names: list[str]) -> None:
    assert [mention.name for mention in mentions(text)] == names


@pytest.mark.parametrize(
    ("text", "name"), [("Ask @ad", "ad"), ("@", ""), ("a@b", None), ("@ada ", None), ("@ada,", None)]
)
def test_a_begun_name_is_the_one_at_the_caret(text: str, name: str | None) -> None:
    assert begun(text) == name


@given(st.text(alphabet=st.sampled_from("ab@. \n+-é"), max_size=60))
def test_cutting_a_text_loses_nothing_of_it(text: str) -> None:
    assert "".join(part for part, _ in pieces(text, {"a", "b", "ab"})) == text
    for mention in mentions(text):
        assert text[mention.start : mention.end] == f"@{mention.name}"
