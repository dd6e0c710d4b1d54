"""Rules for templates, scripts and style sheets. Each takes (path, text) and yields (line, message)."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from .findings import Rule

Found = Iterator[tuple[int, str]]

# Attributes by which htmx sends a request; the others only shape one.
REQUESTS = {"hx-get", "hx-post", "hx-put", "hx-patch", "hx-delete"}
FIELDS = {"button", "input", "select", "textarea"}
DATA_BLOCKS = {"application/json", "application/ld+json"}

_COMMENT = re.compile(r"\{%\s*comment\b.*?%\}.*?\{%\s*endcomment\s*%\}|\{#.*?#\}|<!--.*?-->", re.DOTALL)
_TAG = re.compile(r"\{%.*?%\}", re.DOTALL)
_VALUE = re.compile(r"\{\{.*?\}\}", re.DOTALL)


def _blank(match: re.Match[str], filler: str) -> str:
    return re.sub(r"[^\n]", filler, match.group())


def plain(text: str) -> str:
    """Make a template readable as HTML: same length, same lines, tags as spaces, values as letters."""
    text = _COMMENT.sub(lambda match: _blank(match, " "), text)
    text = _TAG.sub(lambda match: _blank(match, " "), text)
    return _VALUE.sub(lambda match: _blank(match, "x"), text)


class Element:
    """A start tag with its attributes, its line, and the methods of the forms it stands in."""

    def __init__(self, tag: str, attributes: dict[str, str], line: int, forms: list[str]) -> None:
        self.tag, self.attributes, self.line, self.forms = tag, attributes, line, forms


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self.forms: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.elements.append(Element(tag, attributes, self.getpos()[0], list(self.forms)))
        if tag == "form":
            self.forms.append(attributes.get("method", "get").strip().lower())

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self.forms:
            self.forms.pop()


def elements(text: str) -> list[Element]:
    """Read the start tags of a template."""
    reader = _Reader()
    reader.feed(plain(text))
    reader.close()
    return reader.elements


def nothing_is_inline(path: str, text: str) -> Found:
    """No script, style or handler in the page: the content security policy would refuse it anyway."""
    for element in elements(text):
        attributes = element.attributes
        if element.tag == "script" and "src" not in attributes and attributes.get("type") not in DATA_BLOCKS:
            yield element.line, "inline <script>: put it in static/js/"
        if element.tag == "style":
            yield element.line, "inline <style>: put it in static/css/"
        for name, value in attributes.items():
            if name == "style":
                yield element.line, "style= attribute: use a class"
            elif re.fullmatch(r"on[a-z]+", name) or re.match(r"(data-)?hx-on", name):
                yield element.line, f"{name}= handler: listen in static/js/"
            elif value.strip().lower().startswith("javascript:"):
                yield element.line, f"javascript: in {name}="


def escaping_stays_on(path: str, text: str) -> Found:
    """No safe filter, no autoescape off."""
    for number, line in enumerate(text.splitlines(), start=1):
        for code in re.findall(r"\{\{.*?\}\}|\{%.*?%\}", line):
            if re.search(r"\|\s*safe(seq)?\b", code):
                yield number, "|safe switches escaping off"
            if re.search(r"autoescape\s+off", code):
                yield number, "autoescape off"


def htmx_sits_on_something_that_works_without_it(path: str, text: str) -> Found:
    """A request attribute needs a link with href, a form, or a field or button of a form."""
    for element in elements(text):
        named = {name.removeprefix("data-"): value for name, value in element.attributes.items()}
        for name in sorted(REQUESTS & named.keys()):
            trouble = _without_script(element, name)
            if trouble:
                yield element.line, f"{name} on <{element.tag}>: {trouble}"
        if "[" in named.get("hx-trigger", "") or "hx-vars" in named:
            yield element.line, "htmx would have to eval this, which is switched off"
        for name in ("hx-vals", "hx-headers"):
            if named.get(name, "").strip().startswith(("js:", "javascript:")):
                yield element.line, f"{name}=js: would have to eval, which is switched off"


def _without_script(element: Element, request: str) -> str:
    if request not in {"hx-get", "hx-post"}:
        return "no form or link can send that; use hx-post on a form"
    attributes = element.attributes
    if element.tag == "a":
        if request == "hx-post":
            return "a link changes nothing; use a form"
        return "" if attributes.get("href", "").strip("#") else "the link has no href"
    if element.tag == "form":
        posts = attributes.get("method", "get").strip().lower() == "post"
        return "" if posts == (request == "hx-post") else "the form's method says something else"
    if element.tag not in FIELDS:
        return "it does nothing without JavaScript; use a link or a form"
    if "form" in attributes:
        return ""
    if not element.forms:
        return "it stands in no form"
    method = attributes.get("formmethod", element.forms[-1]).strip().lower()
    if (method == "post") != (request == "hx-post"):
        return "the form's method says something else"
    return "type=button sends nothing without JavaScript" if attributes.get("type") == "button" else ""


def nothing_comes_from_elsewhere(path: str, text: str) -> Found:
    """Scripts, styles, fonts and pictures are our own: no third party learns who reads what."""
    for element in elements(text):
        loaded = [element.attributes.get("src", "")]
        if element.tag == "link":
            loaded.append(element.attributes.get("href", ""))
        if any(re.match(r"(https?:)?//", value.strip()) for value in loaded):
            yield element.line, f"<{element.tag}> loads from another host"


def scripts_build_no_markup_from_text(path: str, text: str) -> Found:
    """Scripts neither eval nor write markup: fragments come from the server, escaped."""
    risky = (
        r"\beval\(|new Function\(|document\.write|\.(inner|outer)HTML\s*\+?=|insertAdjacentHTML"
        r"|setAttribute\(.style"
    )
    for number, line in enumerate(text.splitlines(), start=1):
        match = re.search(risky, line)
        if match:
            yield number, f"{match.group()}: let the server send the markup"


def styles_load_nothing_from_elsewhere(path: str, text: str) -> Found:
    """Style sheets load from this host only."""
    for number, line in enumerate(text.splitlines(), start=1):
        if re.search(r"url\(\s*['\"]?(https?:)?//|@import\s+['\"](https?:)?//", line):
            yield number, "loads from another host"


def nothing_is_left_for_later(path: str, text: str) -> Found:
    """What ruff's FIX does for Python, for everything else."""
    for number, line in enumerate(text.splitlines(), start=1):
        if re.search(r"\b(TODO|FIXME|XXX|(?i:lorem ipsum))\b", line):
            yield number, "unfinished: do it, or file an issue"


TEMPLATE_RULES: list[Rule] = [
    nothing_is_inline,
    escaping_stays_on,
    htmx_sits_on_something_that_works_without_it,
    nothing_comes_from_elsewhere,
    nothing_is_left_for_later,
]
SCRIPT_RULES: list[Rule] = [scripts_build_no_markup_from_text, nothing_is_left_for_later]
STYLE_RULES: list[Rule] = [styles_load_nothing_from_elsewhere, nothing_is_left_for_later]
