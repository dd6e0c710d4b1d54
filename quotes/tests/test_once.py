"""A form that is sent twice happens once (PRODUCT.md §8, quotes.actions.once)."""

import datetime as dt
import json
import re
import threading
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import reverse

from quotes.actions import once as once_module
from quotes.actions.audit import acting
from quotes.actions.once import once
from quotes.models import Check, Evidence, ImportRun, Posting, Topic

from . import factories as make

pytestmark = pytest.mark.django_db

# Where what a form wrote is to be told from what was there: within one transaction all of a test is one deed.
TRANSACTIONS_OF_THEIR_OWN = pytest.mark.django_db(transaction=True)


def a_form(quote: Any, **fields: Any) -> dict[str, Any]:
    """A full pass of a direct quote, as the page sends it."""
    return {
        "seen": quote.standing.content_hash,
        "axis-attribution": "pass",
        "axis-wording": "pass",
        "axis-context": "pass",
        "axis-dating": "pass",
        "idempotency_key": "a-key",
        **fields,
    }


@pytest.fixture
def quote(reporter: Any) -> Any:
    return make.a_held_quote(by=reporter)


@pytest.fixture
def address(quote: Any) -> str:
    return reverse("verify-quote", args=[quote.uid])


def test_the_second_identical_form_answers_as_the_first_and_writes_nothing(
    client_of: Any, verifier: Any, quote: Any, address: str
) -> None:
    browser = client_of(verifier)
    first = browser.post(address, a_form(quote))
    again = browser.post(address, a_form(quote))
    assert (first.status_code, first["Location"]) == (again.status_code, again["Location"])
    assert Check.objects.count() == 1


def test_the_repeated_answer_says_what_the_first_one_said(
    client_of: Any, verifier: Any, quote: Any, address: str
) -> None:
    client_of(verifier).post(address, a_form(quote))
    later = client_of(verifier)
    page = later.post(address, a_form(quote), follow=True)
    assert f"Signed {quote.uid}" in page.content.decode()


@TRANSACTIONS_OF_THEIR_OWN
def test_what_was_taken_back_since_is_not_told_as_done(
    client_of: Any, verifier: Any, quote: Any, address: str
) -> None:
    browser = client_of(verifier)
    browser.post(address, a_form(quote))
    assert f"Signed {quote.uid}" in browser.get(address).content.decode()
    browser.post(address, {"do": "undo", "idempotency_key": "b-key"})
    browser.get(address)
    page = browser.post(address, a_form(quote), follow=True).content.decode()
    assert f"Signed {quote.uid}" not in page
    assert "since then it was taken back" in page
    assert Check.objects.count() == 1
    # A page that is loaded now has another key, and signs anew.
    assert (
        f"Signed {quote.uid}"
        in browser.post(address, a_form(quote, idempotency_key="c-key"), follow=True).content.decode()
    )
    assert Check.objects.count() == 2


@TRANSACTIONS_OF_THEIR_OWN
def test_a_claim_that_was_released_and_a_step_that_was_reopened_are_not_told_as_done(
    client_of: Any, verifier: Any, quote: Any, address: str
) -> None:
    outlet = make.an_outlet("The Wire", slug="the-wire")
    relay = make.a_quote(chain=["a wire report"]).relays.get()
    step = reverse("step", args=[relay.pk])
    deeds = [
        (address, {"do": "claim"}, address, {"do": "release"}, "You are on"),
        (
            step,
            {"version": "1", "outlet": outlet.slug},
            step,
            {"version": "2", "do": "reopen"},
            "now is The Wire",
        ),
    ]
    browser = client_of(verifier)
    for number, (where, done, back_where, back, said) in enumerate(deeds):
        first = browser.post(where, {**done, "idempotency_key": f"a-{number}"})
        assert first.status_code == 303
        browser.get(address)
        assert browser.post(back_where, {**back, "idempotency_key": f"b-{number}"}).status_code == 303
        browser.get(address)
        again = browser.post(where, {**done, "idempotency_key": f"a-{number}"}, follow=True).content.decode()
        assert said not in again
        assert "since then it was taken back" in again


