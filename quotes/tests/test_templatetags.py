"""How records are worded and marked in templates, and which places the navigation shows."""

import datetime as dt
from types import SimpleNamespace

import pytest
from django.template import Context
from django.test import RequestFactory

from quotes.models import Outlet, Quote
from quotes.templatetags import places as places_tags
from quotes.templatetags import verbatim
from quotes.tests.look import gallery

# --- Words -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "kind", "letters"),
    [
        ("Volodymyr Zelenskyy", "person", "VZ"),
        ("Ursula von der Leyen", "person", "UL"),
        ("Xi", "person", "X"),
        ("The Kremlin", "institution", "K"),
        ("CSIS", "document", "CS"),
        ("National Security and Defense Council", "office", "NS"),
        ("“Some research institutes”", "unnamed", "?"),
        ("젤렌스키", "person", "젤"),
        ("Володимир Зеленський", "person", "ВЗ"),
        ("verifier2", "person", "V2"),
        ("…", "person", "?"),
    ],
)
def test_initials_are_those_an_editor_would_write(name, kind, letters):
    assert verbatim.initials(name, kind) == letters


@pytest.mark.parametrize(
    ("text", "kind", "marks"),
    [
        ("If we lose", "direct", True),
        ("productive", "partial", True),
        ("About 55,000", "indirect", False),
        ("were “productive”", "mixed", False),
        ("“If we lose”", "direct", False),
        ("«Якщо»", "direct", False),
    ],
)
def test_a_paraphrase_never_gets_quotation_marks_and_a_quotation_gets_one_pair(text, kind, marks):
    assert verbatim.needs_marks(text, kind) is marks
    assert verbatim.hangs(text, kind) == (" hang" if marks else "")


def test_a_mark_drawn_once_is_the_same_as_one_included_and_is_not_mixed_up_with_another():
    for kind in Quote.Kind.values:
        assert verbatim.drawn("shared/kind.html", kind=kind) == gallery.render(
            "shared/kind.html", {"kind": kind}
        )
    evil = verbatim.drawn("shared/avatar.html", name="<b>", kind="staff")
    assert "<b>" not in evil
    assert verbatim.drawn("shared/rings.html", passes=1, needed=2) != verbatim.drawn(
        "shared/rings.html", passes=2, needed=2
    )


@pytest.mark.parametrize("kind", Quote.Kind.values)
def test_the_words_carry_their_language_and_marks_only_when_they_are_the_speakers(kind):
    html = gallery.render("shared/words.html", {"text": "lose", "kind": kind, "language": "uk"})
    tag = "q" if kind in {"direct", "partial"} else "span"
    assert html.strip() == f'<{tag} lang="uk" dir="auto">lose</{tag}>'


def test_every_kind_of_quote_has_a_word_and_a_warning():
    assert set(verbatim.KINDS) == set(Quote.Kind.values)


@pytest.mark.parametrize(
    ("value", "precision", "shown"),
    [
        (dt.date(2026, 2, 4), "day", '<time datetime="2026-02-04">4 Feb 2026</time>'),
        (dt.date(2026, 2, 1), "month", '<time datetime="2026-02">Feb 2026</time>'),
        (dt.date(987, 1, 1), "year", '<time datetime="0987">0987</time>'),
        (None, None, '<span class="dim">not known</span>'),
    ],
)
def test_a_date_is_shown_as_precisely_as_it_is_known(value, precision, shown):
    assert verbatim.day(value, precision) == shown


def test_a_time_is_absolute_and_in_the_zone_of_the_site(settings):
    settings.TIME_ZONE = "Europe/Kyiv"
    noon = dt.datetime(2026, 2, 5, 10, 19, tzinfo=dt.UTC)
    assert verbatim.moment(noon) == '<time datetime="2026-02-05T10:19:00+00:00">5 Feb 2026, 12:19</time>'
    assert "not known" in verbatim.moment(None)


