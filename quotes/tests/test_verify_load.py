"""Many people write at once over HTTP, through gunicorn: nothing is lost, nothing is doubled, nothing breaks (R1).

Small here; in full with ``EDITORS=50 EDITS=20 pytest quotes/tests/test_verify_load.py -s``, which prints its figures.
"""

import http.client
import os
import random
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote as quoted
from urllib.parse import urlencode, urlsplit

import pytest
from django.db import connection

from quotes.models import AuditEvent, Check, Claim, Evidence, Quote, Standing

from . import factories as make

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.allow_hosts(["127.0.0.1", "localhost", "::1"]),
]

ROOT = Path(__file__).resolve().parents[2]
EDITORS = int(os.environ.get("EDITORS", "6"))
EDITS = int(os.environ.get("EDITS", "5"))
TOKEN = "t" * 32
PASS = {f"axis-{axis}": "pass" for axis in ("attribution", "wording", "context", "dating")}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def server() -> Iterator[int]:
    """The house as it is served, 2 workers with 4 threads each, on the database of the tests."""
    port = free_port()
    settings = connection.settings_dict
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "quotes.tests.settings",
        "DATABASE_URL": f"postgres://{settings['USER']}:{settings['PASSWORD']}"
        f"@{quoted(settings['HOST'] or 'localhost', safe='')}"
        f":{settings['PORT'] or 5432}/{settings['NAME']}",
        "PORT": str(port),
    }
    command = [sys.executable, "-m", "gunicorn", "-c", "python:newsroom.gunicorn", "newsroom.wsgi"]
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(150):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.2)
        yield port
    finally:
        process.terminate()
        process.wait(20)


class Editor:
    """One person's browser: a session, and one connection that is kept."""

    def __init__(self, port: int, session: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.headers = {
            "Cookie": f"sessionid={session}; csrftoken={TOKEN}",
            "X-CSRFToken": TOKEN,
            "Content-Type": "application/x-www-form-urlencoded",
        }

    def post(self, address: str, **fields: Any) -> tuple[int, str]:
        status, where, _ = self.asked(address, fields)
        return status, where

    def send(self, address: str, fields: dict[str, Any]) -> tuple[int, str]:
        """The same for fields of any name; gives the page instead of the address that it leads to."""
        status, _, page = self.asked(address, fields)
        return status, page

    def asked(self, address: str, fields: dict[str, Any]) -> tuple[int, str, str]:
        form = {"idempotency_key": uuid.uuid4().hex, **fields}
        self.connection.request("POST", address, urlencode(form), self.headers)
        answer = self.connection.getresponse()
        page = answer.read().decode()
        return answer.status, answer.headers.get("Location") or "", page


@pytest.fixture
def editors(server: int, make_person: Any, client_of: Any) -> Iterator[list[Editor]]:
    people = [make_person(f"editor{number}", "Verifier") for number in range(EDITORS)]
    found = [Editor(server, client_of(person).cookies["sessionid"].value) for person in people]
    yield found
    for editor in found:
        editor.connection.close()


def together(editors: list[Editor], work: Any) -> float:
    """Let every editor work in a thread of its own, all from the same moment; give the seconds it took."""
    start = threading.Barrier(len(editors) + 1)
    troubles: list[BaseException] = []

    def one(number: int) -> None:
        try:
            start.wait(60)
            work(number, editors[number])
        except BaseException as trouble:
            troubles.append(trouble)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(len(editors))]
    for thread in threads:
        thread.start()
    start.wait(60)
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    assert troubles == []
    return time.perf_counter() - began


def told(what: str, answers: Counter[int], seconds: float, lost: int, doubled: int) -> None:
    broken = sum(number for status, number in answers.items() if status >= 500)
    sys.stdout.write(
        f"\n{what}: {sum(answers.values())} sent in {seconds:.1f} s, answers {dict(sorted(answers.items()))}, "
        f"{lost} lost, {doubled} doubled, {broken} of 5xx\n"
    )


