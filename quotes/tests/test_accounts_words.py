"""What allauth's pages say, said in our words: sentence case on every page, and the catalogue is the text beside it."""

import ast
import gettext
import re
from pathlib import Path
from typing import Any

import allauth
import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.conf import settings
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils.translation import gettext as _

from quotes.tests.conftest import PASSWORD, StrictClient

from .htmx import parsed

pytestmark = pytest.mark.django_db
CATALOGUE = settings.BASE_DIR / "newsroom" / "locale" / "en" / "LC_MESSAGES"
TITLE_CASE = re.compile(
    r"\b[a-z'’]+ (?!PIN\b|QR\b|IP\b)[A-Z][a-z]+\b|\b[A-Z][a-z]+[- ](?!PIN\b)[A-Z][a-z]+\b"
)
DOORS = [
    "account_login", "account_signup", "account_inactive", "account_reset_password", "account_reset_password_done",
    "account_reset_password_from_key_done", "account_email_verification_sent",
]  # fmt: skip
OWN = [
    "account_logout", "account_email", "account_change_password", "account_reauthenticate", "mfa_index",
    "mfa_view_recovery_codes", "mfa_generate_recovery_codes", "mfa_list_webauthn",
    "mfa_deactivate_totp", "mfa_edit_webauthn", "mfa_remove_webauthn", "mfa_reauthenticate", "usersessions_list",
]  # fmt: skip


def entries() -> dict[str, list[str]]:
    """What django.po says: the words of allauth, and ours."""
    found: dict[str, list[str]] = {}
    for block in (CATALOGUE / "django.po").read_text(encoding="utf-8").split("\n\n")[1:]:
        given = {key: ast.literal_eval(text) for key, text in re.findall(r"^(msg\S+) (\".*\")$", block, re.M)}
        if "msgid" in given:
            found[given["msgid"]] = [text for key, text in given.items() if key.startswith("msgstr")]
    return found


def short_texts(answer: Any) -> list[str]:
    """Headings, buttons, labels, links and heads of columns of a page, without names and addresses."""
    main = parsed(answer).select_one("main")
    assert main is not None
    assert answer.status_code == 200
    found = [
        " ".join(one.get_text(" ").split()) for one in main.select("h1, h2, button, label, th, a, .badge")
    ]
    return [text for text in found if text]


def test_no_page_of_accounts_writes_in_title_case(client: StrictClient, reporter: User) -> None:
    pages = {name: client.get(reverse(name)) for name in DOORS}
    pages["bad link"] = client.get(reverse("account_reset_password_from_key", args=["1", "set-password"]))
    pages["old link"] = client.get(reverse("account_confirm_email", args=["gone"]))
    totp.TOTP.activate(reporter, totp.generate_totp_secret())
    client.post("/accounts/login/", {"login": "reporter", "password": PASSWORD})
    pages["second factor"] = client.get(reverse("mfa_authenticate"))
    client.force_login(reporter)
    client.get(reverse("mfa_index"))
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    pages["new key"] = client.get(reverse("mfa_add_webauthn"), follow=True)
    key = Authenticator.objects.create(
        user=reporter, type=Authenticator.Type.WEBAUTHN, data={"name": "Laptop", "credential": {}}
    )
    RecoveryCodes.activate(reporter)
    for name in OWN:
        args = [key.pk] if name in ("mfa_edit_webauthn", "mfa_remove_webauthn") else []
        pages[name] = client.get(reverse(name, args=args), follow=True)
    told = {(name, text) for name, page in pages.items() for text in short_texts(page)}
    assert len({name for name, _text in told}) == len(pages)
    asked = {name for name, heading in told if heading == "Confirm that it is you"}
    assert asked == {"account_reauthenticate", "mfa_reauthenticate"}, (
        "behind it the pages themselves were read"
    )
    assert [one for one in sorted(told) if TITLE_CASE.search(one[1]) and "@" not in one[1]] == []


def test_the_catalogue_is_what_the_text_beside_it_says() -> None:
    with (CATALOGUE / "django.mo").open("rb") as file:
        compiled: dict[Any, str] = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    told = {"": [compiled.pop("")]}
    for key, text in compiled.items():
        told.setdefault(key[0] if isinstance(key, tuple) else key, []).append(text)
    told.pop("")
    assert told == entries(), "msgfmt --check -o django.mo django.po"


def test_whatever_the_catalogue_rewords_is_still_said_by_allauth() -> None:
    with (Path(allauth.__file__).parent / "locale/de/LC_MESSAGES/django.mo").open("rb") as file:
        theirs = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    said = {key[0] if isinstance(key, tuple) else key for key in theirs}
    # What has no German yet is not compiled; it is looked for where it is written.
    source = "\n".join(
        file.read_text(encoding="utf-8")
        for file in Path(allauth.__file__).parent.rglob("*")
        if file.suffix in (".py", ".html", ".txt")
    )
    gone = [text for text in entries() if text not in said and text not in source]
    assert gone == []
    assert _("Sign Out Other Sessions") == "Sign out everywhere else"
