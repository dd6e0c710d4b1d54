"""Whom an article means by the words with which it names its source: “Ukrainian media including the Kyiv Post”."""

from __future__ import annotations

import re
from functools import cache

from quotes.text.names import fold

# Adjectives and nouns for a country's press, folded, by ISO 3166-1; a stem stands for all its endings.
_COUNTRIES = {
    "UA": "ukrain ukraїn украин україн ucrain uкraїn 우크라이나",
    "RU": "russi росій росси russ 러시아",
    "FR": "french francais franzos француз français 프랑스",
    "GB": "british britan britisch британ britanni 영국",
    "US": "american amerika американ américain 미국",
    "DE": "german deutsch немец німець allemand 독일",
    "PL": "polish polnisch польск польськ polonais 폴란드",
    "TR": "turkish turkisch турец турець turc 튀르키예",
    "KR": "south korean korean koreanisch корейск корейськ coréen 한국",
    "CN": "chinese chinesisch китай chinois 중국",
    "JP": "japanese japanisch япон japonais 일본",
    "IT": "italian italienisch итальян італій italien 이탈리아",
    "ES": "spanish spanisch испан іспан espagnol 스페인",
    "RO": "romanian rumanisch румын румун roumain",
    "FI": "finnish finnisch финск фінськ finlandais",
    "IL": "israeli israelisch израиль ізраїль israélien",
    "IN": "indian indisch индий індій indien",
    "AE": "emirati emirat эмират емірат",
}


def countries_named(printed: str) -> frozenset[str]:
    """Return the countries (ISO 3166-1 alpha-2) whose press the words speak of: “Ukrainian media” is UA."""
    words = fold(printed).split()
    return frozenset(
        country
        for country, stems in _stems().items()
        if any(word.startswith(stem) for word in words for stem in stems)
    )


@cache
def _stems() -> dict[str, tuple[str, ...]]:
    return {
        country: tuple({folded for word in words.split() if len(folded := fold(word)) > 2})
        for country, words in _COUNTRIES.items()
    }


def names_it(printed: str, name: str) -> bool:
    """Whether the words name this outlet, by whole words: “including the Kyiv Post” names the Kyiv Post.

    What stands in brackets behind a name, and an article before it, do not count.
    """
    plain = re.sub(r"\s*\([^)]*\)", "", name)
    key = fold(plain).removeprefix("the ")
    return len(key) > 2 and f" {key} " in f" {fold(printed)} "
