"""Links: near duplicates against the search of the same run (SPEED.md §8, R12), and precision on labelled pairs.

Planted variants are made from statements that are there: cut, with words changed, with another beginning, with another
punctuation and case. The statement they were made from has to come first, or one that says exactly the same. Times are
CPU times of both sides, as in `bench search`, asked in turn in one run.
"""

from __future__ import annotations

import datetime as dt
import json
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.db import connection

from quotes.benchmarks.frame import Ratio, Tell, middle
from quotes.benchmarks.questions import queries
from quotes.benchmarks.search import Replay, at, cpu, unlimited
from quotes.search.links_candidates import nearest
from quotes.text.linking import Saying, propose
from quotes.text.naming import Namebook

SEED = 20260204
VARIANTS = 200
PAIRS = Path(__file__).with_name("linked_pairs.json")
_TAKEN = """
SELECT q.statement_id, q.text FROM quotes_quote q JOIN quotes_searchdoc d ON d.statement_id = q.statement_id
WHERE q.id >= %s AND length(q.text) BETWEEN 60 AND 600 ORDER BY q.id LIMIT 1
"""


def run(tell: Tell, *, rounds: int = 5) -> list[Ratio]:
    """Measure, and give R12 and the precision and recall of every kind of suggestion."""
    lines = [*of_labelled(tell)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(id), max(id), count(*) FROM quotes_quote")
        row: Any = cursor.fetchone()
    if not row[2]:
        tell("There are no quotes: manage.py make_corpus --statements 1000000 makes some.")
        return lines
    planted = variants(row[0], row[1])
    found, first = [], 0
    for key, original, text in planted:
        answer = nearest(text)
        first += bool(answer) and _is_it(answer[0].key, key, original)
        found.append(text)
    asked = queries()
    raw = Replay()
    for one in asked:
        raw.learn(one)
    near_times: dict[str, list[float]] = {text: [] for text in found}
    raw_times: dict[Any, list[float]] = {one: [] for one in asked}
    with unlimited():
        for turn in range(rounds + 1):
            for n, text in enumerate(near_times):
                with cpu(near_times[text]):
                    nearest(text)
                one = asked[n % len(asked)]
                with cpu(raw_times[one]):
                    raw(one)
            if turn == 0:
                for times in (*near_times.values(), *raw_times.values()):
                    times.clear()
    near = [middle(times) for times in near_times.values()]
    search = [middle(times) for times in raw_times.values()]
    ours, theirs = (f"{at(times, 0.5):.1f} / {at(times, 0.95):.1f}" for times in (near, search))
    detail = f"{ours} against {theirs} ms, p50 / p95"
    tell(f"{len(planted)} planted variants over {row[2]} quotes, {rounds} rounds, CPU ms of the median round")
    return [
        *lines,
        Ratio("R12", "near duplicates: recall@1", first / len(planted), 0.97, more_is_better=True),
        Ratio("R12", "near duplicate / search SQL, p95", at(near, 0.95) / at(search, 0.95), 2, False, detail),
    ]


def _is_it(found: int, planted: int, original: str) -> bool:
    """Whether it is the statement that the variant was made from, or one that says exactly the same."""
    if found == planted:
        return True
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT lines LIKE '%%' || verbatim_line(%s) || '%%' FROM quotes_searchdoc WHERE statement_id = %s",
            [original, found],
        )
        row: Any = cursor.fetchone()
    return bool(row and row[0])


def variants(lowest: int, highest: int) -> list[tuple[int, str, str]]:
    """Give statement, text and variant, spread over all quotes by their keys."""
    chance = random.Random(SEED)
    changes: list[Callable[[list[str], random.Random], list[str]]] = [
        _cut,
        _changed,
        _led_in,
        _typed_otherwise,
    ]
    made = []
    with connection.cursor() as cursor:
        for n in range(VARIANTS):
            cursor.execute(_TAKEN, [chance.randint(lowest, highest)])
            row: Any = cursor.fetchone()
            if row is not None:
                words = row[1].split()
                made.append((row[0], row[1], " ".join(changes[n % len(changes)](words, chance))))
    return made