def test_many_editors_on_one_quote_lose_and_double_nothing(editors: list[Editor], reporter: Any) -> None:
    quote = make.a_held_quote(by=reporter)
    address = f"/verify/{quote.uid}/"
    answers: Counter[int] = Counter()
    accepted: list[str] = []
    refused: list[str] = []
    lock = threading.Lock()

    def work(number: int, editor: Editor) -> None:
        chance = random.Random(number)
        for edit in range(EDITS):
            token = f"note-{number}-{edit}"
            present = Standing.objects.get(pk=quote.pk)
            version = Quote.objects.get(pk=quote.pk).version
            roll = chance.random()
            if roll < 0.15:
                # An edit of the highlight, which makes every open form of the others an old one.
                move = {"do": "anchor", "start": quote.start, "end": quote.end - 1 + chance.randrange(2)}
                status, _ = editor.post(address, version=version, **move)
                with lock:
                    answers[status] += 1
                continue
            verdicts = {**PASS, "axis-dating": "unclear"}
            fields = {"seen": present.content_hash, "note": token, **verdicts}
            if roll < 0.3:
                fields |= {"evidence-kind": "wire", "evidence-url": f"https://wire.example/{token}"}
            key = uuid.uuid4().hex
            status, _ = editor.post(address, **fields, idempotency_key=key)
            if roll > 0.8 and status == 303:
                # The answer got lost on the way, so it is sent once more: told the same, and written once.
                status, _ = editor.post(address, **fields, idempotency_key=key)
            with lock:
                answers[status] += 1
                (accepted if status == 303 else refused).append(token)
        connection.close()

    seconds = together(editors, work)
    kept = Counter(Check.objects.filter(quote=quote).values_list("note", flat=True))
    lost = [token for token in accepted if not kept[token]]
    doubled = [token for token, number in kept.items() if number > 1]
    told(f"{EDITORS} editors × {EDITS} on one quote", answers, seconds, len(lost), len(doubled))
    assert set(answers) <= {303, 409}
    assert accepted
    assert (lost, doubled) == ([], [])
    assert [token for token in refused if kept[token]] == []
    assert sum(kept.values()) == AuditEvent.objects.filter(table="quotes_check").count()
    attached = Evidence.objects.count()
    assert attached == AuditEvent.objects.filter(table="quotes_evidence").count()
    edits = AuditEvent.objects.filter(table="quotes_quote", verb="verify.anchor").count()
    assert Quote.objects.get(pk=quote.pk).version == quote.version + edits
    assert Standing.objects.get(pk=quote.pk).value in {"in_review", "stale"}


def test_many_checkers_empty_the_queue_without_meeting(editors: list[Editor], reporter: Any) -> None:
    number_of_quotes = max(8, EDITORS * EDITS // 4)
    quotes = [make.a_held_quote(by=reporter) for _ in range(number_of_quotes)]
    answers: Counter[int] = Counter()
    signed: list[tuple[int, str]] = []
    lock = threading.Lock()

    def work(number: int, editor: Editor) -> None:
        for tab in ("first", "second"):
            for _ in range(number_of_quotes + 1):
                status, address = editor.post("/verify/", tab=tab)
                with lock:
                    answers[status] += 1
                uid = urlsplit(address).path.removeprefix("/verify/").strip("/")
                if not uid:
                    break
                seen = Standing.objects.get(quote__uid=uid).content_hash
                status, _ = editor.post(f"/verify/{uid}/", seen=seen, **PASS)
                with lock:
                    answers[status] += 1
                    if status == 303:
                        signed.append((number, uid))
        connection.close()

    seconds = together(editors, work)
    kept = Check.objects.count()
    doubled = len(signed) - len(set(signed))
    told(
        f"{EDITORS} checkers, {number_of_quotes} quotes twice", answers, seconds, len(signed) - kept, doubled
    )
    assert set(answers) == {303}
    assert doubled == 0
    assert kept == len(signed)
    # Nobody met anybody: each quote was passed by as many people as it needs, and by no more.
    assert set(Counter(uid for _, uid in signed).values()) <= {1, 2}
    verified = Standing.objects.filter(quote__in=quotes, value="verified", passes=2).count()
    assert verified == sum(number == 2 for number in Counter(uid for _, uid in signed).values())
    assert Counter(uid for _, uid in signed).keys() == {quote.uid for quote in quotes}
    assert not Claim.objects.exists()
