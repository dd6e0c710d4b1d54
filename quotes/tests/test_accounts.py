"""Signing in and out, and the pages of accounts (TRUST.md S9, S14)."""

import datetime as dt
import re
from io import StringIO
from typing import Any

import pytest
from allauth.mfa.totp.internal import auth as totp
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.urls import get_resolver, reverse

from newsroom.accounts import SignInBackend
from quotes.models import Letter
from quotes.tests.conftest import PASSWORD, StrictClient

pytestmark = pytest.mark.django_db

INSIDE = "/accounts/password/change/"


def sign_in(browser: StrictClient, login: str, password: str = PASSWORD, **more: Any) -> Any:
    return browser.post("/accounts/login/", {"login": login, "password": password}, **more)


def is_in(browser: StrictClient) -> bool:
    return browser.get(INSIDE).status_code == 200


# --- Signing in ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "login", ["reporter", "Reporter", "reporter@newsroom.example", "REPORTER@newsroom.example"]
)
def test_people_sign_in_with_their_username_or_their_e_mail(
    client: StrictClient, reporter: User, login: str
) -> None:
    answer = sign_in(client, login)
    assert answer.status_code == 302
    assert is_in(client)


@pytest.mark.parametrize(
    ("login", "password"),
    [
        ("reporter", "wrong"),
        ("nobody", PASSWORD),
        ("", ""),
        ("reporter", ""),
        ("reporter%", PASSWORD),
        ("reporter", "x" * 5000),
    ],
)
def test_a_wrong_name_or_password_says_the_same_and_lets_nobody_in(
    client: StrictClient, reporter: User, login: str, password: str
) -> None:
    answer = sign_in(client, login, password)
    assert answer.status_code == 200
    assert "reporter@newsroom.example" not in answer.content.decode()
    assert not is_in(client)


def test_an_unknown_name_and_a_wrong_password_get_the_same_words(
    client: StrictClient, reporter: User
) -> None:
    def words(login: str) -> str:
        page = sign_in(client, login, "not the right one").content.decode().replace(login, "NAME")
        return re.sub(r'(nonce|value|content|X-CSRFToken": )="?[^"]*"', "", page)

    known, unknown, address = (words(name) for name in ("reporter", "nobodyy", "reporter@newsroom.example"))
    errors = [re.findall(r"<b>(.*?)</b>", page) for page in (known, unknown, address)]
    assert errors[0] == errors[1] == errors[2] != []


