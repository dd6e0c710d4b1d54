"""Who may manage whom, and the writes on accounts: rank, activity, sessions (PRODUCT.md §6).

Rank is the highest of the five groups somebody is in; a superuser stands above all. Nobody manages an account of
their own rank or above, their own included, and nobody gives a rank as high as their own. So a curator can make
verifiers, but no curators, and nobody can raise themselves.
"""

from collections.abc import Iterable
from enum import IntEnum
from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.auth.models import Group, User
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet

from quotes.actions.audit import acting


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
    return _standing_rank(person)


def _standing_rank(person: Any) -> Rank:
    # A deactivated curator keeps the rank that protects the account from others, but not the power to use it.
    if person.is_superuser:
        return Rank.OWNER
    return rank_of_groups(person.groups.values_list("name", flat=True))


def may_manage(by: Any, person: Any) -> bool:
    """True when ``by`` may edit the account ``person``: a superuser, or of higher rank and a curator at least."""
    rank = rank_of(by)
    if rank == Rank.OWNER:
        return True
    return rank >= Rank.CURATOR and rank > _standing_rank(person)


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


def _require(allowed: bool) -> None:
    if not allowed:
        raise PermissionDenied("This account is not below yours.")


def set_rank(person: User, rank: Rank, *, by: User) -> None:
    """Put an account into exactly one of the five groups; groups of the newsroom's own stay as they are.

    Curators and administrators work in the admin, so ``is_staff`` follows the rank.

    Args:
        person: the account.
        rank: the new rank; NOBODY takes the account out of all five groups.
        by: who does it.

    Raises:
        PermissionDenied: when ``by`` may not manage the account or not give that rank.
    """
    group = Group.objects.filter(name=rank.group)
    with acting(by=by, verb="people.set_rank"):
        # The account's row is the lock: two managers at once would each see the other's old state.
        User.objects.select_for_update().get(pk=person.pk)
        _require(may_manage(by, person) and may_give(by, group) and rank < Rank.OWNER)
        person.groups.remove(*person.groups.filter(name__in=set(GROUPS) - {rank.group}))
        person.groups.add(*group)
        User.objects.filter(pk=person.pk).update(is_staff=rank >= Rank.CURATOR or person.is_superuser)
    person.refresh_from_db()


def deactivate(person: User, *, by: User) -> None:
    """Shut an account out at once: inactive, and every session of it gone, so that reactivating revives none.

    Raises:
        PermissionDenied: when ``by`` may not manage the account.
    """
    _require(may_manage(by, person))
    with acting(by=by, verb="people.deactivate"):
        User.objects.filter(pk=person.pk).update(is_active=False)
        _end_sessions(person)
    person.is_active = False


def reactivate(person: User, *, by: User) -> None:
    """Let an account in again; it has to sign in anew.

    Raises:
        PermissionDenied: when ``by`` may not manage the account.
    """
    _require(may_manage(by, person))
    with acting(by=by, verb="people.reactivate"):
        User.objects.filter(pk=person.pk).update(is_active=True)
    person.is_active = True


def set_password(person: User, password: str | None, *, by: User) -> None:
    """Give an account a new password, or None for none; every session of it ends.

    Args:
        person: the account; ``by`` may always change their own.
        password: checked by the caller's form against the validators.
        by: who does it.

    Raises:
        PermissionDenied: when ``by`` may not manage the account.
    """
    _require(person.pk == by.pk or may_manage(by, person))
    person.set_password(password)
    with acting(by=by, verb="people.set_password"):
        User.objects.filter(pk=person.pk).update(password=person.password)
        _end_sessions(person)


def _end_sessions(person: User) -> None:
    kept = UserSession.objects.filter(user=person)
    Session.objects.filter(session_key__in=kept.values("session_key")).delete()
    kept.delete()
