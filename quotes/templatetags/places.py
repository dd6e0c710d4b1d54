"""The places of the house, for the bar, the tabs, the jump box and the keyboard: one line each.

A place whose address does not exist yet, or that a person may not enter, is left out everywhere at once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.template import Context
from django.urls import NoReverseMatch, get_script_prefix, get_urlconf, reverse
from django.utils.safestring import SafeString

from quotes.templatetags.verbatim import drawn

register = template.Library()


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere to go.

    Args:
        name: its URL name.
        label: what it is called in the navigation.
        icon: a symbol of static/img/icons.svg, without ``i-``.
        key: the letter that follows G.
        inside: URL names of the pages that belong to it.
        right: the permission it needs, if any.
        bar: shown in the bar at the top (else only in the jump box).
        tab: shown in the tabs of a phone.
        unit: what the number beside it counts, read out behind it.
    """

    name: str
    label: str
    icon: str
    key: str
    inside: tuple[str, ...] = ()
    right: str = ""
    bar: bool = True
    tab: bool = True
    unit: str = "waiting"


# In the order of DESIGN.md; the letters are those of its keyboard map.
PLACES = (
    Place("search", "Search", "search", "h", inside=("statement", "quote"), unit="new in saved searches"),
    Place("verify", "Verify", "verify", "v", inside=("verify-quote",), right="quotes.add_check"),
    Place("desk", "Desk", "desk", "d"),
    Place("speakers", "Speakers", "user", "s", inside=("speaker", "speaker-merge", "speaker-undo")),
    Place("links", "Links", "map", "l", inside=("compare", "map", "link", "link-same", "link-new")),
    Place(
        "imports",
        "Import",
        "upload",
        "i",
        inside=("import", "import-new", "import-proposals"),
        right="quotes.import_quotes",
        tab=False,
    ),
    Place("figures", "Figures", "figures", "f", inside=("figure",), bar=False, tab=False),
    Place("articles", "Articles", "articles", "a", inside=("article", "steps"), bar=False, tab=False),
    Place("draft", "Check a draft", "draft", "c", bar=False, tab=False),
    Place("saved", "Saved searches", "bookmark", "b", bar=False, tab=False),
    Place(
        "duplicates", "Duplicate speakers", "same", "e", right="quotes.merge_speaker", bar=False, tab=False
    ),
    Place("activity", "Activity", "activity", "y", bar=False, tab=False),
)


@lru_cache(maxsize=256)
def _kept_address(name: str, prefix: str, urlconf: str) -> str:
    del prefix
    return reverse(name, urlconf=urlconf)


def address_of(name: str) -> str:
    """The address of a place, looked up once per process: every page asks for some thirty.

    Args:
        name: a URL name without arguments.

    Raises:
        NoReverseMatch: when there is no such page.
    """
    return _kept_address(name, get_script_prefix(), get_urlconf() or settings.ROOT_URLCONF)


def stop(place: Place, *, here: str, user: Any, waiting: dict[str, int]) -> dict[str, Any] | None:
    """Turn a place into what a template shows, or None when it is not open.

    Args:
        place: the place.
        here: the URL name of the page being shown.
        user: who is looking, or None.
        waiting: URL name to the number that waits there.
    """
    if place.right and not (user is not None and user.has_perm(place.right)):
        return None
    try:
        url = address_of(place.name)
    except NoReverseMatch:
        return None
    current = "page" if here == place.name else "true" if here in place.inside else ""
    return {
        "name": place.name,
        "label": place.label,
        "icon": place.icon,
        "key": place.key,
        "url": url,
        "current": current,
        "waiting": waiting.get(place.name, 0),
        "unit": place.unit,
        "bar": place.bar,
        "tab": place.tab,
    }


@register.simple_tag(takes_context=True)
def places(context: Context) -> list[dict[str, Any]]:
    """Give the places that are open to this person, in order.

    Reads ``request``, ``user`` and, when a view gives it, ``waiting`` (URL name to number) from the context.
    """
    match = getattr(context.get("request"), "resolver_match", None)
    here = getattr(match, "url_name", "") or ""
    user, waiting = context.get("user"), context.get("waiting") or {}
    stops = (stop(place, here=here, user=user, waiting=waiting) for place in PLACES)
    return [found for found in stops if found is not None]


@dataclass(frozen=True, slots=True)
class Stop:
    """What of a place is the same on every page: neither whether one is there nor what waits there."""

    label: str
    icon: str
    key: str
    url: str
    bar: bool


@register.simple_tag
def places_drawn(template_name: str, stops: Iterable[Mapping[str, Any]]) -> SafeString:
    """Include a list of the places that is the same on every page, drawn once per process and set of places.

    Args:
        template_name: a template that reads `stops`, and of each what Stop has.
        stops: from the tag places.
    """
    still = tuple(Stop(one["label"], one["icon"], one["key"], one["url"], one["bar"]) for one in stops)
    return drawn(template_name, stops=still)


@dataclass(frozen=True, slots=True)
class Reached(Stop):
    """A place as the navigation shows it: whether one is there, and what waits."""

    name: str
    tab: bool
    current: str
    waiting: int | str
    unit: str


@register.simple_tag
def places_reached(template_name: str, stops: Iterable[Mapping[str, Any]]) -> SafeString:
    """Include the navigation, drawn once per process, set of places, place where one is, and numbers that wait.

    Args:
        template_name: a template that reads `stops`, and of each what Reached has.
        stops: from the tag places.
    """
    return drawn(template_name, stops=tuple(Reached(**one) for one in stops))


@register.simple_tag
def address(name: str, *args: Any) -> str:
    """Give the address of a page that may not be there, or an empty string; ``{% url %}`` would fail.

    Args:
        name: a URL name.
        args: its positional arguments.
    """
    try:
        return reverse(name, args=args) if args else address_of(name)
    except NoReverseMatch:
        return ""