def test_one_password_is_hashed_whoever_is_asked_for(
    reporter: User, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    from django.contrib.auth import hashers

    hashed: list[str] = []
    hasher = hashers.get_hasher()
    monkeypatch.setattr(
        type(hasher), "encode", lambda self, password, salt: hashed.append(password) or "md5$a$b"
    )
    for login in ("reporter", "reporter@newsroom.example", "nobody", "nobody@newsroom.example"):
        hashed.clear()
        with django_assert_num_queries(1):
            assert SignInBackend().authenticate(None, username=login, password="not it") is None
        assert hashed == ["not it"]


def test_two_accounts_with_one_address_cannot_use_it_to_sign_in(
    client: StrictClient, make_person: Any
) -> None:
    for name in ("ada", "eve"):
        make_person(name, "Reader", email="desk@newsroom.example")
    sign_in(client, "desk@newsroom.example")
    assert not is_in(client)
    sign_in(client, "ada")
    assert is_in(client)


def test_a_username_that_looks_like_the_address_of_another_belongs_to_its_account(
    client: StrictClient, reporter: User, make_person: Any
) -> None:
    make_person("reporter@newsroom.example", "Reader", email="other@newsroom.example")
    sign_in(client, "reporter@newsroom.example")
    assert client.session["_auth_user_id"] == str(User.objects.get(username="reporter@newsroom.example").pk)


def test_the_session_gets_a_new_name_at_signing_in(client: StrictClient, reporter: User) -> None:
    client.get("/accounts/login/")
    session = client.session
    session["planted"] = "by somebody else"
    session.save()
    planted = session.session_key
    client.cookies["sessionid"] = planted
    sign_in(client, "reporter")
    assert client.session.session_key != planted
    assert not Session.objects.filter(session_key=planted).exists()


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(client: StrictClient, reporter: User) -> None:
    sign_in(client, "reporter")
    for cookie in (client.cookies["sessionid"], client.cookies["csrftoken"]):
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"
        assert cookie["path"] == "/"
        assert not cookie["domain"]


def test_twenty_wrong_passwords_shut_one_account_and_nobody_else(
    client: StrictClient, reporter: User, verifier: User
) -> None:
    for attempt in range(20):
        sign_in(client, "reporter", f"wrong {attempt}")
    sign_in(client, "reporter")
    assert not is_in(client), "the right password was taken after twenty wrong ones"
    other = StrictClient()
    sign_in(other, "verifier")
    assert is_in(other)


def test_another_spelling_of_a_name_has_no_attempts_of_its_own(
    client: StrictClient, reporter: User, verifier: User
) -> None:
    spellings = [
        "reporter",
        "Reporter",
        "reporter@newsroom.example",
        "\uff52eporter",
        "r\u24d4porter",
        "re\U0001d429orter",
    ]
    for attempt in range(6):
        sign_in(client, spellings[attempt], f"wrong {attempt}")
    sign_in(client, "rep\u24deter".replace("\u24de", "\u24de\uff52"))
    assert not is_in(client), "the right password was taken after six wrong ones"
    sign_in(client, "reporter")
    assert not is_in(client)
    other = StrictClient()
    sign_in(other, "\uff56erifier")
    assert is_in(other), "and it is the same name"


def test_the_throttle_opens_again_after_five_minutes(
    client: StrictClient, reporter: User, time_machine: Any
) -> None:
    for attempt in range(6):
        sign_in(client, "reporter", f"wrong {attempt}")
    time_machine.move_to(dt.datetime.now(dt.UTC) + dt.timedelta(minutes=5, seconds=1), tick=True)
    sign_in(client, "reporter")
    assert is_in(client)


def test_signing_out_ends_the_session_and_needs_a_press(client: StrictClient, reporter: User) -> None:
    sign_in(client, "reporter")
    key = client.session.session_key
    client.get("/accounts/logout/")
    assert is_in(client)
    client.post("/accounts/logout/")
    assert not is_in(client)
    client.cookies["sessionid"] = key
    assert not is_in(client)


@pytest.mark.parametrize(
    "where",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "https:evil.example",
        "javascript:alert(1)",
        "http:///evil.example",
        "\thttps://evil.example",
        "https://testserver@evil.example/",
    ],
)
def test_nobody_is_led_to_another_site(client: StrictClient, reporter: User, where: str) -> None:
    answer = client.post(
        "/accounts/login/", {"login": "reporter", "password": PASSWORD, "next": where}, follow=False
    )
    assert answer.status_code == 302
    assert answer["Location"].startswith("/")
    assert "evil" not in answer["Location"]
    left = client.post("/accounts/logout/", {"next": where})
    assert "evil" not in left.get("Location", "")
    assert left.get("Location", "/").startswith("/")


def test_one_comes_back_to_where_one_was_going(client: StrictClient, reporter: User) -> None:
    answer = client.post(
        "/accounts/login/?next=/search/%3Fq%3Dwar", {"login": "reporter", "password": PASSWORD}
    )
    assert answer["Location"] == "/search/?q=war"


def test_nobody_signs_up_by_themselves(client: StrictClient) -> None:
    before = User.objects.count()
    fields = {"username": "eve", "email": "eve@evil.example", "password1": PASSWORD, "password2": PASSWORD}
    for address in ("/accounts/signup/",):
        assert client.post(address, fields).status_code in {200, 302, 403, 404}
    assert User.objects.count() == before


# --- The pages of accounts -----------------------------------------------------------------------------------------


def addresses() -> list[str]:
    """Every address below /accounts/ that needs nothing but itself."""
    found = []
    for pattern in get_resolver("allauth.urls").reverse_dict.getlist("account_login"):
        assert pattern
    for name in get_resolver("allauth.urls").reverse_dict:
        if isinstance(name, str):
            forms = get_resolver("allauth.urls").reverse_dict.getlist(name)
            if any(not parameters for possibilities, *_ in forms for _, parameters in possibilities):
                found.append(reverse(name))
    return sorted(set(found))


def test_every_page_of_accounts_wears_our_dress(client_of: Any, reporter: User, client: StrictClient) -> None:
    inside = client_of(reporter)
    sign_in(inside, "reporter")
    shown = 0
    for address in addresses():
        for browser in (client, inside):
            answer = browser.get(address)
            assert answer.status_code in {200, 302, 404, 405}, address
            if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
                page = answer.content.decode()
                shown += 1
                assert 'id="main"' in page, address
                assert page.count("<h1") == 1, address
                assert 'href="/static/css/tokens.css"' in page, address
                assert re.search(r"<title>\s*\S", page), address
    assert shown >= 15


