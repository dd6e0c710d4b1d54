"""The look without a browser: contrast, the cascade, icons, and what every page of the gallery keeps."""

import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from django.conf import settings

from quotes.models import Link, Outlet, Speaker, Standing
from quotes.templatetags import places as places_tags
from quotes.templatetags import verbatim
from quotes.tests.house.findings import ROOT, files
from quotes.tests.look import gallery

CSS = ROOT / "static" / "css"

# --- Contrast (WCAG 2.2, 1.4.3 and 1.4.11) ---------------------------------------------------------------------------

_TOKEN = re.compile(r"--([\w-]+):\s*light-dark\((#[0-9a-fA-F]{6}),\s*(#[0-9a-fA-F]{6})\)")
STANDINGS = Standing.Value.values
TEXT = 4.5
SHAPE = 3.0
PAIRS = [
    *(
        (ink, ground, TEXT)
        for ink in ("ink", "ink-2", "ink-3", "accent")
        for ground in ("paper", "surface", "sunk")
    ),
    *((ink, "accent-soft", TEXT) for ink in ("accent", "ink", "ink-2", "ink-3")),
    *((ink, "mark", TEXT) for ink in ("mark-ink", "ink", "ink-2")),
    *((edge, ground, SHAPE) for edge in ("ctl-border", "focus") for ground in ("paper", "surface")),
    ("focus", "sunk", SHAPE),
    ("on-ink", "ink", TEXT),
    ("del-ink", "del", TEXT),
    ("ins-ink", "ins", TEXT),
    *(
        (f"st-{standing}", ground, TEXT)
        for standing in STANDINGS
        for ground in ("paper", "surface", "sunk", f"st-{standing}-soft")
    ),
]


def tokens() -> dict[str, tuple[str, str]]:
    """Colour tokens: name to light and dark; the first definition is the default one."""
    found: dict[str, tuple[str, str]] = {}
    for name, light, dark in _TOKEN.findall((CSS / "tokens.css").read_text()):
        found.setdefault(name, (light, dark))
    return found


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb, as WCAG 2.2 defines it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_computed_as_wcag_says():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize(("ink", "ground", "need"), PAIRS, ids=lambda value: str(value))
def test_every_pair_of_tokens_has_the_contrast_it_needs(ink, ground, need):
    known = tokens()
    for theme in (0, 1):
        assert contrast(known[ink][theme], known[ground][theme]) >= need


# --- Cascade and icons -----------------------------------------------------------------------------------------------


def top_level(css: str) -> list[str]:
    """What stands at the top of a sheet: statements, and the heads of blocks."""
    found, depth, text = [], 0, ""
    for mark in re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL):
        depth += {"{": 1, "}": -1}.get(mark, 0)
        if depth == 0 and mark in ";}":
            found.append(text.partition("{")[0].strip())
            text = ""
        else:
            text += mark
    return found


def test_the_order_of_the_layers_is_declared_once_and_every_rule_is_in_one():
    order = "@layer tokens, base, layout, components, words, utilities, print"
    heads = {
        path: top_level(text) for path, text in files("static/css/*.css") if not path.endswith("admin.css")
    }
    assert heads["static/css/tokens.css"][0] == order
    layers = {f"@layer {name.strip()}" for name in order.removeprefix("@layer ").split(",")}
    heads["static/css/tokens.css"].pop(0)
    for path, found in heads.items():
        assert found, path
        assert set(found) <= layers, path


def symbols() -> set[str]:
    tree = ElementTree.parse(ROOT / "static" / "img" / "icons.svg")  # noqa: S314  our own file
    return {element.attrib["id"].removeprefix("i-") for element in tree.iter() if "id" in element.attrib}


def test_every_standing_link_type_and_kind_of_outlet_has_an_icon():
    named = {*Standing.Value.values, *Link.Type.values, *Outlet.Kind.values}
    assert named - symbols() == set()


def test_every_icon_that_a_template_names_is_in_the_sprite():
    named = set()
    for _, text in files("templates/**/*.html", "quotes/tests/look/templates/**/*.html"):
        named |= set(re.findall(r"""\{% icon ["']([\w-]+)["']""", text))
        named |= set(re.findall(r"#i-([\w-]+)", text))
    named |= {place.icon for place in places_tags.PLACES}
    assert {"search", "close", "logo"} <= named
    assert named - symbols() == set()


def test_every_table_that_scrolls_sideways_is_reached_by_keyboard_and_has_a_name():
    for path in sorted((ROOT / "templates").rglob("*.html")):
        for box in re.findall(r"<[^>]*\btbl-wrap\b[^>]*>", path.read_text(encoding="utf-8")):
            assert re.search(r'tabindex="0" role="region" aria-label="[^"]+"', box), (path.name, box)


