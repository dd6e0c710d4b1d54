"""Names: one man in ten spellings is found, and two men who look alike are told apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotes.text.names import (
    appearance,
    bones,
    confusable,
    fold,
    initials,
    main_script,
    scripts_in,
    skeleton,
    sort_key,
    warnings,
)

ZELENSKY = (
    "Zelensky Zelenskyy Zelenskiy Zelenskyi Zelens'kyi Zełenski Selenskyj Зеленський Зеленский Зеленски "
    "젤렌스키 ゼレンスキー زيلينسكي Ζελένσκι"
).split()


@pytest.mark.parametrize("name", ZELENSKY)
def test_every_spelling_of_zelensky_has_one_skeleton(name: str) -> None:
    assert skeleton(name) == "silinski"
    assert bones(name) == "slnsk"


@pytest.mark.parametrize(
    "names",
    [
        "Putin Путин Путін 푸틴 プーチン بوتين",
        "Umerov Умєров Умеров ウメロフ أوميروف Umerow",
        "Lavrov Lawrow Ławrow Лавров لافروف",
        "Peskov Peskow Песков Пєсков ペスコフ بيسكوف",
        "Tymoshenko Timoschenko Тимошенко 티모셴코 ティモシェンコ",
        "Sybiha Сибіга Сибига 시비하 シビハ",
        "Oleg Oleh Олег",
        "Yulia Julija Юлия Юлія",
        "Yeltsin Jelzin Ельцин 옐친",
    ],
)
def test_one_name_in_many_alphabets_has_one_skeleton(names: str) -> None:
    assert len({skeleton(name) for name in names.split()}) == 1


def test_scripts_without_vowels_meet_in_the_bones() -> None:
    assert bones("זלנסקי") == bones("Zelensky")
    assert bones("트럼프") == bones("トランプ") == bones("Trump") == bones("ترامب")
    assert bones("라브로프") == bones("Lavrov")
    assert bones("エリツィン") == bones("Yeltsin")


def test_other_names_have_other_skeletons() -> None:
    names = ["Zelensky", "Putin", "Umerov", "Lavrov", "Macron", "Trump", "Rutte", "Merz", "Starmer", "Tusk"]
    assert len({skeleton(name) for name in names}) == len({bones(name) for name in names}) == len(names)


@given(st.text())
def test_keys_are_plain_and_stable(name: str) -> None:
    for key in (fold(name), skeleton(name), bones(name)):
        assert key == key.strip()
        assert key.isascii()
        assert "  " not in key
        assert all(char.isalnum() or char == " " for char in key)
    assert fold(fold(name)) == fold(name)
    assert sort_key(name) == (fold(name), name)
    assert len(initials(name)) in (1, 2)


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        ("Zełenski", "zelenski"),
        ("O’Brien", "obrien"),
        ("U.S. State Department", "us state department"),
        ("Jean-Noël Barrot", "jean noel barrot"),
        ("Зеленський", "zelenskiy"),
        ("«Інтерфакс-Україна»", "interfaks ukraina"),
        ("", ""),
    ],
)
def test_a_name_folds_as_expected(name: str, folded: str) -> None:
    assert fold(name) == folded


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Volodymyr Zelenskyy", "VZ"),
        ("The Kremlin", "TK"),
        ("Ольга Стефанішина", "ОС"),
        ("젤렌스키", "젤"),
        ("…", "?"),
        ("CSIS", "C"),
        ("Ursula von der Leyen", "UL"),
    ],
)
def test_initials_are_of_first_and_last(name: str, letters: str) -> None:
    assert initials(name) == letters


def test_scripts_are_told_apart_by_letters() -> None:
    assert main_script("Зеленський Volodymyr") == "cyrillic"
    assert main_script("2026 – !") == "common"
    assert scripts_in("Kyiv Київ 키이우 キーウ 基辅 كييف") == {
        "latin", "cyrillic", "hangul", "kana", "han", "arabic",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Pаvel Koval", "mixed_scripts"),  # Cyrillic а
        ("Ρavel", "mixed_scripts"),  # Greek Ρ
        ("Раса", "lookalike"),  # all Cyrillic, reads as Paca
        ("Ko\u200bval", "invisible"),
        ("Koval\u202e", "bidi"),
        ("Zoe\u0308 Koval", "not_composed"),
        ("𝐊oval", "unusual"),
        ("Kovɑl", "unusual"),  # Latin alpha
        ("Koval\u00a0Anna", "unusual"),
        ("Anna  Koval", "spaces"),
        (" Anna", "spaces"),
        ("Koval٣", "unusual"),
        ("Koval\x07", "invisible"),
        ("Marంn", "mixed_scripts"),  # Telugu sign in a Latin word
    ],
)
def test_what_an_eye_misses_is_warned_of(name: str, code: str) -> None:
    assert code in {warning.code for warning in warnings(name)}


@pytest.mark.parametrize(
    "name",
    [
        *ZELENSKY,
        "Zoë O’Brien",
        "Ștefan Țîru",
        "Nguyễn Phú Trọng",
        "ジョン・スミス",
        "東京新聞社",
        "The Financial News, 파이낸셜뉴스",
        "Đoković",
        "Ґалаґан",
        "Æthelred Þór",
        "Әлия Қасымова",
        "नरेन्द्र मोदी",
        "סיון",
    ],
)
def test_ordinary_names_are_left_in_peace(name: str) -> None:
    assert warnings(name) == []


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Pavel", "Pаvel"),
        ("Pavel", "Pavel\u200b"),
        ("Zoë", "Zoe\u0308"),
        ("ΟΝU", "ONU"),
        ("Ilia", "llia"),
        ("Carney", "Camey"),
        ("ＣＳＩＳ", "CSIS"),
    ],
)
def test_names_that_look_alike_are_confusable(first: str, second: str) -> None:
    assert confusable(first, second)
    assert confusable(second, first)


def test_names_that_do_not_look_alike_are_not() -> None:
    assert not confusable("Zelensky", "Зеленский")
    assert not confusable("Pavel", "Pavel")
    assert not confusable("Putin", "Rutin")


@given(st.text(), st.integers(0, 5))
def test_an_invisible_character_changes_a_name_but_not_its_looks(name: str, at: int) -> None:
    other = name[:at] + "\u200b" + name[at:]
    assert appearance(other) == appearance(name)
    assert "invisible" in {warning.code for warning in warnings(other)}
