"""What two statements may be to each other: on labelled pairs, and rule by rule; always replayable, never magic."""

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotes.benchmarks.links import labelled, measured
from quotes.text.comparing import Told
from quotes.text.dates import PartialDate
from quotes.text.likeness import LONGEST, compare, read
from quotes.text.linkbecause import because
from quotes.text.linking import Proposal, Saying, propose, worth_comparing
from quotes.text.linkjudging import kinds, score
from quotes.text.linkwords import answer, denial
from quotes.text.naming import Namebook

DAY = dt.date(2026, 2, 4)


def saying(
    key: int, text: str, *, who: int = 1, day: dt.date | None = DAY, language: str = "en", **more: Any
) -> Saying:
    return Saying(
        **{
            "key": key,
            "speaker": who,
            "voices": frozenset({who}),
            "names": (f"Speaker {who}",),
            "first_day": day,
            "last_day": day,
            "day_known": True,
            "wordings": ((text, language, more.pop("cue", "said")),),
            **more,
        }
    )


def types(first: Saying, second: Saying) -> list[str]:
    return [proposal.type for proposal in propose(first, second)]


def told(number: int, who: str, day: dt.date, **more: Any) -> Told:
    count = Decimal(number)
    return Told(
        **{
            "low": count, "high": count, "bound": "exact", "measure": "killed", "measure_name": "Soldiers killed",
            "unit": "persons", "speaker": who, "speaker_name": f"Speaker {who}", "method": "official",
            "as_of": PartialDate(day), "statement": f"{who}-{number}", **more,
        }
    )  # fmt: skip


class TestLabelledPairs:
    def test_there_are_enough_of_them_in_enough_languages(self) -> None:
        pairs = labelled()
        languages = {language for _, *both in pairs for one in both for _, language, _ in one.wordings}
        assert len(pairs) >= 60
        assert {"en", "uk", "ru", "de", "fr"} <= languages
        assert sum(expect == "none" for expect, _, _ in pairs) * 10 >= len(pairs) * 3

    @pytest.mark.parametrize("kind", sorted({expect for expect, _, _ in labelled()} - {"none"}))
    def test_every_kind_is_found_and_rarely_where_it_is_not(self, kind: str) -> None:
        precision, recall, _ = measured(labelled())[kind]
        assert precision >= 0.85
        assert recall >= 0.8

    def test_hard_negatives_get_nothing(self) -> None:
        wrong = [
            (source.wordings[0][0], types(source, target))
            for expect, source, target in labelled()
            if expect == "none" and propose(source, target)
        ]
        assert len(wrong) <= 1, wrong

    def test_the_order_in_which_two_are_given_changes_nothing(self) -> None:
        for _, source, target in labelled():
            assert propose(source, target) == propose(target, source)

    def test_every_score_and_reason_follows_from_the_features_alone(self) -> None:
        for _, source, target in labelled():
            for proposal in propose(source, target):
                kept = json.loads(json.dumps(proposal.features))
                assert score(proposal.type, kept) == proposal.score
                assert tuple(because(proposal.type, kept)) == proposal.reasons
                assert proposal.type in kinds(kept)
                assert 0 <= proposal.score <= 1


