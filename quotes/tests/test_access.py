"""What lets people in, seen from above: an administrator ends it for those below, and comes in nowhere by it."""

import json
import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied

from quotes.actions import people
from quotes.models import AuditEvent, Letter
from quotes.tests.conftest import PASSWORD, StrictClient
from quotes.tests.test_accounts import is_in, sign_in
from quotes.tests.test_admin import change_page, typed

pytestmark = pytest.mark.django_db

SECRET = "JBSWY3DPEHPK3PXP"


def events(person: User, table: str) -> list[tuple[str, str]]:
    """Return who did what to the things of an account, oldest first."""
    told = AuditEvent.objects.filter(table=table).order_by("pk")
    mine = [one for one in told if json.loads(one.after or one.before or "{}")["user_id"] == person.pk]
    return [(event.actor, event.verb) for event in mine]


def told_of(event: AuditEvent) -> str:
    return f"{event.before or ''}{event.after or ''}"


def test_a_session_is_not_found_by_the_letters_of_its_key(
    client: StrictClient, client_of: Any, administrator: User, reporter: User
) -> None:
    sign_in(client, "reporter")
    key = client.session.session_key
    asked = f"/admin/usersessions/usersession/?session_key__startswith={key[:2]}"
    assert client_of(administrator).get(asked).status_code == 400


def test_the_secret_of_a_second_factor_is_on_no_page(
    client_of: Any, administrator: User, superuser: User, reporter: User
) -> None:
    factor = TOTP.activate(reporter, SECRET).instance
    for person in (administrator, superuser):
        browser = client_of(person)
        for page in ("/admin/mfa/authenticator/", change_page(factor)):
            answer = browser.get(page)
            assert answer.status_code == 200
            assert SECRET not in answer.content.decode()
        assert browser.get("/admin/mfa/authenticator/?data__secret__startswith=J").status_code == 400


@pytest.mark.parametrize("above", ["administrator", "superuser"])
def test_what_lets_those_in_who_stand_as_high_or_above_is_neither_seen_nor_ended(
    client_of: Any, make_person: Any, superuser: User, above: str
) -> None:
    person = superuser if above == "superuser" else make_person("second", "Administrator")
    own = [
        TOTP.activate(person, SECRET).instance,
        EmailAddress.objects.create(user=person, email="one@newsroom.example"),
        UserSession.objects.create(user=person, ip="203.0.113.9", user_agent="x", session_key="k"),
    ]
    browser = client_of(make_person("first", "Administrator"))
    for record in own:
        address = change_page(record)
        assert browser.get(address).status_code in {302, 404}
        assert browser.post(address.replace("change", "delete"), {"post": "yes"}).status_code in {302, 403}
        assert type(record).objects.filter(pk=record.pk).exists()
        listed = browser.get(address.rsplit("/", 3)[0] + "/").context["cl"].queryset
        assert record not in listed


def test_nobody_gives_an_account_an_address_to_reset_its_password_by(
    client_of: Any, administrator: User, superuser: User
) -> None:
    browser = client_of(administrator)
    sent = {"user": superuser.pk, "email": "mine@elsewhere.example", "verified": "on"}
    assert browser.post("/admin/account/emailaddress/add/", sent).status_code == 403
    assert not EmailAddress.objects.exists()


def test_deleting_a_session_signs_that_browser_out(
    client: StrictClient, client_of: Any, administrator: User, reporter: User
) -> None:
    sign_in(client, "reporter")
    session = UserSession.objects.get(user=reporter)
    answer = client_of(administrator).post(change_page(session).replace("change", "delete"), {"post": "yes"})
    assert answer.status_code == 302
    assert not UserSession.objects.filter(user=reporter).exists()
    assert not is_in(client)


def test_a_lost_second_factor_is_taken_away_with_its_recovery_codes_and_it_is_recorded(
    client: StrictClient, client_of: Any, administrator: User, reporter: User
) -> None:
    factor = TOTP.activate(reporter, SECRET).instance
    RecoveryCodes.activate(reporter)
    page = change_page(factor).replace("change", "delete")
    assert client_of(administrator).post(page, {"post": "yes"}).status_code == 302
    assert not Authenticator.objects.exists()
    assert events(reporter, "mfa_authenticator")[-2:] == [("administrator", "people.remove_factor")] * 2
    assert not any(SECRET in told_of(event) for event in AuditEvent.objects.all())
    sign_in(client, "reporter")
    assert is_in(client)


def test_recovery_codes_stay_while_another_factor_is_left(administrator: User, reporter: User) -> None:
    TOTP.activate(reporter, SECRET)
    RecoveryCodes.activate(reporter)
    key = Authenticator.objects.create(user=reporter, type=Authenticator.Type.WEBAUTHN, data={"name": "key"})
    people.remove_factor(key, by=administrator)
    assert Authenticator.objects.count() == 2


