"""What ends a session, and how soon a right that was taken away bites (TRUST.md S14)."""

import datetime as dt
import time
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import Group, User
from django.contrib.sessions.models import Session

from quotes.actions import people
from quotes.models.rank import Rank
from quotes.tests.conftest import HTMX, PASSWORD, StrictClient
from quotes.tests.test_accounts import INSIDE, is_in, sign_in

pytestmark = pytest.mark.django_db


def test_a_new_password_ends_every_other_session(client: StrictClient, reporter: User) -> None:
    elsewhere = StrictClient()
    for browser in (client, elsewhere):
        sign_in(browser, "reporter")
        assert is_in(browser)
    before = client.session.session_key
    answer = client.post(
        INSIDE,
        {"oldpassword": PASSWORD, "password1": "another long phrase", "password2": "another long phrase"},
    )
    assert answer.status_code == 302
    assert is_in(client)
    assert client.session.session_key != before
    assert not is_in(elsewhere)


def test_a_password_set_by_a_curator_ends_every_session(
    client: StrictClient, reporter: User, curator: User
) -> None:
    sign_in(client, "reporter")
    people.set_password(reporter, "another long phrase", by=curator)
    assert not is_in(client)
    assert not UserSession.objects.filter(user=reporter).exists()


def test_a_deactivated_person_is_out_at_the_next_request_and_stays_out(
    client: StrictClient, reporter: User, curator: User
) -> None:
    sign_in(client, "reporter")
    assert is_in(client)
    people.deactivate(reporter, by=curator)
    assert not is_in(client)
    people.reactivate(reporter, by=curator)
    assert not is_in(client), "reactivating revived an old session"
    sign_in(client, "reporter")
    assert is_in(client)


def test_deactivating_for_a_moment_ends_the_sessions_too(
    client: StrictClient, reporter: User, curator: User
) -> None:
    sign_in(client, "reporter")
    people.deactivate(reporter, by=curator)
    people.reactivate(reporter, by=curator)
    assert not is_in(client)


def test_deactivating_by_any_road_bites_at_the_next_request(client_of: Any, reporter: User) -> None:
    browser = client_of(reporter)
    assert is_in(browser)
    User.objects.filter(pk=reporter.pk).update(is_active=False)
    assert browser.get(INSIDE, headers=HTMX).status_code == 401
    User.objects.filter(pk=reporter.pk).update(is_active=True)
    assert not is_in(browser)


def test_a_right_taken_away_bites_at_the_next_request(client_of: Any, curator: User, superuser: User) -> None:
    browser = client_of(curator)
    assert browser.get("/admin/quotes/speaker/").status_code == 200
    people.set_rank(curator, Rank.READER, by=superuser)
    assert browser.get("/admin/quotes/speaker/").status_code == 403
    people.set_rank(curator, Rank.CURATOR, by=superuser)
    assert browser.get("/admin/quotes/speaker/").status_code == 200


def test_a_right_taken_from_a_group_bites_at_the_next_request(
    client_of: Any, curator: User, groups: dict[str, Group]
) -> None:
    browser = client_of(curator)
    assert browser.get("/admin/quotes/speaker/add/").status_code == 200
    groups["Curator"].permissions.remove(*groups["Curator"].permissions.filter(codename="add_speaker"))
    assert browser.get("/admin/quotes/speaker/add/").status_code == 403


@pytest.mark.parametrize(("hours", "stays"), [(11.9, True), (12.1, False)])
def test_twelve_idle_hours_end_a_session(
    client: StrictClient, reporter: User, time_machine: Any, hours: float, stays: bool
) -> None:
    sign_in(client, "reporter")
    time_machine.move_to(dt.datetime.now(dt.UTC) + dt.timedelta(hours=hours), tick=True)
    assert is_in(client) is stays


def test_seven_days_end_even_a_busy_session(client: StrictClient, reporter: User, time_machine: Any) -> None:
    sign_in(client, "reporter")
    start = dt.datetime.now(dt.UTC)
    for hours in range(8, 7 * 24, 8):
        time_machine.move_to(start + dt.timedelta(hours=hours), tick=True)
        assert is_in(client), hours
    time_machine.move_to(start + dt.timedelta(days=7, minutes=1), tick=True)
    assert not is_in(client)


def test_looking_around_does_not_write_to_the_session(
    client_of: Any, reader: User, django_assert_max_num_queries: Any
) -> None:
    browser = client_of(reader)
    assert is_in(browser)
    before = Session.objects.get(session_key=browser.session.session_key).expire_date
    time.sleep(0.01)
    assert is_in(browser)
    assert Session.objects.get(session_key=browser.session.session_key).expire_date == before
