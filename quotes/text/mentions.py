"""Account names in a note: `@ada`, as colleagues write them; an e-mail address is none."""

from __future__ import annotations

import re
from dataclasses import dataclass

# Django's account names have letters, digits and @ . + - _; a stop behind one ends the sentence, not the name.
_NAME = re.compile(r"(?<![\w@.+-])@(?P<name>\w[\w@.+-]{0,149})")
_LAST = ".+-@"
_BEGUN = re.compile(r"(?<![\w@.+-])@(?P<name>[\w@.+-]{0,150})\Z")


@dataclass(frozen=True, slots=True)
class Mention:
    """One name with its place: ``text[start:end]`` is the name with its @ (code points)."""

    name: str
    start: int
    end: int


def mentions(text: str) -> list[Mention]:
    """Return the names that a text mentions, in order.

    Args:
        text: any text. ``@ ada`` with a space, and ``desk@news.example``, mention nobody.
    """
    found = []
    for match in _NAME.finditer(text):
        name = match["name"].rstrip(_LAST)
        found.append(Mention(name, match.start(), match.start("name") + len(name)))
    return found


def begun(text: str) -> str | None:
    """Return the name that is being typed at the end of a text, without its @; None when none is.

    Args:
        text: the text up to the caret.
    """
    match = _BEGUN.search(text)
    return match["name"] if match else None


def pieces(text: str, names: set[str]) -> list[tuple[str, bool]]:
    """Cut a text where it mentions somebody: parts in order, each with whether it is such a name.

    Args:
        text: the text.
        names: lower-case names that are somebody's; others stay text.
    """
    parts: list[tuple[str, bool]] = []
    at = 0
    for mention in mentions(text):
        if mention.name.lower() in names:
            parts += [(text[at : mention.start], False), (text[mention.start : mention.end], True)]
            at = mention.end
    parts.append((text[at:], False))
    return [part for part in parts if part[0]]
