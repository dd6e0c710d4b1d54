"""One number in every print of it: English, Ukrainian, Russian, Korean, German and French forms of the same figures."""

import pytest

from quotes.text.figures import figures

NBSP, THIN = "\u00a0", "\u202f"
FORMS = {
    ("55000", "55000"): {
        "en": ["55,000 dead", "55 000 dead", "55 thousand dead", "55k dead", "fifty-five thousand dead"],
        "uk": ["55 000 загиблих", "55 тис. загиблих", "55 тисяч загиблих", "пʼятдесят п’ять тисяч загиблих"],
        "ru": ["55 000 погибших", "55 тыс. погибших", "55 тысяч погибших", "пятьдесят пять тысяч погибших"],
        "ko": ["5만5000명", "5만 5000명", "5만5천 명", "5만 5천 명", "오만 오천 명", "오만오천명"],
        "de": ["55.000 Tote", f"55{NBSP}000 Tote", "55 Tausend Tote", "fünfundfünfzigtausend Tote"],
        "fr": [f"55{THIN}000 morts", "55 000 morts", "55.000 morts", "cinquante-cinq mille morts"],
    },
    ("31000", "31000"): {
        "en": ["thirty-one thousand"],
        "uk": ["31 тисяча", "тридцять одна тисяча"],
        "ru": ["31 тысяча", "тридцать одна тысяча"],
        "ko": ["3만1000명", "3만1천명", "삼만 천 명"],
        "de": ["einunddreißigtausend", "31.000"],
        "fr": ["trente et un mille", "31 000"],
    },
    ("100000", "140000"): {
        "en": ["between 100,000 and 140,000", "100,000–140,000", "from 100,000 to 140,000"],
        "uk": ["від 100 до 140 тисяч", "між 100 000 та 140 000", "100–140 тис."],
        "ru": ["от 100 до 140 тысяч", "между 100 000 и 140 000", "100–140 тыс."],
        "ko": ["10만~14만명", "10만명~14만명", "10만에서 14만 명"],
        "de": ["zwischen 100.000 und 140.000", "100.000 bis 140.000"],
        "fr": ["entre 100 000 et 140 000", "de 100.000 à 140.000"],
    },
    ("46000", "None"): {
        "en": ["more than 46,000", "over 46 thousand", "46,000 or more", "at least 46,000"],
        "uk": ["понад 46 тисяч", "більше ніж 46 000", "щонайменше 46 тис."],
        "ru": ["свыше 46 тысяч", "более 46 000", "не менее 46 тыс."],
        "ko": ["4만6000명 이상", "최소 4만6000명", "4만6000여명"],
        "de": ["mehr als 46.000", "über 46.000", "mindestens 46.000"],
        "fr": ["plus de 46 000", "au moins 46.000"],
    },
    ("500000", "500000"): {
        "en": ["half a million"],
        "uk": ["пів мільйона"],
        "ru": ["полмиллиона"],
        "ko": ["50만 명"],
        "de": ["eine halbe Million"],
        "fr": ["un demi-million"],
    },
    ("1500000", "1500000"): {
        "en": ["1.5 million", "one and a half million"],
        "uk": ["1,5 млн", "півтора мільйона"],
        "ru": ["1,5 млн", "полтора миллиона", "полутора миллионов"],
        "ko": ["150만 명"],
        "de": ["1,5 Millionen", "anderthalb Millionen"],
        "fr": ["1,5 million"],
    },
}
CASES = [
    (language, text, numbers)
    for numbers, by_language in FORMS.items()
    for language, texts in by_language.items()
    for text in texts
]


@pytest.mark.parametrize(("language", "text", "numbers"), CASES)
def test_every_form_of_a_number_is_read_as_that_number(
    language: str, text: str, numbers: tuple[str, str]
) -> None:
    (figure,) = figures(text, language)
    expected = ("46000", "None") if numbers[1] == "None" else numbers
    assert (str(figure.low), str(figure.high)) == expected


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "several hundred people"),
        ("en", "tens of thousands"),
        ("uk", "кілька тисяч"),
        ("ru", "несколько тысяч"),
        ("ko", "수만 명"),
        ("ko", "천만의 말씀"),
        ("de", "mehrere tausend"),
        ("fr", "plusieurs milliers"),
    ],
)
def test_what_names_no_number_is_no_figure(language: str, text: str) -> None:
    assert figures(text, language) == []


def test_a_hundred_of_thousands_is_about_a_hundred_thousand() -> None:
    (figure,) = figures("une centaine de milliers de morts", "fr")
    assert (str(figure.low), figure.bound) == ("100000", "about")
