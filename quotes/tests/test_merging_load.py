"""Some merge and unmerge persons while others attach and edit: nothing is astray, nothing breaks (TRUST.md, R3).

Small here; in full with ``MERGING_DEEDS=2000 pytest quotes/tests/test_merging_load.py -s``, which prints its figures.
"""

from __future__ import annotations

import datetime as dt
import os
import random
import sys
import time
import uuid
from collections import Counter
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, connection
from django.urls import reverse

from quotes.actions import speakers as act
from quotes.actions.audit import acting
from quotes.actions.once import patiently
from quotes.actions.records import Conflict, change
from quotes.models import Link, Merging, Quote, Speaker, Statement, Tenure
from quotes.tests import factories as make
from quotes.tests.conftest import StrictClient
from quotes.tests.joined import merge, nothing_is_astray, undo

pytestmark = pytest.mark.django_db(transaction=True)

DEEDS = int(os.environ.get("MERGING_DEEDS", "48"))
PERSONS = 40 if DEEDS >= 1000 else 8
WORKERS = 8 if DEEDS >= 1000 else 3
DAY = dt.date(2026, 2, 4)


class Worker:
    """One of the people at it, with a browser and luck of her own."""

    def __init__(self, number: int, people: Any) -> None:
        self.merges = number % 2 == 0
        self.by = people[number % len(people)]
        self.luck = random.Random(number)
        self.outcomes: Counter[str] = Counter()
        self.browser = StrictClient(raise_request_exception=False)
        self.browser.force_login(self.by)

    def work(self, deeds: int) -> Counter[str]:
        """Do so many deeds, and give what became of them."""
        for _ in range(deeds):
            deed = self._merge_or_undo if self.merges else self._attach_or_edit
            self.outcomes[deed()] += 1
        return self.outcomes

    def _merge_or_undo(self) -> str:
        standing = list(Merging.objects.standing().select_related("speaker"))
        if standing and self.luck.random() < 0.5:
            merging = self.luck.choice(standing)
            address = reverse("speaker-undo", args=[merging.speaker.slug, merging.pk])
            answer = self._press(address, {})
            return f"undo {answer}"
        current = list(Speaker.objects.current().filter(kind="person"))
        if len(current) < 2:
            return "undo none"
        gone, kept = self.luck.sample(current, 2)
        address = f"{reverse('speaker-merge', args=[gone.slug])}?into={kept.slug}"
        return f"merge {self._press(address, {'version': gone.version, 'into_version': kept.version})}"

    def _press(self, address: str, fields: dict[str, Any]) -> int:
        """Send a form over the views; the answer's status: 303 done, 404, 409, 422 refused with a sentence."""
        return int(
            self.browser.post(
                address, {**fields, "idempotency_key": uuid.UUID(int=self.luck.getrandbits(128)).hex}
            ).status_code
        )

    def _attach_or_edit(self) -> str:
        deed = self.luck.choice((self._link, self._edit, self._enter, self._hold_office))
        try:
            patiently(deed)
        except (IntegrityError, Conflict) as refused:
            # Somebody was merged, or wrote, first: said, and nothing done.
            return f"{deed.__name__} {type(refused).__name__}"
        except OperationalError as error:
            return f"{deed.__name__} {getattr(error.__cause__, 'sqlstate', '500')}"
        return f"{deed.__name__} done"

    def _link(self) -> None:
        one, two = self.luck.sample(list(Statement.objects.values_list("pk", flat=True)), 2)
        kind = self.luck.choice(Link.Type.values)
        with acting(by=self.by, verb="links.make"):
            Link.objects.create(source_id=one, target_id=two, type=kind)

    def _edit(self) -> None:
        quote = Quote.objects.order_by("?").first()
        assert quote is not None
        change(
            quote, {"cue": f"said {self.luck.random()}"}, seen=quote.version, by=self.by, verb="quotes.edit"
        )

    def _enter(self) -> None:
        # Any speaker, merged or not: the database says whether something can be attached.
        speaker = self.luck.choice(list(Speaker.objects.filter(kind="person")))
        with acting(by=self.by, verb="quotes.enter"):
            make.a_quote(make.a_statement(speaker, said_on=DAY, by=self.by), by=self.by)

    def _hold_office(self) -> None:
        speaker = self.luck.choice(list(Speaker.objects.filter(kind="person")))
        with acting(by=self.by, verb="speakers.change"):
            Tenure.objects.create(
                person=speaker,
                title=f"Office {self.luck.randrange(4)}",
                starts=DAY,
                starts_precision="day",
                source_url="https://roles.example/",
            )


def test_merging_and_attaching_at_once_leaves_nothing_astray(
    in_threads: Any, verifier: Any, second_verifier: Any, curator: Any
) -> None:
    people = (verifier, second_verifier, curator)
    for number in range(PERSONS):
        speaker = make.a_speaker(f"Person {number}", names={f"Особа {number % 5}": "uk"})
        for _ in range(2):
            make.a_held_quote(make.a_statement(speaker, said_on=DAY))
    began = time.monotonic()
    workers = [Worker(number, people) for number in range(2 * WORKERS)]
    share = max(1, DEEDS // len(workers))
    outcomes: Counter[str] = sum(in_threads(lambda worker: worker.work(share), workers), Counter())
    took = time.monotonic() - began
    sys.stdout.write(
        f"\n{outcomes.total()} deeds by {len(workers)} in {took:.0f} s: {dict(sorted(outcomes.items()))}\n"
    )
    statuses = Counter[str]()
    for outcome, times in outcomes.items():
        statuses[outcome.split()[1]] += times
    # A lock that did not come within 2 s is said as such (503, nothing saved); on a busy machine that happens.
    busy = statuses.pop("503", 0) + statuses.pop("55P03", 0)
    assert busy <= max(2, share * len(workers) // 50), outcomes
    assert set(statuses) <= {"303", "404", "409", "422", "done", "none", "IntegrityError", "Conflict"}, (
        outcomes
    )
    assert outcomes["merge 303"], "nobody was merged at all"
    assert any(outcomes[f"{deed} done"] for deed in ("_link", "_edit", "_enter", "_hold_office"))
    nothing_is_astray()
    # And all of it can be undone, the latest first.
    for merging in Merging.objects.standing().order_by("-pk"):
        undo(merging, by=verifier)
    assert not Speaker.objects.exclude(redirects_to=None).exists()
    nothing_is_astray()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM quotes_auditseal WHERE position IS NULL")
        assert cursor.fetchone() == (0,)


def test_a_merging_and_its_undo_may_take_longer_than_a_page(
    verifier: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock, limits = act._lock, []

    def locked(keys: Any) -> Any:
        with connection.cursor() as cursor:
            cursor.execute("SHOW statement_timeout")
            limits.append((cursor.fetchone()[0], connection.connection.patience))
        return lock(keys)

    monkeypatch.setattr(act, "_lock", locked)
    pair = make.a_speaker("Volodimir Zelenskij"), make.a_speaker("Volodymyr Zelenskyy")
    before = connection.connection.patience
    undo(merge(*pair, by=verifier), by=verifier)
    assert limits == [("0", None)] * 2
    assert connection.connection.patience == before
