"""What lets people in: sessions, second factors, e-mail addresses. Looked at and ended, never made or edited here.

The admin pages that allauth brings show the secret of a second factor, find a session by the first letters of its key,
and give anybody's account another address to reset its password by: each is a way into an account above one's own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

# Those of allauth have to be there before they can be taken away: this app comes first.
import allauth.account.admin
import allauth.mfa.admin
import allauth.usersessions.admin  # noqa: F401
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from quotes.actions import people
from quotes.models.rank import manageable_by, may_look_after

from .base import Unlogged

for brought in (EmailAddress, Authenticator, UserSession):
    admin.site.unregister(brought)


class AccessAdmin(Unlogged):
    """Records of the accounts below one's own, and of one's own: shown without what opens the door, and ended."""

    end: Callable[..., None]
    """The deed that ends one; told the record and `by`."""
    actions = None
    list_per_page = 50
    show_full_result_count = False
    list_select_related = ("user",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        mine = Q(user=request.user.pk) | Q(user__in=manageable_by(request.user))
        return super().get_queryset(request).filter(mine)

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        # Any field of a record could be asked for letter by letter, also those that no page shows.
        return lookup.split("__")[0] in self.list_filter

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed = super().has_delete_permission(request, obj)
        return allowed and (obj is None or may_look_after(request.user, obj.user))

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self.end(obj, by=request.user)


@admin.register(UserSession)
class SessionAdmin(AccessAdmin):
    """Who is signed in, and from where. Deleting one signs that browser out."""

    end = staticmethod(people.end_session)
    list_display = ("user", "ip", "user_agent", "created_at", "last_seen_at")
    fields = list_display
    search_fields = ("user__username", "ip")


@admin.register(Authenticator)
class FactorAdmin(AccessAdmin):
    """Second factors and passkeys, without their secrets. Deleting one is for somebody who has lost theirs."""

    end = staticmethod(people.remove_factor)
    list_display = ("user", "type", "created_at", "last_used_at")
    fields = list_display
    list_filter = ("type",)
    search_fields = ("user__username",)


@admin.register(EmailAddress)
class AddressAdmin(AccessAdmin):
    """Addresses that people gave themselves; a curator sets one on the page of the account."""

    end = staticmethod(people.remove_address)
    list_display = ("email", "user", "primary", "verified")
    fields = list_display
    list_filter = ("primary", "verified")
    search_fields = ("email", "user__username")
