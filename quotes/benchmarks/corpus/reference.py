"""Whom and what a newsroom knows before the first statement: speakers, outlets, topics, measures."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass, field
from typing import Any

from quotes.benchmarks.corpus import words

COUNTRIES = {"en": "GB", "uk": "UA", "ru": "RU", "fr": "FR", "de": "DE", "ko": "KR"}
FROM = dt.date(2014, 1, 1)
DAYS = 4_442
"""Days from `FROM` on, on which something was said."""
_TITLES = (
    "President", "Foreign Minister", "Defence Minister", "Chief Negotiator", "Member of Parliament", "Governor",
)  # fmt: skip
_BODIES = (
    "Ministry of Energy", "General Staff", "Central Bank", "Cabinet", "Security Council", "Election Commission",
)  # fmt: skip
_TOPICS = (
    "ceasefire talks", "casualties", "energy", "sanctions", "elections", "budget", "corruption", "air defence",
    "refugees", "grain exports", "prisoners of war",
    "reconstruction", "inflation", "health", "education", "courts", "police", "media",
    "borders", "gas", "nuclear safety", "mobilisation", "drones", "cyber attacks", "trade", "agriculture", "railways",
    "climate", "floods", "sport",
)  # fmt: skip
# Name, unit, where the series begins and how much it grows over the years, and how it is told in words.
_MEASURES = (
    ("Soldiers killed", "people", 2_000, 60_000), ("Soldiers wounded", "people", 9_000, 180_000),
    ("Civilians killed", "people", 300, 12_000), ("People displaced", "people", 90_000, 6_000_000),
    ("Prisoners exchanged", "people", 40, 5_000), ("Drones launched", "drones", 5, 40_000),
    ("Missiles fired", "missiles", 20, 9_000), ("Aid pledged", "euros", 1_000_000, 90_000_000_000),
    ("Budget deficit", "euros", 50_000_000, 30_000_000_000), ("Power plants damaged", "plants", 1, 70),
    ("Grain exported", "tonnes", 100_000, 60_000_000), ("Homes rebuilt", "homes", 10, 25_000),
)  # fmt: skip


@dataclass(slots=True)
class Reference:
    """Records that come once, without the columns that the desk keeps; places in the lists are their numbers."""

    speakers: list[tuple[Any, ...]] = field(default_factory=list)  # slug, name, kind, description, country
    names: list[tuple[Any, ...]] = field(default_factory=list)  # speaker, text, language, kind
    tenures: list[tuple[Any, ...]] = field(default_factory=list)  # person, title, organisation, …
    outlets: list[tuple[Any, ...]] = field(
        default_factory=list
    )  # slug, name, kind, country, language, domain, owner
    topics: list[tuple[Any, ...]] = field(default_factory=list)  # slug, name
    measures: list[tuple[Any, ...]] = field(default_factory=list)  # slug, name, unit
    tongues: list[str] = field(default_factory=list)  # each speaker's language
    printed: list[dict[str, str]] = field(default_factory=list)  # each speaker's name by language
    roles: list[str] = field(default_factory=list)  # the role that is printed beside a speaker, perhaps
    voices: dict[int, list[int]] = field(default_factory=dict)  # who speaks for an institution
    held: set[tuple[int, str]] = field(default_factory=set)  # who had which title

    def series(self, measure: int, day: int) -> int:
        """What a measure had come to on a day, as its official source would have it."""
        _, _, begin, end = _MEASURES[measure]
        return round(begin + (end - begin) * day / DAYS)


def slugged(text: str, *numbers: int) -> str:
    """A slug: letters of `text`, and numbers that make it the only one."""
    plain = "".join(c if c.isascii() and c.isalnum() else "-" for c in text.lower())
    return "-".join([*(part for part in plain.split("-") if part), *(str(number) for number in numbers)])[
        -80:
    ]


def reference(statements: int, seed: int, chance: random.Random) -> Reference:
    """Make them: some 40 statements to a speaker, at most 5,000 speakers and 400 outlets."""
    made = Reference()
    for name in _TOPICS:
        made.topics.append((slugged(name, seed), name.capitalize()))
    for name, unit, _, _ in _MEASURES:
        made.measures.append((slugged(name, seed), name, unit))
    _outlets(made, max(24, min(400, statements // 250)), seed, chance)
    _speakers(made, max(60, min(5_000, statements // 40)), seed, chance)
    return made


def _outlets(made: Reference, count: int, seed: int, chance: random.Random) -> None:
    kinds = (
        "agency",
        "newspaper",
        "newspaper",
        "broadcaster",
        "site",
        "site",
        "official",
        "institute",
        "social",
    )
    for number in range(count):
        tongue = chance.choices(words.LANGUAGES, (40, 18, 14, 10, 10, 8))[0]
        name = f"{_place(chance)} {chance.choice(('News', 'Post', 'Times', 'TV', 'Press', 'Daily'))}"
        owner = chance.randrange(number) if number > 8 and chance.random() < 0.35 else None
        if owner is not None and made.outlets[owner][6] is not None:
            owner = made.outlets[owner][6]  # a house, not a chain of houses
        slug = slugged(name, seed, number)
        made.outlets.append((
            slug, f"{name} {number}", chance.choice(kinds), COUNTRIES[tongue], tongue, f"{slug}.example", owner,
        ))  # fmt: skip


def _place(chance: random.Random) -> str:
    return f"{chance.choice(words.PARTS)[0].capitalize()}{chance.choice(words.PARTS)[0]}"


def _speakers(made: Reference, count: int, seed: int, chance: random.Random) -> None:
    sorts = ("person", "institution", "office", "group", "document", "unnamed")
    kinds = chance.choices(sorts, (80, 9, 3, 3, 2, 3), k=count)
    kinds[:4] = ["institution", "person", "person", "institution"]
    institutions, people = [], []
    for number, kind in enumerate(kinds):
        tongue = chance.choices(words.LANGUAGES, (25, 30, 20, 9, 9, 7))[0]
        if kind == "person":
            people.append(number)
            latin, uk, ru, ko = words.person(chance)
            printed = {
                "en": latin, "uk": uk, "ru": ru, "ko": ko,
                "de": words.transliterated(latin, "de"), "fr": words.transliterated(latin, "fr"),
            }  # fmt: skip
            name, description = latin, ""
        else:
            place = _place(chance)
            name = f"{chance.choice(_BODIES)} of {place}" if kind != "unnamed" else f"A source in {place}"
            printed, description = dict.fromkeys(words.LANGUAGES, name), f"Synthetic {kind}."
            if kind in ("institution", "office"):
                institutions.append(number)
                made.voices[number] = []
        made.speakers.append((slugged(name, seed, number), name, kind, description, COUNTRIES[tongue]))
        made.tongues.append(tongue)
        made.printed.append(printed)
        made.roles.append("")
        told = {(name, "en"): "official"}
        for code in words.LANGUAGES:
            kept = code in ("en", "uk", "ru") or chance.random() < 0.5
            if kept and kind == "person":
                told.setdefault((printed[code], code), "official" if code == tongue else "transliteration")
        if kind == "person" and chance.random() < 0.3:
            told.setdefault((name.split()[-1], "en"), "alias")
        elif kind in ("institution", "office"):
            told.setdefault((name.split(" of ")[-1], "en"), "metonym")
        made.names += [(number, text, code, sort) for (text, code), sort in told.items()]
    for person in people:
        for _ in range(chance.choices((0, 1, 2), (35, 50, 15))[0]):
            _tenure(made, person, chance.choice(institutions), chance.random() < 0.2, chance)
    for institution in institutions:
        _tenure(made, chance.choice(people), institution, True, chance)


def _tenure(made: Reference, person: int, organisation: int, speaks: bool, chance: random.Random) -> None:
    title = "Spokesperson" if speaks else chance.choice(_TITLES)
    begins = chance.randrange(DAYS - 400)
    starts = FROM + dt.timedelta(days=begins)
    if (person, title) in made.held:
        return
    made.held.add((person, title))
    ends = starts + dt.timedelta(days=chance.randint(300, 2_500)) if chance.random() < 0.5 else None
    source = f"https://registry.example/{made.speakers[person][0]}"
    made.tenures.append((person, title, organisation, starts, ends, speaks, source))
    made.roles[person] = title
    if speaks:
        made.voices[organisation].append(person)
