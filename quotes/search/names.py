"""Names of speakers, outlets and topics in memory: which of them does a typed word mean?

Names are few and searched by every request, and comparing them across scripts and slips is work that PostgreSQL
cannot do (SPEED.md §2.5). So each process keeps them, and asks before each use whether they have changed. Nothing
here is ever held back: speakers, outlets and topics are reference records (PRODUCT.md §2).
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from django.db import connection
from rapidfuzz import fuzz, process
from rapidfuzz.distance import DamerauLevenshtein

from quotes.models import Outlet, Speaker, SpeakerName, Topic
from quotes.search.language import STOP
from quotes.text.folding import fold_text
from quotes.text.names import fold, skeleton

type Kind = Literal["speaker", "outlet", "topic"]
type Key = tuple[Kind, int]

MOST_MEANT = 64
"""How many records one word may mean before it is a word again: “john” is, in a newsroom's whole file."""
SHORTEST_SKELETON = 4
"""Letters of a skeleton below which two different words too often share one."""


@dataclass(slots=True)
class Entry:
    """A record that is searched by name. `spellings` are all its names as written, the newsroom's own first."""

    kind: Kind
    pk: int
    slug: str
    name: str
    nature: str = ""
    final: int = 0
    spellings: list[str] = field(default_factory=list)

    @property
    def key(self) -> Key:
        """Which record it is; a merged speaker is the one it was merged into."""
        return (self.kind, self.final or self.pk)


@dataclass(frozen=True, slots=True)
class Meant:
    """What a word means: records, and the words under which texts mention them."""

    keys: tuple[Key, ...]
    mentions: tuple[str, ...] = ()
    label: str = ""


