"""The people of the newsroom, and the browser they look through in tests."""

import datetime as dt
import importlib
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client

from quotes.actions import uploads
from quotes.tests import factories as make
from quotes.tests.house.markup import nothing_is_inline

PASSWORD = "a long enough pass phrase"
LOOPBACK = ["127.0.0.1", "localhost", "::1"]
SLOW_BROWSER = ["^(playwright.*)?TimeoutError: ", "^AssertionError: (Locator|Page) expected "]
HTMX = {"HX-Request": "true"}
FROM_HERE = {"Sec-Fetch-Site": "same-origin"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A browser needs sockets, but only to this machine; what it did not do in time it may do once more.

    The summary counts what was run again (``rerun``), and ``-ra`` names it: it is to be mended, not to be lived with.
    """
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.allow_hosts(LOOPBACK))
            item.add_marker(pytest.mark.flaky(reruns=1, only_rerun=SLOW_BROWSER))


class StrictClient(Client):
    """A test client that refuses pages which the content security policy would break.

    Every HTML answer must have no inline script, style or handler, and a policy without any ``unsafe-``.
    """

    def request(self, **request: Any) -> Any:
        response = super().request(**request)
        if response.headers.get("Content-Type", "").startswith("text/html") and not response.streaming:
            text = response.content.decode(response.charset or "utf-8")
            found = list(nothing_is_inline(request.get("PATH_INFO", ""), text))
            assert not found, f"{request.get('PATH_INFO')}: {found}"
            policy = response.headers.get("Content-Security-Policy", "")
            assert "default-src 'none'" in policy, f"{request.get('PATH_INFO')}: no policy"
            assert "unsafe-" not in policy, policy
        return response


@pytest.fixture
def client() -> StrictClient:
    """Nobody's browser: not signed in. Takes the place of pytest-django's own."""
    return StrictClient()


@pytest.fixture
def visitor(settings: Any) -> StrictClient:
    """Nobody's browser, in a house with views that fail on purpose (quotes.tests.failures)."""
    settings.ROOT_URLCONF = "quotes.tests.failures"
    return StrictClient(raise_request_exception=False)


@pytest.fixture
def groups(db: None) -> dict[str, Group]:
    """The five groups by name.

    Tests with transactions of their own (``transactional_db``, ``live_server``) empty every table when they end; then
    what the migrations wrote is written again here.
    """
    with connection.as_owner():  # type: ignore[attr-defined]
        if not Group.objects.exists():
            importlib.import_module("quotes.migrations.0010_groups").make_groups(apps, None)
        apps.get_model("quotes", "Policy").objects.get_or_create(pk=1)
    return {group.name: group for group in Group.objects.all()}


@pytest.fixture
def make_person(groups: dict[str, Group]) -> Callable[..., User]:
    """Give a function that makes an account: ``make_person("ada", "Reporter")``."""

    def make(name: str, *names: str, **fields: Any) -> User:
        staff = bool({"Curator", "Administrator"} & set(names))
        person = User.objects.create_user(
            name,
            password=PASSWORD,
            **{
                "email": f"{name}@newsroom.example",
                "first_name": name.capitalize(),
                "is_staff": staff,
                **fields,
            },
        )
        person.groups.add(*(groups[group] for group in names))
        return person

    return make


@pytest.fixture
def stranger(make_person: Callable[..., User]) -> User:
    """An account in no group: signed in, and entitled to nothing."""
    return make_person("stranger")


@pytest.fixture
def reader(make_person: Callable[..., User]) -> User:
    return make_person("reader", "Reader")


@pytest.fixture
def reporter(make_person: Callable[..., User]) -> User:
    return make_person("reporter", "Reporter")


@pytest.fixture
def verifier(make_person: Callable[..., User]) -> User:
    return make_person("verifier", "Verifier")


@pytest.fixture
def second_verifier(make_person: Callable[..., User]) -> User:
    return make_person("verifier2", "Verifier")


@pytest.fixture
def curator(make_person: Callable[..., User]) -> User:
    return make_person("curator", "Curator")


@pytest.fixture
def administrator(make_person: Callable[..., User]) -> User:
    return make_person("administrator", "Administrator")


@pytest.fixture
def superuser(make_person: Callable[..., User]) -> User:
    """The operator's own account (createsuperuser)."""
    return make_person("operator", is_staff=True, is_superuser=True)


@pytest.fixture
def client_of() -> Callable[..., StrictClient]:
    """Give a function that opens a browser in which somebody is signed in: ``client_of(reporter)``.

    Keywords go to the client: ``client_of(reporter, enforce_csrf_checks=True)``.
    """

    def sign_in(person: User, **options: Any) -> StrictClient:
        browser = StrictClient(**options)
        browser.force_login(person)
        return browser

    return sign_in


@pytest.fixture
def reading(client_of: Callable[..., StrictClient], reader: User) -> StrictClient:
    """A reader's browser."""
    return client_of(reader)


@pytest.fixture
def verifying(client_of: Callable[..., StrictClient], verifier: User) -> StrictClient:
    """A verifier's browser."""
    return client_of(verifier)


@pytest.fixture
def kremlin(db: None) -> Any:
    return make.a_speaker("The Kremlin", kind="institution", slug="kremlin")


@pytest.fixture
def peskov(kremlin: Any) -> Any:
    """He spoke for the Kremlin from May 2012 to the end of 2025."""
    person = make.a_speaker("Dmitry Peskov", slug="dmitry-peskov")
    make.a_tenure(
        person, "Press Secretary", organisation=kremlin, speaks_for=True,
        starts=dt.date(2012, 5, 1), starts_precision="month", ends=dt.date(2025, 12, 31),
    )  # fmt: skip
    return person


@pytest.fixture
def own_data(settings: Any, tmp_path: Path) -> Path:
    """A folder of the desk's own for uploads and notes of how far they are."""
    settings.DATA_DIR = tmp_path
    return tmp_path


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The words of every process that an import page would have started."""
    begun: list[list[str]] = []
    monkeypatch.setattr(uploads.subprocess, "Popen", lambda words, **options: begun.append(words))
    return begun


@pytest.fixture
def in_threads(transactional_db: None) -> Callable[[Callable[[Any], Any], Iterable[Any]], list[Any]]:
    """Give a function that calls another at the same moment in one thread per argument, each with its own connection.

    ``in_threads(write, range(4))`` gives the results in order and raises the first error.
    """

    def run(function: Callable[[Any], Any], arguments: Iterable[Any]) -> list[Any]:
        given = list(arguments)
        together = threading.Barrier(len(given))

        def one(argument: Any) -> Any:
            try:
                together.wait(timeout=30)
                return function(argument)
            finally:
                connection.close()

        with ThreadPoolExecutor(len(given)) as pool:
            return list(pool.map(one, given))

    return run