class TestGuards:
    @pytest.mark.parametrize(
        ("language", "first", "second"),
        [
            (
                "en",
                "We will close the northern border this week.",
                "We will not close the northern border this week.",
            ),
            ("en", "The army did retreat from the valley.", "The army didn't retreat from the valley."),
            (
                "uk",
                "Ми закриємо північний кордон цього тижня.",
                "Ми не закриємо північний кордон цього тижня.",
            ),
            (
                "ru",
                "Мы закроем северную границу на этой неделе.",
                "Мы не закроем северную границу на этой неделе.",
            ),
            ("de", "Wir schließen die nördliche Grenze.", "Wir schließen die nördliche Grenze nicht."),
            ("fr", "Nous fermons la frontière du nord.", "Nous ne fermons pas la frontière du nord."),
        ],
    )
    def test_a_not_parts_what_every_likeness_takes_for_one(
        self, language: str, first: str, second: str
    ) -> None:
        one, other = saying(1, first, language=language), saying(2, second, language=language)
        assert compare(one.readings[0], other.readings[0]).degree > 0.75
        assert "same_utterance" not in types(one, other)
        later = saying(3, second, day=DAY + dt.timedelta(days=30), language=language)
        assert "repeats" not in types(one, later)

    def test_a_not_in_a_clause_of_its_own_turns_nothing(self) -> None:
        one = saying(1, "The port reopens on Monday.")
        other = saying(
            2, "The port reopens on Monday, but the ferries to the islands will not run before Easter."
        )
        assert types(one, other) == ["same_utterance"]
        (found,) = propose(one, other)
        assert any("leaves out “but” and “not”" in reason for reason in found.reasons)

    def test_another_number_is_no_repetition(self) -> None:
        one = saying(1, "The fire has destroyed 2,900 hectares of forest.")
        other = saying(2, "The fire has destroyed 4,300 hectares of forest.", day=DAY + dt.timedelta(days=6))
        assert types(one, other) == ["updates_figure"]

    def test_one_number_in_words_and_in_digits_is_one(self) -> None:
        like = compare(read("fifty-five thousand soldiers", "en"), read("55,000 soldiers", "en"))
        assert like.shared == ("55,000",)
        assert not like.differ

    def test_two_languages_are_compared_by_numbers_only(self) -> None:
        one = saying(1, "До лікарень доставили 340 генераторів.", language="uk")
        assert types(one, saying(2, "340 generators were delivered to hospitals")) == ["same_utterance"]
        assert types(one, saying(3, "Generators were delivered to hospitals")) == []

    def test_another_voice_is_never_the_same_utterance(self) -> None:
        text = "The grid will be repaired before the end of the month."
        assert types(saying(1, text), saying(2, text, who=2)) == ["echoes"]

    def test_a_spokesman_and_the_house_he_speaks_for_can_be_one_voice(self) -> None:
        text = "The grid will be repaired before the end of the month."
        spokesman = saying(2, text, who=2, voices=frozenset({2, 1}))
        assert types(saying(1, text), spokesman) == ["same_utterance"]


class TestFigures:
    def test_a_later_number_of_one_speaker_updates_the_earlier(self) -> None:
        later = DAY + dt.timedelta(days=300)
        old = saying(1, "46,000 fell", figures=(told(46_000, "1", DAY),))
        new = saying(2, "we lost 55,000", day=later, figures=(told(55_000, "1", later),))
        (found,) = propose(old, new)
        assert (found.type, found.source, found.target) == ("updates_figure", 2, 1)
        assert "Soldiers killed: 55,000, there 46,000." in found.reasons

    def test_two_speakers_at_one_time_conflict(self) -> None:
        one = saying(1, "55,000 fell", figures=(told(55_000, "1", DAY),))
        other = saying(2, "The dead are 120,000", who=2, figures=(told(120_000, "2", DAY),))
        assert types(one, other) == ["conflicts_figure"]

    def test_what_is_not_comparable_is_context_and_says_because_of_what(self) -> None:
        one = saying(1, "43,000 fell", figures=(told(43_000, "1", DAY),))
        cases = told(370_000, "1", DAY, measure="cases", measure_name="Cases of wounds", unit="cases")
        (found,) = propose(one, saying(2, "There were many cases", figures=(cases,)))
        assert (found.type, found.source) == ("context_for", 2)
        assert any(reason.startswith("Not comparable") for reason in found.reasons)
        assert any("cases" in reason and "persons" in reason for reason in found.reasons)

    def test_the_same_number_given_again_is_a_repetition(self) -> None:
        later = DAY + dt.timedelta(days=30)
        old = saying(1, "46,000 fell", figures=(told(46_000, "1", DAY),))
        new = saying(2, "46 тысяч погибли", day=later, language="ru", figures=(told(46_000, "1", later),))
        assert types(old, new) == ["repeats"]