class Names:
    """All names, at one moment, and the ways to look one up."""

    def __init__(self, stamp: str) -> None:
        self.stamp = stamp
        self.entries: dict[Key, Entry] = {}
        self.by_slug: dict[tuple[Kind, str], Key] = {}
        self._merged: dict[Key, list[Entry]] = defaultdict(list)
        self._whole: dict[str, set[Key]] = defaultdict(set)
        self._part: dict[str, set[Key]] = defaultdict(set)
        self._last: dict[str, set[Key]] = defaultdict(set)
        self._bones: dict[str, set[Key]] = defaultdict(set)
        self._part_bones: dict[str, set[Key]] = defaultdict(set)
        self._last_bones: dict[str, set[Key]] = defaultdict(set)
        self._load()

    def _load(self) -> None:
        for pk, slug, name, nature, redirect in Speaker.objects.values_list(
            "pk", "slug", "name", "kind", "redirects_to"
        ):
            self._add(Entry("speaker", pk, slug, name, nature, redirect or pk, [name]))
        for pk, slug, name in Outlet.objects.values_list("pk", "slug", "name"):
            self._add(Entry("outlet", pk, slug, name, spellings=[name]))
        for pk, slug, name in Topic.objects.values_list("pk", "slug", "name"):
            self._add(Entry("topic", pk, slug, name, spellings=[name]))
        self._settle_mergers()
        for speaker, text in SpeakerName.objects.order_by("pk").values_list("speaker", "text"):
            entry = self.entries.get(("speaker", speaker))
            if entry is not None and text not in entry.spellings:
                entry.spellings.append(text)
        for entry in self.entries.values():
            for spelling in entry.spellings:
                self._index(entry, spelling)

    def _add(self, entry: Entry) -> None:
        self.entries[(entry.kind, entry.pk)] = entry
        self.by_slug[(entry.kind, entry.slug)] = (entry.kind, entry.pk)

    def _settle_mergers(self) -> None:
        for entry in self.entries.values():
            for _ in range(8):
                further = self.entries.get((entry.kind, entry.final)) if entry.final else None
                if further is None or further.final in (0, entry.final):
                    break
                entry.final = further.final
            if entry.kind == "speaker" and entry.final != entry.pk:
                self._merged[entry.key].append(entry)

    def _index(self, entry: Entry, spelling: str) -> None:
        words = [word for word in fold(spelling).split() if word not in STOP]
        if not words:
            return
        self._whole[" ".join(words)].add(entry.key)
        for word in words:
            self._part[word].add(entry.key)
        if entry.kind == "topic":
            for word in words:
                self._part[_singular(word)].add(entry.key)
            return
        if entry.kind == "speaker":
            bones = skeleton(spelling).split()
            self._bones[" ".join(bones)].add(entry.key)
            for bone in bones:
                self._part_bones[bone].add(entry.key)
            # A person goes by the last word of the name; a single word is a surname or a nickname.
            if entry.nature == "person" or len(words) == 1:
                self._last[words[-1]].add(entry.key)
                if bones:
                    self._last_bones[bones[-1]].add(entry.key)

    # --- looking up ---------------------------------------------------------------------------------------------

    def find(self, kind: Kind, slug: str) -> Entry | None:
        """The record with this slug, or the one it was merged into."""
        key = self.by_slug.get((kind, slug))
        return self.entries.get(self.entries[key].key) if key else None

    def label(self, kind: Kind, pk: int) -> Entry | None:
        """The record with this key."""
        return self.entries.get((kind, pk))

    def meant(self, words: list[str]) -> Meant | None:
        """What one word, or several beside each other, name exactly: in any script, in any known spelling.

        A whole name comes before a part of one. A spelling that is not on file but sounds the same counts when
        the word is a surname or a whole name.
        """
        typed = fold(" ".join(words))
        plain = " ".join(word for word in typed.split() if word not in STOP)
        if not plain:
            return None
        keys = self._whole.get(plain, set())
        if len(words) > 1:
            speakers = {key for key in keys if key[0] == "speaker"} or self._of_several(words)
            return self._as_meant(speakers, full=True) if 0 < len(speakers) <= MOST_MEANT else None
        keys = keys | self._last.get(plain, set())
        full = bool(keys)
        if not keys:
            singular = self._part.get(_singular(plain), set())
            keys = self._part.get(plain, set()) | {key for key in singular if key[0] == "topic"}
        elif not any(key[0] == "speaker" for key in keys):
            keys = keys | self._part.get(plain, set())
        if not keys:
            bones = skeleton(words[0])
            if len(bones) >= SHORTEST_SKELETON:
                keys = self._last_bones.get(bones, set()) | self._bones.get(bones, set())
                full = bool(keys)
        return self._as_meant(keys, full=full) if 0 < len(keys) <= MOST_MEANT else None

    def _of_several(self, words: list[str]) -> set[Key]:
        """Speakers whose whole name sounds so; else people with these words in their names, the last as a surname."""
        bones = skeleton(" ".join(words)).split()
        if not bones or len(bones[-1]) < SHORTEST_SKELETON:
            return set()
        whole = self._bones.get(" ".join(bones), set())
        if whole or len(bones) != len(words):
            return whole
        people = self._last_bones.get(bones[-1], set())
        for bone in bones[:-1]:
            people = people & self._part_bones.get(bone, set())
        return people

    def nearly(self, word: str) -> Meant | None:
        """The surname that `word` is a slip of; None when nothing is near. Used when nothing else was found."""
        typed, bones = fold(word), skeleton(word)
        if len(typed) < SHORTEST_SKELETON:
            return None
        best: dict[str, float] = {}
        for place, names in ((typed, self._last), (bones, self._last_bones)):
            for name, score, _ in process.extract(
                place, names.keys(), scorer=fuzz.ratio, score_cutoff=74, limit=8
            ):
                slips = DamerauLevenshtein.distance(place, name, score_cutoff=3)
                if slips <= (1 if len(place) <= 5 else 2) and name[:1] == place[:1]:
                    best[name] = max(best.get(name, 0.0), score - 5 * slips)
        if not best:
            return None
        top = max(best.values())
        keys: set[Key] = set()
        for name, score in best.items():
            if score >= top - 1:
                keys |= self._last.get(name, set()) | self._last_bones.get(name, set())
        return self._as_meant(keys, full=True) if 0 < len(keys) <= MOST_MEANT else None

    def search(self, kind: Kind, text: str, limit: int = 10) -> list[Entry]:
        """Records by name, best first: exact, then parts, then sound, then slips (SPEED.md §2.5)."""
        typed = " ".join(word for word in fold(text).split() if word not in STOP)
        found: dict[Key, float] = {}
        slug = self.by_slug.get((kind, text.strip().lower()))
        if slug:
            found[self.entries[slug].key] = 200
        if typed:
            self._score(found, kind, typed, skeleton(text), limit)
        order = sorted(found, key=lambda key: (-found[key], self.entries[key].name))
        return [self.entries[key] for key in order[:limit]]

    def _score(self, found: dict[Key, float], kind: Kind, typed: str, bones: str, limit: int) -> None:
        def note(keys: Iterable[Key], score: float) -> None:
            for key in keys:
                if key[0] == kind:
                    found[key] = max(found.get(key, 0), score)

        note(self._whole.get(typed, ()), 150)
        if kind == "speaker":
            note(self._bones.get(bones, ()), 130)
            note(self._last.get(typed, ()), 125)
            note(self._last_bones.get(bones, ()), 120)
        words = typed.split()
        parts = [self._part.get(word, set()) for word in words]
        note(set.intersection(*parts), 110)
        if len(found) >= limit:
            return
        beginning = words[-1]
        if len(beginning) >= 2:
            for name, keys in self._part.items():
                if name.startswith(beginning) and all(keys & other for other in parts[:-1]):
                    note(keys, 100)
        if len(found) < limit and len(typed) >= SHORTEST_SKELETON:
            for name, score, _ in process.extract(
                typed, self._whole.keys(), scorer=fuzz.ratio, score_cutoff=60, limit=limit
            ):
                note(self._whole[name], score)
            if kind == "speaker":
                for names, place in ((self._bones, bones), (self._last_bones, bones), (self._last, typed)):
                    for name, score, _ in process.extract(
                        place, names.keys(), scorer=fuzz.ratio, score_cutoff=70, limit=limit
                    ):
                        note(names[name], score - 3)

    def _as_meant(self, keys: Iterable[Key], *, full: bool) -> Meant:
        keys = tuple(sorted(set(keys)))
        speakers = [self.entries[key] for key in keys if key[0] == "speaker"]
        mentions: dict[str, str] = {}
        if full:
            for entry in speakers:
                for spelling in self._spellings(entry):
                    mention = _mention(entry, spelling)
                    if mention:
                        mentions.setdefault(fold_text(mention), mention)
        label = (
            _mention(speakers[0], speakers[0].name) or speakers[0].name if full and len(speakers) == 1 else ""
        )
        return Meant(keys, tuple(mentions.values()), label)

    def _spellings(self, entry: Entry) -> Iterable[str]:
        yield from entry.spellings
        for other in self._merged.get(entry.key, ()):
            yield from other.spellings


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") else word


