"""Figures: the numbers of a text as it prints them, each with how sure it is.

55,000 and 55 000 and 55.000 (in German) and 55 тыс. and 5만5000 are one number; “between 100,000 and 140,000” is a
range; “more than”, “понад”, “이상” give one bound. Years, dates, times, ordinals, ages and names with a number
(F-16, France 2) are no figures. What is not surely a figure is left out: a person can add one, but should not
have to throw many away.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from quotes.text import numberwords as nw
from quotes.text.numerals import SIGNS, read_digits, read_east_asian

Bound = Literal["exact", "about", "at_least", "at_most", "range"]

_GROUP = r"[,.'’\u00a0\u202f\u2009 ]"
_DIGITS = (
    rf"\d{{1,3}}(?:(?P<sep>{_GROUP})\d{{3}})(?:(?P=sep)\d{{3}})*(?:[.,]\d{{1,2}}(?!\d))?"
    r"|\d{1,3}(?:,\d{2})+,\d{3}|\d+(?:[.,]\d+)?"
)
_ATOM = re.compile(
    rf"(?P<east>\d[\d,.]{{0,24}}(?:\s?[{SIGNS}]+(?:\s?\d[\d,.]{{0,24}}(?=\s?[{SIGNS}명여개대건곳人名]|$"
    rf"|\W))?)+|(?<![가-힣])[십백천만]{{2,}}(?=\s?[명여개대건곳])"
    r"|(?<![가-힣])[일이삼사오육칠팔구]?[십백천만억](?:\s?[일이삼사오육칠팔구]?[십백천만억]){0,7}"
    r"[일이삼사오육칠팔구]?(?=\s?[명여개대건곳]))"
    rf"|(?P<number>{_DIGITS})(?![\d])(?:(?P<gap>[\s\u00a0\u202f-]?)(?P<multiplier>{nw.MULTIPLIER}"
    rf"|[mb](?![\w-])))?"
    rf"|(?P<phrase>{nw.PHRASE})"
    rf"|(?P<words>{nw.WORDS})"
)
_MOST_DIGITS = 15
# F-16, COVID-19, Mi8, +380, and the end of a longer number; but 2,500-3,000.
_PART_OF_A_NAME = re.compile(r"(?:[^\W\d_]-?|\d[-/:.,]|[+#])$")
_RANGE_BEFORE = re.compile(r"\d\s?-$")
_BEYOND = Decimal(10) ** 18  # what the records keep before the point

_CURRENCY = re.compile(r"(?:us\$|[$€£₴₽¥₩])\s?$")

_MONTHS = (
    r"(?:jan(?:uary|uar|vier)?|feb(?:ruary|ruar)?|févr(?:ier)?|mar(?:ch|s)?|märz|apr(?:il)?|avril|may"
    r"|mai|june?|juni|juin|july?|juli|"
    r"juillet|aug(?:ust)?|août|sept?(?:ember|embre)?|o[ck]t(?:ober|obre)?|nov(?:ember|embre)?"
    r"|de[cz](?:ember)?|décembre|"
    r"січ\w+|лют\w+|берез\w+|квіт\w+|трав\w+|черв\w+|лип\w+|серп\w+|верес\w+|жовт\w+|листопад\w*"
    r"|груд\w+|январ\w+|феврал\w+|март\w*|апрел\w+|"
    r"ма[йяе]|июн\w+|июл\w+|август\w*|сентябр\w+|октябр\w+|ноябр\w+|декабр\w+)"
)
_MONTH_BEFORE = re.compile(rf"\b{_MONTHS}\.?\s$", re.I)
_MONTH_AFTER = re.compile(rf"\.?\s{_MONTHS}\b", re.I)
_NO_FIGURE_AFTER = re.compile(
    r"(?:st|nd|rd|th)\b|-?(?:го|й|я|е|му|ій|ша|га|те|ом|м|х|er|ère|ème|e)(?!\w)|[:/]\d|\s?(?:a\.?m"
    r"|p\.?m)\b|\so'clock|\suhr\b|\.\d|"
    r"[-‐‑](?:year|day|month|week|point|mile|hour|minute|page|member|nation|seat|man|летн|річн|денн"
    r"|дневн|місячн|месячн|jährig|tägig|stellig)|"
    r"\s?(?:년|월|일(?!\w)|시(?!\w)|분(?!\w)|세(?!\w)|살|세기|번째|호(?!\w)|위(?!\w)|차(?!\w)|年|月"
    r"|日(?!本)|時|歳|岁|号|位)|"
    r"-?(?:thirds?|quarters?|fifths?|tenths?)\b|\s(?:year|years|month|months)[ -]old\b"
    r"|\sans\b(?= d'âge)|\s?°|\s?-?(?:х|их|ых)\b",
    re.I,
)
_YEAR = re.compile(r"(?:1[5-9]|20)\d\d")
_YEAR_AFTER = re.compile(
    r"(?:\s|-)?(?:рок|рік|роц|р\.|год|г\.|гг?\.|年|년|ies?\b|s\b)"
    r"|\s?[-–—/]\s?(?:\d\d){1,2}(?!\d)(?!\s?[a-zа-я])",
    re.I,
)
_COUNTED = re.compile(r"\s(?P<word>[^\W\d_]{3,})")
_FUNCTION_WORDS = frozenset(
    "the and but for with was were has had have when where while after before until since because that "
    "which who will would could "
    "from into onto over under said says invasion war election elections season olympics world budget "
    "constitution agreement report "
    "які який коли після перед але від для або був була було який что когда после перед для или был "
    "была было где как "
    "als und aber seit wurde wird war hat haben und que qui mais pour avec dans est sont été".split()
)
# A number right behind one of these is its name: Article 5, France 2, Boeing 737.
_LABELS = re.compile(
    r"(?:\b(?:article|art|chapter|section|page|room|flight|route|highway|channel|resolution|boeing"
    r"|airbus|france|phase|stage|group|unit|"
    r"reactor|protocol|paragraph|point|no|nr|nos|number|level|grade|covid|formula|apollo|version"
    r"|brigade|division|"
    r"стат\w+|ст|пункт\w*|номер\w*|канал\w*|резолюц\w+|глав\w+|розділ\w*|artikel|kapitel|kanal|seite"
    r"|artículo|chaîne|aged|age|віком|"
    r"age of|at|o|um|gegen)\.?|[#№§])\s?$",
    re.I,
)
_AT_A_CLOCK = re.compile(r"\b(?:at|um|gegen|о|об)\s$", re.I)
_DATE = re.compile(
    r"\b\d{4}-\d{2}(?:-\d{2})?\b|\b\d{1,2}[./]\d{1,2}[./](?:\d{4}|\d{2})\b|\b\d{1,2}:\d{2}(?::\d{2})?\b"
    r"|\b\d+(?:\.\d+){2,20}\b(?!\.?\d)|\+\d[\d ()-]{6,}\d"
)
_GROUPED = re.compile(r"\d{1,3}(?:\.\d{3}){2,}")


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a text.

    ``low`` and ``high`` are None where the bound leaves that side open. ``start:end`` (code points) is the whole
    expression with the words that bound it, ``number_start:number_end`` the number or numbers alone. ``unit`` is
    ``%`` or the sign of a currency, else None.
    """

    low: Decimal | None
    high: Decimal | None
    bound: Bound
    start: int
    end: int
    number_start: int
    number_end: int
    unit: str | None = None


