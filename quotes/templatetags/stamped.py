"""Long lists of like lines: a line's template is drawn once per process and look, then its few texts are filled in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.template import loader
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from quotes.templatetags.verbatim import day, drawn, needs_marks

register = template.Library()

# Of the private use area: no text that was typed can be taken for a hole, because texts are filled in last.
_BEGIN, _END = "\ue000", "\ue001"


def _form(template_name: str, holes: tuple[str, ...], look: tuple[tuple[str, Any], ...]) -> str:
    """The line as a text for format_html, with its holes by name."""
    marks = {name: f"{_BEGIN}{name}{_END}" for name in holes}
    text = loader.render_to_string(template_name, {**dict(look), **marks}).strip()
    text = text.replace("{", "{{").replace("}", "}}")
    for name, mark in marks.items():
        text = text.replace(mark, f"{{{name}}}")
    return text


_kept_form = lru_cache(maxsize=512)(_form)


def stamp(template_name: str, texts: dict[str, Any], look: dict[str, Any]) -> SafeString:
    """One line: its template with `look`, and `texts` escaped in the places where it prints them.

    Args:
        template_name: prints each of `texts` as it is, without a filter or a condition on it.
        texts: what differs from line to line.
        look: few values of few kinds, which conditions of the template ask for.
    """
    of = _form if settings.DEBUG else _kept_form  # an edited template is seen at once
    form = of(template_name, tuple(texts), tuple(look.items()))
    return format_html(form, **texts)  # house: a template of ours; texts are escaped as they are filled in


@register.simple_tag
def facet_values(name: str, choices: Iterable[Any]) -> SafeString:
    """The values of one facet, each to be chosen or left out, with its number.

    Args:
        name: the facet.
        choices: of quotes.search.presenting.
    """
    lines = []
    for choice in choices:
        option = choice.option
        texts = {
            "url": choice.url,
            "without_url": choice.without_url,
            "value": option.value,
            "label": option.label,
            "counted": option.counted,
        }
        look = {
            "name": name,
            "chosen": option.chosen,
            "excluded": option.excluded,
            "zero": not option.count,
            "exact": option.exact,
            "standing": option.value if name == "standing" else "",
        }
        lines.append((stamp("search/facet_value.html", texts, look),))
    return format_html_join("\n", "{}", lines)


@register.simple_tag
def year_bars(bars: Iterable[Any]) -> SafeString:
    """The bars of the histogram, each a link that narrows the search to its time.

    Args:
        bars: of quotes.search.presenting.
    """
    return format_html_join("", "{}", ((_bar(bar),) for bar in bars))


def _bar(bar: Any) -> SafeString:
    link = bool(bar.count or bar.chosen)
    texts = {"label": bar.label}
    if link:
        texts |= {"url": bar.url, "count": bar.count, "top": bar.top, "height": bar.height}
    return stamp("search/bar.html", texts, {"chosen": bar.chosen, "link": link, "one": bar.count == 1})


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a chain as a row shows it."""

    name: str
    held: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """A kind of link as a row shows it."""

    type: str
    label: str
    count: int


@register.simple_tag
def quote_rows(rows: Iterable[Any]) -> SafeString:
    """The rows of a list of quotes, one after the other.

    Args:
        rows: as shared/quote_row.html says.
    """
    return format_html_join("\n", "{}", ((quote_row(row),) for row in rows))


@register.simple_tag
def quote_row(row: Any, selected: Any = False) -> SafeString:
    """One row of a list of quotes.

    A page has twenty-five: what rows have alike (marks, chains, portraits) is drawn once, what differs is filled in.

    Args:
        row: a dict or an object, as shared/quote_row.html says.
        selected: true for the row that is previewed.
    """
    told = _Told(row)
    text, kind, standing = told("text"), told("kind"), told("standing")
    said = told("said")
    texts = {
        "uid": told("uid"),
        "url": told("url"),
        "language": told("language") or "und",
        "words": told("html") or text,
        "who": _who(told),
        "kind_mark": drawn("shared/kind.html", kind=kind),
        "day": said or day(told("said_on") or None, told("said_on_precision") or None, "day not known"),
        "chain": drawn(
            "shared/row_chain.html",
            steps=tuple(Step(one("name"), bool(one("held"))) for one in told.all("steps")),
            reports=told("reports"),
            roots=told("roots"),
            topics=tuple(told("topics")),
        ),
        "marks": drawn(
            "shared/row_marks.html",
            standing=standing,
            depth=told("depth"),
            passes=told("passes"),
            needed=told("needed"),
            adverse=tuple(told("adverse")),
            flag=told("flag"),
            links=tuple(Mark(one("type"), one("label"), one("count")) for one in told.all("links")),
        ),
    }
    look = {
        "selected": bool(selected),
        "standing": standing,
        "own_words": needs_marks(text, kind),
    }
    return stamp("shared/row_shell.html", texts, look)


def _who(told: _Told) -> str | SafeString:
    name = told("speaker")
    if not name:
        return ""
    texts = {
        "avatar": drawn("shared/avatar.html", name=name, kind=told("speaker_kind"), size="sm"),
        "cue": told("cue"),
        "who": told("speaker_html") or name,
        "role": told("role"),
    }
    return stamp(
        "shared/row_who.html", texts, {"has_cue": bool(texts["cue"]), "has_role": bool(texts["role"])}
    )


class _Told:
    """What a row says, whether it is a dict or an object; an empty text for what it does not say."""

    def __init__(self, row: Any) -> None:
        self._row = row

    def __call__(self, name: str) -> Any:
        found = self._row.get(name) if isinstance(self._row, dict) else getattr(self._row, name, None)
        return "" if found is None else found

    def all(self, name: str) -> list[_Told]:
        """What it says of each of several."""
        return [_Told(one) for one in self(name) or ()]
