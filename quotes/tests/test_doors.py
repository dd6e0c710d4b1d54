"""What every request passes: the database away, caches, headers, the end of a session, error pages."""

import datetime as dt
import json
from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.test import RequestFactory
from django.urls import reverse

from newsroom.middleware import HEADERS
from quotes.tests.conftest import FROM_HERE, HTMX, PASSWORD, StrictClient
from quotes.tests.failures import gone
from quotes.views import errors

# --- The database away ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "status", "words"),
    [
        ("away", 503, "out of reach"),
        ("lost", 503, "out of reach"),
        ("slow", 503, "took too long"),
        ("busy", 503, "Somebody else is writing"),
        ("deadlock", 503, "Somebody else is writing"),
        ("full", 507, "nothing saved"),
        ("range", 400, "out of range"),
    ],
)
def test_an_error_of_the_database_becomes_a_plain_page(
    visitor: StrictClient, name: str, status: int, words: str
) -> None:
    # No mark for the database here: a page that asked it anything would fail this test.
    answer = visitor.get(f"/{name}/")
    assert answer.status_code == status
    assert words in answer.content.decode()
    assert "the words of a source" not in answer.content.decode()
    assert ("Retry-After" in answer) == (status > 500)


def test_a_swap_is_told_of_an_absent_database_in_the_live_region(visitor: StrictClient) -> None:
    answer = visitor.get("/away/", headers=HTMX)
    assert answer.status_code == 503
    assert answer["HX-Retarget"] == "#messages"
    assert answer["Retry-After"]
    assert "<html" not in answer.content.decode()


def test_json_is_told_of_an_absent_database_in_json(visitor: StrictClient) -> None:
    answer = visitor.get("/away/?format=json")
    assert answer.status_code == 503
    assert answer.json()["status"] == 503


@pytest.mark.parametrize("debug", [False, True])
def test_a_session_that_cannot_be_read_is_an_absent_database_too(
    visitor: StrictClient, settings: Any, monkeypatch: pytest.MonkeyPatch, debug: bool
) -> None:
    settings.DEBUG = debug
    monkeypatch.setattr(SessionStore, "load", gone)
    visitor.cookies["sessionid"] = "a" * 32
    answer = visitor.get("/members/")
    assert answer.status_code == 503
    assert "out of reach" in answer.content.decode()


def test_what_was_typed_is_shown_again_when_the_database_is_away(visitor: StrictClient) -> None:
    typed = {
        "note": "He said it\nin the evening & left <at> ten",
        "version": "7",
        "password": "hunter2 hunter2",
    }
    page = visitor.post("/away/", typed, headers=FROM_HERE).content.decode()
    assert "He said it\nin the evening &amp; left &lt;at&gt; ten</textarea>" in page
    assert 'name="version" value="7"' in page
    assert "not saved" in page
    assert "hunter2" not in page


def test_what_another_site_posted_is_not_shown(visitor: StrictClient) -> None:
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {}):
        assert (
            "planted"
            not in visitor.post("/away/", {"note": "planted words"}, headers=headers).content.decode()
        )


def test_a_fault_of_ours_is_500_without_its_message_and_with_a_number_to_quote(visitor: StrictClient) -> None:
    answer = visitor.post("/fault/", {"note": "typed words"}, headers=FROM_HERE)
    page = answer.content.decode()
    assert answer.status_code == 500
    assert "the words of a source" not in page
    assert "Treat your change as not saved" in page
    assert "typed words</textarea>" in page
    assert answer["X-Request-ID"] in page


@pytest.mark.django_db
def test_the_pages_for_403_404_and_409_stand_in_the_frame_of_the_site(
    visitor: StrictClient, reader: Any, client_of: Any
) -> None:
    browser = client_of(reader, raise_request_exception=False)
    for address, status in (("/forbidden/", 403), ("/nothing/", 404), ("/conflict/", 409)):
        answer = browser.get(address)
        page = answer.content.decode()
        assert answer.status_code == status
        assert page.count("<h1") == 1
        assert 'id="main"' in page
        assert 'data-person="reader"' in page