@dataclass(slots=True)
class _Atom:
    value: Decimal
    raw: Decimal
    factor: Decimal
    start: int
    end: int
    unit: str | None
    is_round: bool = False


def figures(text: str, language: str = "und") -> list[Figure]:
    """The figures of a text, in order.

    Args:
        text: any text; its offsets are those of the result.
        language: ISO 639 tag: decides what a comma and a point mean, and how many a billion is.
    """
    code = language.split("-")[0].lower()
    plain = _plain(text)
    atoms = [atom for atom in _atoms(plain, code) if not _is_in_a_name(text, atom)]
    found: list[Figure] = []
    at = 0
    while at < len(atoms):
        pair = _range(plain, atoms[at], atoms[at + 1], code) if at + 1 < len(atoms) else None
        if pair:
            found.append(pair)
            at += 2
        else:
            found.append(_bounded(plain, atoms[at], code))
            at += 1
    return found


def _plain(text: str) -> str:
    """Lower case and plain apostrophes, with every character in its place."""
    lower = "".join(char.lower() if len(char.lower()) == 1 else char for char in text)
    return lower.translate(_APOSTROPHES)


_APOSTROPHES = str.maketrans({"’": "'", "ʼ": "'", "\u2011": "-"})


def _atoms(plain: str, language: str) -> list[_Atom]:
    dates = [match.span() for match in _DATE.finditer(plain) if not _GROUPED.fullmatch(match[0])]
    atoms: list[_Atom] = []
    at = 0
    for match in _ATOM.finditer(plain):
        start, end = match.span()
        while at < len(dates) and dates[at][1] <= start:
            at += 1
        if at < len(dates) and dates[at][0] < end:
            continue
        atom = _read(plain, match, language)
        if atom is not None and atom.value < _BEYOND:
            atoms.append(atom)
    return atoms


