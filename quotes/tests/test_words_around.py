"""The words kept around a quote show nothing of what stands beside it and is held back (invariant 12)."""

import json
from typing import Any

import pytest
from django.urls import reverse

from quotes.actions.audit import acting
from quotes.models import Quote

from . import factories as make
from .exporting import rows_of, text_of

pytestmark = pytest.mark.django_db
BODY = (
    'He said, "Open words stand here." Then, "Canary words are secret." '
    + "x" * 200
    + ' "Far words are open."'
)


@pytest.fixture
def beside(reporter: Any) -> Any:
    """An open quote with a hidden one right behind it, kept with the words around; and an open one far away."""
    article = make.an_article()
    capture = make.a_capture(article, BODY)
    found = {}
    for name, text, record in (
        ("open", "Open words stand here.", "on"),
        ("hidden", "Canary words are secret.", "off"),
        ("far", "Far words are open.", "on"),
    ):
        start = BODY.index(text)
        found[name] = make.a_quote(
            make.a_statement(record=record, uid=f"{name}-one"),
            text,
            article=article,
            capture=capture,
            start=start,
            end=start + len(text),
            prefix=BODY[max(0, start - 64) : start],
            suffix=BODY[start + len(text) :][:64],
            uid=f"{name}-quote",
            by=reporter,
        )
    return found


def test_no_page_shows_them_to_whoever_may_not_know_of_it(
    client_of: Any, reader: Any, reporter: Any, verifier: Any, beside: Any
) -> None:
    own = beside["open"]
    pages = [
        reverse("statement", args=[own.statement.uid]),
        reverse("statement", args=[own.statement.uid]) + "?format=json",
        reverse("quote", args=[own.uid]),
        reverse("article", args=[own.article_id]),
        reverse("verify-quote", args=[own.uid]),
        reverse("quote-edit", args=[own.uid]),
        reverse("search-peek", args=[own.statement.uid]),
    ]
    for page in pages:
        for person in (reader, reporter):
            answer = client_of(person).get(page, headers={"HX-Request": "true"} if "peek" in page else {})
            assert answer.status_code == (403 if person is reader and "edit" in page else 200), page
            assert "Canary" not in answer.content.decode(), page
    assert "Canary" in client_of(verifier).get(pages[1]).content.decode()
    far = client_of(reader).get(reverse("statement", args=["far-one"]) + "?format=json").json()
    assert far["quotes"][0]["prefix"] == beside["far"].prefix, "further away they stay"


def test_neither_the_history_nor_a_receipt_tells_them(
    client_of: Any, reader: Any, verifier: Any, beside: Any
) -> None:
    own = beside["open"]
    with acting(by=verifier, verb="quotes.edit"):
        Quote.objects.filter(pk=own.pk).update(suffix=own.suffix[:40], cue="warned")
    pages = [
        reverse("statement", args=[own.statement.uid]),
        reverse("statement-receipt", args=[own.statement.uid]),
        reverse("activity"),
        reverse("statement", args=[own.statement.uid]) + "?as_of=2999-01-01",
    ]
    for page in pages:
        text = client_of(reader).get(page).content.decode()
        assert "Canary" not in text, page
    assert "warned" in client_of(reader).get(pages[0]).content.decode()
    for page in (pages[1], pages[3]):
        assert "Canary" in client_of(verifier).get(page).content.decode(), page


@pytest.mark.parametrize("name", ["json", "csv"])
def test_they_leave_in_no_file_and_stay_where_they_are(reader: Any, beside: Any, name: str) -> None:
    text = text_of(name, reader)
    assert "Canary" not in text
    assert "Open words stand here." in text
    if name == "csv":
        rows = {row["uid"]: row for row in rows_of(text)}
        assert rows["open-quote"]["withheld"] == "prefix suffix"
        assert rows["open-quote"]["start"] == str(beside["open"].start)
        assert rows["far-quote"]["withheld"] == ""
    else:
        fields = {one["fields"].get("uid"): one["fields"] for one in json.loads(text)}
        assert "prefix" not in fields["open-quote"]
        assert fields["far-quote"]["prefix"] == beside["far"].prefix


def test_somebody_who_does_not_see_them_does_not_wipe_them_by_saving(
    client_of: Any, reporter: Any, beside: Any
) -> None:
    own = beside["open"]
    address = reverse("quote-edit", args=[own.uid])
    form = client_of(reporter).get(address).context["form"]
    sent = {name: value for name, value in form.values.items() if isinstance(value, str)}
    answer = client_of(reporter).post(address, {**sent, "version": own.version, "cue": "warned"})
    assert answer.status_code == 303
    saved = Quote.objects.get(pk=own.pk)
    assert (saved.cue, saved.prefix, saved.suffix) == ("warned", own.prefix, own.suffix)


@pytest.mark.parametrize("placed", [True, False])
def test_a_hidden_quote_without_a_place_may_stand_anywhere(
    client_of: Any, reader: Any, beside: Any, placed: bool
) -> None:
    if not placed:
        Quote.objects.filter(pk=beside["hidden"].pk).update(start=None, end=None, capture=None)
    Quote.objects.filter(pk=beside["far"].pk).update(prefix="kept before")
    page = client_of(reader).get(reverse("statement", args=["far-one"]) + "?format=json").json()
    assert page["quotes"][0]["prefix"] == ("kept before" if placed else "")
