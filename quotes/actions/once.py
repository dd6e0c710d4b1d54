"""Press twice, it happens once: the idempotency key of every POST form (PRODUCT.md §8).

For whoever writes a form. In the template, inside the form: ``{% idempotency_key %}`` (of ``verbatim``), which puts
the hidden field ``idempotency_key`` there with a fresh value. On the view: ``@once`` nearest to the function. Then the
second identical POST answers as the first did and writes nothing, be it a double click, Enter and a click, a repeat
after a lost answer, or two at the very same moment: the second waits until the first is done.

What that rests on. The whole view runs in one transaction, together with the note that its form was sent
(`quotes.models.Posting`): both are kept or neither. So a refusal (status 400 and above, or an exception) leaves nothing
at all, and the same form may be sent again with the same key. “Identical” means the same key, person, rights, address
and fields; the same key with other words in the form is another form, and is judged by its version like any other. A
person whose rights changed in between is not told the old answer again. A form without a key is taken as it is. A
form that the database ended to break a deadlock is done again from the start, twice at most. Where what a form did was
taken back since, its answer is not told again, for it would not be true: the person is told that it was taken back.

Answer an accepted form with a redirect (303): then nothing is rendered while records are locked.
"""

from __future__ import annotations

import functools
import hashlib
import json
import random
import time
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db import OperationalError, connection, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from quotes.models import AuditEvent, Check, Posting, Withdrawal

FIELD = "idempotency_key"
ATTEMPTS = 3
BROKEN_OFF = ("40P01", "40001")
"""SQLSTATEs of a transaction that was ended for another's sake: deadlock_detected, serialization_failure."""
KEPT = "1 day"
"""How long an answer is remembered: longer than any page stays open with a form that was sent already."""
TAKEN_BACK = (
    "imports.undo",
    "links.undo",
    "notes.take_back",
    "quotes.reopen",
    "saved.take_away",
    "speakers.doubt_again",
    "speakers.unmerge",
    "statements.unjoin",
    "statements.unsplit",
    "verify.release",
    "verify.take_over",
    "verify.undo",
)
"""Verbs that take back what another one did. (links.reject and the like decide anew: what was said stays true.)"""
SORRY = (
    "You sent this form before, and it was done; since then it was taken back. Nothing was written now: to do it"
    " again, send the form as it is on the page now."
)
MOST_RECORDS = 200
"""Records of one form that are remembered; what takes back a form that wrote more writes all of them again."""

type View = Callable[..., HttpResponse]


