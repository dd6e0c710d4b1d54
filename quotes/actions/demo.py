"""The accounts of the demo (PRODUCT.md §8): made once, kept afterwards."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import Group, User

from quotes.actions.audit import acting
from quotes.models.rank import Rank, rank_of_groups


def make_accounts(accounts: Mapping[str, str], password: str | None, *, by: Any) -> list[str]:
    """Make the accounts that are missing.

    Args:
        accounts: name of the account to name of its group.
        password: for all that are made; None for accounts that never sign in.
        by: who does it; None for the system itself.

    Returns:
        The names of those that were made.

    Raises:
        Group.DoesNotExist: before the migrations have made the groups.
    """
    with acting(by=by, verb="demo.make_accounts"):
        there = set(User.objects.filter(username__in=accounts).values_list("username", flat=True))
        made = [name for name in accounts if name not in there]
        for name in made:
            group = Group.objects.get(name=accounts[name])
            staff = rank_of_groups([group.name]) >= Rank.CURATOR
            User.objects.create_user(name, password=password, is_staff=staff).groups.add(group)
    return made


def give_password(accounts: Mapping[str, str], password: str, *, by: Any) -> list[str]:
    """Give accounts a password; one that they have already is not set again, so that no session ends.

    Args:
        accounts: as for ``make_accounts``.
        password: the wish of whoever starts the demo.
        by: who does it; None for the system itself.

    Returns:
        The names of those whose password was another.
    """
    changed = []
    with acting(by=by, verb="demo.give_password"):
        for person in User.objects.filter(username__in=accounts):
            if not person.check_password(password):
                person.set_password(password)
                User.objects.filter(pk=person.pk).update(password=person.password)
                changed.append(person.username)
    return changed