def _read(plain: str, match: re.Match[str], language: str) -> _Atom | None:
    start, end = match.span()
    before, after = plain[max(0, start - 24) : start], plain[end : end + 24]
    money = _CURRENCY.search(before)
    unit = money[0].strip().removeprefix("us") if money else None
    if match["words"] or match["phrase"]:
        value = nw.value_of_words(match[0], language)
        if (
            value is None
            or _NO_FIGURE_AFTER.match(after)
            or not _says_something(value, match[0], before, language)
        ):
            return None
        is_round = nw.is_round_phrase(match[0])
        return _Atom(value, value, Decimal(1), start, end, unit or _unit_after(plain, end), is_round)
    if match["east"]:
        value = read_east_asian(match["east"])
        return (
            None
            if value is None
            else _Atom(value, value, Decimal(1), start, end, unit or _unit_after(plain, end))
        )
    return _digits(plain, match, language, unit)


def _digits(plain: str, match: re.Match[str], language: str, unit: str | None) -> _Atom | None:
    start, end = match.start("number"), match.end("number")
    word = match["multiplier"]
    if word and len(word) == 1 and (match["gap"] or (word in nw.MONEY_LETTERS and unit is None)):
        word = None
    before = plain[max(0, start - 24) : start]
    if len(match["number"]) > _MOST_DIGITS or (
        _PART_OF_A_NAME.search(before) and not _RANGE_BEFORE.search(before)
    ):
        return None
    raw = read_digits(match["number"], language, bool(word))
    if raw is None:
        return None
    if word:
        factor = (
            Decimal(10) ** nw.MONEY_LETTERS[word]
            if word in nw.MONEY_LETTERS
            else nw.multiplier(word, language)
        )
        return _Atom(raw * factor, raw, factor, start, match.end(), unit or _unit_after(plain, match.end()))
    unit = unit or _unit_after(plain, end)
    after = plain[end : end + 24]
    is_plain = match["number"].isdigit()
    if "a" <= after[:1] < "\u1100" and after[:1].isalpha():
        return None  # 155mm, 4x4
    if unit is None and is_plain and _is_date_or_name(match["number"], before, after, language):
        return None
    if unit is None and _NO_FIGURE_AFTER.match(after):
        return None
    return _Atom(raw, raw, Decimal(1), start, end, unit)


def _is_in_a_name(text: str, atom: _Atom) -> bool:
    """A small number behind a capital in mid-sentence, "
    "with nothing counted behind it: Anderson Cooper 360."""
    if not re.fullmatch(r"\d{1,3}", text[atom.start : atom.end]) or atom.unit:
        return False
    name = re.search(r"[^\W\d_][\w'’-]*\s\Z", text[max(0, atom.start - 40) : atom.start])
    if not name or not name[0][0].isupper():
        return False
    at = atom.start - len(name[0])
    begins_sentence = not re.search(r"[\w,;:)]\s\Z", text[max(0, at - 3) : at])
    return not begins_sentence and not re.match(r"\s[^\W\d_]", text[atom.end : atom.end + 2])


def _is_date_or_name(digits: str, before: str, after: str, language: str) -> bool:
    if len(digits) <= 2 and (_MONTH_BEFORE.search(before) or _MONTH_AFTER.match(after)):
        return True
    if _LABELS.search(before) and not (_AT_A_CLOCK.search(before) and len(digits) > 2):
        return not any(nw.bound_before(kind, language).search(before) for kind in ("at_least", "at_most"))
    if _YEAR.fullmatch(digits):
        if _MONTH_BEFORE.search(before.rstrip(", 0123456789") + " ") or _YEAR_AFTER.match(after):
            return True
        if any(nw.bound_before(kind, language).search(before) for kind in ("at_least", "about")):
            return False
        counted = _COUNTED.match(after)
        return counted is None or counted["word"] in _FUNCTION_WORDS or bool(_IN_A_YEAR.search(before))
    return len(digits) > 1 and digits[0] == "0"


_IN_A_YEAR = re.compile(
    r"(?:\b(?:the|in|since|until|till|by|from|during|of|before|after|year|to|у|в|з|із|с|до|від|от|после"
    r"|після|перед|seit|jahr|bis|depuis|en|"
    r"dès|avant|après|del|desde)\s|\b(?:early|late|mid)[ -])$"
)


# Gang of Eight, one in five, the two countries, all three of them.
_TALK_BEFORE = re.compile(
    r"\b(?:of|one in|per|pour|the|these|those|both|all|their|our|his|her|its|your|my|last|next|past"
    r"|first|other)\s$"
)


# Several hundred is no hundred.
_SOME_OF_THEM = re.compile(
    r"\b(?:several|many|a few|few|кілька|декілька|несколько|mehrere|einige|plusieurs)\s$"
)


