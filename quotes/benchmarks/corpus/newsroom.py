"""Statements with all that hangs on them, in blocks: articles and captures, quotes, relays, figures, links, checks.

An event brings forth one to four statements; one to six articles report it, each in the language of its outlet, and
every article quotes some of them. One statement in twenty is nearly the words of an earlier one. Rows are tuples in
the order of `COLUMNS`, and know each other by numbers that the caller says where to begin.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import random
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from quotes.benchmarks.corpus import checking, words
from quotes.benchmarks.corpus.columns import COLUMNS, Base, Block, partly, written, zipf
from quotes.benchmarks.corpus.reference import DAYS, FROM, Reference, reference

BLOCK = 5_000
"""Statements that are in memory at once."""

NEARLY_THE_SAME = 0.05
_REMEMBERED = 2_000
_NO_ANCHOR = ("", "", None, None)
_MIDNIGHT = dt.datetime.combine(FROM, dt.time(), dt.UTC)


@dataclass(slots=True)
class _Said:
    """One statement while its event is being made."""

    number: int
    speaker: int
    text: str
    tongue: str
    measure: int | None
    amount: int
    as_of: dt.date
    wordings: dict[str, str] = field(default_factory=dict)
    printed: str = ""


class Newsroom:
    """All rows of one synthetic newsroom; walk `blocks()` once.

    Args:
        statements: how many.
        seed: the same seed, size and base give the same rows.
        base: what is there already.
    """

    def __init__(self, statements: int, seed: int, base: Base) -> None:
        self.statements = statements
        self.seed = seed
        self.base = base
        self.chance = random.Random(f"verbatim corpus {seed}")
        self.languages = {code: words.language(code, self.chance) for code in words.LANGUAGES}
        self.reference: Reference = reference(statements, seed, self.chance)
        self._numbers = {
            name: base.first(name)
            for name in (
                "speaker",
                "outlet",
                "topic",
                "measure",
                "article",
                "capture",
                "statement",
                "quote",
                "check",
            )
        }
        self._first_statement = base.first("statement")
        self._speakers = zipf(len(self.reference.speakers))
        self._outlets = zipf(len(self.reference.outlets))
        self._topics = zipf(len(self.reference.topics))
        self._recent: deque[_Said] = deque(maxlen=_REMEMBERED)
        self._last_told: dict[int, _Said] = {}

    def statement_uid(self, number: int) -> str:
        """The uid of the statement with this number in the database."""
        return f"s{self.seed}-{number - self._first_statement + 1}"

    def blocks(self) -> Iterator[Block]:
        """Give the rows, some thousand statements at a time."""
        made = 0
        while made < self.statements:
            block: Block = {table: [] for table in COLUMNS}
            upto = min(self.statements, made + BLOCK)
            while made < upto:
                many = self.chance.choices((1, 2, 3, 4), (55, 25, 12, 8))[0]
                made += self._event(block, made, min(many, self.statements - made))
            yield block

    # --- One event ---------------------------------------------------------------------------------------------------

    def _event(self, block: Block, made: int, count: int) -> int:
        chance = self.chance
        # A newsroom grows, and mostly enters what is new.
        day = int((DAYS - 1) * (made / self.statements) ** 0.7) - int(chance.expovariate(0.2))
        day = max(0, day)
        said = [self._say(block, day) for _ in range(count)]
        reports = chance.choices((1, 2, 3, 4, 5, 6), (60, 20, 9, 5, 4, 2))[0]
        outlets = set(chance.choices(range(len(self._outlets)), cum_weights=self._outlets, k=reports))
        for place, outlet in enumerate(sorted(outlets)):
            quoted = said if place == 0 else [one for one in said if chance.random() < 0.7]
            if quoted:
                self._report(block, outlet, day, quoted, made / self.statements)
        self._relate(block, said)
        return count

    def _say(self, block: Block, day: int) -> _Said:
        chance, made = self.chance, self.reference
        speaker = chance.choices(range(len(self._speakers)), cum_weights=self._speakers)[0]
        tongue = made.tongues[speaker]
        number = self._take("statement")
        as_of = FROM + dt.timedelta(days=day)
        measure = chance.randrange(len(made.measures)) if chance.random() < 0.06 else None
        amount = 0
        earlier = None
        if self._recent and chance.random() < NEARLY_THE_SAME:
            earlier = self._recent[chance.randrange(len(self._recent))]
            tongue, measure = earlier.tongue, None
            if chance.random() < 0.5:
                speaker = earlier.speaker
            text = self._nearly(earlier)
        else:
            text = self.languages[tongue].sentence(chance, 5, 12 + int(chance.expovariate(0.1)) % 40)
        if measure is not None:
            amount = made.series(measure, day)
            if chance.random() < 0.15:
                amount = round(amount * chance.choice((0.5, 1.4, 2)))  # somebody else's count
            amount = max(1, int(float(f"{amount:.3g}")))
        one = _Said(number, speaker, text, tongue, measure, amount, as_of)
        self._recent.append(one)
        self._enter_statement(block, one, day)
        if earlier is not None:
            kind = "repeats" if speaker == earlier.speaker else "echoes"
            if chance.random() < 0.6:
                self._link(block, one, earlier, kind, "near duplicate", chance.uniform(0.8, 1), day)
        return one

    def _nearly(self, earlier: _Said) -> str:
        parts = earlier.text.split(" ")
        vocabulary = self.languages[earlier.tongue]
        for _ in range(1 if len(parts) < 10 else 2):
            parts[self.chance.randrange(1, len(parts))] = self.chance.choices(
                vocabulary.words, cum_weights=vocabulary.weights
            )[0]
        return " ".join(parts)

    def _enter_statement(self, block: Block, one: _Said, day: int) -> None:
        chance = self.chance
        uttered = None
        voices = self.reference.voices.get(one.speaker)
        if voices and chance.random() < 0.3:
            uttered = self._number("speaker", chance.choice(voices))
        said_on, precision = partly(one.as_of, chance)
        entered = _MIDNIGHT + dt.timedelta(days=day + 1, seconds=chance.randrange(80_000))
        embargo = None
        if chance.random() < 0.01:
            embargo = entered + dt.timedelta(days=3 if chance.random() < 0.6 else 20_000)
        original = one.text if chance.random() < 0.2 else None
        block["statement"].append((
            one.number, self.statement_uid(one.number), self._number("speaker", one.speaker), uttered, said_on,
            precision,
            chance.choice(("", "", "press briefing", "interview", "parliament", "social media post")),
            one.tongue if original or chance.random() < 0.6 else "", original,
            f"{self.reference.speakers[one.speaker][1]}: {one.text}"[:120],
            chance.choices(("on", "background", "off"), (94, 4, 2))[0], embargo, *self._kept(entered),
        ))  # fmt: skip
        for topic in set(
            chance.choices(range(len(self._topics)), cum_weights=self._topics, k=chance.randint(0, 3))
        ):
            block["statement_topics"].append((one.number, self._number("topic", topic)))

    # --- One report --------------------------------------------------------------------------------------------------

    def _report(self, block: Block, outlet: int, day: int, said: list[_Said], age: float) -> None:
        chance = self.chance
        _, house, _, _, tongue, domain, _ = self.reference.outlets[outlet]
        language = self.languages[tongue]
        number = self._take("article")
        moment = _MIDNIGHT + dt.timedelta(days=day, seconds=chance.randrange(3_600, 170_000))
        fetched = moment + dt.timedelta(seconds=chance.randrange(600, 90_000))
        kept = self._kept(fetched)
        url = f"https://{domain}/{moment:%Y/%m}/{self.seed}-{number - self.base.first('article') + 1}"
        block["article"].append((
            number, url, self._number("outlet", outlet), language.sentence(chance, 5, 10),
            "" if chance.random() < 0.5 else house, tongue, moment if chance.random() < 0.98 else None, fetched, *kept,
        ))  # fmt: skip
        held = chance.random() < 0.85
        capture = self._take("capture") if held else None
        body = f"{chance.choice(language.filler)} {chance.choice(language.filler)}"
        told = []
        for one in said:
            before, text, after, row = self._word(one, language)
            body += f" {before}"
            told.append((one, len(body), text, row))
            body += f"{text}{after} {chance.choice(language.filler)}"
        if held:
            sha256 = hashlib.sha256(body.encode()).hexdigest()
            block["capture"].append((capture, number, sha256, fetched, body, fetched, kept[2]))
        for one, start, text, row in told:
            self._enter_quote(block, one, number, capture, body, start, text, row, language, fetched, age)

    def _word(self, one: _Said, language: words.Language) -> tuple[str, str, str, tuple[Any, ...]]:
        """How an article puts it: what stands before, the quote, what stands behind, and how it is described."""
        chance = self.chance
        translated = language.code != one.tongue
        text = one.text
        if translated:
            if language.code not in one.wordings:
                # As long as the original, in the other language's words.
                length = max(5, one.text.count(" ") + 1)
                one.wordings[language.code] = language.sentence(chance, length, length)
            text = one.wordings[language.code]
        printed = ""
        if one.measure is not None:
            printed = written(one.amount, language.code)
            text = f"{text}: {printed}"
        kind = chance.choices(("direct", "indirect", "mixed", "partial"), (55, 20, 13, 12))[0]
        name = self.reference.printed[one.speaker][language.code]
        role = self.reference.roles[one.speaker] if chance.random() < 0.4 else ""
        cue = chance.choice(language.said)
        opening, closing = language.opening, language.closing
        parts = text.split(" ")
        if kind == "direct":
            if one.measure is None and chance.random() < 0.2:
                text = " ".join(parts[: max(4, len(parts) * 2 // 3)])
            before, after = opening, f"{closing}, {cue} {name}."
        elif kind == "partial" and one.measure is None and len(parts) > 4:
            begin = chance.randrange(len(parts) - 3)
            text = " ".join(parts[begin : begin + chance.randint(2, 3)])
            before, after = f"{name} {cue} {opening}", f"{closing}."
        elif kind == "mixed" and len(parts) > 5:
            middle = len(parts) // 2
            text = f"{' '.join(parts[:middle])} {opening}{' '.join(parts[middle:])}{closing}"
            before, after = f"{name} {cue}: ", "."
        else:
            kind = "indirect"
            before, after = f"{name} {cue}: ", "."
        return before, text, after, (kind, translated, cue, name, role, printed)

    def _enter_quote(
        self, block: Block, one: _Said, article: int, capture: int | None, body: str, start: int, text: str,
        told: tuple[Any, ...], language: words.Language, fetched: dt.datetime, age: float,
    ) -> None:  # fmt: skip
        chance = self.chance
        kind, translated, cue, name, role, printed = told
        number = self._take("quote")
        uid = f"q{self.seed}-{number - self.base.first('quote') + 1}"
        end = start + len(text)
        anchored = capture is not None and chance.random() < 0.95
        entered = fetched + dt.timedelta(seconds=chance.randrange(60, 200_000))
        reporter = chance.choice(self.base.reporters)
        counted = one.measure is not None
        plan = checking.plan(chance, self.base, kind, translated, counted, anchored, entered, age)
        editor = reporter if plan.edited_at is None else chance.choice(self.base.reporters)
        kept = (entered, plan.edited_at or entered, reporter, editor, 1 if plan.edited_at is None else 2)
        block["quote"].append((
            number, uid, one.number, article, capture, kind, text, language.code, translated, cue, name, role,
            *((body[max(0, start - 32) : start], body[end : end + 32], start, end) if anchored else _NO_ANCHOR), *kept,
        ))  # fmt: skip
        block["contribution"].append((number, reporter, entered))
        if editor != reporter:
            block["contribution"].append((number, editor, plan.edited_at))
        if one.measure is not None:
            self._enter_figure(block, number, one, printed, self._kept(entered, reporter))
        if chance.random() < 0.12:
            self._enter_relays(block, number, self._kept(entered, reporter))
        for name_, rows in checking.rows(plan, number, uid, self._take).items():
            block[name_] += rows

    def _enter_figure(
        self, block: Block, quote: int, one: _Said, printed: str, kept: tuple[Any, ...]
    ) -> None:
        chance = self.chance
        bound = chance.choices(("exact", "about", "at_least", "at_most", "range"), (40, 30, 15, 5, 10))[0]
        low: int | None = one.amount
        high: int | None = one.amount
        if bound == "at_least":
            high = None
        elif bound == "at_most":
            low = None
        elif bound == "range":
            high = one.amount + max(1, one.amount // 10)
        as_of, precision = partly(one.as_of, chance)
        method = chance.choices(("official", "estimate", "claim"), (50, 30, 20))[0]
        block["figure"].append((
            quote, self._number("measure", one.measure or 0), low, high, bound, as_of, precision, method, printed,
            *kept,
        ))  # fmt: skip

    def _enter_relays(self, block: Block, quote: int, kept: tuple[Any, ...]) -> None:
        chance = self.chance
        steps = chance.choices((1, 2, 3), (75, 20, 5))[0]
        outlets = dict.fromkeys(chance.choices(range(len(self._outlets)), cum_weights=self._outlets, k=steps))
        for position, outlet in enumerate(outlets, 1):
            if position == len(outlets) and chance.random() < 0.1:
                named: tuple[int | None, str] = (None, "local media")
            else:
                name = self.reference.outlets[outlet][1]
                named = (self._number("outlet", outlet), f"according to {name}")
            block["relay"].append((quote, position, *named, *kept))

    # --- Links -------------------------------------------------------------------------------------------------------

    def _relate(self, block: Block, said: list[_Said]) -> None:
        chance = self.chance
        for one in said:
            day = (one.as_of - FROM).days
            if one.measure is not None:
                earlier = self._last_told.get(one.measure)
                self._last_told[one.measure] = one
                if earlier is not None and chance.random() < 0.5:
                    agrees = one.amount >= earlier.amount and one.speaker == earlier.speaker
                    kind = "updates_figure" if agrees else "conflicts_figure"
                    self._link(block, one, earlier, kind, "figures", chance.uniform(0.5, 1), day)
        for one, other in zip(said[1:], said, strict=False):
            if chance.random() < 0.25:
                kinds = (
                    "contradicts",
                    "clarifies",
                    "responds_to",
                    "denies",
                    "context_for",
                    "quotes",
                    "reverses",
                )
                kind = chance.choices(kinds, (10, 20, 30, 15, 15, 5, 5))[0]
                self._link(block, one, other, kind, "by hand", None, (one.as_of - FROM).days)

    def _link(
        self, block: Block, one: _Said, other: _Said, kind: str, method: str, score: float | None, day: int
    ) -> None:
        chance = self.chance
        state = chance.choices(("suggested", "confirmed", "rejected"), (60, 33, 7))[0]
        entered = _MIDNIGHT + dt.timedelta(days=day + 2, seconds=chance.randrange(80_000))
        decided = (None, None) if state == "suggested" else (chance.choice(self.base.verifiers), entered)
        reasons = '["nearly the same words"]' if method == "near duplicate" else "[]"
        block["link"].append((
            one.number, other.number, kind, state, None if score is None else round(score, 4), reasons, method, "",
            *decided, *self._kept(entered),
        ))  # fmt: skip

    # --- Numbers -----------------------------------------------------------------------------------------------------

    def _take(self, table: str) -> int:
        number = self._numbers[table]
        self._numbers[table] = number + 1
        return number

    def _number(self, table: str, place: int) -> int:
        return self.base.first(table) + place

    def _kept(self, moment: dt.datetime, by: int | None = None) -> tuple[Any, ...]:
        by = by or self.chance.choice(self.base.reporters)
        return moment, moment, by, by, 1
