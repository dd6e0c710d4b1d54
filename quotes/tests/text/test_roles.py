"""Printed roles against the roles held that day (invariant 7)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotes.text.roles import Flag, Role, before_names, fits, flag

PRESIDENT = Role("President of Ukraine", "Ukraine")
MINISTER = Role("Minister of Defence of Ukraine", "Ukraine")
SECRETARY = Role("Secretary of the National Security and Defense Council of Ukraine")
SPOKESMAN = Role("Press Secretary of the President of Russia", "The Kremlin")
POTUS = Role("President of the United States")


@pytest.mark.parametrize(
    ("printed", "role"),
    [
        ("President", PRESIDENT),
        ("Ukrainian President", PRESIDENT),
        ("Ukraine’s president", PRESIDENT),
        ("Ukrainian leader", PRESIDENT),
        ("the country's defense minister", MINISTER),
        ("head of Ukraine’s National Security and Defense Council", SECRETARY),
        ("NSDC secretary", SECRETARY),
        ("Kremlin spokesman", SPOKESMAN),
        ("spokeswoman for the Kremlin", SPOKESMAN),
        ("U.S. President", POTUS),
        ("US president", POTUS),
        ("American President", POTUS),
        ("French foreign minister", Role("Minister of Foreign Affairs", "France")),
        ("PM", Role("Prime Minister of Denmark")),
        ("deputy minister of defence", Role("Deputy Minister of Defence")),
    ],
)
def test_a_role_is_known_in_the_words_of_newspapers(printed: str, role: Role) -> None:
    assert fits(printed, role)
    assert flag(printed, "en", [role], []) is None


@pytest.mark.parametrize(
    ("printed", "role"),
    [
        ("Prime Minister", PRESIDENT),
        ("defense minister", SECRETARY),
        ("Deputy Minister of Defence", MINISTER),
        ("minister", Role("Deputy Minister of Defence")),
        ("President-elect", POTUS),
        ("Russian President", PRESIDENT),
        ("Russian President", SPOKESMAN),
    ],
)
def test_another_office_does_not_fit(printed: str, role: Role) -> None:
    assert not fits(printed, role)
    assert flag(printed, "en", [role], []) == Flag("not_held", printed, role)


def test_an_ended_role_is_flagged_as_such() -> None:
    assert flag("Ukrainian defense minister", "en", [SECRETARY], [MINISTER]) == Flag(
        "other_time", "Ukrainian defense minister", MINISTER
    )
    assert flag("Ukrainian defense minister", "en", [], [MINISTER]) is not None


def test_a_sitting_president_is_not_a_former_one() -> None:
    assert flag("former U.S. President", "en", [POTUS], []) == Flag(
        "not_former", "former U.S. President", POTUS
    )
    assert flag("ex-president", "en", [], [PRESIDENT]) is None
    assert flag("former comedian", "en", [PRESIDENT], []) is None


def test_what_is_not_known_flags_nothing() -> None:
    assert flag("President", "en", [], []) is None
    assert flag("Foreign Minister", "en", [], [PRESIDENT]) is None
    assert flag("", "en", [PRESIDENT], []) is None
    assert flag(" – ", "en", [PRESIDENT], []) is None


def test_other_languages_are_not_compared_with_english_titles() -> None:
    assert flag("ministre de la Défense", "fr", [PRESIDENT], []) is None
    assert flag("우크라이나 총리", "ko", [PRESIDENT], []) is None
    assert flag("Prime Minister", "en-GB", [PRESIDENT], []) is not None


NAMES = {"Donald Trump": 45, "Trump": 45, "Vladimir Putin": 1, "Putin": 1}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "is afraid of former U.S. President Donald Trump, who",
            [("former U.S. President", 45, "Donald Trump")],
        ),
        ("Russian President Vladimir Putin said", [("Russian President", 1, "Vladimir Putin")]),
        ("the former president Trump and Putin", [("former president", 45, "Trump")]),
        ("It ended. President Putin came", [("President", 1, "Putin")]),
        ("Trumpism is not Trump", []),
        ("", []),
    ],
)
def test_a_role_in_front_of_a_name_is_found(text: str, found: list[object]) -> None:
    assert before_names(text, NAMES) == found


@given(st.text())
def test_no_text_breaks_the_search_for_names(text: str) -> None:
    before_names(f"{text}Trump {text} Putin", NAMES)


@given(st.text(), st.text(), st.text())
def test_no_text_breaks_it(printed: str, title: str, organisation: str) -> None:
    role = Role(title, organisation)
    found = flag(printed, "en", [role], [role])
    assert found is None or found.printed == printed