def _says_something(value: Decimal, words: str, before: str, language: str) -> bool:
    """Small numbers in words are figures only when somebody counts: “one of them”, "
    "“на два дні” are talk."""
    if (value < 10 or words in ("cent", "cents")) and _TALK_BEFORE.search(before):
        return False
    if _SOME_OF_THEM.search(before):
        return False
    is_bounded = any(
        nw.bound_before(kind, language).search(before) for kind in ("at_least", "at_most", "about")
    )
    if value < 2:
        return is_bounded and value > 0
    return value >= 10 or is_bounded or (words.isascii() and language in ("en", "und"))


def _unit_after(plain: str, end: int) -> str | None:
    if nw.UNITS_OF_SHARE.match(plain, end):
        return "%"
    following = re.match(r"\s?(?:d'|de\s|of\s|u\.?s\.?\s|америк\w+\s)?([^\W\d_]+)", plain[end : end + 32])
    if following:
        for word, sign in nw.CURRENCY_WORDS.items():
            if following[1].startswith(word) and (len(word) > 1 or following[1] == word):
                return sign
    return None


def _range(plain: str, left: _Atom, right: _Atom, language: str) -> Figure | None:
    between = plain[left.end : right.start]
    between = re.sub(r"(?:us\$|[$€£₴₽¥₩])$", "", between) if right.unit else between
    between = re.sub(r"^\s?[명개대건곳人名%％]", "", between)
    before = plain[max(0, left.start - 60) : left.start]
    opened = nw.BETWEEN.search(before) or nw.FROM.search(before)
    if not (nw.DASH.fullmatch(between) or (opened and nw.JOINS.fullmatch(between))):
        return None
    if nw.FROM.search(before) and nw.CHANGED.search(before[: before.rstrip().rfind(" ") + 1]):
        return None
    low, high = left.value, right.value
    if right.factor > 1 and left.factor == 1 and left.raw <= right.raw and low * 100 < high:
        low *= right.factor  # 3 to 5 million
    elif (
        right.factor == 1
        and left.factor == 1
        and low < 1000 <= high
        and plain[right.start : right.end][-1:] in "만억千万億亿천"
    ):
        scale = Decimal(nw.EAST_ASIAN[plain[right.end - 1]])
        low = low * scale if low * scale <= high else low  # 10~14만
    if low > high or (left.unit and right.unit and left.unit != right.unit):
        return None
    start = left.start - (len(opened[0]) if opened else 0)
    start = _with_sign(plain, start)
    _, start = _before(plain, start, language)
    end = _share_end(plain, right.end)
    low, high = _tidy(low), _tidy(high)
    return Figure(low, high, "range", start, end, left.start, right.end, left.unit or right.unit)


def _bounded(plain: str, atom: _Atom, language: str) -> Figure:
    start = _with_sign(plain, atom.start)
    bound, start = _before(plain, start, language)
    end = _share_end(plain, atom.end)
    after = plain[end : end + 24]
    for kind, pattern in (
        ("at_least", nw.AFTER_AT_LEAST),
        ("at_most", nw.AFTER_AT_MOST),
        ("about", nw.AFTER_ABOUT),
    ):
        match = pattern.match(after)
        if match and (bound is None or bound == "about"):
            bound, end = kind, end + match.end()
            break
    if bound is None and atom.is_round:
        bound = "about"
    value = _tidy(atom.value)
    if bound == "at_least":
        return Figure(value, None, "at_least", start, end, atom.start, atom.end, atom.unit)
    if bound == "at_most":
        return Figure(None, value, "at_most", start, end, atom.start, atom.end, atom.unit)
    return Figure(value, value, "about" if bound else "exact", start, end, atom.start, atom.end, atom.unit)


def _before(plain: str, start: int, language: str) -> tuple[str | None, int]:
    """The bound that the words in front give, and where they begin: “at least about” is at least."""
    found: str | None = None
    for _ in range(2):
        window = plain[max(0, start - 32) : start]
        matches = [
            (kind, nw.bound_before(kind, language).search(window))
            for kind in ("at_most", "at_least", "about")
        ]
        longest = max(((len(match[0]), kind) for kind, match in matches if match), default=None)
        if longest is None:
            break
        length, kind = longest
        start -= length
        found = kind if found in (None, "about") else found
    return found, start


def _tidy(value: Decimal) -> Decimal:
    """Without a fraction of nought: 1,200,000 and not 1,200,000.0."""
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value


def _with_sign(plain: str, start: int) -> int:
    sign = _CURRENCY.search(plain[max(0, start - 5) : start])
    return start - len(sign[0]) if sign else start


def _share_end(plain: str, end: int) -> int:
    share = nw.UNITS_OF_SHARE.match(plain, end)
    return share.end() if share else end
