"""Figures: one number in every print of it, how sure it is, and nothing that is no figure."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotes.tests.text.steps import steps
from quotes.text.figures import Figure, figures

INF = "∞"


def told(text: str, language: str) -> list[str]:
    """Each figure as “low..high unit”, with ~ for about and ∞ for an open side."""
    return [shown(figure) for figure in figures(text, language)]


def shown(figure: Figure) -> str:
    low, high = (INF if value is None else f"{value}" for value in (figure.low, figure.high))
    value = low if figure.bound in ("exact", "about") else f"{low}..{high}"
    return ("~" if figure.bound == "about" else "") + value + (figure.unit or "")


# Sentences of the founding story and its wider record, and of the kinds that fill war and economy reporting.
LABELLED = [
    (
        "en",
        "said that about 55,000 Ukrainian soldiers have been killed on the battlefield so far.",
        ["~55000"],
    ),
    (
        "en",
        "estimates that between 100,000 and 140,000 Ukrainian soldiers have been killed since the war began in 2022.",
        ["100000..140000"],
    ),
    ("en", "With February 24 marking the fourth anniversary, on the 4th, Friday, February 6, 2026", []),
    ("en", "an interview with French public broadcaster France 2.", []),
    ("en", "2026-02-05 11:19:44 Updated 04.02.2026 at 7 p.m.", []),
    ("en", "more than 46,000 soldiers; exceeded 45,100 troops", ["46000..∞", "45100..∞"]),
    ("en", "from 2,500 to 3,000 soldiers", ["2500..3000"]),
    ("en", "rose from 46,000 to 55,000", ["46000", "55000"]),
    ("en", "43,000 killed + 370,000 wounded cases", ["43000", "370000"]),
    ("en", "500,000–600,000 casualties", ["500000..600000"]),
    ("en", "55k dead, 55 thousand dead, fifty-five thousand dead", ["55000", "55000", "55000"]),
    ("en", "twenty-five thousand three hundred and two", ["25302"]),
    (
        "en",
        "half a million people, a million people, two and a half million",
        ["500000", "1000000", "2500000"],
    ),
    ("en", "3 to 5 million, 1.5 to 2 million", ["3000000..5000000", "1500000..2000000"]),
    ("en", "as many as 20 missiles and up to 1,000 drones", ["∞..20", "∞..1000"]),
    ("en", "72 of 91 drones were shot down", ["72", "91"]),
    ("en", "fewer than 1,000; no more than 5 of them; at least one person", ["∞..1000", "∞..5", "1..∞"]),
    ("en", "more than six hours; Fourteen tanks", ["6..∞", "14"]),
    (
        "en",
        "inflation fell to 2.3 percent from 3.1%, some 20 per cent of its territory",
        ["2.3%", "3.1%", "~20%"],
    ),
    ("en", "10 to 15 percent", ["10..15%"]),
    (
        "en",
        "$2.4 billion, €3.5bn, US$5m and 3.1 billion dollars",
        ["2400000000$", "3500000000€", "5000000$", "3100000000$"],
    ),
    ("en", "between $10 and $20 million", ["10000000..20000000$"]),
    ("en", "100+ tanks, nearly 400,000 or more", ["100..∞", "400000..∞"]),
    ("en", "In 2024 alone 430,790 Russian troops; some 2000 troops", ["430790", "~2000"]),
    ("en", "the 2022 invasion; the 2030 target; 2014-2022; the 1990s; early 2023", []),
    ("en", "F-16 and Su-35, COVID-19, S-300, Mi-8, 155mm shells, G7", []),
    ("en", "Article 5, Resolution 2202, a Boeing 737, Anderson Cooper 360", []),
    ("en", "the Gang of Eight; the two countries; one of them; one in five", []),
    ("en", "a 55-year-old man, 20 years old, a 28-point plan, the 19th package", []),
    ("en", "two-thirds, three-quarters, half of them; hundreds of thousands, tens of thousands", []),
    ("en", "call +380 44 123 45 67, version 3.5.1, score 2:1", []),
    ("uk", "55 тисяч; 55 тис.; 55 000; п'ятдесят п'ять тисяч", ["55000"] * 4),
    ("uk", "Тридцять одна тисяча", ["31000"]),
    ("uk", "понад 45,1 тисячі загиблих", ["45100..∞"]),
    ("uk", "близько 390 000 випадків, щонайменше 12 людей", ["~390000", "12..∞"]),
    ("uk", "від 100 тис. до 140 тис. осіб; між 2500 і 3000", ["100000..140000", "2500..3000"]),
    ("uk", "24 лютого 2022 року загинуло 100 людей; о 15:00; 5-го; 2022-2025; за 2025 рік", ["100"]),
    ("uk", "1,5 млн грн, 30%, до 15 тисяч", ["1500000", "30%", "∞..15000"]),
    ("ru", "1,2 миллиона человек; 5,5 млрд рублей", ["1200000", "5500000000₽"]),
    ("ru", "от 100 до 140 тысяч", ["100000..140000"]),
    ("ru", "более чем 55 тысяч, свыше 300 тыс., не менее 12 человек", ["55000..∞", "300000..∞", "12..∞"]),
    ("ru", "двадцать пять человек; 20-летний; в 2024 году; 4 февраля 2026 г.", ["25"]),
    ("ko", "약 5만5000명", ["~55000"]),
    ("ko", "5만5000여명이 전사", ["55000..∞"]),
    ("ko", "10만~14만명; 2만∼3만명", ["100000..140000", "20000..30000"]),
    ("ko", "2026년 2월 4일 5만 5000명 이상", ["55000..∞"]),
    ("ko", "최소 100명, 최대 2만명, 30% 이상", ["100..∞", "∞..20000", "30..∞%"]),
    ("ko", "1억2000만 달러; 십만 명; 10만 명이 넘는", ["120000000$", "100000", "100000..∞"]),
    ("de", "rund 55.000 Soldaten, mehr als 1,5 Millionen Menschen", ["~55000", "1500000..∞"]),
    ("de", "zwischen 100.000 und 140.000; fünfundfünfzigtausend", ["100000..140000", "55000"]),
    ("de", "bis zu 100 Panzer, 3 Billionen Euro, zwölf Menschen", ["∞..100", "3000000000000€", "12"]),
    ("de", "am 24. Februar 2022; um 15 Uhr; 15 Prozent", ["15%"]),
    ("fr", "environ 55 000 soldats, plus de 43 000 soldats", ["~55000", "43000..∞"]),
    ("fr", "entre 100 000 et 140 000; de 100 000 à 140 000", ["100000..140000"] * 2),
    ("fr", "cinquante-cinq mille soldats; une centaine de chars", ["55000", "~100"]),
    (
        "fr",
        "1,5 million d'euros; 15 %; jusqu'à 20 missiles; le 24 février 2022",
        ["1500000€", "15%", "∞..20"],
    ),
    ("fi", "noin 100 000–140 000", ["100000..140000"]),
    ("ja", "5万5000人が死亡、約10万人、2026年2月4日", ["55000", "~100000"]),
    ("zh", "超过5.5万名士兵", ["55000..∞"]),
    ("und", "55.000 55'000 55\u202f000 55,000", ["55000"] * 4),
    ("en", "", []),
]


@pytest.mark.parametrize(("language", "text", "expected"), LABELLED, ids=range(len(LABELLED)))
def test_every_labelled_sentence_gives_its_figures(language: str, text: str, expected: list[str]) -> None:
    assert told(text, language) == expected


def test_the_founding_number_is_one_in_every_print_of_it() -> None:
    prints = [
        ("en", "55,000"),
        ("uk", "55 000"),
        ("de", "55.000"),
        ("ru", "55 тыс."),
        ("uk", "55 тис."),
        ("ko", "5만5000"),
        ("en", "55 thousand"),
        ("en", "55k"),
        ("fr", "55\u202f000"),
        ("ko", "5만 5천"),
        ("ja", "5万5000"),
        ("de", "55 Tsd."),
    ]
    for language, text in prints:
        assert told(text, language) == ["55000"], text


@pytest.mark.parametrize(
    ("text", "language", "printed", "number"),
    [
        ("were killed: about 55,000 soldiers", "en", "about 55,000", "55,000"),
        ("that between 100,000 and 140,000 died", "en", "between 100,000 and 140,000", "100,000 and 140,000"),
        ("For US$5 million or more, he", "en", "US$5 million or more", "5 million"),
        ("понад 46 тисяч військових", "uk", "понад 46 тисяч", "46 тисяч"),
        ("전사자는 약 5만5000명이다", "ko", "약 5만5000", "5만5000"),
        ("10 to 15 percent of", "en", "10 to 15 percent", "10 to 15"),
    ],
)
def test_the_span_is_the_number_with_the_words_that_bound_it(
    text: str, language: str, printed: str, number: str
) -> None:
    (figure,) = figures(text, language)
    assert text[figure.start : figure.end] == printed
    assert text[figure.number_start : figure.number_end] == number


WRITTEN = {
    "en": (",", "."),
    "de": (".", ","),
    "fr": ("\u202f", ","),
    "uk": ("\u00a0", ","),
    "ru": (" ", ","),
    "ko": (",", "."),
}


@given(st.integers(10_000, 999_999_999), st.sampled_from(sorted(WRITTEN)))
def test_grouped_numbers_are_read_in_every_language(number: int, language: str) -> None:
    text = f"{number:,}".replace(",", WRITTEN[language][0])
    (figure,) = figures(f"({text})", language)
    assert (figure.low, figure.high, figure.bound) == (number, number, "exact")


@given(
    st.integers(1, 999),
    st.integers(0, 9),
    st.sampled_from(
        [("en", "million"), ("de", "Millionen"), ("uk", "млн"), ("ru", "миллионов"), ("fr", "millions")]
    ),
)
def test_decimals_before_a_multiplier_are_read_in_every_language(
    whole: int, tenth: int, form: tuple[str, str]
) -> None:
    language, word = form
    (figure,) = figures(f"({whole}{WRITTEN[language][1]}{tenth} {word})", language)
    assert figure.low == Decimal(f"{whole}.{tenth}") * 10**6


@given(st.integers(1, 9_999), st.integers(1, 9_999))
def test_korean_ten_thousands_are_read(tens: int, rest: int) -> None:
    (figure,) = figures(f"약 {tens}만{rest}명", "ko")
    assert (figure.low, figure.bound) == (tens * 10_000 + rest, "about")


PIECES = st.lists(
    st.sampled_from(
        [
            "55,000",
            "100 000",
            "5만",
            "1.5",
            "million",
            "тис.",
            "about",
            "between",
            "and",
            "до",
            "–",
            "%",
            "$",
            "2022",
            "of",
            "un",
            "two",
            "hundert",
            "cent",
            "half a million",
            "\n",
            ".",
            "É",
            "İ",
            "약",
            "이상",
            "x",
            "'",
            "-",
        ]
    )
).map(" ".join)


@given(
    st.one_of(st.text(), PIECES, PIECES.map(lambda text: text.replace(" ", ""))),
    st.sampled_from(["en", "uk", "de", "ko", "fr", "und", "xx"]),
)
def test_no_text_breaks_it_and_spans_lie_in_order(text: str, language: str) -> None:
    at = 0
    for figure in figures(text, language):
        assert at <= figure.number_start < figure.number_end <= figure.end <= len(text)
        assert figure.start <= figure.number_start
        at = figure.number_end
        low, high = figure.low, figure.high
        match figure.bound:
            case "exact" | "about":
                assert low is not None
                assert low == high
            case "at_least":
                assert low is not None
                assert high is None
            case "at_most":
                assert low is None
                assert high is not None
            case "range":
                assert low is not None
                assert high is not None
                assert low <= high
        assert (low if low is not None else high or Decimal(0)) < Decimal(10) ** 18


@pytest.mark.parametrize(
    "pump",
    [
        "1",
        "1,",
        "1 ",
        "1.",
        "1-",
        "12:",
        "55,000 ",
        "1만",
        "two ",
        "a ",
        "million ",
        "about ",
        "hundert",
        "rose from 1 to ",
    ],
)
def test_the_work_grows_with_the_length_only(pump: str) -> None:
    def work(size: int) -> int:
        return steps(lambda: figures(pump * (size // len(pump)), "en"))

    work(2_000)  # what is made once and kept does not count
    assert work(8_000) < 6 * work(2_000)
