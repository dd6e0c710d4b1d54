"""Invariant 12: what is held back is absent from every part of search for those without the right."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from quotes.models import Statement
from quotes.tests import factories as make

pytestmark = pytest.mark.django_db

CANARY = "xylophonist"


@pytest.fixture(params=["off", "embargo"])
def hidden(request: Any) -> Any:
    """A statement that readers may not know of; every name in it is its own."""
    held: dict[str, Any] = (
        {"record": "off"}
        if request.param == "off"
        else {"embargoed_until": timezone.now() + dt.timedelta(hours=1)}
    )
    statement = make.a_statement(
        make.a_speaker("Quentin Hiddenberg", slug="hiddenberg"),
        uid="the-hidden-one",
        gist=f"The {CANARY} speaks",
        topics=[make.a_topic("Hiddentopic")],
        said_on=dt.date(1999, 1, 1),
        **held,
    )
    make.a_quote(
        statement,
        f"A {CANARY} is a {CANARY}, we lose 77,777.",
        chain=[make.an_outlet("Hiddenpost")],
        language="mi",
    )
    open_one = make.a_statement(uid="the-open-one", gist="Nothing much")
    make.a_quote(open_one, "We lose, they said.")
    make.a_link(open_one, statement, "contradicts")
    return statement


SEARCHES = [
    *(CANARY, f'"{CANARY}"', f'"a {CANARY}"', f"{CANARY[:6]}*", "xylophnist", "hiddenberg"),
    *("77,777", "lose", "-peace", "", "said:hiddenberg", "topic:hiddentopic", "in:hiddenpost"),
    *("to:hiddenpost", "lang:mi", "before:2000", "on:1999", "has:figure"),
]


@pytest.mark.parametrize("query", SEARCHES)
@pytest.mark.parametrize("form", ["page", "fragment", "json"])
def test_it_is_absent_for_a_reader(client_of: Any, reader: Any, hidden: Any, query: str, form: str) -> None:
    client = client_of(reader)
    headers = {"HX-Request": "true"} if form == "fragment" else {}
    asked = {"q": query, **({"format": "json"} if form == "json" else {})}
    response = client.get("/search/", asked, headers=headers)
    text = response.content.decode()
    assert "the-hidden-one" not in text
    assert f"{CANARY} is" not in text
    assert "Contradicts" not in text, "a badge would tell of it"
    if form == "json":
        answer = response.json()
        assert answer["total"] == (1 if query in ("lose", "-peace", "") else 0)
        told = {
            option["label"] for options in answer["facets"].values() for option in options if option["count"]
        }
        assert not told & {"Quentin Hiddenberg", "Hiddentopic", "Hiddenpost", "mi", "1999"}


@pytest.mark.parametrize("query", [CANARY, "77,777", "said:hiddenberg", "lang:mi", f'"a {CANARY}"'])
def test_it_is_there_for_a_verifier(client_of: Any, verifier: Any, hidden: Any, query: str) -> None:
    answer = client_of(verifier).get("/search/", {"q": query, "format": "json"}).json()
    assert [result["uid"] for result in answer["results"]] == ["the-hidden-one"]


def test_nothing_widens_the_search_to_it(client_of: Any, reader: Any, hidden: Any) -> None:
    text = client_of(reader).get("/search/", {"q": CANARY, "standing": "verified"}).content.decode()
    assert "Any standing" not in text


def test_lifting_an_embargo_needs_no_write(client_of: Any, reader: Any) -> None:
    statement = make.a_statement(
        gist="On elephants", embargoed_until=timezone.now() - dt.timedelta(seconds=1)
    )
    later = make.a_statement(gist="On elephants", embargoed_until=timezone.now() + dt.timedelta(days=1))
    answer = client_of(reader).get("/search/?q=elephants&format=json").json()
    assert [result["uid"] for result in answer["results"]] == [statement.uid]
    Statement.objects.filter(pk=later.pk).update(embargoed_until=None)
    assert client_of(reader).get("/search/?q=elephants&format=json").json()["total"] == 2


def test_a_right_that_is_taken_away_is_gone_with_the_next_request(
    client_of: Any, verifier: Any, hidden: Any
) -> None:
    client = client_of(verifier)
    assert client.get(f"/search/?q={CANARY}&format=json").json()["total"] == 1
    verifier.groups.clear()
    assert client.get(f"/search/?q={CANARY}&format=json").json()["total"] == 0


def test_a_cursor_is_the_same_whether_or_not_something_hidden_was_entered(
    client_of: Any, reader: Any, verifier: Any, hidden: Any
) -> None:
    for n in range(30):
        make.a_statement(gist="On the war", said_on=dt.date(2026, 1, 1 + n % 7))
    pages = [f"/search/?q=war&sort={order}&format=json" for order in ("match", "said", "added")]
    before = [client_of(reader).get(page).json()["next"] for page in pages]
    seen = [client_of(verifier).get(page).json()["next"] for page in pages]
    make.a_statement(gist="On elephants", record="off")
    make.a_statement(gist="On elephants", embargoed_until=timezone.now() + dt.timedelta(days=1))
    assert all(before)
    assert [client_of(reader).get(page).json()["next"] for page in pages] == before
    assert [client_of(verifier).get(page).json()["next"] for page in pages] != seen, (
        "the mark is there at all"
    )