def _mention(entry: Entry, spelling: str) -> str:
    """The word by which texts mention a speaker: a person's last name, an institution's name when it is one word."""
    words = [
        word for word in spelling.replace("·", " ").replace("・", " ").split() if word.lower() not in STOP
    ]
    if not words:
        return ""
    if entry.nature == "person":
        return words[-1] if len(words[-1].strip(".")) > 2 or not words[-1].isascii() else ""
    return words[0] if len(words) == 1 else ""


_lock = threading.Lock()
_held: dict[str, Names] = {}


def held_names(stamp: str) -> Names | None:
    """The names in memory, when they are those of `stamp`."""
    held = _held.get(connection.alias)
    return held if held is not None and held.stamp == stamp else None


def names() -> Names:
    """All names as they stand in the database now, loaded anew only when some have changed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT md5(string_agg(stamp::text, ',' ORDER BY shard)) FROM quotes_searchnames")
        row: Any = cursor.fetchone()
    stamp: str = row[0]
    held = _held.get(connection.alias)
    if held is None or held.stamp != stamp:
        with _lock:
            held = _held.get(connection.alias)
            if held is None or held.stamp != stamp:
                # The stamp was read first: if a name changes in between, the next request loads once more.
                held = Names(stamp)
                _held[connection.alias] = held
    return held
