"""Who may do what, and who may manage whom (PRODUCT.md §6)."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied

from quotes.actions import people
from quotes.models import AuditEvent
from quotes.models.rank import Rank, manageable_by, may_give, may_manage, rank_of

pytestmark = pytest.mark.django_db

# The first group that has each right; those above it have it too.
FIRST = {
    "quotes.view_quote": Rank.READER,
    "quotes.add_savedsearch": Rank.READER,
    "quotes.add_quote": Rank.REPORTER,
    "quotes.change_quote": Rank.REPORTER,
    "quotes.add_link": Rank.REPORTER,
    "quotes.import_quotes": Rank.REPORTER,
    "quotes.view_restricted": Rank.VERIFIER,
    "quotes.add_check": Rank.VERIFIER,
    "quotes.decide_link": Rank.VERIFIER,
    "quotes.join_statement": Rank.VERIFIER,
    "quotes.merge_speaker": Rank.VERIFIER,
    "quotes.change_speaker": Rank.CURATOR,
    "quotes.delete_topic": Rank.CURATOR,
    "quotes.change_measure": Rank.CURATOR,
    "auth.change_user": Rank.CURATOR,
    "auth.change_group": Rank.ADMINISTRATOR,
}
NOBODYS = [
    "quotes.change_check",
    "quotes.delete_check",
    "quotes.delete_quote",
    "quotes.change_standing",
    "auth.delete_user",
]


@pytest.mark.parametrize("right", [*FIRST, *NOBODYS])
def test_each_right_begins_at_its_rank_and_holds_above_it(right: str, make_person: Any) -> None:
    holders = {
        rank
        for rank in Rank
        if rank < Rank.OWNER
        and make_person(rank.name.lower(), *([rank.group] if rank else [])).has_perm(right)
    }
    expected = {rank for rank in Rank if right in FIRST and FIRST[right] <= rank < Rank.OWNER}
    assert holders == expected


def test_every_right_of_a_group_is_one_that_django_knows(groups: dict[str, Group]) -> None:
    for group in groups.values():
        for permission in group.permissions.all():
            assert permission.content_type.model_class() is not None, permission


RANKS = ["stranger", "reader", "reporter", "verifier", "curator", "administrator", "superuser"]


@pytest.mark.parametrize("target", RANKS)
@pytest.mark.parametrize("actor", RANKS)
def test_people_are_managed_from_above_only(request: Any, make_person: Any, actor: str, target: str) -> None:
    by = request.getfixturevalue(actor)
    names = [] if target in {"stranger", "superuser"} else [target.capitalize()]
    person = make_person("target", *names, is_superuser=target == "superuser")
    allowed = actor == "superuser" or (RANKS.index(actor) >= 4 and RANKS.index(actor) > RANKS.index(target))
    assert may_manage(by, person) is allowed
    assert manageable_by(by).filter(pk=person.pk).exists() is allowed
    writes: list[Callable[[], None]] = [
        lambda: people.deactivate(person, by=by),
        lambda: people.set_password(person, "another long phrase", by=by),
        lambda: people.set_rank(person, Rank.READER, by=by),
    ]
    for write in writes:
        if allowed:
            write()
        else:
            with pytest.raises(PermissionDenied):
                write()


@pytest.mark.parametrize("rank", list(Rank))
@pytest.mark.parametrize(("actor", "highest"), [("curator", Rank.VERIFIER), ("administrator", Rank.CURATOR)])
def test_nobody_gives_a_rank_as_high_as_their_own(
    request: Any, reader: User, actor: str, highest: Rank, rank: Rank
) -> None:
    by = request.getfixturevalue(actor)
    if rank <= highest:
        people.set_rank(reader, rank, by=by)
        assert rank_of(reader) == rank
        assert reader.is_staff is (rank >= Rank.CURATOR)
    else:
        with pytest.raises(PermissionDenied):
            people.set_rank(reader, rank, by=by)
        assert rank_of(User.objects.get(pk=reader.pk)) == Rank.READER


def test_nobody_raises_or_manages_themselves(curator: User, administrator: User) -> None:
    for person in (curator, administrator):
        with pytest.raises(PermissionDenied):
            people.set_rank(person, Rank.ADMINISTRATOR, by=person)


def test_a_group_of_the_newsrooms_own_is_given_by_the_operator_only(
    curator: User, administrator: User, superuser: User, reader: User
) -> None:
    own = Group.objects.create(name="Night desk")
    assert not may_give(curator, [own])
    assert not may_give(administrator, [own])
    assert may_give(superuser, [own])
    reader.groups.add(own)
    people.set_rank(reader, Rank.REPORTER, by=curator)
    assert {group.name for group in reader.groups.all()} == {"Reporter", "Night desk"}


def test_a_deactivated_curator_manages_nobody_and_keeps_her_protection(
    curator: User, reader: User, make_person: Any
) -> None:
    other = make_person("second", "Curator")
    User.objects.filter(pk=curator.pk).update(is_active=False)
    curator.refresh_from_db()
    assert not may_manage(curator, reader)
    assert not may_manage(other, curator)


def test_every_change_of_an_account_is_recorded_with_who_made_it(curator: User, reader: User) -> None:
    people.set_rank(reader, Rank.REPORTER, by=curator)
    people.deactivate(reader, by=curator)
    people.set_password(reader, "another long phrase", by=curator)
    told = set(AuditEvent.objects.filter(actor_pk=curator.pk).values_list("verb", "table"))
    assert {("people.set_rank", "auth_user_groups"), ("people.deactivate", "auth_user")} <= told
    assert not AuditEvent.objects.filter(after__contains="another long phrase").exists()
    assert not AuditEvent.objects.filter(after__contains=reader.password).exists()
