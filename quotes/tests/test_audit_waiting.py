"""Who commits while another takes a place in the audit chain does not wait, and what was written before still holds."""

import importlib
import itertools
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import connection, transaction
from django.urls import reverse

from quotes.actions.audit import acting
from quotes.benchmarks.frame import client
from quotes.models import AuditEvent, AuditSeal, Quote, Topic
from quotes.search.activity import check_chain, last_seal, place_waiting
from quotes.text import auditchain

from . import factories as make

pytestmark = pytest.mark.django_db(transaction=True)
LOCK = "SELECT pg_advisory_xact_lock(7265626174)"
SCRIPT = Path(__file__).parents[2] / "scripts" / "verify_receipt.py"
APART = importlib.import_module("quotes.migrations.0050_audit_apart")
OPEN = importlib.import_module("quotes.migrations.0053_audit_open")


@contextmanager
def somebody_taking_a_place() -> Iterator[None]:
    """Hold what a transaction holds that takes its place in the chain and is not yet on disk."""
    with client() as other, other.transaction():
        other.execute(LOCK)
        yield


def waiting() -> int:
    return AuditSeal.objects.filter(position=None, previous=auditchain.WAITS).count()


def sql(statement: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else None


class TestNobodyQueues:
    def test_a_commit_does_not_wait_for_one_that_takes_its_place(self, reporter: Any) -> None:
        make.a_topic(by=reporter)
        before = last_seal()
        with somebody_taking_a_place():
            sql("SET lock_timeout = '1ms'")
            topic = make.a_topic(by=reporter)
            sql("RESET lock_timeout")
        assert waiting() == 1
        seal = AuditEvent.objects.of_record(topic).get().seal
        assert (seal.position, seal.events) == (None, 1)
        assert last_seal() == before
        walk = check_chain([])
        assert (walk.broken, walk.waiting) == (None, 1)
        assert walk.events == AuditEvent.objects.count()

    def test_the_next_seal_places_all_that_wait_before_itself(self, reporter: Any) -> None:
        with somebody_taking_a_place():
            first = [make.a_topic(by=reporter) for _ in range(3)]
        assert waiting() == 3
        last = make.a_topic(by=reporter)
        assert waiting() == 0
        places = [AuditEvent.objects.of_record(topic).get().seal.position for topic in [*first, last]]
        assert places == list(range(places[0] or 0, (places[0] or 0) + 4))
        walk = check_chain([])
        assert (walk.broken, walk.waiting, walk.seals) == (None, 0, places[-1])

    def test_a_writer_with_an_old_snapshot_waits_for_its_place_too(self) -> None:
        make.a_topic()
        with transaction.atomic():
            sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            Group.objects.count()
            with client() as other, other.transaction():
                other.execute("INSERT INTO auth_group (name) VALUES ('other')")
            Group.objects.create(name="mine")
        assert waiting() == 1
        assert (place_waiting(), check_chain([]).broken) == (1, None)

    def test_what_was_rolled_back_leaves_no_gap(self) -> None:
        make.a_topic()
        with transaction.atomic():
            make.a_topic()
            sql("SET CONSTRAINTS ALL IMMEDIATE")
            transaction.set_rollback(True)
        with somebody_taking_a_place(), transaction.atomic():
            make.a_topic()
            sql("SET CONSTRAINTS ALL IMMEDIATE")
            assert waiting() == 1
            transaction.set_rollback(True)
        make.a_topic()
        walk = check_chain([])
        assert (walk.broken, walk.waiting, walk.seals) == (None, 0, 2)

    def test_a_seal_that_waits_takes_no_further_event(self) -> None:
        with transaction.atomic():
            with somebody_taking_a_place():
                make.a_topic()
                sql("SET CONSTRAINTS ALL IMMEDIATE")
            make.a_topic()
            sql("SET CONSTRAINTS ALL DEFERRED")
        walk = check_chain([])
        assert (walk.broken, walk.seals, waiting()) == (None, 2, 0)

    def test_the_chain_holds_at_every_moment_while_many_write(self, reporter: Any, in_threads: Any) -> None:
        def work(number: int) -> list[Any]:
            if number < 6:
                for _ in range(25):
                    make.a_topic(by=reporter)
                return []
            return [walk.broken for walk in (check_chain([]) for _ in range(25)) if walk.broken]

        false_alarms = list(itertools.chain(*in_threads(work, range(7))))
        assert false_alarms == []
        make.a_topic(by=reporter)
        walk = check_chain([])
        assert (walk.broken, walk.waiting, walk.events) == (None, 0, AuditEvent.objects.count())
        assert Topic.objects.count() == 151

    def test_an_update_that_finds_no_row_uses_up_no_number(self) -> None:
        (before,) = sql("SELECT last_value, is_called FROM quotes_auditseal_id_seq")
        with transaction.atomic():
            Group.objects.filter(name="nowhere").update(name="X")
            assert sql("SELECT pg_current_xact_id_if_assigned() IS NULL") == [(True,)]
        assert sql("SELECT last_value, is_called FROM quotes_auditseal_id_seq") == [before]


class TestWhatWaitsIsCovered:
    @pytest.mark.parametrize(
        "spoiling",
        [
            "UPDATE quotes_auditevent SET verb = verb || 'x' WHERE id = {event}",
            "UPDATE quotes_auditevent SET leaf = sha256('x') WHERE id = {event}",
            "DELETE FROM quotes_auditevent WHERE id = {event}",
            "UPDATE quotes_auditseal SET events = events + 1 WHERE previous = 'waits'",
            "UPDATE quotes_auditseal SET hash = repeat('0', 64) WHERE previous = 'waits'",
            "UPDATE quotes_auditseal SET previous = '' WHERE previous = 'waits'",
            "DELETE FROM quotes_auditseal WHERE previous = 'waits'",
            "INSERT INTO quotes_auditevent (id, seal_id, at, actor, verb, \"table\", leaf)"
            " SELECT -id, seal_id, at, 'x', verb, \"table\", verbatim_leaf(-id, seal_id, at, NULL, 'x', verb,"
            " \"table\", NULL, NULL, NULL, NULL) FROM quotes_auditevent WHERE id = {event}",
        ],
    )  # fmt: skip
    def test_whatever_is_done_to_it_is_found_also_after_it_was_placed(self, spoiling: str) -> None:
        make.a_topic()
        with somebody_taking_a_place():
            event = AuditEvent.objects.of_record(make.a_topic()).get().pk
        with connection.as_owner():
            sql(spoiling.format(event=event))
        assert check_chain([]).broken is not None
        make.a_topic()
        assert check_chain([]).broken is not None

    def test_a_checkpoint_and_a_verification_place_it_first(self, tmp_path: Path) -> None:
        with somebody_taking_a_place():
            make.a_topic()
        out = StringIO()
        call_command("audit", "checkpoint", file=tmp_path / "notes", stdout=out)
        assert waiting() == 0
        with somebody_taking_a_place():
            make.a_topic()
            call_command("audit", "verify", file=tmp_path / "notes", stdout=out)
        assert "The chain holds: 2 events in 2 seals, 1 checkpoints agree." in out.getvalue()
        assert "1 of these seals were made meanwhile" in out.getvalue()

    def test_a_receipt_tells_of_what_was_written_a_moment_ago(
        self, client_of: Any, verifier: Any, tmp_path: Path
    ) -> None:
        with somebody_taking_a_place():
            quote = make.a_quote(by=verifier)
        answer = client_of(verifier).get(reverse("statement-receipt", args=[quote.statement.uid]))
        assert "quotes.enter" in answer.content.decode()
        assert verified(tmp_path, answer.content) == (0, "The receipt holds.\n")

    def test_the_app_may_place_seals_and_do_nothing_else_to_them(self) -> None:
        with somebody_taking_a_place():
            make.a_topic()
            assert place_waiting() == 0
        assert (place_waiting(), place_waiting()) == (1, 0)


class TestWhatWasWrittenBefore:
    @pytest.fixture
    def as_before(self) -> Iterator[None]:
        """Have the functions of before the migration, then the new ones again."""
        go_back()
        try:
            yield
        finally:
            renew()

    @pytest.fixture
    def quote(self, as_before: None, verifier: Any) -> Quote:
        """Two transactions of before; the second one's words are not only ASCII."""
        with somebody_with_a_quote(verifier) as quote:
            Quote.objects.filter(pk=quote.pk).update(cue="сказав 🕊")
        return quote

    def test_old_and_new_events_are_one_chain(self, quote: Quote, verifier: Any) -> None:
        old = AuditEvent.objects.count()
        renew()
        with acting(by=verifier, verb="quotes.edit"):
            Quote.objects.filter(pk=quote.pk).update(cue="“warned” 🕊")
        event = AuditEvent.objects.of_record(quote).newest_first()[0]
        assert event.changes == {"cue": ("сказав 🕊", "“warned” 🕊")}
        walk = check_chain([])
        assert (walk.broken, walk.events) == (None, old + 1)
        for pk in AuditEvent.objects.values_list("pk", flat=True):
            with connection.as_owner():
                sql(f"UPDATE quotes_auditevent SET after = after || ' ' WHERE id = {pk}")
                broken = check_chain([]).broken
                assert broken is not None
                assert broken.event_id == pk
                sql(f"UPDATE quotes_auditevent SET after = left(after, -1) WHERE id = {pk}")
        assert check_chain([]).broken is None

    def test_a_receipt_of_both_is_verified_by_the_published_script(
        self, quote: Quote, client_of: Any, verifier: Any, tmp_path: Path
    ) -> None:
        renew()
        with acting(by=verifier, verb="quotes.edit"):
            Quote.objects.filter(pk=quote.pk).update(cue="warned")
        content = client_of(verifier).get(reverse("statement-receipt", args=[quote.statement.uid])).content
        assert verified(tmp_path, content) == (0, "The receipt holds.\n")
        assert content.count(b"quotes.edit") > 0

    def test_going_back_places_what_waits(self) -> None:
        with somebody_taking_a_place():
            make.a_topic()
        try:
            go_back()
            make.a_topic()
            walk = check_chain([])
            assert (walk.broken, walk.seals, waiting()) == (None, 2, 0)
        finally:
            renew()


class TestOneWriterForAllTables:
    def test_every_event_says_what_the_slow_way_says(self, verifier: Any, reporter: Any) -> None:
        quote = make.a_held_quote(make.a_statement(), chain=[make.an_outlet(), make.an_outlet()])
        hidden = make.a_quote(make.a_statement(record="off"))
        make.a_link(quote.statement, hidden.statement)
        make.a_link(quote.statement, make.a_quote().statement)
        make.some_evidence(quote)
        make.a_check(quote, verifier)
        quote.statement.topics.add(make.a_topic())
        with acting(by=reporter, verb="quotes.edit"):
            Quote.objects.filter(pk=quote.pk).update(cue='"a\\\n\t')
        quote.statement.topics.clear()
        told = sql(
            'SELECT "table", statement_pk IS NOT DISTINCT FROM verbatim_statement_of("table", row::jsonb),'
            " record_pk = coalesce(row::jsonb ->> 'id', row::jsonb ->> 'quote_id')::bigint,"
            ' leaf = verbatim_leaf(id, seal_id, at, actor_pk, actor, verb, "table", record_pk, statement_pk,'
            " before, after) FROM (SELECT *, coalesce(after, before) AS row FROM quotes_auditevent) e"
        )
        assert {table for table, *_ in told} >= {
            "quotes_statement", "quotes_quote", "quotes_link", "quotes_evidence", "quotes_check", "quotes_relay",
            "quotes_statement_topics", "quotes_topic", "quotes_speaker", "auth_user",
        }  # fmt: skip
        assert [row for row in told if row[1:] != (True, True, True)] == []

    def test_a_changed_key_is_a_row_gone_and_a_row_come(self) -> None:
        topic = make.a_topic("A")
        with connection.as_owner():
            sql(f"UPDATE quotes_topic SET id = id + 1000000 WHERE id = {topic.pk}")
        gone, come = AuditEvent.objects.order_by("pk")[1:]
        assert sorted([gone.record_pk, come.record_pk]) == [topic.pk, topic.pk + 1_000_000]
        assert {(gone.after is None, gone.before is None), (come.after is None, come.before is None)} == {
            (True, False),
            (False, True),
        }
        assert check_chain([]).broken is None


@contextmanager
def somebody_with_a_quote(by: Any) -> Iterator[Quote]:
    """Enter a quote, then edit it in one transaction."""
    quote = make.a_quote(by=by)
    with acting(by=by, verb="quotes.edit"):
        yield quote


def go_back() -> None:
    """Have the functions of before."""
    with connection.as_owner():
        sql(OPEN.BACK)
        sql(APART.BACK)


def renew() -> None:
    """Have the new functions, as after the migrations."""
    with connection.as_owner():
        sql("DROP FUNCTION IF EXISTS verbatim_place_waiting, verbatim_seal_hash")
        sql(APART.writer())
        sql(OPEN.writer())


def verified(tmp_path: Path, content: bytes) -> tuple[int, str]:
    """Run the published script on a receipt."""
    file = tmp_path / "receipt.html"
    file.write_bytes(content)
    done = subprocess.run(
        [sys.executable, "-I", str(SCRIPT), str(file)], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout
