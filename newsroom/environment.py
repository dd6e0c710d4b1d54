"""Values from the environment, read strictly: a misspelt value stops the start instead of being guessed."""

import ipaddress
import os
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from zoneinfo import ZoneInfo

from django.conf import global_settings

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}

# Names under which only programs on the same machine can reach a server.
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
# Endings of names that lead nowhere from outside (RFC 6761, RFC 6762, and ICANN's .internal).
LOCAL_ENDINGS = (".localhost", ".local", ".internal", ".test")


class BadSetting(SystemExit):
    """A setting that cannot be used: ends the process with one clear line and exit status 1."""

    def __init__(self, name: str, trouble: str) -> None:
        super().__init__(f"verbatim: {name} {trouble}")


def flag(env: Mapping[str, str], name: str, default: bool = False) -> bool:
    """Read a yes or no.

    Args:
        env: the environment.
        name: the variable.
        default: the answer when the variable is missing.

    Raises:
        BadSetting: when the value is neither yes nor no.
    """
    raw = env.get(name)
    if raw is None:
        return default
    word = raw.strip().lower()
    if word in TRUE:
        return True
    if word in FALSE:
        return False
    raise BadSetting(name, f"is {raw!r}; use 1 or 0.")


def number(env: Mapping[str, str], name: str, default: int, *, least: int, most: int) -> int:
    """Read a whole number between ``least`` and ``most`` (both allowed); ASCII digits only.

    Raises:
        BadSetting: when the value is no such number.
    """
    raw = env.get(name, "").strip()
    if not raw:
        return default
    if raw.isascii() and raw.isdigit() and len(raw) <= 9 and least <= int(raw) <= most:
        return int(raw)
    raise BadSetting(name, f"is {raw!r}; use a whole number from {least} to {most}.")


def words(env: Mapping[str, str], name: str) -> list[str]:
    """Read a comma-separated list; empty entries are dropped."""
    return [word.strip() for word in env.get(name, "").split(",") if word.strip()]


def is_public(host: str) -> bool:
    """True for a name or address of ALLOWED_HOSTS that somebody elsewhere could reach."""
    bare = host.strip("[]").lower().lstrip(".")
    try:
        return not ipaddress.ip_address(bare).is_private
    except ValueError:
        return "." in bare and not bare.endswith(LOCAL_ENDINGS)


def hosts(env: Mapping[str, str], name: str, *, debug: bool) -> list[str]:
    """Read the host names to answer to; without any, those of this machine only.

    DEBUG shows the source and the settings to every visitor, so with it ``*`` means this machine only, and a public
    name is refused.

    Raises:
        BadSetting: for DEBUG with a public name, and for a URL where a name belongs.
    """
    given = words(env, name)
    for host in given:
        if "/" in host or "://" in host:
            raise BadSetting(name, f"holds {host!r}; write names without scheme or path.")
        if debug and host != "*" and is_public(host):
            raise BadSetting(
                "DEBUG", f"is on while {name} holds the public name {host}. Switch one of them off."
            )
    if debug and "*" in given:
        given = [host for host in given if host != "*"] + [".localhost", *LOOPBACK]
    return given or list(LOOPBACK)


def origins(env: Mapping[str, str], name: str) -> list[str]:
    """Read origins such as ``https://verbatim.example``.

    Raises:
        BadSetting: when one lacks its scheme.
    """
    given = words(env, name)
    for origin in given:
        if not origin.startswith(("https://", "http://")):
            raise BadSetting(name, f"holds {origin!r}; an origin starts with https:// or http://.")
    return given


def time_zone(env: Mapping[str, str], name: str) -> str:
    """Read the name of a time zone; UTC without one.

    Raises:
        BadSetting: when there is no such zone.
    """
    zone = env.get(name, "").strip() or "UTC"
    try:
        ZoneInfo(zone)
    except (ValueError, OSError, LookupError):
        raise BadSetting(name, f"is {zone!r}, which is no time zone; write it like Europe/Kyiv.") from None
    return zone


def language(env: Mapping[str, str], name: str) -> str:
    """Read the language of the pages that come with Django and allauth; English without one.

    Raises:
        BadSetting: when they are not written in it.
    """
    code = env.get(name, "").strip() or "en"
    known = {spelt for spelt, _ in global_settings.LANGUAGES}
    if code.lower() not in known and code.lower().partition("-")[0] not in known:
        raise BadSetting(
            name, f"is {code!r}, which is no language that is known here; write it like en or uk."
        )
    return code


