"""One line to paste under a quote: whose words, as what, to whom, as we know it from where.

Nothing is smoothed over: a paraphrase is called one, a day that is not known is called not known, the chain
is named as far as it goes, and a quote that nobody checked says so.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True, slots=True)
class Source:
    """What the line is made of. Dates are in words already (`days.in_words`).

    `told` is the outlet that the speaker spoke to, when the record says so; `cited` the chain behind the
    article, from its side to the root.
    """

    words: str
    kind: str
    speaker: str
    roles: Sequence[str]
    outlet: str
    published: str
    said: str = "not known"
    mouth: str = ""
    mouth_roles: Sequence[str] = ()
    told: str = ""
    occasion: str = ""
    cited: Sequence[str] = ()
    is_translation: bool = False
    standing: str = "unchecked"


def line(source: Source) -> str:
    """Return the attribution, in one line of plain text."""
    who = ", ".join([source.speaker, *source.roles])
    if source.mouth:
        who += f", through {', '.join([source.mouth, *source.mouth_roles])}"
    # Only where the record itself names an interview with the outlet is it the one that was told.
    deed = f"told {source.told}" if source.told else "said"
    when = "on a day not known" if source.said == "not known" else _on(source.said)
    place = f" ({source.occasion})" if source.occasion and not source.told else ""
    report = f"according to {source.outlet}, {_published(source.published)}"
    chain = [name for name in source.cited if name not in (source.told, source.outlet)]
    if chain:
        report += f", citing {', citing '.join(chain)}"
    words = " ".join(source.words.split())
    attributed = f"{who}, {deed} {when}{place}, {report}."
    if source.kind == "direct":
        return f"“{words}” {attributed}{_remarks(source)}"
    if source.kind == "partial":
        return f"“{words}” (these words only) {attributed}{_remarks(source)}"
    return f"{words.rstrip('.')} (paraphrase): {attributed}{_remarks(source)}"


def _on(said: str) -> str:
    return f"on {said}" if said[0].isdigit() and " " in said else f"in {said}"


def _published(published: str) -> str:
    return "day of publication not known" if published == "not known" else published


def _remarks(source: Source) -> str:
    remarks = []
    if source.is_translation:
        remarks.append("Translated.")
    if source.kind == "mixed":
        remarks.append("Only the words in quotation marks are the speaker’s own.")
    if source.standing == "verified":
        remarks.append("Verified.")
    else:
        remarks.append(f"Not verified: {source.standing.replace('_', ' ')}.")
    return f" [{' '.join(remarks)}]"


ADVERSE = {
    "disputed": "Disputed",
    "misattributed": "Misattributed, not to be published",
    "retracted": "Retracted, not to be published",
}
"""Standings without whose label no words leave the house."""


@dataclass(frozen=True, slots=True)
class Copy:
    """One form of the line: its name, what it is called, and the text to paste."""

    name: str
    label: str
    text: str


def copies(source: Source, *, depth: str, url: str, language: str) -> list[Copy]:
    """Return the line as plain text, HTML and Markdown, each with standing and depth.

    Args:
        depth: how far back the words were traced, in words.
        url: the article's address.
        language: of the words, an ISO 639 tag.
    """
    label = ADVERSE.get(source.standing, "")
    said, traced = line(source), f"{depth[:1].upper()}{depth[1:]}."
    marked = f"<strong>{escape(label)}.</strong> " if label else ""
    html = (
        f'<blockquote cite="{escape(url)}"><p lang="{escape(language)}">{escape(source.words)}</p></blockquote>\n'
        f'<p>{marked}{escape(said)} {escape(traced)} <a href="{escape(url)}">{escape(source.outlet)}</a></p>'
    )
    quoted = "\n".join(f"> {_markdown(text)}".rstrip() for text in source.words.splitlines() or [""])
    target = url.replace("(", "%28").replace(")", "%29").replace("<", "%3C").replace(">", "%3E")
    markdown = (
        f"{quoted}\n\n{f'**{label}.** ' if label else ''}{_markdown(said)} {traced} "
        f"[{_markdown(source.outlet)}]({target})"
    )
    plain = f"{f'{label.upper()}. ' if label else ''}{said} {traced}"
    return [
        Copy("plain", "Plain text", plain),
        Copy("html", "HTML", html),
        Copy("markdown", "Markdown", markdown),
    ]


def _markdown(text: str) -> str:
    """Write text so that Markdown takes no sign in it for its own."""
    plain = re.sub(r"([\\`*_{}\[\]<>#|~!&])", r"\\\1", text)
    # At the beginning of a line “- ” and “1. ” would make a list.
    return re.sub(r"^(\s*\d*)([-+.)])(?=\s)", r"\1\\\2", plain)
