"""Which accounts may know of a quote: the question of `visible_to`, asked the other way round."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.models import User
from django.db.models import QuerySet

from .quote import Quote
from .statement import Statement, open_to


class _Nobody:
    """Somebody without any right, for asking what everybody may see."""

    def has_perm(self, right: str) -> bool:
        return False


def colleagues() -> QuerySet[User]:
    """Return the active accounts of people; one without a password, such as that of imports, is nobody's."""
    return User.objects.filter(is_active=True).exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)


def who_may_see(quote: Quote) -> QuerySet[User]:
    """Return the colleagues who may know of `quote` (invariant 12)."""
    people = colleagues()
    nobody: Any = _Nobody()
    if Statement.objects.filter(open_to(nobody), pk=quote.statement_id).exists():
        return people
    entitled = User.objects.with_perm("quotes.view_restricted")
    return people.filter(pk__in=entitled.values("pk"))
