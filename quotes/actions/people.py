"""The writes on accounts: rank, activity, and what lets them in. Who may make them is told by quotes.models.rank."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import Group, User
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied

from quotes.actions.audit import acting
from quotes.models.rank import GROUPS, Rank, may_give, may_look_after, may_manage


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
    _require(may_look_after(by, person))
    person.set_password(password)
    with acting(by=by, verb="people.set_password"):
        User.objects.filter(pk=person.pk).update(password=person.password)
        _end_sessions(person)


def end_session(session: UserSession, *, by: User) -> None:
    """Sign one browser out: what it is signed in with is gone, not only the line that tells of it.

    Raises:
        PermissionDenied: when it is neither ``by``'s own nor that of an account below.
    """
    _require(may_look_after(by, session.user))
    with acting(by=by, verb="people.end_session"):
        Session.objects.filter(session_key=session.session_key).delete()
        session.delete()


def remove_factor(factor: Authenticator, *, by: User) -> None:
    """Take a second factor away, with the recovery codes once there is nothing left that they stand in for.

    Raises:
        PermissionDenied: when it is neither ``by``'s own nor that of an account below.
    """
    _require(may_look_after(by, factor.user))
    with acting(by=by, verb="people.remove_factor"):
        left = Authenticator.objects.filter(user=factor.user_id)
        factor.delete()
        if not left.exclude(type=Authenticator.Type.RECOVERY_CODES).exists():
            left.delete()


def remove_address(address: EmailAddress, *, by: User) -> None:
    """Take an address away that somebody gave themselves: nothing is reset through it any more.

    Raises:
        PermissionDenied: when it is neither ``by``'s own nor that of an account below.
    """
    _require(may_look_after(by, address.user))
    with acting(by=by, verb="people.remove_address"):
        User.objects.filter(pk=address.user_id, email__iexact=address.email).update(email="")
        address.delete()


def forget_addresses(person: User, *, by: User) -> None:
    """Leave an account only the address that stands in it: a password could be reset through any earlier one.

    Raises:
        PermissionDenied: when ``by`` may not manage the account.
    """
    _require(may_manage(by, person))
    with acting(by=by, verb="people.forget_addresses"):
        kept = User.objects.filter(pk=person.pk).values("email")
        EmailAddress.objects.filter(user=person).exclude(email__in=kept).delete()


def _end_sessions(person: User) -> None:
    kept = UserSession.objects.filter(user=person)
    Session.objects.filter(session_key__in=kept.values("session_key")).delete()
    kept.delete()
