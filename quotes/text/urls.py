"""Web addresses: only http and https, and one spelling of each (PRODUCT.md §2, TRUST.md S8).

Browsers repair broken addresses, each in its own way, and a repaired address may lead elsewhere than the one
that was checked. So nothing is repaired here: what needs guessing is refused with a reason.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata

LONGEST = 2000
"""Characters of an address that the records keep."""

_SURELY_SHORT = 250  # no longer than a host may be

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*(?=:)")
_WEB = re.compile(r"(?P<scheme>https?)://(?P<authority>[^/?#]*)(?P<path>[^?#]*)(?:\?(?P<query>[^#]*))?", re.I)
# Most addresses are canonical at a glance: small letters, a name that is no number, no dot segment, no query.
_PLAINLY_CANONICAL = re.compile(
    r"https?://(?:(?!xn--)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?!xn--)[a-z]{2,63}(?:/(?!\.)[A-Za-z0-9._~-]*)+"
)
_DEFAULT_PORTS = {"http": 80, "https": 443}
_DOTS = re.compile("[\u3002\uff0e\uff61]")  # full stops that IDNA takes for a dot
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_LOOKS_LIKE_A_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_KEPT_IN_PATH = _UNRESERVED | frozenset("!$&'()*+,;=:@/")
_KEPT_IN_QUERY = _KEPT_IN_PATH | frozenset("?")

# What senders of newsletters, social networks and advertisers append; no site chooses a page by these.
_TRACKING = frozenset(
    "fbclid gclid gclsrc dclid gbraid wbraid msclkid yclid ysclid twclid ttclid li_fat_id mc_cid mc_eid igshid igsh "
    "_ga _gl _openstat ref_src ref_url vero_id mkt_tok oly_anon_id oly_enc_id _hsenc _hsmi hsctatracking wickedid "
    "at_campaign at_medium at_custom1 at_custom2 at_custom3 at_custom4 spm_id_from srsltid".split()
)
_TRACKING_PREFIX = "utm_"


class NotAWebAddress(ValueError):
    """An address that is not stored; the message says what was found and what was expected."""


def canonical_url(url: str) -> str:
    """The one spelling of a web address.

    Scheme and host in lower case, the host in its IDNA form, without user, default port, fragment and tracking
    parameters; dot segments resolved; escapes in capitals, and none for letters that need none.

    Raises NotAWebAddress for anything but http and https with a host, for spaces and control characters,
    backslashes, user names, hosts that need guessing (``0x7f.1``, ``%65xample.org``) and more than 2,000 characters.
    """
    if len(url) <= _SURELY_SHORT and _PLAINLY_CANONICAL.fullmatch(url):
        return url
    return _canonical(url)


def _canonical(url: str) -> str:
    if len(url) > LONGEST:
        raise NotAWebAddress(f"is {len(url)} characters long, expected at most {LONGEST}")
    for index, char in enumerate(url):
        if char.isspace() or unicodedata.category(char).startswith("C"):
            raise NotAWebAddress(
                f"has a space or an invisible character (U+{ord(char):04X}) at character {index + 1}"
            )
    if "\\" in url:
        raise NotAWebAddress("has a backslash, which browsers read as a slash")
    parts = _WEB.match(url)
    if not parts:
        scheme = _SCHEME.match(url)
        found = f"{scheme[0].lower()}:" if scheme else "no scheme"
        raise NotAWebAddress(f"begins with {found}, expected http:// or https://")
    scheme_name = parts["scheme"].lower()
    host = _authority(parts["authority"], _DEFAULT_PORTS[scheme_name])
    path = _without_dot_segments(_escaped(parts["path"] or "/", _KEPT_IN_PATH))
    query = "&".join(
        pair for pair in _escaped(parts["query"] or "", _KEPT_IN_QUERY).split("&") if not _is_tracking(pair)
    )
    canonical = f"{scheme_name}://{host}{path}" + (f"?{query}" if query else "")
    if len(canonical) > LONGEST:
        raise NotAWebAddress(
            f"is {len(canonical)} characters long with its escapes, expected at most {LONGEST}"
        )
    return canonical


def is_canonical(url: str) -> bool:
    """Whether ``url`` is a web address in its canonical spelling."""
    try:
        return canonical_url(url) == url
    except NotAWebAddress:
        return False


def is_web_address(url: str) -> bool:
    """Whether ``url`` is safe to store and to link to: http or https, in whatever spelling."""
    try:
        canonical_url(url)
    except NotAWebAddress:
        return False
    return True


def domain_of(url: str) -> str:
    """The host of a web address, in its canonical form. Raises NotAWebAddress."""
    host = canonical_url(url).split("/", 3)[2]
    return host if host.startswith("[") else host.split(":", 1)[0]


def _authority(authority: str, default_port: int) -> str:
    if "@" in authority:
        raise NotAWebAddress("has a user name before an @, which hides where it leads")
    if not authority:
        raise NotAWebAddress("has no host")
    if authority.startswith("["):
        host, bracket, rest = authority[1:].partition("]")
        try:
            address = ipaddress.IPv6Address(host)
        except ValueError:
            address = None
        if not bracket or address is None or address.scope_id or rest[:1] not in ("", ":"):
            raise NotAWebAddress(f"has the host {authority[:80]}, which is no IPv6 address")
        name, port = f"[{address.compressed}]", rest[1:]
    else:
        host, _, port = authority.partition(":")
        name = _host(host)
    if not port:
        return name
    if not re.fullmatch(r"[0-9]{1,5}", port) or int(port) > 65535:
        raise NotAWebAddress(f"has the port {port[:20]}, expected a number up to 65535")
    return name if int(port) == default_port else f"{name}:{int(port)}"


def _host(host: str) -> str:
    if "%" in host:
        raise NotAWebAddress("has an escape in its host, which hides where it leads")
    labels = _DOTS.sub(".", host).split(".")
    if len(labels) > 1 and not labels[-1]:
        labels.pop()  # the root of the tree of names, which people leave out
    ascii_labels = [_label(label, host) for label in labels]
    name = ".".join(ascii_labels)
    if len(name) > 253:
        raise NotAWebAddress(f"has a host of {len(name)} characters, expected at most 253")
    if _LOOKS_LIKE_A_NUMBER.fullmatch(ascii_labels[-1]):
        try:
            return str(ipaddress.IPv4Address(name))
        except ValueError:
            raise NotAWebAddress(f"has the host {host[:80]}, which is no IPv4 address") from None
    return name


def _label(label: str, host: str) -> str:
    if not label.isascii():
        label = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", label).lower())
        if any(
            not (char.isalnum() or unicodedata.category(char) in ("Mn", "Mc") or char == "-")
            for char in label
        ):
            raise NotAWebAddress(f"has the host {host[:80]}, with a character that no host may have")
        if not label.isascii():
            label = f"xn--{label.encode('punycode').decode('ascii')}"
    label = label.lower()
    if label.startswith("xn--"):
        _check_punycode(label, host)
    if not _LABEL.fullmatch(label):
        raise NotAWebAddress(f"has the host {host[:80]!r}, which is no host name")
    return label


def _check_punycode(label: str, host: str) -> None:
    try:
        shown = label[4:].encode("ascii").decode("punycode")
        back = shown.encode("punycode").decode("ascii")
    except (UnicodeError, OverflowError, ValueError):
        shown, back = "", ""
    usual = unicodedata.normalize("NFKC", shown).lower()
    if not shown or shown.isascii() or back != label[4:] or usual != shown:
        raise NotAWebAddress(f"has the host {host[:80]}, whose encoded part {label[:40]} is broken")
    if any(
        not (char.isalnum() or unicodedata.category(char) in ("Mn", "Mc") or char == "-") for char in shown
    ):
        raise NotAWebAddress(f"has the host {host[:80]}, with a character that no host may have")


def _escaped(text: str, kept: frozenset[str]) -> str:
    pieces: list[str] = []
    position = 0
    for escape in _ESCAPE.finditer(text):
        pieces.append(_escape(text[position : escape.start()], kept))
        char = chr(int(escape[1], 16))
        pieces.append(char if char in _UNRESERVED else f"%{escape[1].upper()}")
        position = escape.end()
    pieces.append(_escape(text[position:], kept))
    return "".join(pieces)


def _escape(text: str, kept: frozenset[str]) -> str:
    return "".join(
        char if char in kept else "".join(f"%{byte:02X}" for byte in char.encode("utf-8")) for char in text
    )


def _without_dot_segments(path: str) -> str:
    """RFC 3986 §5.2.4, for a path that begins with a slash."""
    kept: list[str] = []
    segments = path.split("/")[1:]
    for index, segment in enumerate(segments):
        is_last = index == len(segments) - 1
        if segment == "..":
            if kept:
                kept.pop()
            if is_last:
                kept.append("")
        elif segment == ".":
            if is_last:
                kept.append("")
        else:
            kept.append(segment)
    return "/" + "/".join(kept)


def _is_tracking(pair: str) -> bool:
    name = pair.partition("=")[0].lower()
    return name in _TRACKING or name.startswith(_TRACKING_PREFIX) or not pair