def test_every_verb_that_takes_something_back_is_known_here() -> None:
    written = {
        verb
        for file in Path(once_module.__file__).parent.glob("*.py")
        for verb in re.findall(r'"([a-z]+\.[a-z_]+)"', file.read_text(encoding="utf-8"))
    }
    backwards = re.compile(r"\.(un|re(open|lease)|undo|take_(back|away|over)|doubt_again)")
    assert {verb for verb in written if backwards.search(verb)} == set(once_module.TAKEN_BACK)


def test_another_key_is_another_form(client_of: Any, verifier: Any, quote: Any, address: str) -> None:
    browser = client_of(verifier)
    browser.post(address, a_form(quote))
    browser.post(address, a_form(quote, idempotency_key="another"))
    assert Check.objects.count() == 2


def test_the_same_key_with_other_words_is_another_form(
    client_of: Any, verifier: Any, quote: Any, address: str
) -> None:
    browser = client_of(verifier)
    browser.post(address, a_form(quote))
    browser.post(address, a_form(quote, note="Heard it again."))
    assert [check.note for check in Check.objects.order_by("pk")] == ["", "Heard it again."]


def test_the_same_key_with_a_mended_file_is_another_form(
    client_of: Any, reporter: Any, settings: Any, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path
    browser = client_of(reporter)
    for name in ("War", "Wax", "War"):
        rows = [{"model": "quotes.topic", "fields": {"slug": "war", "name": name}}]
        file = SimpleUploadedFile("a.json", json.dumps(rows).encode())
        assert browser.post(reverse("import-new"), {"file": file, "idempotency_key": "a"}).status_code == 303
    assert ImportRun.objects.count() == 2, (
        "as long, called the same, and yet another; the third is the first again"
    )


def test_the_same_key_of_another_person_is_another_form(
    client_of: Any, verifier: Any, second_verifier: Any, quote: Any, address: str
) -> None:
    client_of(verifier).post(address, a_form(quote))
    client_of(second_verifier).post(address, a_form(quote))
    assert Check.objects.values("by").distinct().count() == 2


def test_a_refused_form_leaves_nothing_and_can_be_sent_again_with_its_key(
    client_of: Any, verifier: Any, quote: Any, address: str
) -> None:
    browser = client_of(verifier)
    wrong = a_form(
        quote, **{"evidence-kind": "wire", "evidence-url": "https://wire.example/1", "axis-dating": ""}
    )
    assert browser.post(address, wrong).status_code == 422
    assert not Evidence.objects.exists()
    assert not Posting.objects.exists()
    assert browser.post(address, {**wrong, "axis-dating": "pass"}).status_code == 303


def test_an_old_answer_is_not_told_to_somebody_whose_rights_changed(
    client_of: Any, verifier: Any, quote: Any, address: str
) -> None:
    browser = client_of(verifier)
    assert browser.post(address, a_form(quote)).status_code == 303
    verifier.groups.clear()
    assert browser.post(address, a_form(quote)).status_code == 403
    verifier.user_permissions.add(Permission.objects.get(codename="add_check"))
    # Rights are part of what makes two forms the same, so this one is judged anew.
    assert browser.post(address, a_form(quote)).status_code == 303
    assert Check.objects.count() == 2


def test_answers_are_forgotten_after_a_day(client_of: Any, verifier: Any, quote: Any, address: str) -> None:
    browser = client_of(verifier)
    browser.post(address, a_form(quote))
    Posting.objects.update(at=dt.datetime.now(dt.UTC) - dt.timedelta(hours=25))
    browser.post(address, a_form(quote, idempotency_key="another"))
    assert Posting.objects.count() == 1


def test_a_form_without_a_key_is_taken_as_it_is(
    client_of: Any, verifier: Any, quote: Any, address: str
) -> None:
    browser = client_of(verifier)
    for _ in range(2):
        assert browser.post(address, a_form(quote, idempotency_key="")).status_code == 303
    assert not Posting.objects.exists()


def test_what_fails_after_the_view_is_not_remembered_as_done(
    rf: RequestFactory, verifier: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    @once
    def view(request: HttpRequest) -> HttpResponse:
        make.a_topic("Half done")
        raise RuntimeError("the server is killed here")

    request = rf.post("/", {"idempotency_key": "k"})
    request.user = verifier
    with pytest.raises(RuntimeError):
        view(request)
    assert not Posting.objects.exists()
    assert not type(make.a_topic("Other")).objects.filter(name="Half done").exists()


def write_topics(number: int, by: Any) -> None:
    with acting(by=by, verb="topics.write"):
        Topic.objects.bulk_create(Topic(slug=f"topic-{n}", name=f"Topic {n}") for n in range(number))


def events_read() -> int:
    """Events that this transaction has fetched so far, by whichever way."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) FROM pg_stat_xact_user_tables"
            " WHERE relname = 'quotes_auditevent'"
        )
        return int(cursor.fetchone()[0])


@TRANSACTIONS_OF_THEIR_OWN
def test_of_a_form_that_wrote_much_only_as_much_is_read_as_is_kept(curator: Any) -> None:
    with transaction.atomic():
        write_topics(10 * once_module.MOST_RECORDS, curator)
        before = events_read()
        kept = Posting(wrote=once_module._wrote())
        assert events_read() - before <= 2 * once_module.MOST_RECORDS
    assert len(kept.wrote["records"]) == once_module.MOST_RECORDS
    with acting(by=curator, verb="topics.write"):
        Topic.objects.update(name="Another")
    assert not once_module._was_taken_back(kept)
    with acting(by=curator, verb="imports.undo"):
        Topic.objects.all().delete()
    assert once_module._was_taken_back(kept)


@TRANSACTIONS_OF_THEIR_OWN
def test_what_was_taken_back_before_a_form_is_not_what_the_form_did(curator: Any) -> None:
    topic = make.a_topic("One")
    with acting(by=curator, verb="imports.undo"):
        Topic.objects.filter(pk=topic.pk).update(name="Two")
    with transaction.atomic():
        assert once_module._wrote() == {}
        with acting(by=curator, verb="topics.write"):
            Topic.objects.filter(pk=topic.pk).update(name="Three")
        kept = Posting(wrote=once_module._wrote())
    assert kept.wrote["records"] == [["quotes_topic", str(topic.pk)]]
    assert not once_module._was_taken_back(kept)


@pytest.mark.django_db(transaction=True)
def test_two_at_the_very_same_moment_happen_once(
    in_threads: Any, client_of: Any, verifier: Any, reporter: Any
) -> None:
    quote = make.a_held_quote(by=reporter)
    address = reverse("verify-quote", args=[quote.uid])
    browsers = [client_of(verifier) for _ in range(6)]
    answers = in_threads(lambda n: browsers[n].post(address, a_form(quote)), range(6))
    assert {(answer.status_code, answer["Location"]) for answer in answers} == {(303, address)}
    assert Check.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_second_waits_until_the_first_is_done(rf: RequestFactory, in_threads: Any, verifier: Any) -> None:
    inside, go_on = threading.Event(), threading.Event()

    @once
    def view(request: HttpRequest) -> HttpResponse:
        inside.set()
        assert go_on.wait(10)
        return HttpResponse(f"answer {make.number()}")

    def send(second: int) -> bytes:
        if second:
            assert inside.wait(10)
            threading.Timer(0.3, go_on.set).start()
        request = rf.post("/", {"idempotency_key": "k"})
        request.user = verifier
        return view(request).content

    answers = in_threads(send, [0, 1])
    assert answers[0] == answers[1]
