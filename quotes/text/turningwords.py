"""Words that turn a sentence: contrast, condition, negation, limit.

A quotation that drops one of them, or what it leads, may say the opposite of what was said: “the door remains
open” of “the door remains open, but …”. A new word is one word in one line here.
"""

from __future__ import annotations

import re
from functools import lru_cache

from quotes.text.folding import fold_with_offsets

# Words and phrases by language (ISO 639-1), parted by commas. Folded before use, so accents and apostrophes
# need no second spelling.
_WORDS = {
    "en": "but, however, yet, though, although, unless, until, till, if, even if, only if, only, except, "
    "without, provided, providing, as long as, so long as, on condition, otherwise, nor, not, never, "
    "cannot, no, none, no longer, nobody, nothing, rather than, instead, despite, in spite of, "
    "nevertheless, nonetheless, whether, hardly, barely, scarcely, depending, lest, in case, while, "
    "whereas",
    "uk": "але, проте, однак, хоча, хоч, якщо, якби, поки, допоки, доки, доти, тільки, лише, крім, без, не, "
    "ні, ніколи, інакше, незважаючи, попри, за умови, замість, ніхто, нічого, а не, немає",
    "ru": "но, однако, хотя, если, пока, покуда, доколе, до тех пор, только, лишь, кроме, без, не, нет, ни, "
    "никогда, иначе, несмотря, вопреки, при условии, вместо, никто, ничего, а не, зато",
    "de": "aber, doch, jedoch, allerdings, sondern, obwohl, wenn, falls, sofern, solange, bis, nur, ausser, "
    "ohne, nicht, kein, keine, keinen, keinem, keiner, nie, niemals, niemand, nichts, trotz, trotzdem, "
    "anstatt, es sei denn, vorausgesetzt, sonst",
    "fr": "mais, cependant, pourtant, toutefois, bien que, quoique, si, sauf, jusqu, a moins, tant que, "
    "seulement, sans, pas, ne, jamais, aucun, aucune, rien, personne, sinon, malgre, a condition, "
    "pourvu, au lieu, ni, excepte, neanmoins",
    "es": "pero, sino, sin embargo, aunque, si, salvo, hasta, a menos que, mientras, solo, sin, no, nunca, "
    "jamas, nadie, nada, ni, excepto, a pesar, siempre que, en vez de, no obstante",
    "it": "ma, pero, tuttavia, sebbene, benche, se, salvo, finche, a meno che, solo, soltanto, senza, non, "
    "mai, nessuno, niente, nulla, ne, tranne, eccetto, nonostante, purche, invece",
    "pl": "ale, jednak, lecz, choc, chociaz, jesli, jezeli, gdyby, dopoki, dopóki, póki, tylko, oprócz, bez, "
    "nie, nigdy, nikt, nic, mimo, zamiast, chyba ze, pod warunkiem, inaczej",
    "pt": "mas, porem, contudo, todavia, embora, se, salvo, ate, a menos que, enquanto, so, apenas, sem, "
    "nao, nunca, ninguem, nada, nem, exceto, apesar, desde que",
    "nl": "maar, echter, toch, hoewel, als, indien, tenzij, totdat, zolang, alleen, behalve, zonder, niet, "
    "geen, nooit, niemand, niets, ondanks, mits",
    "tr": "ama, ancak, fakat, lakin, eger, kadar, sadece, yalniz, degil, hic, asla, ragmen, yok, olmadan",
}

# Scripts without spaces between these and what they are joined to: found anywhere in the text.
_PARTS = {
    "ko": "다만, 하지만, 그러나, 지만, 않, 없, 아니, 못하, 만약, 만일, 하면, 되면, 다면, 라면, 으면, 면서도, "
    "때까지, 전까지, 한해, 한하여, 제외, 불구하고, 반면, 오직",
    "ja": "しかし, だが, ただし, けれど, ものの, ない, ません, なければ, もし, なら, れば, まで, 限り, だけ, "
    "以外, 除き, にもかかわらず, 一方",
    "zh": "但, 但是, 然而, 不过, 不過, 除非, 如果, 若, 直到, 只, 仅, 僅, 没, 沒, 不, 未, 无, 無, 除, 尽管, "
    "儘管, 虽然, 雖然, 否则, 否則",
    "ar": "لكن, ولكن, غير ان, الا, اذا, لو, حتى, ما لم, فقط, بدون, دون, لا, لم, لن, ليس, رغم, بشرط",
}


def turning_words(text: str, language: str = "und") -> tuple[str, ...]:
    """The turning words in ``text`` as printed, each once, in order.

    Args:
        text: any text, such as what a quotation left out.
        language: ISO 639 tag; a language without a list here, or ``und``, is looked up in all lists.
    """
    folded = fold_with_offsets(text)
    found: dict[str, None] = {}
    for match in _pattern(language.split("-")[0].lower()).finditer(folded.text):
        start, end = folded.original(*match.span())
        found.setdefault(text[start:end].lower())
    return tuple(found)


@lru_cache(maxsize=32)
def _pattern(language: str) -> re.Pattern[str]:
    languages = [language] if language in _WORDS or language in _PARTS else [*_WORDS, *_PARTS]
    words = {word for name in languages for word in _list(_WORDS.get(name, ""))}
    parts = {part for name in languages for part in _list(_PARTS.get(name, ""))}
    either = [rf"(?<!\w)(?:{_any_of(words)})(?!\w)"] if words else []
    if "en" in languages:
        either.append(r"(?<=\w)n't(?!\w)")
    if parts:
        either.append(_any_of(parts))
    return re.compile("|".join(either))


def _list(words: str) -> list[str]:
    return [fold_with_offsets(word.strip()).text for word in words.split(",") if word.strip()]


def _any_of(words: set[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))
