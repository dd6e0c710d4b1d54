"""Tombstones: a known fake is recognised when somebody enters it again, in other spelling or other words."""

from typing import Any

import pytest

from quotes.search.verify import known_fakes

from . import factories as make
from .joined import merge

pytestmark = pytest.mark.django_db

FAKE = "We will never, under any circumstances, give back the “northern” territories – not one metre."
AGAIN = {
    "as it was": FAKE,
    "other marks": 'We will never, under any circumstances, give back the "northern" territories - not one metre.',
    "no marks": "We will never under any circumstances give back the northern territories not one metre",
    "capitals": FAKE.upper(),
    "accents": "Wé will névér, under any circumstances, give back the “northern” territories – not one metre.",
    "full width": "Ｗｅ will never, under any circumstances, give back the “northern” territories – not one metre.",
    "spaces": "We  will never,\u00a0under any\ncircumstances, give back the “northern” territories – not one metre.",
    "hidden characters": FAKE.replace("never", "nev\u200ber").replace("circumstances", "circum\u00adstances"),
    "typing errors": "We will nevr, under any circumstances, give back the “northen” teritories – not one metre.",
    "one word exchanged": "We will never, under any circumstances, return the “northern” territories – not one metre.",
    "american spelling": FAKE.replace("metre", "meter"),
    "words moved": "Under any circumstances, we will never give back, not one metre, the “northern” territories.",
    "a piece": "give back the “northern” territories – not one metre",
    "more around it": f"He told reporters on the way out: {FAKE} Then he left.",
}
OTHER = {
    "the same subject": "The northern territories are a matter for the courts, and we shall respect what they decide.",
    "another sentence": "Negotiations on trade will resume next week in Geneva.",
    "one word of it": "never",
    "nothing": "",
    "marks only": "“…” –",
}


@pytest.fixture
def speaker() -> Any:
    return make.a_speaker("Ada Minister")


@pytest.fixture
def fake(speaker: Any, verifier: Any) -> Any:
    quote = make.a_quote(make.a_statement(speaker), FAKE)
    make.a_check(quote, verifier, ruling="misattributed", reason="It was said by her predecessor.")
    return quote


@pytest.mark.parametrize("text", AGAIN.values(), ids=AGAIN.keys())
def test_the_same_words_in_another_spelling_are_recognised(
    speaker: Any, fake: Any, reporter: Any, text: str
) -> None:
    (found,) = known_fakes(speaker, text, user=reporter)
    assert found.quote == fake
    assert (found.standing, found.reason, found.by) == (
        "misattributed",
        "It was said by her predecessor.",
        "Verifier",
    )


@pytest.mark.parametrize("text", OTHER.values(), ids=OTHER.keys())
def test_other_words_of_the_same_speaker_are_not_taken_for_it(
    speaker: Any, fake: Any, reporter: Any, text: str
) -> None:
    assert known_fakes(speaker, text, user=reporter) == []


def test_the_same_words_in_cyrillic_and_latin_letters_are_recognised(
    speaker: Any, verifier: Any, reporter: Any
) -> None:
    quote = make.a_quote(make.a_statement(speaker), "Мы не отдадим ни одного метра земли")
    make.a_check(quote, verifier, ruling="retracted", reason="He took it back.")
    assert [
        found.quote for found in known_fakes(speaker, "My ne otdadim ni odnogo metra zemli", user=reporter)
    ] == [quote]


def test_another_speaker_may_have_said_it(fake: Any, reporter: Any) -> None:
    assert known_fakes(make.a_speaker(), FAKE, user=reporter) == []


def test_a_fake_follows_its_speaker_into_a_merge(
    speaker: Any, fake: Any, reporter: Any, verifier: Any
) -> None:
    whole = make.a_speaker("Ada M. Minister")
    merge(speaker, whole, by=verifier)
    assert len(known_fakes(whole, FAKE, user=reporter)) == 1
    assert len(known_fakes(type(speaker).objects.get(pk=speaker.pk), FAKE, user=reporter)) == 1


def test_words_that_came_out_of_her_mouth_for_another_are_recognised(
    speaker: Any, verifier: Any, reporter: Any
) -> None:
    quote = make.a_quote(make.a_statement(make.a_speaker(kind="institution"), uttered_by=speaker), FAKE)
    make.a_check(quote, verifier, ruling="retracted", reason="Withdrawn.")
    assert len(known_fakes(speaker, FAKE, user=reporter)) == 1


def test_a_ruling_that_was_answered_or_taken_back_is_no_tombstone(
    speaker: Any, verifier: Any, reporter: Any
) -> None:
    from quotes.actions.verify import undo

    quote = make.a_quote(make.a_statement(speaker), FAKE)
    undo(make.a_check(quote, verifier, ruling="misattributed", reason="A slip of the key."), by=verifier)
    assert known_fakes(speaker, FAKE, user=reporter) == []


def test_a_disputed_quote_is_no_fake(speaker: Any, verifier: Any, reporter: Any) -> None:
    make.a_check(
        make.a_quote(make.a_statement(speaker), FAKE), verifier, ruling="disputed", reason="Two tapes."
    )
    assert known_fakes(speaker, FAKE, user=reporter) == []


def test_a_fake_that_is_held_back_is_not_told(speaker: Any, verifier: Any, reporter: Any) -> None:
    quote = make.a_quote(make.a_statement(speaker, record="off"), FAKE)
    make.a_check(quote, verifier, ruling="retracted", reason="Withdrawn.")
    assert known_fakes(speaker, FAKE, user=reporter) == []
    assert len(known_fakes(speaker, FAKE, user=verifier)) == 1
