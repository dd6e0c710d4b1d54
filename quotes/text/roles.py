"""Is a printed role one that the person held that day? (PRODUCT.md §3, invariant 7)

Newspapers shorten titles and turn them round: “Ukrainian President” is the “President of Ukraine”, “head of
Ukraine’s NSDC” the “Secretary of the National Security and Defense Council of Ukraine”. So words are
compared, not texts: a printed role fits a title when the title and its organisation account for every word of
it that says something, and one of these words names the office itself.
Where that cannot be told (another language, no role known for the day) nothing is flagged: what we do not
know accuses nobody. A flag is a remark for people, and never blocks anything.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

LEADS = frozenset(["head", "leader", "chief", "boss", "official"])
"""Words that stand for any office."""

SAYS_NOTHING = LEADS | set(
    re.findall(
        r"\w+",
        "the a an of for in at to on with by and its his her their s mr mrs ms dr sir country nation top "
        "senior current incumbent sitting new newly appointed elected then outgoing",
    )
)
"""Words of which any office has some, or none."""

OFFICES = frozenset(
    re.findall(
        r"\w+",
        "president minister prime chancellor secretary spokesperson ambassador governor senator mayor king "
        "queen general commander director chairman chair envoy negotiator leader head chief",
    )
)
"""Words of a title that is printed in small letters in front of a name."""

PAST = frozenset(["former", "formerly", "ex", "erstwhile", "onetime", "ousted"])

CHANGES_THE_OFFICE = frozenset(
    ["deputy", "vice", "acting", "interim", "elect", "designate", "nominee", "candidate", "assistant"]
)
"""A deputy minister is not a minister: these must be on both sides or on neither."""

SAME = {
    "pm": ("prime", "minister"),
    "spokesman": ("spokesperson",),
    "spokeswoman": ("spokesperson",),
    "us": ("united", "states"),
    "usa": ("united", "states"),
    "american": ("united", "states"),
    "uk": ("united", "kingdom"),
    "british": ("united", "kingdom"),
    "britain": ("united", "kingdom"),
    "french": ("france",),
    "dutch": ("netherlands",),
    "swiss": ("switzerland",),
    "danish": ("denmark",),
    "spanish": ("spain",),
    "finnish": ("finland",),
    "polish": ("poland",),
    "irish": ("ireland",),
    "welsh": ("wales",),
}
"""Words whose other form does not begin alike, and short forms."""

ALIKE_FROM = 4
"""Letters that two forms of one word share at least: “China” and “Chinese”."""
ENDING = 5
"""Letters that such a form may add at most: “Ukraine”, “Ukrainian”."""


@dataclass(frozen=True, slots=True)
class Role:
    """A title that somebody held, and for whom: “Press Secretary”, “The Kremlin”.

    `key` tells two times in the same role apart.
    """

    title: str
    organisation: str = ""
    key: Hashable = None


@dataclass(frozen=True, slots=True)
class Flag:
    """Why a printed role does not fit the day.

    `kind`: `not_former`, printed as past but held that day; `other_time`, held, but not that day;
    `not_held`, none of the roles that are known for that day.
    """

    kind: Literal["not_former", "other_time", "not_held"]
    printed: str
    role: Role


def flag(printed: str, language: str, held: Sequence[Role], at_other_times: Sequence[Role]) -> Flag | None:
    """Return what is wrong with a printed role, or None when it fits or nothing can be told.

    Args:
        printed: the role as the article has it; may be empty.
        language: of the quote, ISO 639; titles are kept in English, so only English is compared.
        held: the roles held on the day of the statement.
        at_other_times: the person's other roles.
    """
    if not printed.strip() or language.split("-")[0] != "en" or not _words(printed):
        return None
    past = bool(PAST & set(_words(printed)))
    now = next((role for role in held if fits(printed, role)), None)
    then = next((role for role in at_other_times if fits(printed, role)), None)
    if past:
        # “Former president” of somebody who was president before and is again: the office held counts.
        return Flag("not_former", printed, now) if now else None
    if now:
        return None
    if then:
        return Flag("other_time", printed, then)
    return Flag("not_held", printed, held[0]) if held else None


def before_names(text: str, names: Mapping[str, Hashable]) -> list[tuple[str, Hashable, str]]:
    """Find people who are mentioned with a role in front: “former U.S. President Donald Trump”.

    Args:
        text: an English text.
        names: spellings of people, and whose they are.

    Returns:
        The role as printed, whose the name is, and the name; in the order of the text.
    """
    taken: list[tuple[int, int]] = []
    found = []
    for name in sorted(names, key=len, reverse=True):
        for match in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", text):
            if any(match.start() < end and start < match.end() for start, end in taken):
                continue
            taken.append(match.span())
            role = _title_at_the_end_of(text[: match.start()])
            if role:
                found.append((match.start(), role, names[name], name))
    return [(role, key, name) for _, role, key, name in sorted(found, key=lambda row: row[0])]


def _title_at_the_end_of(text: str) -> str:
    words = re.search(r"(?:[\w.’'-]+ )*\Z", text)
    title: list[str] = []
    for word in reversed(words[0].split() if words else []):
        belongs = word[0].isupper() or set(_words(word)) & (OFFICES | PAST | CHANGES_THE_OFFICE)
        if not belongs or (title and word.endswith((".", "'", "’")) and not re.match(r"(\w\.)+$", word)):
            break
        title.insert(0, word)
    return " ".join(title)


def fits(printed: str, role: Role) -> bool:
    """Say whether title and organisation account for every word of `printed` that says something."""
    title = _words(role.title)
    pool = [*title, *_words(role.organisation)]
    words = _words(printed)
    if CHANGES_THE_OFFICE & set(words) != CHANGES_THE_OFFICE & set(title):
        return False
    initials = _initials(role.title), _initials(role.organisation)
    telling = [word for word in words if word not in SAYS_NOTHING and word not in PAST]
    # The president's press secretary is not the president: what stands before “of” is the office.
    office = title[: title.index("of")] if "of" in title else title
    if telling and not LEADS & set(words) and not any(_known(word, office) for word in telling):
        return False
    return all(
        _known(word, pool) or any(len(word) > 1 and word in known for known in initials) for word in telling
    )


def _known(word: str, pool: Sequence[str]) -> bool:
    return any(word == other or _alike(word, other) for other in pool)


def _alike(one: str, other: str) -> bool:
    common = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        common += 1
    return common >= ALIKE_FROM and max(len(one), len(other)) - common <= ENDING


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text).casefold()
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    plain = re.sub(r"['’](s\b|)", " ", plain)
    plain = re.sub(r"\b((?:\w\.)+\w?)", lambda short: short[0].replace(".", ""), plain)
    plain = re.sub(r"\bpress secretary\b", "spokesperson", plain)
    return [same for word in re.findall(r"\w+", plain) for same in SAME.get(word, (word,))]


def _initials(text: str) -> str:
    return "".join(word[0] for word in _words(text) if word not in ("the", "a", "an", "of", "for", "and"))
