"""Long lists of like lines: a line's template is drawn once per process and look, then its few texts are filled in."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from html import escape as escaped
from typing import Any

from django import template
from django.conf import settings
from django.template import loader
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from quotes.search.rows import Mark, Step
from quotes.templatetags.verbatim import day, day_in, drawn, needs_marks

register = template.Library()

# Of the private use area: no text that was typed can be taken for a hole, because texts are filled in last.
_BEGIN, _END = "\ue000", "\ue001"

type Form = tuple[str, tuple[tuple[str, str], ...]]
"""What stands before the first hole, then each hole by name with what stands behind it."""


def _form(template_name: str, holes: tuple[str, ...], look: tuple[tuple[str, Any], ...]) -> Form:
    """The line with holes for its texts."""
    marks = {name: f"{_BEGIN}{name}{_END}" for name in holes}
    text = loader.render_to_string(template_name, {**dict(look), **marks}).strip()
    first, *others = text.split(_BEGIN)
    return first, tuple((name, behind) for name, _, behind in (other.partition(_END) for other in others))


_kept_form = lru_cache(maxsize=512)(_form)


def stamp(template_name: str, texts: dict[str, Any], look: dict[str, Any]) -> SafeString:
    """One line: its template with `look`, and `texts` escaped in the places where it prints them.

    Args:
        template_name: prints each of `texts` as it is, without a filter or a condition on it.
        texts: what differs from line to line; only what a template or an escaping function made is not escaped.
        look: few values of few kinds, which conditions of the template ask for.
    """
    of = _form if settings.DEBUG else _kept_form  # an edited template is seen at once
    first, others = of(template_name, tuple(texts), tuple(look.items()))
    parts = [first]
    for name, behind in others:
        text = texts[name]
        # A page has a thousand texts: Django's own format_html spends most of its time on asking what each of them is.
        parts.append(text if type(text) is SafeString else escaped(str(text)))
        parts.append(behind)
    return SafeString("".join(parts))  # house: a template of ours, every text in it escaped just above


def beside(glue: str, lines: Iterable[SafeString]) -> SafeString:
    """Put lines that are markup already one behind the other.

    Args:
        glue: a blank, a line break or nothing between them.
    """
    return SafeString(glue.join(lines))  # house: of lines that are safe, as their type says


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
        lines.append(stamp("search/facet_value.html", texts, look))
    return beside("\n", lines)


@register.simple_tag
def year_bars(bars: Iterable[Any]) -> SafeString:
    """The bars of the histogram, each a link that narrows the search to its time.

    Args:
        bars: of quotes.search.presenting.
    """
    return beside("", map(_bar, bars))


def _bar(bar: Any) -> SafeString:
    link = bool(bar.count or bar.chosen)
    texts = {"label": bar.label}
    if link:
        texts |= {"url": bar.url, "count": bar.count, "top": bar.top, "height": bar.height}
    return stamp("search/bar.html", texts, {"chosen": bar.chosen, "link": link, "one": bar.count == 1})


@register.simple_tag
def quote_rows(rows: Iterable[Any]) -> SafeString:
    """The rows of a list of quotes, one after the other.

    Args:
        rows: as shared/quote_row.html says.
    """
    language = get_language()
    return beside("\n", (_row(row, language) for row in rows))


@register.simple_tag
def quote_row(row: Any, selected: Any = False) -> SafeString:
    """One row of a list of quotes.

    A page has twenty-five: what rows have alike (marks, chains, portraits) is drawn once, what differs is filled in.

    Args:
        row: a dict or an object, as shared/quote_row.html says.
        selected: true for the row that is previewed.
    """
    return _row(row, get_language(), selected=bool(selected))


def _row(row: Any, language: str | None, *, selected: bool = False) -> SafeString:
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
        "day": said or _day(told, language),
        "chain": drawn(
            "shared/row_chain.html",
            steps=tuple(_step(one) for one in told("steps") or ()),
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
            links=tuple(_mark(one) for one in told("links") or ()),
        ),
    }
    look = {
        "selected": selected,
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


def _day(told: _Told, language: str | None) -> SafeString:
    value = told("said_on")
    if not value:
        return day(None, unknown="day not known")
    return day_in(value, told("said_on_precision") or "day", language)


def _step(one: Any) -> Step:
    if isinstance(one, Step):
        return one
    told = _Told(one)
    return Step(told("name"), bool(told("held")))


def _mark(one: Any) -> Mark:
    if isinstance(one, Mark):
        return one
    told = _Told(one)
    return Mark(told("type"), told("label"), told("count"))


class _Told:
    """What a row says, whether it is a dict or an object; an empty text for what it does not say."""

    def __init__(self, row: Any) -> None:
        self._row = row

    def __call__(self, name: str) -> Any:
        found = self._row.get(name) if isinstance(self._row, dict) else getattr(self._row, name, None)
        return "" if found is None else found
