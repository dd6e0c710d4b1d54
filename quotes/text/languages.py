"""Languages by their tag: a name to show, the direction of the script, and whether a tag is well formed."""

from __future__ import annotations

import re

UNKNOWN = "und"
"""The tag of a language that is not known (ISO 639-2)."""

LONGEST_TAG = 12
"""Characters that the records keep of a tag."""

# ISO 639 code and English name of the languages that news of the world is printed in.
NAMES: dict[str, str] = {
    "af": "Afrikaans", "am": "Amharic", "ar": "Arabic", "az": "Azerbaijani", "be": "Belarusian", "bg": "Bulgarian",
    "bn": "Bengali", "bs": "Bosnian", "ca": "Catalan", "ckb": "Sorani Kurdish", "cs": "Czech", "cy": "Welsh",
    "da": "Danish", "de": "German", "el": "Greek", "en": "English", "eo": "Esperanto", "es": "Spanish",
    "et": "Estonian", "eu": "Basque", "fa": "Persian", "fi": "Finnish", "fil": "Filipino", "fr": "French",
    "ga": "Irish", "gl": "Galician", "ha": "Hausa", "he": "Hebrew", "hi": "Hindi", "hr": "Croatian",
    "hu": "Hungarian", "hy": "Armenian", "id": "Indonesian", "is": "Icelandic", "it": "Italian", "ja": "Japanese",
    "ka": "Georgian", "kk": "Kazakh", "km": "Khmer", "ko": "Korean", "ku": "Kurdish", "ky": "Kyrgyz", "la": "Latin",
    "lb": "Luxembourgish", "lo": "Lao", "lt": "Lithuanian", "lv": "Latvian", "mk": "Macedonian", "mn": "Mongolian",
    "ms": "Malay", "mt": "Maltese", "my": "Burmese", "nb": "Norwegian Bokmål", "ne": "Nepali", "nl": "Dutch",
    "nn": "Norwegian Nynorsk", "no": "Norwegian", "pa": "Punjabi", "pl": "Polish", "ps": "Pashto",
    "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "si": "Sinhala", "sk": "Slovak", "sl": "Slovenian",
    "so": "Somali", "sq": "Albanian", "sr": "Serbian", "sv": "Swedish", "sw": "Swahili", "ta": "Tamil",
    "te": "Telugu", "tg": "Tajik", "th": "Thai", "tk": "Turkmen", "tr": "Turkish", "tt": "Tatar", "ug": "Uyghur",
    "uk": "Ukrainian", "und": "not known", "ur": "Urdu", "uz": "Uzbek", "vi": "Vietnamese", "yi": "Yiddish",
    "yo": "Yoruba", "zh": "Chinese", "zu": "Zulu",
}  # fmt: skip

_RIGHT_TO_LEFT = frozenset({"ar", "ckb", "fa", "he", "ps", "ug", "ur", "yi"})
_RIGHT_TO_LEFT_SCRIPTS = frozenset({"Arab", "Hebr", "Syrc", "Thaa"})
_TAG = re.compile(r"(?P<code>[a-z]{2,3})(?:-(?P<script>[A-Z][a-z]{3}))?(?:-(?P<region>[A-Z]{2}|[0-9]{3}))?")


def is_tag(text: str) -> bool:
    """Whether ``text`` is a language tag as records keep it: ``uk``, ``pt-BR``, ``sr-Latn``, ``und``."""
    return len(text) <= LONGEST_TAG and _TAG.fullmatch(text) is not None


def name(tag: str) -> str:
    """The English name of a language, with script and region in brackets; an unknown tag names itself."""
    found = _TAG.fullmatch(tag)
    if not found or found["code"] not in NAMES:
        return tag
    details = ", ".join(part for part in (found["script"], found["region"]) if part)
    return f"{NAMES[found['code']]} ({details})" if details else NAMES[found["code"]]


def direction(tag: str) -> str:
    """``"rtl"`` or ``"ltr"`` for a known tag, ``"auto"`` (HTML's word for: look at the text) otherwise."""
    found = _TAG.fullmatch(tag)
    if not found or found["code"] == UNKNOWN:
        return "auto"
    if found["script"]:
        return "rtl" if found["script"] in _RIGHT_TO_LEFT_SCRIPTS else "ltr"
    if found["code"] not in NAMES:
        return "auto"
    return "rtl" if found["code"] in _RIGHT_TO_LEFT else "ltr"