def test_no_two_standings_share_a_drawing_or_a_sentence():
    tree = ElementTree.parse(ROOT / "static" / "img" / "icons.svg")  # noqa: S314  our own file
    drawn = {
        element.attrib["id"]: "".join(child.attrib.get("d", str(child.attrib)) for child in element)
        for element in tree.iter()
        if element.attrib.get("id", "").removeprefix("i-") in STANDINGS
    }
    assert len(set(drawn.values())) == len(STANDINGS)
    assert set(verbatim.STANDING_MEANS) == set(STANDINGS)
    assert len(set(verbatim.STANDING_MEANS.values())) == len(STANDINGS)


def test_every_word_that_pages_are_made_of_has_its_sheet():
    for sheet in (
        *("search.css", "statements.css", "verify.css", "links.css", "speakers.css"),
        *("imports.css", "desk.css", "accounts.css", "charts.css"),
    ):
        assert "@layer " in (CSS / sheet).read_text()


def test_the_kinds_of_speakers_have_a_shape():
    css = (CSS / "components.css").read_text()
    for kind in Speaker.Kind.values:
        assert kind == "person" or f".av-{kind}" in css


def test_settings_name_the_templates_of_the_house():
    assert ROOT / "templates" in settings.TEMPLATES[0]["DIRS"]


# --- Pages of the gallery --------------------------------------------------------------------------------------------


class Ids(HTMLParser):
    """Collects ids, and what points at them."""

    def __init__(self):
        super().__init__()
        self.ids, self.pointers = [], []

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name == "id":
                self.ids.append(value)
            if name in {"for", "popovertarget", "aria-labelledby", "aria-describedby"}:
                self.pointers += (value or "").split()


@pytest.fixture(scope="module")
def shown_pages():
    return gallery.pages()


def test_every_page_has_unique_ids_and_points_at_none_that_is_missing(shown_pages):
    for address, html in shown_pages.items():
        reader = Ids()
        reader.feed(html)
        assert len(set(reader.ids)) == len(reader.ids), address
        assert set(reader.pointers) - set(reader.ids) == set(), address


def test_live_regions_are_there_before_anything_is_said(shown_pages):
    for address in ("/look/swaps/", "/accounts/login/"):
        html = shown_pages[address]
        assert '<div id="messages"' in html
        assert '<div id="said" role="status">' in html
        assert '<div id="warned" role="alert">' in html


def test_htmx_is_told_to_keep_nothing_and_to_evaluate_nothing(shown_pages):
    html = shown_pages["/look/"]
    for wanted in (
        *(
            '"historyCacheSize": 0',
            '"allowEval": false',
            '"allowScriptTags": false',
            '"selfRequestsOnly": true',
        ),
        *(
            '"includeIndicatorStyles": false',
            '"historyRestoreAsHxRequest": false',
            '"code": "401|409|422|423"',
        ),
    ):
        assert wanted in html


def test_a_row_carries_its_uid_and_standing_and_the_language_of_its_words(shown_pages):
    html = shown_pages["/look/list/"]
    assert 'data-uid="sample-quote" data-standing="in_review"' in html
    assert '<q lang="uk" dir="auto">' in html


@pytest.mark.parametrize(
    ("name", "context", "words"),
    [
        ("shared/history.html", gallery.GALLERY, "claimed it."),
        ("shared/person.html", {"user": gallery.ADA}, "Ada Moreau"),
        ("shared/share.html", {"part": 1, "whole": 4}, 'width="25.0%"'),
        ("shared/depth.html", {"depth": "primary"}, "Traced to the recording or document"),
        ("shared/depth.html", {"depth": "report", "short": True}, ">To a report we hold"),
        ("shared/rings.html", {"passes": 1, "needed": 2}, "1 of 2"),
        ("shared/kind.html", {"kind": "partial"}, "A word or two quoted"),
        ("shared/kind.html", {"kind": "indirect", "guard": True}, "do not put them in quotation marks"),
        ("shared/link_mark.html", {"type": "denies", "label": "Denies", "count": 2}, "Denies 2"),
        (
            "shared/chip.html",
            {"key": "outlet", "label": "FN News", "without": True},
            "Remove filter: not outlet",
        ),
        ("shared/pager.html", {"next_url": "?cursor=b", "target": "#results"}, 'hx-get="?cursor=b"'),
    ],
)
def test_a_part_says_what_it_was_given(name, context, words):
    assert words in gallery.render(name, context)


def test_a_paraphrase_is_warned_of_and_a_direct_quote_is_not():
    assert not gallery.render("shared/kind.html", {"kind": "direct", "guard": True}).strip()


def test_what_a_person_typed_is_escaped_everywhere():
    evil = "<img src=x onerror=alert(1)>"
    row = gallery.row(
        text=evil, speaker=evil, role=evil, flag=evil, topics=[evil], steps=[gallery.step(evil, "site")]
    )
    for name, context in (
        ("shared/quote_row.html", {"row": row}),
        ("shared/chain.html#list", {"steps": [gallery.step(evil, "site", what=evil)]}),
        ("shared/notice.html", {"title": evil, "text": evil}),
        (
            "shared/conflict.html",
            {"title": evil, "lines": [evil], "differences": [{"label": evil, "theirs": evil}]},
        ),
        ("shared/skeleton.html", {"rows": 1}),
    ):
        assert "<img" not in gallery.render(name, context)
