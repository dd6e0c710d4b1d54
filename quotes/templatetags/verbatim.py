"""How the records are worded and marked in templates: icons, initials, standings, dates, quotation marks."""

import datetime as dt
import re
import uuid
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import qrcode  # type: ignore[import-untyped]
from django import template
from django.conf import settings
from django.template import Context, loader
from django.templatetags.static import static
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from quotes.models import Standing

register = template.Library()

# --- Marks -------------------------------------------------------------------------------------------------------


@register.simple_tag
@lru_cache(maxsize=512)
def icon(name: str, classes: str = "") -> SafeString:
    """Draw a symbol of static/img/icons.svg; the words beside it say what it means, so it is hidden from readers.

    Drawn once per process: a page of results has some sixty, and the address of the sprite does not change.

    Args:
        name: the symbol, without ``i-``.
        classes: more CSS classes, for example ``st-verified``.
    """
    return format_html(
        '<svg class="{}" aria-hidden="true" focusable="false"><use href="{}#i-{}"/></svg>',
        f"i {classes}".rstrip(),
        static("img/icons.svg"),
        name,
    )


@lru_cache(maxsize=16_384)
def _drawn(template_name: str, *values: tuple[str, Any]) -> SafeString:
    return loader.render_to_string(template_name, dict(values))


@register.simple_tag
def drawn(template_name: str, **values: Any) -> SafeString:
    """Include a part whose look depends on a few plain values alone, drawn once per process and set of values.

    For the marks in long lists: a row of results has six, and there are some dozens of different ones in all.

    Args:
        template_name: a template under shared/.
        values: everything it reads, as plain text, numbers and booleans.
    """
    if settings.DEBUG:  # an edited template is seen at once
        return loader.render_to_string(template_name, values)
    return _drawn(template_name, *values.items())


@register.simple_tag
def kbd(*keys: str) -> SafeString:
    """Print keys as a hint for the eye; scripts read ``data-key`` and ``data-go``, not this."""
    return format_html_join("", '<kbd aria-hidden="true">{}</kbd>', ((key,) for key in keys))


@register.simple_tag
def qr(text: str) -> SafeString:
    """Draw a QR code in the page itself: the policy for pictures allows no data: address.

    Args:
        text: what it holds, at most some 2,900 characters (ISO 18004, version 40, level L).
    """
    code = qrcode.QRCode(border=4)
    code.add_data(text)
    rows = code.get_matrix()
    dots = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark)
    return format_html(
        '<svg class="qr" viewBox="0 0 {0} {0}" role="img" aria-label="QR code of the same secret">'
        '<path d="{1}"/></svg>',
        len(rows),
        dots,
    )


# Little words that are no part of initials: The Kremlin is K, Ursula von der Leyen is UL.
_LITTLE = {
    "the",
    "a",
    "an",
    "of",
    "and",
    "for",
    "in",
    "de",
    "der",
    "den",
    "di",
    "da",
    "du",
    "van",
    "von",
    "al",
    "el",
}


@register.filter
def initials(name: str, kind: str = "person") -> str:
    """Make the one or two letters in a portrait.

    Args:
        name: the name as shown.
        kind: a kind of speaker; an unnamed source is always ``?``.

    Returns:
        First and last word for people, the first two for the others; two letters of an acronym.
    """
    if kind == "unnamed":
        return "?"
    words = [word for word in re.findall(r"\w+", str(name)) if word]
    words = [word for word in words if word.lower() not in _LITTLE] or words
    if not words:
        return "?"
    if len(words) == 1:
        word = words[0]
        last = word[-1] if word[-1].isdigit() and len(word) > 1 else ""
        return word[:2] if word.isupper() and len(word) <= 6 else word[0].upper() + last
    second = words[-1] if kind == "person" else words[1]
    return (words[0][0] + second[0]).upper()


@register.filter
def person_name(user: Any) -> str:
    """Name a colleague: the full name, else the account's name."""
    return str(user.get_full_name() or user.get_username())


# From the most to the least: what an account may do, asked as rights and never as names of groups.
_RUNGS = (("quotes.add_check", "Verifier"), ("quotes.add_quote", "Reporter"))


@register.filter
def rung(user: Any) -> str:
    """Say in one word what an account may do (PRODUCT.md §6)."""
    if user.is_superuser:
        return "Administrator"
    if user.is_staff:
        return "Curator"
    return next((word for right, word in _RUNGS if user.has_perm(right)), "Reader")


@register.simple_tag
def share(part: float, whole: float) -> str:
    """Give a part of a whole in per cent with one decimal, for the width of a bar; at most 100."""
    return f"{min(100.0, 100 * float(part) / float(whole)) if whole else 0:.1f}"


@register.filter
def words(text: str) -> list[str]:
    """Split at spaces, for a short fixed list in a template."""
    return text.split()


@register.filter
def up_to(number: int | None) -> range:
    """Count from 0 to below a number, for drawing that many things; nothing for None."""
    return range(int(number or 0))


# --- Words -------------------------------------------------------------------------------------------------------

STANDING_MEANS = {
    "unchecked": "Nobody has checked it yet.",
    "in_review": "Claimed by a checker, or partly checked.",
    "verified": "Different people confirmed that the speaker said it. It does not say that it is true.",
    "disputed": "Wording, speaker, date or figure is contested.",
    "misattributed": "Real words, wrong speaker.",
    "retracted": "Withdrawn. Kept for the record, never to be published.",
    "stale": "Changed after it was checked. It has to be checked again.",
}