def test_a_forgotten_password_is_reset_by_mail(
    client: StrictClient, reporter: User, mailoutbox: list[Any]
) -> None:
    elsewhere = StrictClient()
    sign_in(elsewhere, "reporter")
    client.post("/accounts/password/reset/", {"email": "reporter@newsroom.example"})
    assert mailoutbox == []
    call_command("send_mail", stdout=StringIO())
    assert [mail.to for mail in mailoutbox] == [["reporter@newsroom.example"]]
    link = re.search(r"http://testserver(/accounts/password/reset/key/\S+)", mailoutbox[0].body)
    assert link
    form = client.get(link[1], follow=True)
    address = form.redirect_chain[-1][0]
    done = client.post(address, {"password1": "another long phrase", "password2": "another long phrase"})
    assert done.status_code == 302
    assert not is_in(elsewhere)
    assert not is_in(client), "a link in a mail signed somebody in"
    sign_in(client, "reporter", "another long phrase")
    assert is_in(client)


@pytest.mark.parametrize(
    ("site", "given", "asked", "link"),
    [
        ("https://desk.example", False, "desk.example:9999", "https://desk.example/"),
        ("https://desk.example", False, "other.example", "http://other.example/"),
        ("https://desk.example", True, "other.example", "https://desk.example/"),
    ],
)
def test_a_letter_leads_to_where_the_desk_is_and_not_to_what_a_stranger_called_it(
    client: StrictClient, reporter: User, settings: Any, site: str, given: bool, asked: str, link: str
) -> None:
    settings.ALLOWED_HOSTS = ["desk.example", "other.example"]
    settings.SITE_URL, settings.SITE_URL_IS_GIVEN = site, given
    client.post("/accounts/password/reset/", {"email": "reporter@newsroom.example"}, headers={"Host": asked})
    assert f"{link}accounts/password/reset/key/" in Letter.objects.get().body


def test_asking_for_an_unknown_address_sends_nothing_and_says_the_same(
    client: StrictClient, reporter: User, mailoutbox: list[Any]
) -> None:
    answers = [
        client.post("/accounts/password/reset/", {"email": f"{name}@newsroom.example"})
        for name in ("reporter", "nobody")
    ]
    assert [(answer.status_code, answer["Location"]) for answer in answers] == [
        (302, reverse("account_reset_password_done"))
    ] * 2
    call_command("send_mail", stdout=StringIO())
    assert len(mailoutbox) == 1
    assert [letter.address for letter in Letter.objects.all()] == ["reporter@newsroom.example"]


def test_a_mail_server_that_is_away_is_not_told_to_strangers(
    client: StrictClient, reporter: User, settings: Any
) -> None:
    settings.MAILERS = {"default": {"BACKEND": "quotes.tests.failures.NoMail"}}
    answers = [
        client.post("/accounts/password/reset/", {"email": f"{name}@newsroom.example"})
        for name in ("reporter", "nobody")
    ]
    assert [answer.status_code for answer in answers] == [302, 302]
    with pytest.raises(CommandError, match="1 waiting"):
        call_command("send_mail", stdout=StringIO(), stderr=StringIO())
    assert Letter.objects.get().state == "waiting"


def test_a_second_factor_is_asked_for_and_cannot_be_walked_around(
    client: StrictClient, reporter: User
) -> None:
    from allauth.mfa.models import Authenticator

    secret = totp.generate_totp_secret()
    totp.TOTP.activate(reporter, secret)
    assert Authenticator.objects.filter(user=reporter).exists()
    answer = sign_in(client, "reporter")
    assert answer["Location"].startswith(reverse("mfa_authenticate"))
    assert not is_in(client)
    client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert not is_in(client)
    code = totp.format_hotp_value(totp.hotp_value(secret, next(iter(totp.yield_hotp_counters_from_time()))))
    client.post(reverse("mfa_authenticate"), {"code": code})
    assert is_in(client)


def test_the_admin_has_no_sign_in_of_its_own(client: StrictClient, curator: User) -> None:
    answer = client.get("/admin/login/?next=/admin/quotes/speaker/")
    assert answer.status_code == 302
    assert answer["Location"] == "/accounts/login/?next=%2Fadmin%2Fquotes%2Fspeaker%2F"
    refused = client.post("/admin/login/", {"username": "curator", "password": PASSWORD})
    assert refused.status_code == 302
    assert not is_in(client)


@pytest.mark.parametrize("who", ["stranger", "reader", "reporter", "verifier"])
def test_the_admin_is_closed_below_curators(client_of: Any, request: Any, who: str) -> None:
    browser = client_of(request.getfixturevalue(who))
    for address in ("/admin/", "/admin/quotes/speaker/", "/admin/login/", "/admin/auth/user/add/"):
        assert browser.get(address).status_code == 403
