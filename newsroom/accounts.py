"""How signing in works here: by username or e-mail, nobody signs up, plain words."""

import secrets
from functools import cache
from typing import Any, ClassVar
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as allauth_context
from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User
from django.contrib.sites.shortcuts import get_current_site
from django.db import connection, transaction
from django.db.models import Q
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from quotes.actions import letters
from quotes.actions.audit import acting

MISMATCH = "That name and password do not belong together."


class SignInBackend(ModelBackend):
    """Passwords with a username or an e-mail address, at one price.

    allauth's own backend hashes twice for a known address and once for an unknown one, which tells strangers who works
    here by the clock. This one hashes exactly once, whoever asks.
    """

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **credentials: Any,
    ) -> User | None:
        """Find the account and check its password.

        Args:
            request: not used.
            username: a username or an e-mail address.
            password: what was typed.
            credentials: ``email``, when there is no username.
        """
        name = username or credentials.get("email") or ""
        if not name or not password:
            return None
        person = self.find(name)
        if person is None:
            User().set_password(password)
            return None
        return person if person.check_password(password) and self.user_can_authenticate(person) else None

    @staticmethod
    def find(name: str) -> User | None:
        """One account, or None when none or several could be meant; an exact username wins.

        Args:
            name: a username or an e-mail address as it was typed, in any of its spellings.
        """
        name = User.normalize_username(name)
        found = list(User.objects.filter(Q(username__iexact=name) | Q(email__iexact=name)).order_by("pk")[:5])
        for matches in (
            [person for person in found if person.username == name],
            [person for person in found if person.username.lower() == name.lower()],
            found,
        ):
            if matches:
                return matches[0] if len(matches) == 1 else None
        return None

    def get_user(self, user_id: int) -> User | None:
        """Give the account of a session, as Django's own backend does; None when it is gone or closed.

        Every page asks it, so the question is put into SQL once and not for every page.

        Args:
            user_id: its key.
        """
        text, columns = _account()
        with connection.cursor() as cursor:
            cursor.execute(text, [user_id])
            row: Any = cursor.fetchone()
        person = User.from_db(connection.alias, columns, row) if row else None
        return person if person is not None and self.user_can_authenticate(person) else None

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """Give the rights of a person, her own and those of her groups; one question instead of Django's two.

        Every page asks it. As with Django's own backend the answer is kept for as long as `user_obj` is, a request.

        Args:
            user_obj: who.
            obj: nobody has a right on a single object.
        """
        if obj is not None or not user_obj.is_active or user_obj.is_anonymous or user_obj.is_superuser:
            rights: set[str] = super().get_all_permissions(user_obj, obj)
            return rights
        if not hasattr(user_obj, "_perm_cache"):
            with connection.cursor() as cursor:
                cursor.execute(_RIGHTS, [user_obj.pk, user_obj.pk])
                user_obj._perm_cache = {f"{room}.{name}" for room, name in cursor.fetchall()}
        kept: set[str] = user_obj._perm_cache
        return kept


@cache
def _account() -> tuple[str, list[str]]:
    columns = [field.attname for field in User._meta.concrete_fields]
    text, _ = User._default_manager.filter(pk=0).order_by().values_list(*columns).query.sql_with_params()
    return str(text), columns


_RIGHTS = """
SELECT t.app_label, p.codename FROM auth_permission p JOIN django_content_type t ON t.id = p.content_type_id
WHERE p.id IN (SELECT permission_id FROM auth_user_user_permissions WHERE user_id = %s
               UNION ALL SELECT g.permission_id FROM auth_user_groups m
                 JOIN auth_group_permissions g ON g.group_id = m.group_id WHERE m.user_id = %s)
"""


def _reached_at(link: str) -> str:
    """Put the site's own address before a link that was made from a request.

    Names are checked against ALLOWED_HOSTS, but not the port behind them, which may be somebody else's; and a desk that
    was told where it is reached uses nothing else.
    """
    parts, site = urlsplit(link), urlsplit(settings.SITE_URL)
    if settings.SITE_URL_IS_GIVEN or parts.hostname == site.hostname:
        return parts._replace(scheme=site.scheme, netloc=site.netloc).geturl()
    return link


class AccountAdapter(DefaultAccountAdapter):
    """Accounts come from a curator (the admin) or the command line, never from a sign-up page."""

    # One sentence for every way in which name and password do not fit: no page tells which names exist.
    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": MISMATCH,
        "email_password_mismatch": MISMATCH,
        "invalid_login": MISMATCH,
        "too_many_login_attempts": "Too many failed attempts. Wait five minutes, then try again.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Always False: PRODUCT.md §6, people are entered by a curator."""
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Where to go after signing in without a ``next``: the desk, else the search."""
        try:
            return reverse("desk")
        except NoReverseMatch:
            return reverse("search")

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """By what failed attempts are counted: the account that is meant, however it is spelt.

        One account has its username, its address, and for each of them thousands of spellings that are the same name
        (`ｒｅporter`); counted by what was typed, each would have attempts of its own.
        """
        name = credentials.get("username") or credentials.get("email") or ""
        person = SignInBackend.find(name)
        return f"account:{person.pk}" if person else f"name:{User.normalize_username(name).casefold()}"

    def get_reset_password_from_key_url(self, key: str) -> str:
        """The link of a letter: where the desk is reached, not what a stranger's request called it."""
        return _reached_at(super().get_reset_password_from_key_url(key))

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        """The same for the letter that asks whether an address is somebody's."""
        return _reached_at(super().get_email_confirmation_url(request, emailconfirmation))

    def set_password(self, user: User, password: str) -> None:
        """Give somebody the new password they chose, and leave an event of it under their own name."""
        with acting(by=user, verb="people.set_password"):
            super().set_password(user, password)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Put the message into the outbox, from which `manage.py send_mail` sends it.

        A page that spoke to the mail server itself would take longer for addresses that exist, and would fail only for
        those; and a server that is away would lose the message. What strangers ask for an address that nobody has is
        done and undone, so that it takes as long.
        """
        request = allauth_context.request
        given = {"request": request, "email": email, "current_site": get_current_site(request), **context}
        message = self.render_mail(template_prefix, email, given)
        html = next((str(part.content) for part in getattr(message, "alternatives", ())), "")
        key = f"account:{secrets.token_hex(16)}"
        with transaction.atomic():
            letters.post(key, email, str(message.subject), str(message.body), html, by=None)
            if template_prefix == "account/email/unknown_account":
                transaction.set_rollback(True)

    def add_message(self, request: HttpRequest, level: int, *args: Any, **kwargs: Any) -> None:
        """Say nothing on signing in and out: the page itself shows it, and a notice would outlive its moment."""
        template = kwargs.get("message_template") or (args[0] if args else "")
        if str(template).endswith(("/logged_in.txt", "/logged_out.txt")):
            return
        super().add_message(request, level, *args, **kwargs)