@register.filter
def standing_word(value: str) -> str:
    """Name a standing as people read it: ``in_review`` is “In review”."""
    return str(Standing.Value(value).label)


@register.filter
def standing_means(value: str) -> str:
    """Explain a standing in one sentence."""
    return STANDING_MEANS[value]


@register.filter
def depth_words(value: str) -> str:
    """Say how far back words were traced (PRODUCT.md §8), as the end of a sentence."""
    return str(Standing.Depth(value).label)


# Kind of a quote: what its mark says, and what the mark warns of.
KINDS = {
    "direct": ("Direct quote", "The speaker’s own words."),
    "indirect": ("Paraphrase", "The reporter’s words: do not put them in quotation marks."),
    "mixed": ("Part quoted", "Only the words in quotation marks are the speaker’s own."),
    "partial": ("A word or two quoted", "Only these words are the speaker’s own; the sentence is not."),
}


@register.filter
def kind_word(kind: str) -> str:
    """Name a kind of quote."""
    return KINDS[kind][0]


@register.filter
def kind_means(kind: str) -> str:
    """Say whose words a kind of quote holds."""
    return KINDS[kind][1]


_OPENING = tuple('“”„«‹「『"')


@register.filter
def needs_marks(text: str, kind: str) -> bool:
    """True when quotation marks are drawn round the text: it is the speaker's own and brings none itself.

    Args:
        text: the words as kept.
        kind: the kind of the quote.
    """
    return kind in {"direct", "partial"} and not str(text).lstrip().startswith(_OPENING)


@register.filter
def hangs(text: str, kind: str) -> str:
    """Give the class by which the opening mark of a quotation hangs in the margin, or nothing."""
    return " hang" if needs_marks(text, kind) else ""


# Precision: how it is shown, and how much of the ISO form it keeps.
_PATTERNS = {"day": ("j M Y", 10), "month": ("M Y", 7), "year": ("Y", 4)}


@register.simple_tag
def day(value: dt.date | None, precision: str | None = "day", unknown: str = "not known") -> SafeString:
    """Show a date as precisely as it is known, and “not known” when it is not (PRODUCT.md §2).

    Args:
        value: the date; a month or a year is kept as its first day.
        precision: ``day``, ``month`` or ``year``.
        unknown: what stands for a missing date.
    """
    if value is None:
        return format_html('<span class="dim">{}</span>', unknown)
    return day_in(value, precision or "day", get_language())


@lru_cache(maxsize=8192)
def day_in(value: dt.date, precision: str, language: str | None) -> SafeString:
    """As `day`, in a language that is known: who shows many days asks for it once."""
    del language  # the names of the months are in it
    shown, length = _PATTERNS[precision]
    stamp = value.isoformat()[:length]
    return format_html('<time datetime="{}">{}</time>', stamp, format_date(value, shown))


@register.simple_tag
def moment(value: dt.datetime | None, unknown: str = "not known") -> SafeString:
    """Show a time of day with its date in the zone of the site; absolute, never “two hours ago”.

    Args:
        value: an aware time.
        unknown: what stands for a missing time.
    """
    if value is None:
        return format_html('<span class="dim">{}</span>', unknown)
    local = timezone.localtime(value)
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), format_date(local, "j M Y, H:i"))


@register.filter
def chain_steps(quote: Any) -> list[dict[str, Any]]:
    """Lay out a quote's way from its root to us, for shared/chain.html.

    Args:
        quote: with ``chain`` (relays, nearest to the article first) and ``article`` with its outlet.

    Returns:
        One step for every relay, the root first, then the article. Only the article can be held: it is when the
        quote points at a capture of it.
    """
    steps = [
        {
            "name": str(relay.outlet) if relay.outlet else relay.as_printed,
            "kind": relay.outlet.kind if relay.outlet else "",
            "as_printed": relay.as_printed,
            "held": False,
        }
        for relay in reversed(quote.chain)
    ]
    article = quote.article
    steps.append(
        {
            "name": str(article.outlet),
            "kind": article.outlet.kind,
            "held": quote.capture_id is not None,
            "url": article.url,
            "at": article.published_at,
        }
    )
    return steps


# --- The page ----------------------------------------------------------------------------------------------------

# Cookie to the values it may have, the first being the default (quotes.views.preferences sets them).
LOOKS = {
    "theme": ("system", "light", "dark"),
    "keys": ("on", "off"),
    "density": ("comfortable", "compact"),
    # In which language one likes to read reports (“cite this instead”); else what the browser asks for.
    "reads": ("browser", "en", "uk", "ru", "fr", "de", "ko"),
}


def chosen_looks(cookies: Mapping[str, str]) -> dict[str, str]:
    """Read what was chosen in a browser from its cookies; anything unknown counts as the default."""
    return {
        name: value if (value := cookies.get(name)) in values else values[0] for name, values in LOOKS.items()
    }


@register.simple_tag(takes_context=True)
def looks(context: Context) -> dict[str, str]:
    """Give theme, keys and density as chosen in this browser."""
    return chosen_looks(getattr(context.get("request"), "COOKIES", {}))


_TONES = {"success": "ok", "warning": "warn", "error": "err"}


@register.filter
def tone(level_tag: str) -> str:
    """Turn the level of one of Django's messages into the tone of a toast; plain for the rest."""
    return _TONES.get(level_tag, "")


@register.simple_tag
def idempotency_key() -> SafeString:
    """Give a form the key by which pressing twice happens once (PRODUCT.md §8)."""
    return format_html('<input type="hidden" name="idempotency_key" value="{}">', uuid.uuid4().hex)