# house: it decorates a view, whose request says by whom
def once(view: View) -> View:
    """Make a view happen once for each form that carries a key; GETs and forms without one pass through.

    Args:
        view: a function view; it runs inside a transaction when a key is there.
    """

    @functools.wraps(view)
    def happens_once(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        key = request.POST.get(FIELD, "") if request.method == "POST" else ""
        if not key or not request.user.is_authenticated:
            return view(request, *args, **kwargs)
        digest = _digest(request, key)

        def attempt() -> HttpResponse:
            with transaction.atomic():
                if not _is_first(digest, request.user.pk):
                    return _again(request, Posting.objects.get(pk=digest))
                response = view(request, *args, **kwargs)
                if response.status_code >= 400 or response.streaming:
                    # Nothing of a refused form is kept, so that it can be sent again. (No form of ours streams.)
                    transaction.set_rollback(True)
                else:
                    Posting.objects.filter(pk=digest).update(**_answer(request, response))
            return response

        return patiently(attempt, before=lambda: _unsay(request))

    return happens_once


# house: it repeats what is said by whom inside
def patiently[Answer](
    deed: Callable[[], Answer], *, before: Callable[[], None] = lambda: None, attempts: int = ATTEMPTS
) -> Answer:
    """Do a deed of one whole transaction, and again from the start when the database broke a deadlock with it.

    Of two writers that wait for each other PostgreSQL ends one, of whose work nothing is kept. Inside an outer
    transaction nothing is repeated, because that one is lost too.

    Args:
        deed: what to do; it opens its own transaction.
        before: called before each repetition.
        attempts: how often at most (TRUST.md, R3: the first and two more).

    Raises:
        django.db.OperationalError: when the last attempt ended so as well.
    """
    for attempt in range(1, attempts + 1):
        try:
            return deed()
        except OperationalError as error:
            state = getattr(error.__cause__, "sqlstate", None)
            if state not in BROKEN_OFF or attempt == attempts or connection.in_atomic_block:
                raise
            # Not both at the same moment again.
            time.sleep(random.uniform(0.01, 0.05) * attempt)  # noqa: S311  it only has to differ
            before()
    raise AssertionError("unreachable")


def _unsay(request: HttpRequest) -> None:
    """Take back the messages of an attempt of which nothing was kept."""
    storage: Any = messages.get_messages(request)
    storage._queued_messages = []


def _digest(request: HttpRequest, key: str) -> str:
    """Hash what makes two forms the same one."""
    form = sorted(
        (name, values) for name, values in request.POST.lists() if name not in (FIELD, "csrfmiddlewaretoken")
    )
    told = [
        key,
        str(request.user.pk),
        sorted(request.user.get_all_permissions()),
        request.get_full_path(),
        request.headers.get("HX-Request", ""),
        form,
        sorted((name, file.name, _content(file)) for name, files in request.FILES.lists() for file in files),
    ]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _content(file: Any) -> str:
    """Hash what a file holds: one that was mended keeps its name, and often its length."""
    digest = hashlib.sha256()
    for piece in file.chunks():
        digest.update(piece)
    file.seek(0)
    return digest.hexdigest()


def _is_first(digest: str, person: int | None) -> bool:
    """Note the form; False when it was accepted before. Waits for another one that is being worked on."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM quotes_posting WHERE digest IN (SELECT digest FROM quotes_posting"
            " WHERE at < now() - %s::interval ORDER BY at LIMIT 10 FOR UPDATE SKIP LOCKED)",
            [KEPT],
        )
        cursor.execute(
            "INSERT INTO quotes_posting (digest, by_id, headers, body, said) VALUES (%s, %s, '{}', '', '[]')"
            " ON CONFLICT (digest) DO NOTHING RETURNING digest",
            [digest, person],
        )
        return cursor.fetchone() is not None


def _answer(request: HttpRequest, response: HttpResponse) -> dict[str, Any]:
    rendered = getattr(response, "render", None)
    if rendered is not None and not getattr(response, "is_rendered", True):
        rendered()
    storage: Any = messages.get_messages(request)
    # The messages said by this view are still queued here; the middleware puts them into the answer later.
    queued: list[Any] = getattr(storage, "_queued_messages", [])
    return {
        "status": response.status_code,
        "headers": dict(response.headers),
        "body": response.content.decode(response.charset or "utf-8"),
        "wrote": _wrote(),
        "said": [[message.level, str(message.message), message.extra_tags or ""] for message in queued],
    }


def _wrote() -> dict[str, Any]:
    """Which records the form has written: those of the first events of the seal that its transaction has opened.

    `last` is the newest event that can be seen now: whoever takes the form back can only do so after it is kept, and
    leaves newer ones. Neither is looked for among all that was written, which may be a million records.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            'SELECT (SELECT max(id) FROM quotes_auditevent), array_agg(DISTINCT ARRAY["table", record_pk::text])'
            ' FROM (SELECT "table", record_pk FROM quotes_auditevent WHERE seal_id = (SELECT id FROM quotes_auditseal'
            " WHERE transaction = pg_current_xact_id()::text AND events IS NULL) AND record_pk IS NOT NULL"
            " LIMIT %s) AS first",
            [MOST_RECORDS],
        )
        last, records = cursor.fetchone()
    return {"last": last, "records": records} if records else {}


def _was_taken_back(kept: Posting) -> bool:
    records = {(table, key) for table, key in kept.wrote.get("records", ())}
    if not records:
        return False
    since = AuditEvent.objects.filter(pk__gt=kept.wrote["last"], verb__in=TAKEN_BACK)
    events = since.values_list("table", "record_pk", "after")
    return any(
        (table, str(key)) in records or _of_check(table, after) in records for table, key, after in events
    )


def _of_check(table: str, after: str | None) -> tuple[str, str]:
    """The check that an event takes back: checks never change, so that is a record of its own."""
    if table != Withdrawal._meta.db_table or not after:
        return ("", "")
    return (Check._meta.db_table, str(json.loads(after)["check_id"]))


def _again(request: HttpRequest, kept: Posting) -> HttpResponse:
    if _was_taken_back(kept):
        messages.warning(request, SORRY)
        if kept.body and "HX-Request" in request.headers:
            # The part of a page that was answered then says what is not so any more.
            return HttpResponse(status=204, headers={"HX-Refresh": "true"})
        if kept.body:
            return HttpResponseRedirect(request.get_full_path(), status=303)
        kept.said = []
    address = kept.headers.get("Location")
    status = kept.status or 200
    response = (
        HttpResponseRedirect(address, status=status) if address else HttpResponse(kept.body, status=status)
    )
    for name, value in kept.headers.items():
        response[name] = value
    for level, text, tags in kept.said:
        messages.add_message(request, level, text, extra_tags=tags)
    return response
