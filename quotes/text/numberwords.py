"""Words for numbers and for how sure they are, in the languages of the desk. A new word is one word in one line.

``figures`` reads numbers with these. Everything is matched in lower case with plain apostrophes.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

# --- numbers in words: each word and its value; words of one number are added, then multiplied ------------------
_EN = {
    **{word: n for n, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
        "sixteen seventeen "
        "eighteen nineteen".split())},
    **{word: 10 * n for n, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)},
}  # fmt: skip
_FR = {
    "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "sept": 7, "huit": 8, "neuf": 9, "dix": 10, "onze": 11,
    "douze": 12,
    "treize": 13, "quatorze": 14, "quinze": 15, "seize": 16, "vingt": 20, "trente": 30, "quarante": 40,
    "cinquante": 50, "soixante": 60, "quatre-vingt": 80, "quatre-vingts": 80, "septante": 70, "nonante": 90,
}  # fmt: skip
_UK = {
    "один": 1, "одна": 1, "одну": 1, "два": 2, "дві": 2, "двох": 2, "три": 3, "трьох": 3, "чотири": 4,
    "чотирьох": 4,
    "п'ять": 5, "п'яти": 5, "шість": 6, "шести": 6, "сім": 7, "семи": 7, "вісім": 8, "восьми": 8,
    "дев'ять": 9, "дев'яти": 9,
    "десять": 10, "десяти": 10, "одинадцять": 11, "дванадцять": 12, "тринадцять": 13, "чотирнадцять": 14,
    "п'ятнадцять": 15, "шістнадцять": 16, "сімнадцять": 17, "вісімнадцять": 18, "дев'ятнадцять": 19,
    "двадцять": 20,
    "двадцяти": 20, "тридцять": 30, "тридцяти": 30, "сорок": 40, "сорока": 40, "п'ятдесят": 50,
    "п'ятдесяти": 50,
    "шістдесят": 60, "сімдесят": 70, "вісімдесят": 80, "дев'яносто": 90, "сто": 100, "ста": 100,
    "двісті": 200, "триста": 300,
    "чотириста": 400, "п'ятсот": 500, "шістсот": 600, "сімсот": 700, "вісімсот": 800, "дев'ятсот": 900,
}  # fmt: skip
_RU = {
    "две": 2, "двух": 2, "трех": 3, "трёх": 3, "четыре": 4, "четырех": 4, "четырёх": 4, "пять": 5,
    "пяти": 5, "шесть": 6,
    "семь": 7, "восемь": 8, "девять": 9, "девяти": 9, "одиннадцать": 11, "двенадцать": 12,
    "тринадцать": 13, "четырнадцать": 14, "пятнадцать": 15, "шестнадцать": 16, "семнадцать": 17,
    "восемнадцать": 18,
    "девятнадцать": 19, "двадцать": 20, "двадцати": 20, "тридцать": 30, "тридцати": 30, "пятьдесят": 50,
    "пятидесяти": 50, "шестьдесят": 60, "семьдесят": 70, "восемьдесят": 80, "девяносто": 90, "двести": 200,
    "пятьсот": 500, "шестьсот": 600, "семьсот": 700, "восемьсот": 800, "девятьсот": 900, "четыреста": 400,
}  # fmt: skip
_DE = {
    "zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "sechs": 6, "sieben": 7, "acht": 8, "neun": 9, "zehn": 10,
    "elf": 11,
    "zwölf": 12, "dreizehn": 13, "vierzehn": 14, "fünfzehn": 15, "sechzehn": 16, "siebzehn": 17,
    "achtzehn": 18,
    "neunzehn": 19, "zwanzig": 20, "dreißig": 30, "dreissig": 30, "vierzig": 40, "fünfzig": 50,
    "sechzig": 60, "siebzig": 70,
    "achtzig": 80, "neunzig": 90, "ein": 1, "eine": 1,
}  # fmt: skip
_SMALL = {**_DE, **_FR, **_RU, **_UK, **_EN}
_HUNDREDS = {"hundred": 100, "hundert": 100, "cent": 100, "cents": 100}
# A number with its article, or one that has the sense of a whole phrase.
_PHRASES = {
    "half a million": 500_000, "half a billion": 500_000_000, "quarter of a million": 250_000,
    "a dozen": 12, "half a dozen": 6,
    "une dizaine": 10, "une quinzaine": 15, "une vingtaine": 20, "une trentaine": 30, "une quarantaine": 40,
    "une cinquantaine": 50, "une soixantaine": 60, "une centaine": 100, "un millier": 1000,
    "пів мільйона": 500_000,
    "полмиллиона": 500_000, "півтора мільйона": 1_500_000, "півтори тисячі": 1_500,
    "полтора миллиона": 1_500_000, "полутора миллионов": 1_500_000, "полутора тысяч": 1_500,
    "півтора мільйони": 1_500_000, "півтори тисяч": 1_500,
    "полторы тысячи": 1_500, "пів сотні": 50, "anderthalb millionen": 1_500_000,
    "eineinhalb millionen": 1_500_000,
    "eine halbe million": 500_000, "un demi-million": 500_000, "a couple of million": 2_000_000,
}  # fmt: skip
_PHRASES |= {
    f"{phrase} de milliers": value * 1000
    for phrase, value in list(_PHRASES.items())
    if phrase.startswith("une ") and phrase.endswith("aine")
}
# Phrases that say “about” by themselves.
_ROUND_PHRASES = frozenset(phrase for phrase in _PHRASES if phrase.startswith(("une ", "un millier")))

# --- multipliers behind digits or words ---------------------------------------------------------------------------
_MULTIPLIERS = {
    "hundred": 2, "thousand": 3, "k": 3, "million": 6, "mln": 6, "mn": 6, "billion": 9, "bn": 9,
    "trillion": 12, "tn": 12, "trn": 12,
    "тис": 3, "тисяча": 3, "тисячі": 3, "тисяч": 3, "тисячу": 3, "тисячами": 3, "тыс": 3, "тысяча": 3,
    "тысячи": 3, "тысяч": 3,
    "тысячу": 3, "млн": 6, "мільйон": 6, "мільйона": 6, "мільйони": 6, "мільйонів": 6, "миллион": 6,
    "миллиона": 6,
    "миллионов": 6, "млрд": 9, "мільярд": 9, "мільярда": 9, "мільярди": 9, "мільярдів": 9, "миллиард": 9,
    "миллиарда": 9,
    "миллиардов": 9, "трлн": 12, "трильйонів": 12, "триллиона": 12, "триллионов": 12,
    "tausend": 3, "tsd": 3, "mio": 6, "millionen": 6, "mrd": 9, "milliarde": 9, "milliarden": 9,
    "billionen": 12, "bio": 12,
    "mille": 3, "millions": 6, "milliard": 9, "milliards": 9, "billions": 12, "mil": 3, "millones": 6,
    "millón": 6, "mila": 3,
    "milioni": 6, "miliardi": 9, "tys": 3, "tysięcy": 3, "tysiące": 3, "miliony": 6, "milionów": 6,
    "miliardów": 9, "mld": 9,
    "tuhatta": 3, "miljoonaa": 6, "bin": 3, "milyon": 6, "milyar": 9,
}  # fmt: skip
# “Billion” is a thousand million in English, a million million on the continent.
_LONG_SCALE = frozenset({"de", "fr", "es", "it", "pl", "nl", "da", "sv"})
# One letter is a multiplier only where money stands in front; otherwise 5 m are metres.
MONEY_LETTERS = {"m": 6, "b": 9}

EAST_ASIAN = {
    "십": 10, "백": 100, "천": 1_000, "만": 10**4, "억": 10**8, "조": 10**12, "十": 10, "百": 100,
    "千": 1_000, "万": 10**4,
    "萬": 10**4, "億": 10**8, "亿": 10**8, "兆": 10**12,
}  # fmt: skip

# --- how sure: before the number, by language ---------------------------------------------------------------------
_AT_LEAST = {
    "en": "more than, over, above, at least, no fewer than, not fewer than, no less than, not less than, "
    "upwards of, in excess of, "
    "exceeds, exceeded, exceeding, exceed, surpassed, topped, a minimum of, minimum of, greater than, "
    "well over, beyond",
    "uk": "понад, більше, більше ніж, більше як, більше за, більш ніж, більш як, щонайменше, не менше, "
    "не менше ніж, не менш як, "
    "мінімум, принаймні, перевищує, перевищили, перевищила",
    "ru": "свыше, более, более чем, больше, больше чем, не менее, не менее чем, не меньше, как минимум, "
    "минимум, по меньшей мере, "
    "превышает, превысило, превысила",
    "de": "mehr als, über, mindestens, wenigstens, nicht weniger als, zumindest",
    "fr": "plus de, au moins, au minimum, pas moins de, plus que, au-delà de",
    "ko": "최소, 적어도, 최소한",
    "es": "más de, al menos, por lo menos",
    "it": "più di, oltre, almeno",
    "pl": "ponad, więcej niż, co najmniej, przynajmniej",
    "fi": "yli, ainakin, vähintään",
    "ja": "少なくとも",
    "zh": "超过, 超過, 至少",
}
_AT_MOST = {
    "en": "less than, fewer than, under, below, up to, at most, no more than, not more than, as many as, "
    "as much as, a maximum of, "
    "maximum of, no greater than, short of",
    "uk": "до, менше, менше ніж, менше за, менш як, не більше, не більше ніж, не більш як, щонайбільше, "
    "максимум",
    "ru": "до, менее, менее чем, меньше, не более, не более чем, не больше, максимум",
    "de": "bis zu, höchstens, maximal, weniger als, unter, nicht mehr als",
    "fr": "jusqu'à, au plus, au maximum, moins de, pas plus de",
    "ko": "최대, 많게는",
    "es": "hasta, menos de, como máximo",
    "it": "fino a, meno di, al massimo",
    "pl": "do, mniej niż, najwyżej",
    "fi": "alle, enintään",
    "ja": "最大",
    "zh": "不到, 多达, 多達, 最多",
}
_ABOUT = {
    "en": "about, around, some, approximately, approx, roughly, nearly, almost, close to, an estimated, "
    "estimated, circa, ca, "
    "in the region of, on the order of",
    "uk": "близько, біля, приблизно, майже, орієнтовно, десь, порядку, зо, мало не",
    "ru": "около, примерно, почти, порядка, приблизительно, ориентировочно, где-то, чуть ли не",
    "de": "etwa, rund, circa, ca, zirka, ungefähr, fast, knapp, nahezu, annähernd, an die, "
    "schätzungsweise, gut",
    "fr": "environ, près de, quelque, quelques, à peu près, presque, autour de, approximativement",
    "ko": "약, 대략, 거의",
    "es": "unos, unas, cerca de, alrededor de, aproximadamente, casi",
    "it": "circa, quasi, intorno a",
    "pl": "około, ok, blisko, prawie, niemal",
    "fi": "noin, lähes",
    "ja": "約, およそ",
    "zh": "约, 約, 大约, 大約, 近",
}
# --- how sure: behind the number -----------------------------------------------------------------------------------
AFTER_AT_LEAST = re.compile(
    r"\+(?!\d)|\s?(?:or|and) (?:more|above|over|counting)\b|\splus\b(?! de)|\s(?:чи|або|і|та) більше\b"
    r"|\s(?:и|или) (?:более|больше)\b"
    r"|\s(?:oder|und) mehr\b|\s(?:ou|et) plus\b|여(?=\s?[명개대건곳])"
    r"|\s?[명개대건곳]?[이을를가]?\s?(?:이상|넘[는은게어]|초과|남짓)|[人名]?(?:以上|余り|余"
    r"|多)(?=[人名のがを]|$)"
)
AFTER_AT_MOST = re.compile(
    r"\sor (?:less|fewer|under)\b|\s?[명개대건곳]?\s?(?:이하|미만)|[人名]?(?:以下|未満|未满)"
)
AFTER_ABOUT = re.compile(r"\sor so\b|\s?[명개대건곳]?\s?(?:가량|정도|안팎|내외)|[人名]?(?:ほど|程度|左右)")

# --- between two numbers of a range -----------------------------------------------------------------------------------
DASH = re.compile(r"\s?[-‐‑‒–—~～〜∼]\s?|\s?(?:to|до|bis|à|에서|から)\s?")
JOINS = re.compile(r"\s?(?:and|und|et|і|та|й|и|до|to|à|y)\s?")
BETWEEN = re.compile(r"(?:\b(?:between|zwischen|entre|між|поміж|между)\s+)(?:[$€£₴₽¥₩]|us\$)?$")
FROM = re.compile(r"(?:\b(?:from|von|de|від|от|с|з)\s+)(?:[$€£₴₽¥₩]|us\$)?$")
# A change from one number to another is two numbers, not a range.
CHANGED = re.compile(
    r"\b(?:r[oi]se|risen|rising|grew|grow[ns]?|growing|increas\w+|jump\w+|climb\w+|soar\w+|surg\w+"
    r"|f[ae]ll\w*|drop\w*|declin\w+|decreas\w+|"
    r"up|down|rais\w+|cut\w*|went|moved|revised|зр[оі]с\w*|виріс\w*|збільши\w+|впа\w+|зменши\w+"
    r"|скороти\w+|вырос\w*|увеличи\w+|возрос\w*|упа\w+|"
    r"снизи\w+|сократи\w+|stieg\w*|gestiegen|erhöht\w*|sank\w*|gesunken|passé|passée|passer"
    r"|passe)\W+(?:\w+\W+){0,5}$"
)

UNITS_OF_SHARE = re.compile(
    r"\s?(?:%p?|％|percent\b|per cent\b|percentage points?\b|відсотк\w*|процент\w*|prozent\w*"
    r"|pour cent\b|por ciento\b|퍼센트|포인트)"
)
CURRENCY_WORDS = {
    "dollar": "$", "euro": "€", "pound": "£", "hryvnia": "₴", "rouble": "₽", "ruble": "₽", "yen": "¥",
    "долар": "$", "доллар": "$", "євро": "€", "евро": "€", "гривен": "₴", "гривень": "₴", "гривн": "₴",
    "рубл": "₽", "달러": "$", "유로": "€", "원": "₩",
}  # fmt: skip


@lru_cache(maxsize=64)
def bound_before(kind: str, language: str) -> re.Pattern[str]:
    """Words that make the number behind them a bound of ``kind``, at the end of a text."""
    lists = {"at_least": _AT_LEAST, "at_most": _AT_MOST, "about": _ABOUT}[kind]
    chosen = [lists[language]] if language in lists else list(lists.values())
    words = sorted({word.strip() for line in chosen for word in line.split(",")}, key=len, reverse=True)
    spaced = "|".join(re.escape(word) for word in words if word[0] < "\u1100")
    joined = "|".join(re.escape(word) for word in words if word[0] >= "\u1100")
    signs = r"[~≈]" if kind == "about" else r"[>≥]" if kind == "at_least" else r"[<≤]"
    either = [
        rf"(?<!\w)(?:{spaced})\.?\s+(?:the |than )?" if spaced else "",
        rf"(?:{joined})\s?" if joined else "",
        rf"{signs}\s?",
    ]
    return re.compile(f"(?:{'|'.join(filter(None, either))})$")


def multiplier(word: str, language: str) -> Decimal:
    """The value of a multiplier word, by the custom of the language."""
    plain = word.lower().rstrip(".")
    if plain == "billion" and language in _LONG_SCALE:
        return Decimal(10) ** 12
    return Decimal(10) ** _MULTIPLIERS[plain]


def _alternatives(words: object) -> str:
    return "|".join(re.escape(word) for word in sorted(map(str, words), key=len, reverse=True))  # type: ignore[call-overload]


MULTIPLIER = rf"(?:{_alternatives(_MULTIPLIERS)})(?!\w)\.?"
PHRASE = rf"(?<!\w)(?:{_alternatives(_PHRASES)})(?!\w)"
_WORD = rf"(?:{_alternatives({**_SMALL, **_HUNDREDS, **_MULTIPLIERS})}|a|an|un)"
_GERMAN = rf"(?:{_alternatives(_DE)}|und|hundert|tausend)"
WORDS = (
    rf"(?<!\w)(?:{_GERMAN}{{2,}}(?!\w)(?:\s(?:{MULTIPLIER}))?"
    rf"|(?:{_alternatives(_SMALL)})\sand\sa\shalf\s(?:{MULTIPLIER})"
    rf"|{_WORD}(?!\w)(?:(?:\s|-|\sand\s|\set\s|-et-){_WORD}(?!\w))*)"
)


def is_round_phrase(words: str) -> bool:
    """Whether a phrase says “about” by itself: une centaine."""
    return words in _ROUND_PHRASES


def value_of_words(words: str, language: str) -> Decimal | None:
    """The number that words name; None when they name none, or one so small that it counts nothing."""
    if words in _PHRASES:
        return Decimal(_PHRASES[words])
    total = current = Decimal(0)
    last = Decimal(10) ** 15
    has_article = False
    parts = re.findall(
        rf"quatre-vingts?|{_alternatives({**_SMALL, **_HUNDREDS, **_MULTIPLIERS})}|und\b|und|an?\b|un\b|\w+",
        words,
    )
    for part in parts:
        if part in ("and", "et", "und"):
            continue
        if part == "half":
            current += Decimal("0.5")
            continue
        if part == "un" and current % 100 >= 20 and not current % 10:
            current += 1  # trente et un mille
        elif part in ("a", "an", "un"):
            has_article = True
        elif part in _HUNDREDS or part == "hundred":
            current = (current or Decimal(1)) * 100
        elif part in _SMALL:
            value = Decimal(_SMALL[part])
            # Twenty-five and fünfundzwanzig are one number, two three are two.
            if current and current % 100 and value >= 1 and not _adds(current, value):
                return None
            current += value
        elif part in _MULTIPLIERS:
            factor = multiplier(part, language)
            if factor > last and not total:
                return None
            total += (current or Decimal(1)) * factor
            current, last = Decimal(0), factor
        else:
            return None
    value = total + current
    named = [part for part in parts if part in _SMALL or part in _HUNDREDS]
    if not value or (has_article and len(parts) == 1) or (words in ("cent", "cents") and language != "fr"):
        return None
    if not named and not has_article and len(parts) == 1:
        # A multiplier alone (“million”, “тисяч”) is a part of something else.
        return None
    return value


def _adds(current: Decimal, value: Decimal) -> bool:
    tail = current % 100
    return (tail >= 20 and value < 20) or (tail < 10 and 20 <= value <= 90) or (value >= 100 and not tail)
