"""`manage.py demo`: the first minute of a newcomer (PRODUCT.md §5, §8)."""

import threading
import time
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection

from newsroom.postgres.errors import SetupError
from quotes.models import Statement

GROUPS = {
    "reader": "Reader",
    "reporter": "Reporter",
    "verifier": "Verifier",
    "verifier2": "Verifier",
    "curator": "Curator",
    "admin": "Administrator",
    "import": "Reporter",
}


@pytest.fixture
def demo(groups: Any, capsys: Any, monkeypatch: Any) -> Any:
    """Give a function that prepares the demo and returns what it printed."""

    def run(password: str = "") -> str:
        monkeypatch.setenv("DEMO_PASSWORD", password)
        call_command("demo", no_serve=True)
        return str(capsys.readouterr().out)

    return run


def test_the_first_demo_brings_the_story_and_the_accounts(demo: Any) -> None:
    said = demo("a wish of mine")
    assert Statement._base_manager.count() >= 14
    made = {person.username: person for person in User.objects.all()}
    assert {name: person.groups.get().name for name, person in made.items()} == GROUPS
    assert [name for name, person in made.items() if not person.has_usable_password()] == ["import"]
    assert {name for name, person in made.items() if person.is_staff} == {"curator", "admin"}
    assert made["verifier2"].check_password("a wish of mine")
    assert "a wish of mine" in said
    assert "statements from" in said


def test_the_second_demo_keeps_the_data_and_the_accounts(demo: Any) -> None:
    password = demo().partition("Password")[2].split()[0]
    before = list(User.objects.order_by("pk").values_list("pk", "username", "password"))
    records = list(Statement._base_manager.order_by("pk").values_list("pk", "uid"))
    said = demo()
    assert list(User.objects.order_by("pk").values_list("pk", "username", "password")) == before
    assert list(Statement._base_manager.order_by("pk").values_list("pk", "uid")) == records
    assert "kept as they were" in said
    assert "kept, with their passwords" in said
    assert password not in said
    assert User.objects.get(username="reader").check_password(password)


def test_a_demo_with_another_password_gives_it_to_the_accounts(demo: Any) -> None:
    demo("the first password")
    User.objects.get(username="import").groups.clear()
    assert "the second password" in demo("the second password")
    assert User.objects.get(username="admin").check_password("the second password")
    assert not User.objects.get(username="import").has_usable_password()


@pytest.mark.django_db(transaction=True)
def test_who_migrates_second_waits_for_the_first(in_threads: Any) -> None:
    at_work: list[int] = []
    most: list[int] = []

    def task(number: int) -> None:
        with connection.alone("trying it out", patience=30):  # type: ignore[attr-defined]
            at_work.append(number)
            most.append(len(at_work))
            time.sleep(0.05)
            at_work.remove(number)

    in_threads(task, [1, 2, 3])
    assert most == [1, 1, 1]


@pytest.mark.django_db(transaction=True)
def test_who_waits_in_vain_is_told_what_for_in_one_line(in_threads: Any) -> None:
    held, done = threading.Event(), threading.Event()

    def first(_: int) -> str:
        with connection.alone("trying it out", patience=1):  # type: ignore[attr-defined]
            held.set()
            done.wait(30)
        return ""

    def second(_: int) -> str:
        held.wait(30)
        try:
            with connection.alone("trying it out", patience=0):  # type: ignore[attr-defined]
                return "let in"
        except SetupError as error:
            return str(error)
        finally:
            done.set()

    told = in_threads(lambda number: (first, second)[number](number), [0, 1])
    assert told == ["", "Somebody else is at this: trying it out. Try again when that has ended."]
