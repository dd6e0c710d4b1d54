"""Who stands above whom (PRODUCT.md §6).

Rank is the highest of the five groups somebody is in; a superuser stands above all. Nobody manages an account of
their own rank or above, their own included, and nobody gives a rank as high as their own. So a curator can make
verifiers, but no curators, and nobody can raise themselves.
"""

from collections.abc import Iterable
from enum import IntEnum
from typing import Any

from django.contrib.auth.models import Group, User
from django.db.models import QuerySet


class Rank(IntEnum):
    """The five groups in order, NOBODY below and OWNER (superuser) above them."""

    NOBODY = 0
    READER = 1
    REPORTER = 2
    VERIFIER = 3
    CURATOR = 4
    ADMINISTRATOR = 5
    OWNER = 6

    @property
    def group(self) -> str:
        """The name of the group, for example ``Reader``."""
        return self.name.capitalize()


GROUPS = tuple(rank.group for rank in Rank if Rank.NOBODY < rank < Rank.OWNER)


def rank_of_groups(names: Iterable[str]) -> Rank:
    """Give the highest rank among group names; other groups count as nothing."""
    return max((Rank[name.upper()] for name in names if name in GROUPS), default=Rank.NOBODY)


def rank_of(person: Any) -> Rank:
    """Give somebody's rank as the database has it now; an inactive or anonymous person has none."""
    if not getattr(person, "is_active", False):
        return Rank.NOBODY
    return lasting_rank(person)


def lasting_rank(person: Any) -> Rank:
    """Give the rank of an account whether or not it is active.

    A deactivated curator keeps the rank that protects the account from others, but not the power to use it.
    """
    if person.is_superuser:
        return Rank.OWNER
    return rank_of_groups(person.groups.values_list("name", flat=True))


def may_manage(by: Any, person: Any) -> bool:
    """True when ``by`` may edit the account ``person``: a superuser, or of higher rank and a curator at least."""
    rank = rank_of(by)
    if rank == Rank.OWNER:
        return True
    return rank >= Rank.CURATOR and rank > lasting_rank(person)


def may_look_after(by: Any, person: Any) -> bool:
    """True when ``by`` may end what lets ``person`` in: their own account, or one that they may edit."""
    return bool(person.pk == by.pk) or may_manage(by, person)


def may_give(by: Any, groups: Iterable[Group]) -> bool:
    """True when ``by`` may put a person they manage into all of ``groups``.

    Groups beyond the five carry rights that rank does not measure, so only a superuser gives those.
    """
    rank = rank_of(by)
    if rank == Rank.OWNER:
        return True
    names = [group.name for group in groups]
    return rank >= Rank.CURATOR and set(names) <= set(GROUPS) and rank_of_groups(names) < rank


def manageable_by(by: Any) -> QuerySet[User]:
    """The accounts that ``by`` may edit; the same rule as ``may_manage``, as one question to the database."""
    rank = rank_of(by)
    if rank == Rank.OWNER:
        return User.objects.all()
    if rank < Rank.CURATOR:
        return User.objects.none()
    too_high = [group.group for group in Rank if rank <= group < Rank.OWNER]
    return User.objects.filter(is_superuser=False).exclude(groups__name__in=too_high)
