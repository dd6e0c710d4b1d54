"""R14: exact phrases against a scan of every text, written separately, in Python (SPEED.md §8).

The scan knows nothing of the documents: it reads the quotes and the original words, makes them comparable by Unicode's
own rules, and looks for the phrase between spaces. Both have to find the same statements, small words included.
"""

from __future__ import annotations

import random
import re
import unicodedata

from django.db import connection

from quotes.benchmarks.frame import Ratio, Tell
from quotes.models import Quote, Statement

PHRASES = 8
SEED = 20260204


def plain(text: str) -> str:
    """Words between single spaces: case, accents and every sign but letters and digits are gone."""
    if not text.isascii():
        text = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text))
        text = "".join(char for char in text if not unicodedata.combining(char))
    return f" {' '.join(re.findall(r'[^\W_]+', text.lower()))} "


def phrases() -> list[str]:
    """Two, three and four words as they stand beside each other in texts, and the smallest words there are."""
    chance = random.Random(SEED)
    keys = list(Quote.objects.order_by("pk").values_list("pk", flat=True)[:1_000_000:997])
    found = ["of the", "in the"]
    for length in (2, 3, 3, 4, 4, 2):
        while True:
            words = plain(Quote.objects.values_list("text", flat=True).get(pk=chance.choice(keys))).split()
            if len(words) >= length and all(word.isascii() for word in words):
                break
        start = chance.randrange(len(words) - length + 1)
        found.append(" ".join(words[start : start + length]))
    return found[:PHRASES]


def run(tell: Tell) -> list[Ratio]:
    """Compare the sets of statements; the ratio is the part of the phrases for which they are equal."""
    asked = phrases()
    needles = [f" {phrase} " for phrase in asked]
    scanned: list[set[int]] = [set() for _ in asked]
    with connection.as_owner():  # type: ignore[attr-defined]
        texts = Quote.objects.values_list("statement_id", "text").iterator(chunk_size=10_000)
        originals = Statement.objects.exclude(original_text=None).exclude(original_text="")
        for rows in (texts, originals.values_list("pk", "original_text").iterator(chunk_size=10_000)):
            for statement, text in rows:
                line = plain(text or "")
                for needle, found in zip(needles, scanned, strict=True):
                    if needle in line:
                        found.add(statement)
        equal = 0
        for phrase, found in zip(asked, scanned, strict=True):
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT verbatim_search_all(NULL, ARRAY[verbatim_words(%s)], '{}', NULL, NULL, true)",
                    [phrase],
                )
                ours = {row[0] for row in cursor.fetchall()}
            equal += ours == found
            tell(
                f"{phrase!r:40} {len(ours):>8,} found, {len(found):>8,} by the scan, {len(ours ^ found)} differ"
            )
    return [Ratio("R14", "phrases with equal sets", equal / len(asked), 1, more_is_better=True)]
