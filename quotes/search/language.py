"""What somebody typed, taken apart: words, phrases, alternatives, exclusions and operators.

Nothing typed is an error. What cannot be understood is said beside the box, and the rest is searched.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

MOST_CHARACTERS = 2_000
MOST_TERMS = 32
"""More than anybody asks; every term costs a look into the index (issue 4: 10,000 terms are an answer too)."""

OPERATORS = {
    "said": "speaker",
    "speaker": "speaker",
    "by": "speaker",
    "to": "root",
    "in": "outlet",
    "outlet": "outlet",
    "via": "outlet",
    "source": "outlet",
    "standing": "standing",
    "status": "standing",
    "is": "standing",
    "kind": "kind",
    "type": "kind",
    "topic": "topic",
    "about": "topic",
    "lang": "language",
    "language": "language",
    "before": "before",
    "after": "after",
    "since": "after",
    "until": "before",
    "on": "on",
    "has": "holds",
}
"""Every operator and what it narrows; the first of each kind is the one that is taught."""

# The stop words of PostgreSQL's English configuration: an English quote keeps none of them.
STOP = frozenset(
    "i me my myself we our ours ourselves you your yours yourself yourselves he him his himself she her hers herself "
    "it its itself they them their theirs themselves what which who whom this that these those am is are was were be "
    "been being have has had having do does did doing a an the and but if or because as until while of at by for with "
    "about against between into through during before after above below to from up down in out on off over under "
    "again further then once here there when where why how all any both each few more most other some such no nor not "
    "only own same so than too very s t can will just don should now".split()
)

# Numbers as print writes them, so that “55 000” is one word of a search. verbatim_numbers reads the same forms.
_NUMBER = (
    r"(?:\d{1,3}(?:[ \u00a0\u202f,.'’]\d{3})+(?!\d)|\d{1,15}(?:[.,]\d{1,6})?)"
    r"(?:[ \u00a0\u202f-]?(?:thousand|million|billion|тыс|тис|млн|млрд|mio|mrd|tsd|k|mn|bn|ألف|مليون)(?!\w)\.?"
    r"|\s?[만万萬천千억億亿](?:\s?\d{1,4}(?:\s?[천千])?)?)?"
)
_WHOLE_NUMBER = re.compile(_NUMBER)
_TOKEN = re.compile(
    r'(?P<minus>-)?(?:(?P<op>[A-Za-z]+):)?"(?P<phrase>[^"]*)"'
    rf"|(?P<minus_n>-)?(?P<number>{_NUMBER})(?=[\s\"|)]|$)"
    r"|(?P<minus_o>-)?(?P<op_word>[A-Za-z]+):(?P<value>[^\s\"]+)"
    r"|(?P<bar>\|)"
    r"|(?P<minus_w>-)?(?P<word>[^\s\"|]+)"
    r'|(?P<stray>")'
)
# Every pair of quotation marks that a phrase may be pasted with; guillemets and German marks too.
_MARKS = str.maketrans(dict.fromkeys("“”„‟«»〝〞＂「」『』", '"'))


@dataclass(frozen=True, slots=True)
class Term:
    """One thing to look for. `kind` says how `text` is meant; an excluded one must not stand there."""

    kind: Literal["word", "phrase", "beginning", "number"]
    text: str
    excluded: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """An operator as typed: what it narrows, to which value."""

    name: str
    narrows: str
    value: str
    excluded: bool = False

    @property
    def as_typed(self) -> str:
        """The operator as it is typed into the box."""
        value = f'"{self.value}"' if " " in self.value else self.value
        return f"{'-' if self.excluded else ''}{self.name}:{value}"


@dataclass(slots=True)
class Query:
    """What was typed, understood. Every clause must hold; of the terms of one clause any will do."""

    typed: str = ""
    clauses: list[tuple[Term, ...]] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)

    @property
    def words(self) -> list[str]:
        """The plain words that must or may stand there."""
        return [
            term.text
            for clause in self.clauses
            for term in clause
            if term.kind == "word" and not term.excluded
        ]

    @property
    def rest(self) -> str:
        """What was typed without its operators, to stand in the box beside the chips."""
        parts = []
        for clause in self.clauses:
            parts.append(" or ".join(_as_typed(term) for term in clause))
        return " ".join(parts)


def _as_typed(term: Term) -> str:
    text = {"phrase": f'"{term.text}"', "beginning": f"{term.text}*"}.get(term.kind, term.text)
    return f"-{text}" if term.excluded else text


def understand(typed: str) -> Query:
    """Take a search apart.

    Args:
        typed: the text of the box, of any length; what is over 2,000 characters or 32 terms is left out and said so.
    """
    query = Query(typed=typed.strip())
    text = typed.translate(_MARKS)
    if len(text) > MOST_CHARACTERS:
        text = text[:MOST_CHARACTERS].rsplit(None, 1)[0]
        query.notes.append(f"Only the first {MOST_CHARACTERS:,} characters were searched.")
    joining = False
    for number, found in enumerate(_TOKEN.finditer(text)):
        if number >= MOST_TERMS * 2 or len(query.clauses) >= MOST_TERMS:
            query.notes.append(f"Only the first {MOST_TERMS} words were searched.")
            break
        if found["stray"]:
            query.notes.append(
                "A quotation mark has no partner; the words behind it were searched one by one."
            )
            continue
        if found["bar"] or ((found["word"] or "").lower() == "or" and not found["minus_w"]):
            joining = bool(query.clauses)
            continue
        asked = _asked(found, query)
        if asked:
            query.asked.append(asked)
            joining = False
            continue
        for term in _terms(found, query):
            if joining and query.clauses:
                query.clauses[-1] = (*query.clauses[-1], term)
            else:
                query.clauses.append((term,))
            joining = False
    # What is asked twice is asked once: ranking compares every term with every other.
    query.clauses = list(dict.fromkeys(query.clauses))
    _drop_small_words(query)
    return query


def _asked(found: re.Match[str], query: Query) -> Asked | None:
    name = (found["op"] or found["op_word"] or "").lower()
    value = (found["phrase"] if found["op"] else found["value"]) or ""
    if name not in OPERATORS:
        return None
    if not value.strip():
        query.notes.append(f"“{name}:” says nothing to look for.")
        return None
    return Asked(name, OPERATORS[name], value.strip(), bool(found["minus"] or found["minus_o"]))


def _terms(found: re.Match[str], query: Query) -> list[Term]:
    excluded = bool(found["minus"] or found["minus_n"] or found["minus_o"] or found["minus_w"])
    if found["phrase"] is not None:
        text = " ".join(found["phrase"].split())
        if found["op"] and found["op"].lower() in OPERATORS:
            return []
        if found["op"]:
            query.notes.append(f"“{found['op']}:” is not an operator here; it was searched as a word.")
        return [Term("phrase", text, excluded)] if _speaks(text) else []
    if found["number"]:
        return [Term("number", found["number"], excluded)]
    text = found["word"] or ""
    if found["op_word"]:
        if found["op_word"].lower() in OPERATORS:
            return []
        text = f"{found['op_word']} {found['value']}"
        if not found["value"].startswith("//"):
            query.notes.append(f"“{found['op_word']}:” is not an operator here; it was searched as a word.")
        return [Term("word", part, excluded) for part in re.split(r"[\s/:?&=]+", text) if _speaks(part)]
    if text.lower().removesuffix(":") in OPERATORS and text.endswith(":"):
        query.notes.append(f"“{text}” says nothing to look for.")
        return []
    if text.endswith("*") and _speaks(text):
        return [Term("beginning", text.rstrip("*"), excluded)]
    text = text.strip("()[]{}.,;:!?…*")
    if not _speaks(text):
        return []
    # “55.” at the end of a sentence is the number; read again it must mean the same.
    return [Term("number" if _WHOLE_NUMBER.fullmatch(text) else "word", text, excluded)]


def _speaks(text: str) -> bool:
    return any(char.isalnum() for char in text)


def small_words_left_out(text: str) -> list[str]:
    """The words of a text that are worth looking for one by one."""
    words = [word.strip("()[]{}.,;:!?…*'’\"") for word in text.split()]
    return [word for word in words if _speaks(word) and word.lower() not in STOP]


def _drop_small_words(query: Query) -> None:
    kept = []
    for clause in query.clauses:
        if len(clause) == 1 and clause[0].kind == "word" and clause[0].text.lower().strip("'’") in STOP:
            query.ignored.append(clause[0].text)
        else:
            kept.append(clause)
    query.clauses = kept
    if query.ignored and not kept and not query.asked:
        words = " ".join(query.ignored)
        query.notes.append(
            f"“{words}” stands nearly everywhere. Put more words beside it, or a whole phrase in quotation marks."
        )
    if query.typed and not (query.clauses or query.asked or query.notes):
        query.notes.append("There is no word to look for in that.")
    for clause in query.clauses:
        if len(clause) > 1 and any(term.kind == "phrase" for term in clause):
            query.notes.append(
                "Beside “or”, a phrase is searched by its words in order, and small words do not count."
            )
            break
