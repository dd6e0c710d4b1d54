"""Many people work on many quotes at once over HTTP, beside admin and import: nothing lost, nothing doubled (R1).

Small here; in full with ``sh scripts/load``, which prints its figures. Every operation carries a token of its own, and
what was accepted is read back from the records and from the log: each accepted token once, no refused one at all.
"""

import json
import os
import random
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import Sum

from quotes.models import Alert, Assignment, AuditEvent, Check, Note, Quote, Speaker, Standing, Statement
from quotes.search.activity import check_chain
from quotes.search.export import OPERATOR
from quotes.search.quotes import values_of

from . import factories as make
from .test_verify_load import EDITORS, Editor, editors, server, together, told

__all__ = ["editors", "server"]  # fixtures of the other test of load

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.allow_hosts(["127.0.0.1", "localhost", "::1"]),
]

QUOTES = int(os.environ.get("QUOTES", "12"))
OPERATIONS = int(os.environ.get("OPERATIONS", "120"))
IMPORTED = 40
"""Quotes that the import brings in meanwhile, again and again in files of their own."""

VERDICTS = {
    "axis-attribution": "pass", "axis-wording": "pass", "axis-context": "pass", "axis-dating": "unclear",
}  # fmt: skip

LOOKING = threading.BoundedSemaphore(8)


@contextmanager
def looking() -> Iterator[None]:
    """What an editor saw on the page, read here: by a few at once, as the server has the other connections."""
    with LOOKING:
        try:
            yield
        finally:
            connection.close()