class TestRemembering:
    def test_the_input_hash_is_that_of_the_pair_in_either_order(self) -> None:
        one, other = saying(1, "The port reopens on Monday."), saying(2, "The port reopens Monday.")
        hashes = {found.input_hash for found in (*propose(one, other), *propose(other, one))}
        assert len(hashes) == 1

    @pytest.mark.parametrize(
        "change",
        [
            {"wordings": (("The port reopens on Tuesday, says the mayor.", "en", "said"),)},
            {"wordings": (("The port reopens on Monday.", "en", "denied"),)},
            {"first_day": DAY - dt.timedelta(days=1)},
            {"voices": frozenset({1, 9})},
            {"occasion": "press call"},
            {"figures": (told(7, "1", DAY),)},
        ],
    )
    def test_whatever_is_compared_changes_the_fingerprint(self, change: dict[str, Any]) -> None:
        before = saying(1, "The port reopens on Monday.")
        after = Saying(**{**{name: getattr(before, name) for name in before.__dataclass_fields__}, **change})
        assert after.fingerprint != before.fingerprint

    def test_the_fingerprint_is_not_that_of_the_key_or_of_names(self) -> None:
        assert saying(1, "A word.").fingerprint == saying(2, "A word.", names=("Otherwise",)).fingerprint


class TestCues:
    @pytest.mark.parametrize(
        ("cue", "language", "denies"),
        [
            ("denied", "en", True), ("did not deny", "en", False), ("said", "en", False), ("спростував", "uk", True),
            ("опроверг", "ru", True), ("dementierte", "de", True), ("a démenti", "fr", True), ("DENIES", "en", True),
        ],
    )  # fmt: skip
    def test_a_denial_is_known_by_its_verb(self, cue: str, language: str, denies: bool) -> None:
        assert bool(denial(cue, "something.", language)) == denies

    def test_a_denial_can_be_in_the_words(self) -> None:
        assert denial("said", "that is not true at all.", "en") == "is not true"

    def test_an_answer_is_known_by_its_verb(self) -> None:
        assert answer("replied", "en") == "replied"
        assert answer("said", "en") == ""


class TestNames:
    BOOK = Namebook(
        [(1, "Volodymyr Zelenskyy", True), (1, "Володимир Зеленський", True), (2, "Песков", True),
         (3, "The White House", False), (4, "May", True), (5, "Зеленский", True)]
    )  # fmt: skip

    @pytest.mark.parametrize(
        ("text", "named"),
        [
            ("What Zelenskyy said", {1}), ("Слова Зеленського і", {1, 5}), ("Зеленскому ответил Песковым", {1, 5, 2}),
            ("according to The White House", {3}), ("we may meet", set()), ("nobody at all", set()),
            ("Zelenskyy's plan", {1}),
        ],
    )  # fmt: skip
    def test_a_name_is_found_in_any_case_but_not_as_a_word(self, text: str, named: set[int]) -> None:
        assert self.BOOK.named_in(text) == named


class TestWorthComparing:
    def test_nothing_that_leads_to_a_suggestion_is_passed_over(self) -> None:
        for expect, source, target in labelled():
            if expect != "none":
                assert worth_comparing(source, target), source.wordings

    def test_two_that_have_nothing_in_common_are_not_read(self) -> None:
        one, other = saying(1, "The port reopens on Monday."), saying(2, "Pensions rise in July.")
        assert not worth_comparing(one, other)
        assert "readings" not in one.__dict__


class TestAnyText:
    @given(
        st.text(max_size=300), st.text(max_size=300), st.sampled_from(["en", "uk", "de", "fr", "ko", "und"])
    )
    def test_no_text_breaks_it_and_each_is_like_itself(self, first: str, second: str, language: str) -> None:
        one, other = saying(1, first, language=language), saying(2, second, language=language)
        for proposal in propose(one, other):
            assert isinstance(proposal, Proposal)
            assert score(proposal.type, proposal.features) == proposal.score
        if one.readings[0].words:
            assert compare(one.readings[0], one.readings[0]).degree >= 0.9

    def test_a_long_text_is_read_only_so_far(self) -> None:
        assert len(read("word " * 100_000, "en").text) == LONGEST