def _cut(words: list[str], chance: random.Random) -> list[str]:
    """A quarter of it is left out, at the end or at the beginning."""
    kept = max(4, len(words) * 3 // 4)
    return words[:kept] if chance.random() < 0.5 else words[-kept:]


def _changed(words: list[str], chance: random.Random) -> list[str]:
    """Every eighth word is another one, as of another translator."""
    changed = list(words)
    for place in range(chance.randrange(8), len(changed), 8):
        changed[place] = chance.choice(("certainly", "recently", "altogether", "simply"))
    return changed


def _led_in(words: list[str], chance: random.Random) -> list[str]:
    """With a beginning of its own."""
    return [*chance.choice(("On that day he said that", "As we know,", "In her words:")).split(), *words]


def _typed_otherwise(words: list[str], chance: random.Random) -> list[str]:
    """Another punctuation and case, one word twice."""
    place = chance.randrange(len(words))
    return [word.strip(",.;:").upper() for word in [*words[:place], words[place], *words[place:]]]


# --- labelled pairs ----------------------------------------------------------------------------------------------


def labelled(part: str = "pairs") -> list[tuple[str, Saying, Saying]]:
    """Read our labelled pairs: what is expected (“none” where nothing is), the later and the earlier statement.

    Those called “pairs” are the set on which the weights were set: precision and recall on them say that nothing broke.
    Those called “unseen” were written afterwards and nothing was changed to fit them: they say how it does.
    """
    data = json.loads(PAIRS.read_text(encoding="utf-8"))
    keys = {who: n for n, who in enumerate(data["names"], 1)}
    book = Namebook((keys[who], name, True) for who, spellings in data["names"].items() for name in spellings)

    def saying(key: int, said: dict[str, Any]) -> Saying:
        day = dt.date.fromisoformat(said["day"])
        who = keys[said["who"]]
        return Saying(
            key=key,
            speaker=who,
            voices=frozenset({who}),
            names=(data["names"][said["who"]][0],),
            first_day=day,
            last_day=day,
            day_known=True,
            wordings=((said["text"], said["language"], said["cue"]),),
            mentioned=book.named_in(said["text"]) - {who},
            places=((said["place"][0], said["place"][1], said["place"][2]),) if "place" in said else (),
        )

    return [
        (pair["expect"], saying(2 * n + 2, pair["source"]), saying(2 * n + 1, pair["target"]))
        for n, pair in enumerate(data[part])
    ]


def measured(pairs: list[tuple[str, Saying, Saying]]) -> dict[str, tuple[float, float, int]]:
    """Precision, recall and number of expected pairs by kind of suggestion."""
    right: Counter[str] = Counter()
    given: Counter[str] = Counter()
    expected: Counter[str] = Counter(expect for expect, _, _ in pairs if expect != "none")
    for expect, source, target in pairs:
        kinds = [proposal.type for proposal in propose(source, target)]
        given.update(kinds)
        right.update(kind for kind in kinds if kind == expect)
    return {
        kind: (
            right[kind] / given[kind] if given[kind] else 0.0,
            right[kind] / expected[kind],
            expected[kind],
        )
        for kind in sorted(expected)
    }


def of_labelled(tell: Tell) -> list[Ratio]:
    """Print the table of precision and recall, and give both over all kinds."""
    pairs = labelled()
    found = measured(pairs)
    tell(
        f"{len(pairs)} labelled pairs, {sum(expect == 'none' for expect, _, _ in pairs)} of them hard negatives"
    )
    for kind, (precision, recall, number) in found.items():
        tell(f"{kind:18} precision {precision:.2f}   recall {recall:.2f}   of {number}")
    unseen = labelled("unseen")
    right = given = hit = 0
    for expect, source, target in unseen:
        kinds = [proposal.type for proposal in propose(source, target)]
        given += len(kinds)
        right += expect in kinds
        hit += expect != "none"
    tell(
        f"{len(unseen)} unseen pairs: precision {right / max(1, given):.2f}, recall {right / hit:.2f}, over all kinds"
    )
    worst_precision = min(precision for precision, _, _ in found.values())
    worst_recall = min(recall for _, recall, _ in found.values())
    return [
        Ratio("", "labelled pairs: worst precision of a kind", worst_precision, 0.85, more_is_better=True),
        Ratio("", "labelled pairs: worst recall of a kind", worst_recall, 0.8, more_is_better=True),
    ]
