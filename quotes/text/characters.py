"""Characters that mean the same when people compare text: quotation marks, apostrophes, dashes.

One table for all of text work. A new quotation mark is one character in one line here.
"""

from __future__ import annotations

# Marks that open or close a direct quotation somewhere in the world, and are never apostrophes.
DOUBLE_QUOTES = '"“”„‟«»″‶〝〞〟＂「」『』｢｣❝❞❠⹂״'

# Single marks. Most of these are also printed as an apostrophe, so folding cannot tell the two apart.
SINGLE_QUOTES = "'‘’‚‛‹›′‵`´＇❛❜❟"

# Apostrophes that are letters or accents by their Unicode name, but are typed as apostrophes in names
# (Zelens'kyi, O’Brien, ʻokina) and in Ukrainian words (зʼявитися).
APOSTROPHE_LETTERS = "ʼʹʻʽʾʿˈ՚׳ꞌ"

DASHES = "-‐‑‒–—―−⁃⸺⸻﹘﹣－"

#: str.translate table: every mark above to its plain ASCII form.
PLAIN_MARKS: dict[int, str] = {
    **{ord(mark): '"' for mark in DOUBLE_QUOTES},
    **{ord(mark): "'" for mark in SINGLE_QUOTES + APOSTROPHE_LETTERS},
    **{ord(mark): "-" for mark in DASHES},
}

# Letters that carry a stroke or a ligature which Unicode does not decompose.
STROKED_LETTERS: dict[str, str] = {
    "ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i",
}  # fmt: skip

# Letters with a mark that is a letter of its own to its readers: й is not и, ї is not і, ў is not у.
OWN_LETTERS = frozenset("йїў")