class Ledger:
    """What was sent, with what answer: by kind, the tokens accepted and refused."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.answers: Counter[int] = Counter()
        self.by_kind: Counter[tuple[str, int]] = Counter()
        self.accepted: dict[str, list[str]] = {}
        self.refused: dict[str, list[str]] = {}
        self.unexplained: list[tuple[str, int, str]] = []

    def enter(self, kind: str, token: str, status: int, body: str = "") -> None:
        with self.lock:
            self.answers[status] += 1
            self.by_kind[kind, status] += 1
            kept = self.accepted if status in (303, 302, 204) else self.refused
            kept.setdefault(kind, []).append(token)
            if status == 409 and "The last change was made by" not in body and kind in ("edit", "verify"):
                self.unexplained.append((kind, status, body[:200]))


def write_note(editor: Editor, quote: Quote, token: str, chance: random.Random) -> tuple[int, str]:
    who = f"@editor{chance.randrange(EDITORS)} " if chance.random() < 0.2 else ""
    key = uuid.uuid4().hex
    fields = {"do": "note", "text": f"{who}{token}", "idempotency_key": key}
    answer = editor.send(f"/quotes/{quote.uid}/notes/", fields)
    if chance.random() < 0.1 and answer[0] == 303:
        # The answer got lost on the way, so it is sent once more: told the same, and written once.
        answer = editor.send(f"/quotes/{quote.uid}/notes/", fields)
    return answer


def change_speaker(editor: Editor, quote: Quote, token: str, chance: random.Random) -> tuple[int, str]:
    with looking():
        quote = (
            Quote.objects.select_related("article", "statement__speaker", "statement__uttered_by")
            .prefetch_related("relays__outlet", "figures__measure", "statement__topics")
            .get(pk=quote.pk)
        )
        values = values_of(quote, OPERATOR)
        known = Speaker.objects.filter(slug__startswith="speaker-").order_by("pk")
        speakers = list(known.values_list("slug", flat=True)[:5])
    return editor.send(
        f"/quotes/{quote.uid}/edit/",
        {
            **values,
            "do": "save",
            "version": quote.version,
            "shown": quote.composition,
            "opened": json.dumps(values),
            "speaker": chance.choice(speakers),
            "occasion": token,
        },
    )


def hand_over(editor: Editor, quote: Quote, token: str, chance: random.Random) -> tuple[int, str]:
    with looking():
        held = Assignment.objects.filter(quote=quote).first()
    fields = {
        "do": "assign", "to": f"editor{chance.randrange(EDITORS)}", "task": "correct",
        "reason": token, "mark": held.mark if held else "",
    }  # fmt: skip
    return editor.send(f"/quotes/{quote.uid}/notes/", fields)


def verify(editor: Editor, quote: Quote, token: str, chance: random.Random) -> tuple[int, str]:
    with looking():
        seen = Standing.objects.get(pk=quote.pk).content_hash
    return editor.send(f"/verify/{quote.uid}/", {"seen": seen, "note": token, **VERDICTS})


# TRUST.md R1: 60 % notes, 20 % speaker, 10 % hand-over between statements or people, 10 % verify.
KINDS = (
    ("note", 0.6, write_note),
    ("edit", 0.8, change_speaker),
    ("hand over", 0.9, hand_over),
    ("verify", 1.0, verify),
)


def apart(troubles: list[BaseException], work: Any, *given: Any) -> None:
    """Work in a thread of its own, with a connection of its own; what goes wrong is told at the end."""
    try:
        work(*given)
    except BaseException as trouble:
        troubles.append(trouble)
    finally:
        connection.close()


def curate(browser: Any, speaker: Any, ledger: Ledger, stop: threading.Event) -> None:
    """Edit a reference record in the admin, over and over, as its form has it."""
    address = f"/admin/quotes/speaker/{speaker.pk}/change/"
    number = 0
    while not stop.is_set():
        number += 1
        token = f"admin-{number}-{uuid.uuid4().hex[:8]}"
        row = Speaker.objects.get(pk=speaker.pk)
        form = {
            "name": row.name, "slug": row.slug, "kind": row.kind, "description": token, "country": "",
            "wikidata_id": "", "version": row.version,
        }  # fmt: skip
        for prefix in ("names", "tenures", "owned", "speaks"):
            form |= {f"{prefix}-TOTAL_FORMS": "0", f"{prefix}-INITIAL_FORMS": "0"}
        answer = browser.post(address, form)
        ledger.enter("admin", token, answer.status_code, "")
        stop.wait(0.2)


def bring_in(folder: Path, importer: Any, ledger: Ledger, stop: threading.Event) -> None:
    """Import a file of new quotes, over and over."""
    number = 0
    while not stop.is_set():
        number += 1
        file = folder / f"{number}.json"
        file.write_text(json.dumps(a_file(number)), encoding="utf-8")
        call_command("import_quotes", str(file), "--as", importer.username, stdout=StringIO())
        ledger.enter("import", f"load-{number}", 204)
        stop.wait(0.3)


def a_file(number: int) -> list[dict[str, Any]]:
    """New statements and quotes by a speaker that is on record."""
    records = []
    for n in range(IMPORTED):
        uid = f"load-{number}-{n}"
        records += [
            {"model": "quotes.statement", "fields": {"uid": f"{uid}-s", "speaker": ["load-speaker"], "gist": uid}},
            {
                "model": "quotes.quote",
                "fields": {
                    "uid": uid, "statement": [f"{uid}-s"], "article": ["https://load.example/one"],
                    "kind": "direct", "text": f"Words number {n}", "language": "en",
                },
            },
        ]  # fmt: skip
    return records


def test_nothing_is_lost_or_doubled_while_all_of_the_house_writes(
    editors: list[Editor], reporter: Any, curator: Any, make_person: Any, client_of: Any, tmp_path: Path
) -> None:
    importer = make_person("importer", "Reporter")
    reference = make.a_speaker("Somebody of record", slug="load-speaker")
    make.an_article(url="https://load.example/one")
    for _ in range(5):
        make.a_speaker()
    quotes = [make.a_held_quote(by=reporter) for _ in range(QUOTES)]
    before = {row.pk: row.version for row in Statement.objects.all()}
    events_before = AuditEvent.objects.count()
    ledger, stop = Ledger(), threading.Event()
    troubles: list[BaseException] = []
    beside = [
        threading.Thread(target=apart, args=(troubles, curate, client_of(curator), reference, ledger, stop)),
        threading.Thread(target=apart, args=(troubles, bring_in, tmp_path, importer, ledger, stop)),
    ]
    share = max(1, OPERATIONS // EDITORS)
    whole = Ledger()

    def work(number: int, editor: Editor) -> None:
        chance = random.Random(number)
        for step in range(share):
            quote, roll = chance.choice(quotes), chance.random()
            kind, _, do = next(one for one in KINDS if roll < one[1])
            token = f"{kind.replace(' ', '-')}-{number}-{step}-{uuid.uuid4().hex[:8]}"
            status, body = do(editor, quote, token, chance)
            whole.enter(kind, token, status, body)

    for thread in beside:
        thread.start()
    began = time.perf_counter()
    seconds = together(editors, work)
    stop.set()
    for thread in beside:
        thread.join()
    assert troubles == []
    assert time.perf_counter() - began >= seconds
    sent = whole.answers.total()
    assert sent == share * EDITORS
    lost, doubled = judged(whole, ledger, quotes, before)
    told(f"{EDITORS} editors on {QUOTES} quotes", whole.answers, seconds, len(lost), len(doubled))
    told("admin and imports beside them", ledger.answers, seconds, 0, 0)
    told_by_kind(whole, ledger)
    assert (lost, doubled) == ([], [])
    assert not [status for status in (*whole.answers, *ledger.answers) if status >= 500]
    # A refusal is a conflict, or somebody else's work; each of the first says who was quicker.
    assert set(whole.answers) <= {303, 409}
    assert whole.unexplained == []
    assert all(whole.accepted.get(kind) for kind, _, _ in KINDS)
    assert ledger.accepted.get("admin"), "no edit in the admin was accepted"
    assert ledger.accepted.get("import"), "no import came through"
    assert AuditEvent.objects.count() > events_before
    assert check_chain([]).broken is None


def judged(
    whole: Ledger, ledger: Ledger, quotes: list[Any], before: dict[int, int]
) -> tuple[list[str], list[str]]:
    """Read back what was kept, as a list of appends: each accepted token exactly once, a refused one never."""
    kept: Counter[str] = Counter()
    for text in Note.objects.values_list("text", flat=True):
        kept[text.rsplit(" ", 1)[-1]] += 1
    kept.update(Check.objects.values_list("note", flat=True))
    for kind, table, column in (
        ("edit", "quotes_statement", "occasion"),
        ("hand over", "quotes_assignment", "reason"),
        ("admin", "quotes_speaker", "description"),
    ):
        wanted = set(whole.accepted.get(kind, [])) | set(whole.refused.get(kind, []))
        wanted |= set(ledger.accepted.get(kind, [])) | set(ledger.refused.get(kind, []))
        for was, became in (
            AuditEvent.objects.filter(table=table).exclude(after=None).values_list("before", "after")
        ):
            now = json.loads(became)[column]
            if now in wanted and (not was or json.loads(was)[column] != now):
                kept[now] += 1
    accepted = [*whole.accepted.items(), *ledger.accepted.items()]
    refused = [token for book in (whole, ledger) for tokens in book.refused.values() for token in tokens]
    tokens = [token for kind, group in accepted if kind != "import" for token in group]
    lost = [token for token in tokens if not kept[token]]
    doubled = [token for token in tokens if kept[token] > 1] + [token for token in refused if kept[token]]
    # The versions agree with what was accepted: no write in between that nobody was told of.
    raised = (Statement.objects.filter(pk__in=before).aggregate(n=Sum("version"))["n"] or 0) - sum(
        before.values()
    )
    assert raised == len(whole.accepted.get("edit", []))
    brought = len(ledger.accepted.get("import", [])) * IMPORTED
    assert Quote.objects.filter(uid__startswith="load-").count() == brought
    named = sum("@editor" in text for text in Note.objects.values_list("text", flat=True))
    assert Alert.objects.filter(kind="named").count() <= named
    return lost, doubled


def told_by_kind(whole: Ledger, ledger: Ledger) -> None:
    import sys

    for (kind, status), number in sorted((whole.by_kind + ledger.by_kind).items()):
        sys.stdout.write(f"  {kind:10} {status} {number}\n")
