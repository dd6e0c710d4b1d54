"""Names that look the same and are not: the cheapest way to credit somebody with another's words.

Three things are looked at: characters that cannot be seen (zero width, bidi controls), words that mix
scripts (a Cyrillic а in a Latin name), and characters that are not used in any common spelling (a
mathematical 𝐚, a Latin alpha ɑ). ``appearance`` reduces a name to how it looks, after the idea of Unicode TR39
but with a short table of our own; two different names with one appearance are confusable.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from quotes.text.characters import PLAIN_MARKS
from quotes.text.scripts import mixed_scripts, script_of

# Right to left and left to right overrides, embeddings, isolates and marks.
_BIDI_CONTROLS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_ZERO_WIDTH = frozenset("\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u200c\u200d\u2060\u2061\u2062\u2063\u2064"
                        "\u3164\ufeff\uffa0")  # fmt: skip

# What each letter looks like in a sans-serif face, as a Latin letter where there is one. Left: Latin; right:
# letters of other alphabets (upper and lower case) that are printed with the same shape.
_LOOKS: dict[str, str] = {
    "a": "аɑαᎪaＡ", "A": "АΑᎪꓮ", "B": "ВΒᏴꓐ", "b": "ЬƄᖯ", "C": "СϹᏟꓚ", "c": "сϲᴄⲥ", "D": "ᎠꓓᗪԀ", "d": "ԁᏧ",
    "E": "ЕΕᎬꓰ", "e": "еҽ℮", "F": "ҒϜꓝ", "f": "ꬵſẝ", "G": "ԌᏀꓖ", "g": "ɡᶃƍց", "H": "НΗᎻꓧ", "h": "һհᏂ",
    "i": "іɩιıӏⅰ", "I": "ІΙӀᏆꓲ", "J": "ЈͿᎫꓙ", "j": "јϳ", "K": "КΚᏦꓗ", "k": "кκⲕ", "L": "ᏞꓡԼ", "l": "ⅼ",
    "M": "МΜᎷꓟ", "m": "м", "N": "ΝꓠⲚ", "n": "пոռηɴ", "O": "ОΟՕꓳⲞ", "o": "оοσօሀⲟഠ०٥۵ഠ", "P": "РΡᏢꓑⲢ",
    "p": "рρϱⲣ", "Q": "ԚႳ", "q": "ԛգզ", "R": "ᏒꓣƦ", "r": "гᴦⲅꭇ", "S": "ЅՏᏕꓢ", "s": "ѕꜱ", "T": "ТΤᎢꓔⲦ",
    "t": "тτ", "U": "ՍꓴሀՕ", "u": "υսᴜ", "V": "ѴꓦᏙ", "v": "ѵνᴠ", "W": "ԜᎳꓪ", "w": "ԝաѡᴡɯ", "X": "ХΧꓫⲬ",
    "x": "хχⲭ", "Y": "УΥҮꓬ", "y": "уγүყᶌ", "Z": "ΖᏃꓜ", "z": "ᴢʐ", "0": "٠۰", "3": "ЗƷӠԐ", "6": "б", "4": "Ꮞ",
}  # fmt: skip
_LOOK_OF = {other: latin for latin, others in _LOOKS.items() for other in others if other != latin}
# Shapes that Latin itself confuses. They fold only in ``appearance``; they are no reason for a warning by
# themselves.
_LATIN_SHAPES = (("rn", "m"), ("vv", "w"), ("cl", "d"), ("ii", "u"))
_STROKES = str.maketrans(
    {
        "I": "l", "1": "l", "|": "l", "!": "l", "ǃ": "l", "0": "o", "ı": "i", "ł": "l", "ø": "o", "đ": "d", "ð": "d",
        "ħ": "h", "ŧ": "t", "æ": "ae", "œ": "oe", "×": "x", "・": "·",
    }
)  # fmt: skip

_HORN = "\u031b"  # of ơ: an apostrophe to the eye

# Letters that living spellings use, by script: anything else in a name is worth a second look.
_USUAL_RANGES = (
    (0x00C0, 0x00D6), (0x00D8, 0x00F6), (0x00F8, 0x0148), (0x014A, 0x017E), (0x018F, 0x018F),
    (0x01A0, 0x01A1), (0x01AF, 0x01B0), (0x01CD, 0x01DC), (0x01E6, 0x01E9),
    (0x01F4, 0x01F5), (0x0218, 0x021B), (0x0259, 0x0259), (0x0386, 0x03CE), (0x0400, 0x045F), (0x0490, 0x0493),
    (0x0496, 0x049D), (0x04A2, 0x04A3), (0x04AE, 0x04B3), (0x04BA, 0x04BB), (0x04D8, 0x04D9),
    (0x04E8, 0x04E9), (0x0531, 0x0587), (0x05D0, 0x05EA), (0x0620, 0x064A), (0x066E, 0x06D3),
    (0x0904, 0x0DFF), (0x0E01, 0x0E4E), (0x10D0, 0x10FA), (0x1E00, 0x1E99), (0x1EA0, 0x1EF9), (0x3041, 0x30FF),
    (0x3400, 0x9FFF), (0xAC00, 0xD7A3), (0x20000, 0x2FFFF),
)  # fmt: skip
_USUAL_OTHERS = frozenset(" '’ʼʻ.,-‐–()&/“”«»\"„:·・+№#@!?")


@dataclass(frozen=True, slots=True)
class NameWarning:
    """Something about a name that an eye misses: a code, where (code points), and a plain sentence."""

    code: str
    start: int
    end: int
    message: str


# The alphabets whose letters may all look Latin, and the languages that are written in them (ISO 639). Serbian and
# some others are written in two: a name in the other one says so in its tag (sr-Latn).
_WRITTEN_IN = {
    "cyrillic": frozenset(
        "ab av ba be bg ce crh cu cv kk kv ky mk mn mo os ru rue sah sr tg tk tt tyv udm uk uz".split()
    ),
    "greek": frozenset(("el", "grc")),
    "armenian": frozenset(("hy", "xcl")),
    "georgian": frozenset(("ka",)),
    "cherokee": frozenset(("chr",)),
    "coptic": frozenset(("cop",)),
    "lisu": frozenset(("lis",)),
}
_SCRIPT_TAGS = {"Cyrl": "cyrillic", "Grek": "greek", "Armn": "armenian", "Latn": "latin"}


def is_written_in(language: str, script: str) -> bool:
    """Say whether a language, by its tag, is written in a script: then its letters are what they seem.

    Args:
        language: as ``uk`` or ``sr-Latn``; empty or ``und`` when it is not known.
        script: as ``script_of`` names it.
    """
    first, _, rest = language.partition("-")
    for part in rest.split("-"):
        if part in _SCRIPT_TAGS:
            return _SCRIPT_TAGS[part] == script
    return first in _WRITTEN_IN.get(script, ())


def warnings(text: str, language: str = "") -> list[NameWarning]:
    """All that looks different from what it is in a name, in order of place; empty for an ordinary name.

    Codes: ``bidi``, ``invisible``, ``mixed_scripts``, ``lookalike``, ``unusual``, ``not_composed``, ``spaces``.

    Args:
        text: the name.
        language: whose spelling it is: “Трамп” is what it seems in Russian, and looks like “Tpamn” in English.
    """
    found: list[NameWarning] = []
    for index, char in enumerate(text):
        problem = _char_problem(char) or _mark_problem(text[index - 1 : index], char)
        if problem:
            code, reason = problem
            found.append(NameWarning(code, index, index + 1, f"{_named(char)} {reason}"))
    for start, end in _word_spans(text):
        word = text[start:end]
        mixed = mixed_scripts(word)
        if mixed:
            reason = f"“{_seen(word)}” mixes {' and '.join(sorted(mixed))} letters in one word"
            found.append(NameWarning("mixed_scripts", start, end, reason))
        elif is_written_in(language, script_of(word[0])):
            continue
        elif script_of(word[0]) not in ("latin", "common") and len(word) > 1 and _all_latin_looking(word):
            reason = f"“{_seen(word)}” is all {script_of(word[0])} letters that look Latin"
            found.append(NameWarning("lookalike", start, end, reason))
    composed = unicodedata.normalize("NFC", text)
    if composed != text:
        reason = "accents are stored apart from their letters (not NFC)"
        found.append(NameWarning("not_composed", 0, len(text), reason))
    if text != " ".join(text.split(" ")).strip() or "  " in text:
        found.append(NameWarning("spaces", 0, len(text), "begins or ends with a space, or has two in a row"))
    return sorted(found, key=lambda warning: (warning.start, warning.end, warning.code))


def confusable(first: str, second: str) -> bool:
    """Whether two different names look the same, or would but for characters that cannot be seen."""
    return first != second and appearance(first) == appearance(second)


@lru_cache(maxsize=16_384)
def appearance(text: str) -> str:
    """How a name looks, as a key: equal keys of different names are a warning, never a match."""
    shown = "".join(char for char in text if char not in _BIDI_CONTROLS and char not in _ZERO_WIDTH)
    shown = shown.translate(PLAIN_MARKS)
    shown = "".join(_LOOK_OF.get(char, char) for char in unicodedata.normalize("NFKD", shown))
    shown = shown.replace(_HORN, "'").replace("''", '"')
    shown = "".join(char for char in shown if unicodedata.category(char) not in ("Mn", "Cf"))
    shown = "".join(_LOOK_OF.get(char, char) for char in unicodedata.normalize("NFKC", shown))
    shown = shown.translate(_STROKES).casefold().translate(_STROKES)
    for shape, letter in _LATIN_SHAPES:
        shown = shown.replace(shape, letter)
    return " ".join(shown.split())


def _char_problem(char: str) -> tuple[str, str] | None:
    if char in _BIDI_CONTROLS:
        return "bidi", "turns the direction of the text and cannot be seen"
    if char in _ZERO_WIDTH or unicodedata.category(char) in ("Cf", "Cc", "Co", "Cn"):
        return "invisible", "cannot be seen"
    if char in _USUAL_OTHERS or (char.isascii() and char.isalnum()):
        return None
    if char.isspace():
        return "unusual", "is not the ordinary space"
    if unicodedata.category(char) == "Nd":
        return "unusual", "is a digit of another script"
    if unicodedata.category(char) in ("Mn", "Mc"):
        return None
    if char.isalpha() and any(low <= ord(char) <= high for low, high in _USUAL_RANGES):
        return None
    looks = appearance(char)
    if looks and looks.isascii():
        return "unusual", f"looks like “{looks}”"
    return "unusual", "is not used in any common spelling of a name"


def _mark_problem(before: str, mark: str) -> tuple[str, str] | None:
    """A vowel sign of one script on a letter of another; the marks named COMBINING belong to all."""
    if unicodedata.category(mark) not in ("Mn", "Mc"):
        return None
    owner = unicodedata.name(mark, "").split(" ")[0]
    if owner in ("", "COMBINING", "KATAKANA-HIRAGANA"):
        return None
    letter = unicodedata.name(before, "").split(" ")[0] if before else ""
    if letter == owner:
        return None
    return "mixed_scripts", f"stands on a sign that is not {owner.capitalize()}"


def _all_latin_looking(word: str) -> bool:
    return all(_LOOK_OF.get(char, "").isascii() and char in _LOOK_OF for char in word)


def _word_spans(text: str) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    start: int | None = None
    for index, char in enumerate(text + " "):
        inside = char.isalpha() or unicodedata.combining(char) != 0 or char in _ZERO_WIDTH
        if inside and start is None:
            start = index
        elif not inside and start is not None:
            spans.append((start, index))
            start = None
    return spans


def _seen(word: str) -> str:
    return "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in word)


def _named(char: str) -> str:
    return f"U+{ord(char):04X} ({unicodedata.name(char, 'no name').lower()})"