def proxy_header(env: Mapping[str, str], name: str) -> tuple[str, str] | None:
    """Read ``X-Forwarded-Proto: https`` (or ``=`` for the colon) as Django's SECURE_PROXY_SSL_HEADER.

    Nothing is trusted unless the operator names the header here: a proxy that does not strip it lets any
    visitor claim to have come by https.

    Raises:
        BadSetting: when the value is not a header and a value.
    """
    raw = env.get(name, "").strip()
    if not raw:
        return None
    header, mark, value = raw.partition(":" if ":" in raw else "=")
    if not mark or not header.strip() or not value.strip():
        raise BadSetting(name, f"is {raw!r}; write it like 'X-Forwarded-Proto: https'.")
    key = header.strip().upper().replace("-", "_")
    return (key if key.startswith("HTTP_") else f"HTTP_{key}"), value.strip()


def mailer(env: Mapping[str, str], name: str, *, console: bool) -> dict[str, Any]:
    """Read ``smtp://user:password@host:587/?tls=1`` as an entry of Django's MAILERS.

    Schemes: ``smtp`` (``?tls=1`` for STARTTLS), ``smtps`` (TLS from the first byte), ``console``, ``dummy``.

    Args:
        env: the environment.
        name: the variable.
        console: without a value, print messages (True) or hand them to this machine's own mail server (False).

    Raises:
        BadSetting: when the scheme, port or host is not usable.
    """
    raw = env.get(name, "").strip() or ("console://" if console else "smtp://localhost:25")
    try:
        parts = urlsplit(raw)
        port = parts.port
    except ValueError:
        raise BadSetting(name, "is not a URL; write it like smtp://user:password@host:587/?tls=1.") from None
    if parts.scheme in {"console", "dummy"}:
        return {"BACKEND": f"django.core.mail.backends.{parts.scheme}.EmailBackend"}
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise BadSetting(name, "needs smtp://HOST, smtps://HOST, console:// or dummy://.")
    query = parse_qs(parts.query)
    secure = parts.scheme == "smtps"
    return {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {
            "host": parts.hostname,
            "port": port or (465 if secure else 587),
            "username": unquote(parts.username or ""),
            "password": unquote(parts.password or ""),
            "use_ssl": secure,
            "use_tls": not secure and query.get("tls", ["0"])[-1].lower() in TRUE,
            "timeout": 10,
        },
    }


def make_private(directory: Path) -> None:
    """Make the data directory, closed to others.

    For root they may pass through it, knowing a name, because PostgreSQL runs as another user; what lies in it is
    closed by itself. A directory that exists keeps its rights.

    Raises:
        OSError: when it cannot be made.
    """
    directory.mkdir(mode=0o700 if os.geteuid() else 0o711, parents=True, exist_ok=True)


def secret_key(env: Mapping[str, str], directory: Path, *, may_generate: bool) -> str:
    """Read SECRET_KEY, else (in DEBUG and demo only) the one kept in the data directory, made on first use.

    Args:
        env: the environment.
        directory: where the key file ``secret-key`` lives; it is made readable for its owner only (0600).
        may_generate: False in production, where a missing key ends the process.

    Raises:
        BadSetting: when there is no key and none may be made, or the file cannot be kept.
    """
    key = env.get("SECRET_KEY", "")
    if key:
        return key
    if not may_generate:
        raise BadSetting(
            "SECRET_KEY", "is not set. Set it to a long random text (DEBUG=1 makes one for you)."
        )
    if sys.platform == "win32":
        raise BadSetting("SECRET_KEY", "is not set, and on Windows none is made for you.")
    import fcntl

    path = directory / "secret-key"
    try:
        make_private(directory)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "r+", encoding="ascii") as file:
            # Two processes that start at once must end with the same key.
            fcntl.flock(file, fcntl.LOCK_EX)
            os.fchmod(file.fileno(), 0o600)
            key = file.read().strip()
            if not key:
                key = secrets.token_urlsafe(50)
                file.seek(0)
                file.truncate()
                file.write(key + "\n")
                file.flush()
                os.fsync(file.fileno())
    except OSError as error:
        raise BadSetting("SECRET_KEY", f"is not set and {path} cannot be kept: {error.strerror}.") from None
    return key