def test_a_conflict_shows_both_versions_and_says_who_was_first(visitor: StrictClient) -> None:
    answer = visitor.post("/conflict/", headers=HTMX)
    assert answer.status_code == 409
    page = answer.content.decode()
    for words in ("Ada", "55,000", "&lt;55.000&gt;", "/quotes/zelenskyy-55000/", "not saved"):
        assert words in page


# --- Not cached, and the headers of every kind of answer -----------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address", ["/accounts/login/", "/members/", "/nothing/", "/admin/", "/echo/", "/away/"]
)
def test_nothing_behind_the_door_may_be_kept_by_any_cache(visitor: StrictClient, address: str) -> None:
    answer = visitor.get(address)
    assert answer["Cache-Control"] == "no-store, private"
    assert {"Cookie", "HX-Request"} <= {name.strip() for name in answer["Vary"].split(",")}


@pytest.mark.django_db
def test_a_signed_in_page_is_never_kept(reader: Any, client_of: Any) -> None:
    answer = client_of(reader).get(reverse("account_change_password"))
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store, private"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address",
    [
        "/accounts/login/",
        "/members/",
        "/nothing/",
        "/?q=%00",
        "/away/",
        "/fault/",
        "/health/live",
        "/robots.txt",
        "/static/css/tokens.css",
        "/favicon.ico",
        "/admin/",
    ],
)
def test_every_kind_of_answer_carries_the_headers_that_protect_it(
    visitor: StrictClient, address: str
) -> None:
    answer = visitor.get(address)
    answer.close()
    for name, value in HEADERS.items():
        if name != "Content-Security-Policy":
            assert answer[name] == value
    policy = answer["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    for part in ("frame-ancestors 'none'", "base-uri 'none'"):
        assert part in policy
    assert "unsafe-" not in policy


@pytest.mark.django_db
def test_the_policy_of_pages_allows_our_own_files_and_nothing_else(client: StrictClient) -> None:
    policy = client.get("/accounts/login/")["Content-Security-Policy"]
    parts = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    for kind in ("script-src", "style-src"):
        assert parts[kind].split()[0] == "'self'"
        assert all(source == "'self'" or source.startswith("'nonce-") for source in parts[kind].split())
    for kind in ("img-src", "font-src", "connect-src", "form-action"):
        assert parts[kind] == "'self'"


# --- The end of a session under an open page -----------------------------------------------------------------------


@pytest.mark.django_db
def test_a_page_without_a_session_leads_to_the_sign_in_and_back(visitor: StrictClient) -> None:
    answer = visitor.get("/members/?a=1")
    assert answer.status_code == 302
    assert answer["Location"] == "/accounts/login/?next=/members/%3Fa%3D1"


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_swap_without_a_session_gets_a_dialog_over_the_page(visitor: StrictClient, method: str) -> None:
    answer = getattr(visitor, method)("/members/", headers=HTMX)
    assert answer.status_code == 401
    assert "Location" not in answer
    assert (answer["HX-Retarget"], answer["HX-Reswap"]) == ("body", "beforeend")
    page = answer.content.decode()
    assert page.lstrip().startswith('<dialog id="sign-in-again"')
    assert page.count("<form") == 1
    for field in ("login", "password", "csrfmiddlewaretoken"):
        assert f'name="{field}"' in page


@pytest.mark.django_db
def test_a_form_without_a_session_is_kept_and_can_be_sent_again(visitor: StrictClient) -> None:
    answer = visitor.post("/members/", {"note": "two words", "idempotency_key": "k1"}, headers=FROM_HERE)
    page = answer.content.decode()
    assert answer.status_code == 401
    assert "two words</textarea>" in page
    assert 'name="idempotency_key" value="k1"' in page
    assert "Send it again" in page
    assert "nothing was saved" in page


@pytest.mark.django_db
def test_json_without_a_session_is_401_and_not_a_page(visitor: StrictClient) -> None:
    answer = visitor.get("/members/?format=json")
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/json"


@pytest.mark.django_db
def test_a_form_whose_token_is_out_of_date_is_shown_again_with_a_fresh_one(
    reader: Any, client_of: Any
) -> None:
    browser = client_of(reader, enforce_csrf_checks=True)
    address = reverse("account_change_password")
    page = browser.post(address, {"note": "two words", "csrfmiddlewaretoken": "x" * 64}, headers=FROM_HERE)
    assert page.status_code == 403
    assert "two words</textarea>" in page.content.decode()
    token = page.content.decode().split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    again = browser.post(address, {"note": "two words", "csrfmiddlewaretoken": token}, headers=FROM_HERE)
    assert again.status_code == 200
    swap = browser.post(address, {"note": "two words"}, headers=HTMX | FROM_HERE)
    assert json.loads(swap["HX-Trigger"])["verbatim:token"]["token"]


@pytest.mark.django_db
@pytest.mark.parametrize("more", [{}, HTMX])
def test_a_form_from_another_site_is_refused_and_gets_no_token(
    reader: Any, client_of: Any, more: dict[str, str]
) -> None:
    browser = client_of(reader, enforce_csrf_checks=True)
    elsewhere = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"} | more
    answer = browser.post(reverse("account_change_password"), {"note": "planted"}, headers=elsewhere)
    assert answer.status_code == 403
    assert "planted" not in answer.content.decode()
    assert "csrfmiddlewaretoken" not in answer.content.decode()
    assert "HX-Trigger" not in answer


def test_a_request_is_a_swap_only_when_htmx_wants_a_part() -> None:
    make = RequestFactory()
    assert errors.is_swap(make.get("/", headers=HTMX))
    for extra in ({"HX-Boosted": "true"}, {"HX-History-Restore-Request": "true"}):
        assert not errors.is_swap(make.get("/", headers=HTMX | extra))
    assert not errors.is_swap(make.get("/"))


@pytest.mark.django_db
def test_reading_goes_on_when_nothing_can_be_written(
    reader: Any, client_of: Any, time_machine: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = client_of(reader)
    assert browser.get("/accounts/password/change/").status_code == 200
    monkeypatch.setattr(SessionStore, "save", gone)
    time_machine.move_to(dt.datetime.now(dt.UTC) + dt.timedelta(minutes=10), tick=True)
    answer = browser.get("/accounts/password/change/")
    assert answer.status_code == 200
    assert "sessionid" not in answer.cookies


@pytest.mark.django_db
def test_a_session_that_must_be_written_is_not_lost_in_silence(
    client: StrictClient, reader: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.raise_request_exception = False
    monkeypatch.setattr(SessionStore, "save", gone)
    answer = client.post("/accounts/login/", {"login": "reader", "password": PASSWORD})
    assert answer.status_code == 503
    assert "sessionid" not in answer.cookies


@pytest.mark.django_db
def test_attempts_that_cannot_be_counted_are_not_called_too_many(rf: RequestFactory) -> None:
    request = rf.post("/accounts/login/")
    assert errors.too_many(request).status_code == 429
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL transaction_read_only = on")
    answer = errors.too_many(request)
    assert answer.status_code == 503
    assert "Reading only" in answer.content.decode()


@pytest.mark.parametrize("method", ["get", "put"])
def test_an_address_that_only_takes_forms_says_so_in_words(reader: Any, client_of: Any, method: str) -> None:
    answer = getattr(client_of(reader), method)("/preferences/")
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    text = answer.content.decode()
    assert ("There is nothing to look at here" in text) is (method == "get")
    assert ("Treat your change as not saved" in text) is (method == "put")
