"""The line to paste: honest about what is not known."""

import datetime as dt
from dataclasses import replace

import pytest

from quotes.text.attribution import Source, line
from quotes.text.days import in_words, machine

SOURCE = Source(
    words="If we lose this war, we will lose our independence.",
    kind="direct",
    speaker="Volodymyr Zelenskyy",
    roles=["President of Ukraine"],
    outlet="FN News",
    published="5 Feb 2026",
    told="France 2",
    occasion="France 2 interview",
    cited=["France 2"],
)


def test_a_direct_quote_names_whom_what_to_whom_and_from_where() -> None:
    assert line(replace(SOURCE, said="4 Feb 2026", standing="verified")) == (
        "“If we lose this war, we will lose our independence.” Volodymyr Zelenskyy, President of Ukraine, "
        "told France 2 on 4 Feb 2026, according to FN News, 5 Feb 2026. [Verified.]"
    )


def test_what_is_not_known_is_called_so() -> None:
    made = line(replace(SOURCE, roles=[], published="not known"))
    assert "told France 2 on a day not known, according to FN News, day of publication not known." in made
    assert made.endswith("[Not verified: unchecked.]")


def test_nobody_is_told_unless_the_record_says_so() -> None:
    made = line(replace(SOURCE, told="", said="Feb 2026", cited=["Kyiv Post", "France 2"]))
    assert "said in Feb 2026 (France 2 interview), according to FN News, 5 Feb 2026, " in made
    assert "citing Kyiv Post, citing France 2." in made


def test_a_paraphrase_has_no_quotation_marks() -> None:
    made = line(replace(SOURCE, kind="indirect", words="About 55,000 soldiers were killed."))
    assert made.startswith("About 55,000 soldiers were killed (paraphrase): Volodymyr Zelenskyy")
    assert "“" not in made


def test_partial_mixed_and_translated_words_say_so() -> None:
    assert line(replace(SOURCE, kind="partial", words="productive")).startswith(
        "“productive” (these words only)"
    )
    mixed = line(replace(SOURCE, kind="mixed", words="The talks were “productive”."))
    assert mixed.startswith("The talks were “productive” (paraphrase):")
    assert "Only the words in quotation marks" in mixed
    assert "[Translated. Not verified" in line(replace(SOURCE, is_translation=True))


def test_an_institutions_words_name_the_mouth() -> None:
    made = line(
        replace(
            SOURCE, speaker="The Kremlin", roles=[], mouth="Dmitry Peskov", mouth_roles=["Press Secretary"]
        )
    )
    assert "The Kremlin, through Dmitry Peskov, Press Secretary, told" in made


@pytest.mark.parametrize(
    ("precision", "words", "code"),
    [("day", "1 Feb 2026", "2026-02-01"), ("month", "Feb 2026", "2026-02"), ("year", "2026", "2026")],
)
def test_a_date_shows_no_more_than_is_known(precision: str, words: str, code: str) -> None:
    day = dt.date(2026, 2, 1)
    assert in_words(day, precision) == words
    assert machine(day, precision) == code
    assert line(replace(SOURCE, said=words)).count(f"{'on' if precision == 'day' else 'in'} {words}") == 1


def test_no_date_is_not_known() -> None:
    assert in_words(None, None) == "not known"
    assert machine(None, None) == ""