@pytest.mark.parametrize("who", ["curator", "reporter"])
def test_what_lets_others_in_is_ended_from_above_only(
    request: Any, curator: User, administrator: User, reporter: User, who: str
) -> None:
    by = request.getfixturevalue(who)
    session = UserSession.objects.create(
        user=administrator, ip="203.0.113.9", user_agent="x", session_key="k"
    )
    address = EmailAddress.objects.create(user=administrator, email="one@newsroom.example")
    factor = TOTP.activate(administrator, SECRET).instance
    for deed, record in (
        (people.end_session, session),
        (people.remove_factor, factor),
        (people.remove_address, address),
    ):
        with pytest.raises(PermissionDenied):
            deed(record, by=by)


def test_an_address_that_a_curator_replaced_resets_no_password_any_more(
    client_of: Any, curator: User, reporter: User
) -> None:
    EmailAddress.objects.create(user=reporter, email=reporter.email, primary=True, verified=True)
    browser = client_of(curator)
    page = browser.get(change_page(reporter))
    answer = browser.post(change_page(reporter), typed(page, email="new@newsroom.example"))
    assert answer.status_code == 302
    assert not EmailAddress.objects.filter(user=reporter).exists()
    assert events(reporter, "account_emailaddress")[-1] == ("curator", "people.forget_addresses")


def test_an_address_that_is_taken_away_is_gone_from_the_account_too(
    client_of: Any, administrator: User, reporter: User
) -> None:
    address = EmailAddress.objects.create(user=reporter, email=reporter.email, primary=True)
    page = change_page(address).replace("change", "delete")
    assert client_of(administrator).post(page, {"post": "yes"}).status_code == 302
    reporter.refresh_from_db()
    assert (reporter.email, EmailAddress.objects.count()) == ("", 0)


def test_a_password_that_a_curator_sets_leaves_an_event_without_the_password(
    client_of: Any, curator: User, reporter: User
) -> None:
    words = "another long phrase"
    sent = {"password1": words, "password2": words, "usable_password": "true"}
    assert client_of(curator).post(f"/admin/auth/user/{reporter.pk}/password/", sent).status_code == 302
    event = AuditEvent.objects.of_record(reporter).newest_first()[0]
    reporter.refresh_from_db()
    assert (event.actor, event.verb) == ("curator", "people.set_password")
    assert event.changes == {"password": ("the one before", "a new one")}
    assert reporter.password not in told_of(event)


def test_what_people_change_on_their_own_account_is_recorded_under_their_name(
    client: StrictClient, reporter: User
) -> None:
    sign_in(client, "reporter")
    words = "another long phrase"
    client.post(
        "/accounts/password/change/", {"oldpassword": PASSWORD, "password1": words, "password2": words}
    )
    event = AuditEvent.objects.of_record(reporter).newest_first()[0]
    assert (event.actor, event.verb) == ("reporter", "people.set_password")
    client.post("/accounts/email/", {"email": "home@elsewhere.example", "action_add": ""})
    assert events(reporter, "account_emailaddress")[-1] == ("reporter", "account.change")


@pytest.mark.django_db(transaction=True)
def test_a_second_factor_is_set_up_to_the_end_and_told_by_mail(client: StrictClient, reporter: User) -> None:
    sign_in(client, "reporter")
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    secret = client.get("/accounts/2fa/totp/activate/").context["form"].secret
    code = format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))
    assert client.post("/accounts/2fa/totp/activate/", {"code": code}).status_code == 302
    assert client.post("/accounts/2fa/recovery-codes/generate/").status_code == 302
    assert Letter.objects.count() == 2
    assert {who for who, _ in events(reporter, "mfa_authenticator")} == {"reporter"}


def test_the_log_tells_of_accounts_only_whoever_may_see_them(
    client_of: Any, curator: User, administrator: User, reporter: User, reader: User
) -> None:
    people.remove_factor(TOTP.activate(reporter, SECRET).instance, by=administrator)
    asked = "/activity/?kind=mfa_authenticator"
    words = " ".join(re.sub(r"<[^>]+>", " ", client_of(curator).get(asked).content.decode()).split())
    assert "administrator removed a second factor of Reporter people.remove_factor" in words
    assert "a second factor" not in client_of(reader).get(asked).content.decode()


@pytest.mark.parametrize("who", ["administrator", "superuser"])
def test_the_five_groups_keep_their_names(client_of: Any, request: Any, groups: Any, who: str) -> None:
    browser = client_of(request.getfixturevalue(who))
    group = groups["Reader"]
    rights = list(group.permissions.values_list("pk", flat=True))
    browser.post(change_page(group), {"name": "Nobody", "permissions": rights})
    group.refresh_from_db()
    assert group.name == "Reader"
    assert list(group.permissions.values_list("pk", flat=True)) == rights
