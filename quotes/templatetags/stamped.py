"""Long lists of like lines: a line's template is drawn once per process and look, then its few texts are filled in."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.template import loader
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

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
    drawn = _form if settings.DEBUG else _kept_form  # an edited template is seen at once
    form = drawn(template_name, tuple(texts), tuple(look.items()))
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
