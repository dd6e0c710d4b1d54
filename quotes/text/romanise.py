"""Skeletons: one name written in many alphabets and romanisations becomes one key, or nearly.

``skeleton`` gives three vowels and a few classes of consonants (SPEED.md §2.5 measured the idea); it is meant
for trigram search beside the folded name. ``bones`` keeps only consonants, and so also meets Arabic and
Hebrew, which write few vowels. Both are keys for finding candidates, never proof that two names are one.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import groupby

from anyascii import anyascii

from quotes.text.folding import fold_text
from quotes.text.scripts import script_of

# Longest first. Sources: the common romanisations of Ukrainian and Russian in English, German, French and
# Polish print (shch/schtsch/chtch/szcz, zh/sch/j/ż, kh/ch/h, v/w, y/j/i); g and h are one class because
# Ukrainian г is printed both ways (Oleg, Oleh), s and z because German writes Selenskyj, r and l because
# Korean and Japanese have one sound for them.
_CLASSES = {
    "schtsch": "s", "chtch": "s", "shch": "s", "szcz": "s", "tsch": "s", "dsch": "s", "tch": "s", "sch": "s",
    "dzh": "s", "dj": "s", "kh": "h", "gh": "h", "ch": "s", "sh": "s", "zh": "s", "ts": "s", "tz": "s",
    "cz": "s", "sz": "s", "ph": "f", "th": "t", "ck": "k", "qu": "k", "x": "ks", "q": "k", "w": "f", "v": "f",
    "g": "h", "z": "s", "r": "l", "b": "p", "e": "i", "y": "i", "j": "i", "o": "u",
}  # fmt: skip
_CLASS = re.compile("|".join(sorted(_CLASSES, key=len, reverse=True)) + r"|c(?=[eiy])|c")
_BONES = str.maketrans({"f": "p", "d": "t", "m": "n", "a": "", "i": "", "u": "", "h": ""})

_HANGUL_FIRST = 0xAC00
# Revised Romanisation, but with the letter that the sound stands for in foreign names (ㅈ for z, ㅌ for t).
_INITIALS = ("g", "k", "n", "d", "t", "l", "m", "p", "p", "s", "s", "", "z", "z", "s", "k", "t", "p", "h")
_VOWELS = ("a", "e", "ya", "ye", "o", "e", "yo", "ye", "o", "ua", "ue", "ue", "yo", "u", "uo", "ue", "ui",
           "yu", "", "i", "i")  # fmt: skip
_FINALS = ("", "k", "k", "k", "n", "n", "n", "t", "l", "k", "m", "l", "l", "l", "p", "l", "m", "p", "p", "s",
           "s", "n", "t", "t", "k", "t", "p", "h")  # fmt: skip

_KANA_SOUNDS = {"chi": "ti", "tsu": "tu", "shi": "si", "ji": "zi", "fu": "fu", "vu": "vu"}
_SMALL = dict(zip("ァィゥェォぁぃぅぇぉャュョゃゅょ", "aiueoaiueoauoauo", strict=True))


@lru_cache(maxsize=16_384)
def skeleton(text: str) -> str:
    """The romanisation skeleton of a name: words of ``[a-z0-9]`` with one space between.

    Zelensky, Zelenskyy, Zełenski, Selenskyj, Зеленський, 젤렌스키, ゼレンスキー and زيلينسكي all give
    ``silinski``.
    """
    return " ".join(filter(None, (_skeleton_word(word) for word in _words(text))))


def bones(text: str) -> str:
    """Only the consonants of the skeleton, in coarser classes: ``slnsk`` for every Zelensky."""
    stripped = skeleton(text).translate(_BONES)
    return " ".join(_undouble(word) for word in stripped.split())


def romanised(text: str) -> str:
    """``text`` in ASCII letters, digits and spaces, by the sound that foreign names have in each script."""
    return " ".join(_words(text))


def _words(text: str) -> list[str]:
    latin = "".join(_romanise_run(script, "".join(run)) for script, run in groupby(_plain(text), _run_script))
    return re.findall(r"[a-z0-9]+", latin.lower())


def _plain(text: str) -> str:
    # Folding has made every apostrophe and dash plain, and has joined what NFD takes apart.
    return fold_text(text).replace("'", "").replace(".", "").replace('"', " ")


def _run_script(char: str) -> str:
    # The mark of a long vowel is no letter by its Unicode category, but belongs to its kana word.
    return "kana" if char == "ー" else script_of(char)


def _romanise_run(script: str, run: str) -> str:
    if script == "hangul":
        return "".join(map(_hangul, run))
    if script == "kana":
        return _kana(run)
    if script == "arabic":
        latin = anyascii(run.replace("ا", "a")).lower().replace("w", "u").replace("y", "i")
        # An alef before a long vowel only carries it: أوميروف is Umerov.
        return re.sub(r"^a(?=[ui])", "", latin)
    return anyascii(run).replace("'", "").replace('"', "")


def _hangul(char: str) -> str:
    code = ord(char) - _HANGUL_FIRST
    if not 0 <= code < len(_INITIALS) * 588:
        return anyascii(char)
    return _INITIALS[code // 588] + _VOWELS[code % 588 // 28] + _FINALS[code % 28]


def _kana(run: str) -> str:
    """Katakana as the foreign sounds it stands for: ス, ト, ル before another sound carry no vowel."""
    sounds: list[str] = []
    for char, following in zip(run, run[1:] + " ", strict=True):
        if char in "ッっー":
            continue
        if char in _SMALL:
            # フィ is fi, チョ is cho, ツィ is tsi: the small sign replaces the vowel before it.
            base = sounds.pop().rstrip("aeiou") if sounds else ""
            sounds.append(base + _SMALL[char])
            continue
        sound = anyascii(char).lower()
        if following in _SMALL:
            sounds.append(sound)
            continue
        sound = _KANA_SOUNDS.get(sound, sound)
        silent = len(sound) > 1 and sound != "yu" and (sound.endswith("u") or sound in ("to", "do"))
        sounds.append(sound[:-1] if silent and following != "ー" else sound)
    return "".join(sounds)


def _skeleton_word(word: str) -> str:
    word = _CLASS.sub(lambda match: _class_of(match[0], match), word)
    word = _undouble(word)
    # A glide before another vowel is written or left out at will: Yulia, Julija, Iulia; Yeltsin, Eltsin.
    word = re.sub(r"i(?=[au])", "", word)
    word = re.sub(r"n(?=[pfm])", "m", word)
    return _undouble(word)


def _class_of(letters: str, match: re.Match[str]) -> str:
    if letters == "c":
        follows = match.string[match.end() : match.end() + 1]
        return "s" if follows and follows in "eiy" else "k"
    return _CLASSES[letters]


def _undouble(word: str) -> str:
    return re.sub(r"([a-z])\1+", r"\1", word)