def test_a_chain_is_drawn_from_its_root_and_only_a_capture_counts_as_held():
    france = SimpleNamespace(outlet=Outlet(name="France 2", kind="broadcaster"), as_printed="France 2")
    media = SimpleNamespace(outlet=None, as_printed="Ukrainian media")
    article = SimpleNamespace(
        outlet=Outlet(name="FN News", kind="newspaper"), url="https://e.org/", published_at=None
    )
    quote = SimpleNamespace(chain=[media, france], article=article, capture_id=None)
    steps = verbatim.chain_steps(quote)
    assert [step["name"] for step in steps] == ["France 2", "Ukrainian media", "FN News"]
    assert not any(step["held"] for step in steps)
    quote.capture_id = 3
    assert [step["held"] for step in verbatim.chain_steps(quote)] == [False, False, True]


@pytest.mark.parametrize(
    ("part", "whole", "width"), [(14, 14, "100.0"), (1, 3, "33.3"), (5, 0, "0.0"), (9, 3, "100.0")]
)
def test_a_share_is_never_wider_than_the_whole(part, whole, width):
    assert verbatim.share(part, whole) == width


def test_an_account_is_named_by_what_it_may_do():
    rights = ("quotes.add_quote",)
    assert verbatim.rung(gallery.Person("a", "A")) == "Reader"
    assert verbatim.rung(gallery.Person("a", "A", rights=rights)) == "Reporter"
    assert verbatim.rung(gallery.Person("a", "A", rights=(*rights, "quotes.add_check"))) == "Verifier"
    assert verbatim.rung(gallery.Person("a", "A", is_staff=True)) == "Curator"
    assert verbatim.rung(gallery.Person("a", "A", is_staff=True, is_superuser=True)) == "Administrator"
    assert verbatim.person_name(gallery.Person("ada", "")) == "ada"


def test_a_qr_code_is_drawn_in_the_page_and_loads_nothing():
    drawn = verbatim.qr("otpauth://totp/Verbatim:ada?secret=ABC")
    assert drawn.startswith('<svg class="qr"')
    assert "data:" not in drawn
    assert drawn.count("h1v1h-1z") > 200


def test_each_form_gets_a_key_of_its_own():
    assert verbatim.idempotency_key() != verbatim.idempotency_key()


# --- Places ----------------------------------------------------------------------------------------------------------


def shown_places(url_name="search", user=gallery.ADA, **more):
    request = RequestFactory().get("/")
    request.resolver_match = SimpleNamespace(url_name=url_name)
    return {
        stop["name"]: stop for stop in places_tags.places(Context({"request": request, "user": user, **more}))
    }


def test_a_place_without_an_address_is_not_shown():
    missing = places_tags.Place("no-such-page", "Nowhere", "search", "n")
    assert places_tags.stop(missing, here="", user=gallery.ADA, waiting={}) is None
    assert places_tags.address("no-such-page") == ""


def test_a_place_is_not_shown_to_those_who_may_not_enter(monkeypatch):
    closed = places_tags.Place("preferences", "Closed", "lock", "c", right="quotes.import_quotes")
    monkeypatch.setattr(places_tags, "PLACES", (closed,))
    assert shown_places()
    assert not shown_places(user=gallery.Person("r", "R"))
    assert not shown_places(user=None)


def test_the_place_one_is_in_is_marked(monkeypatch):
    place = places_tags.Place("preferences", "Here", "lock", "c", inside=("detail",))
    monkeypatch.setattr(places_tags, "PLACES", (place,))
    assert shown_places("preferences")["preferences"]["current"] == "page"
    assert shown_places("detail")["preferences"]["current"] == "true"
    assert shown_places("elsewhere")["preferences"]["current"] == ""
    assert shown_places(waiting={"preferences": 3})["preferences"]["waiting"] == 3


def test_no_two_places_share_a_letter():
    letters = [place.key for place in places_tags.PLACES]
    assert len(set(letters)) == len(letters)
