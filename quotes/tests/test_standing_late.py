"""What an import brings gets its standing once, at the end; who asks for that escapes no rule (invariants 2 to 4)."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, ProgrammingError, connection, transaction

from quotes.actions import imports
from quotes.actions.audit import acting
from quotes.models import Check, Contribution, FormerStanding, Outlet, Quote, Speaker, Standing

from . import factories as make
from .test_imports import row, story

pytestmark = pytest.mark.django_db

LATE = "SET LOCAL verbatim.standing = 'at_commit'"
SETTLED = "SET CONSTRAINTS standingwork_settles IMMEDIATE"


def sql(query: str, *parameters: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchone()[0] if cursor.description else None


@contextmanager
def late(by: Any = None) -> Iterator[None]:
    """Write as somebody who has asked for standings at the commit; the app's own role may ask."""
    with acting(by=by, verb="test.late"):
        assert sql("SELECT current_user") == "verbatim_app"
        sql(LATE)
        yield


def waiting() -> int:
    with connection.as_owner():  # type: ignore[attr-defined]
        return int(sql("SELECT count(*) FROM quotes_standingwork"))


def wrong() -> list[str]:
    """Name every quote whose standing is not what its checks, evidence and content say, each asked by itself."""
    with connection.as_owner(), connection.cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute(
            """SELECT q.uid FROM quotes_quote q JOIN quotes_content c ON c.quote_id = q.id
               LEFT JOIN quotes_standing s ON s.quote_id = q.id
               WHERE (s.content_hash, s.depth, s.value, s.passes) IS DISTINCT FROM
                 (verbatim_sha256(c.content), verbatim_depth(q.id),
                  verbatim_standing(q.id, verbatim_sha256(c.content), verbatim_depth(q.id)),
                  verbatim_passes(q.id, verbatim_sha256(c.content)))"""
        )
        return [uid for (uid,) in cursor.fetchall()]


class TestWhatWaits:
    @pytest.mark.django_db(transaction=True)
    def test_a_new_quote_waits_until_the_commit_and_no_longer(self, reporter: Any) -> None:
        with late(reporter):
            quote = make.a_held_quote(by=reporter)
            make.a_figure(quote, by=reporter)
            make.some_evidence(quote, "refutes", by=reporter)
            assert not Standing.objects.filter(pk=quote.pk).exists()
        assert (Standing.objects.get(pk=quote.pk).value, waiting(), wrong()) == ("disputed", 0, [])
        assert not FormerStanding.objects.filter(quote=quote).exists(), "nobody has ever seen it otherwise"

    @pytest.mark.django_db(transaction=True)
    def test_nobody_else_sees_a_quote_without_its_standing(self, reporter: Any, in_threads: Any) -> None:
        def write(number: int) -> list[str]:
            for _ in range(5):
                with late(reporter):
                    make.a_held_quote(by=reporter)
                with late(reporter):
                    make.a_held_quote(by=reporter)
                    sql(SETTLED)
            return wrong()

        assert in_threads(write, range(3)) == [[], [], []]
        assert (wrong(), waiting()) == ([], 0)

    def test_what_has_a_standing_is_brought_up_to_date_at_once(
        self, reporter: Any, verifier: Any, second_verifier: Any
    ) -> None:
        quote = make.a_held_quote(by=reporter)
        make.a_check(quote, verifier)
        make.a_check(quote, second_verifier)
        assert Standing.objects.get(pk=quote.pk).value == "verified"
        with late(reporter):
            Speaker.objects.filter(pk=quote.statement.speaker_id).update(name="Somebody else")
            assert Standing.objects.get(pk=quote.pk).value == "stale"
            make.some_evidence(quote, "refutes", by=reporter)
            assert Standing.objects.get(pk=quote.pk).value == "disputed"
            assert wrong() == []

    def test_a_quote_that_is_taken_back_before_the_commit_leaves_nothing(self, reporter: Any) -> None:
        with late(reporter):
            with transaction.atomic():
                make.a_held_quote(by=reporter)
                assert waiting()
                transaction.set_rollback(True)
            assert waiting() == 0
            gone = make.a_quote(by=reporter)
            kept = make.a_quote(by=reporter)
            Quote.objects.filter(pk=gone.pk).delete()
            sql(SETTLED)
        assert not Contribution.objects.filter(quote_id=gone.pk).exists()
        assert (list(Standing.objects.values_list("pk", flat=True)), waiting()) == ([kept.pk], 0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("at_the_end", [True, False])
def test_a_large_write_counts_its_own_rows_where_none_are_known(reporter: Any, at_the_end: bool) -> None:
    """What a dry run took back leaves a table that is known as empty; plans made on that take minutes."""
    known = "SELECT reltuples FROM pg_class WHERE relname = 'quotes_quote'"
    with transaction.atomic():
        make.a_quote(by=reporter)
        transaction.set_rollback(True)
    with connection.as_owner():  # type: ignore[attr-defined]
        sql("ANALYZE quotes_quote")
    assert sql(known) == 0
    told = {
        "statement": make.a_statement(),
        "article": make.an_article(),
        "kind": "indirect",
        "language": "en",
    }
    with acting(by=reporter, verb="test.large"):
        if at_the_end:
            sql(LATE)
        Quote.objects.bulk_create(Quote(uid=f"large-{n}", text=f"Number {n}", **told) for n in range(250))
    assert (sql(known), wrong()) == (250, [])


class TestRulesHold:
    @pytest.mark.django_db(transaction=True)
    def test_who_wrote_it_has_contributed_though_somebody_else_acts_at_the_commit(
        self, reporter: Any, verifier: Any, second_verifier: Any
    ) -> None:
        with late(reporter):
            quote = make.a_held_quote(by=reporter)
            with acting(by=verifier, verb="test.chain"):
                make.a_figure(quote, by=verifier)
            make.some_evidence(quote, by=second_verifier)
            # From here on nobody acts.
            sql("SELECT set_config('verbatim.actor', '', true)")
        had_a_hand = set(Contribution.objects.filter(quote=quote).values_list("user_id", flat=True))
        assert had_a_hand == {reporter.pk, verifier.pk}
        with pytest.raises(IntegrityError, match="entered, imported or edited"):
            make.a_check(quote, verifier)
        make.a_check(quote, second_verifier)

    def test_what_waits_can_be_neither_checked_nor_passed_by_who_wrote_it(self, verifier: Any) -> None:
        with late(verifier):
            quote = make.a_held_quote(by=verifier)
            with connection.as_owner():  # type: ignore[attr-defined]
                shown = sql(
                    "SELECT verbatim_sha256(content) FROM quotes_content WHERE quote_id = %s", quote.pk
                )
            check = Check(
                quote=quote, by=verifier, attribution="pass", wording="pass", context="pass", dating="pass"
            )
            for seen in (shown, None):
                check.seen = seen
                with (
                    pytest.raises(IntegrityError, match=r"content has changed|null value"),
                    transaction.atomic(),
                ):
                    check.save(force_insert=True)
            sql(SETTLED)
            check.seen = shown
            with pytest.raises(IntegrityError, match="entered, imported or edited"), transaction.atomic():
                check.save(force_insert=True)

    def test_content_cannot_be_changed_and_passed_in_one_go(self, reporter: Any, verifier: Any) -> None:
        quote = make.a_held_quote(by=reporter)
        with late(verifier):
            Quote.objects.filter(pk=quote.pk).update(cue="remarked", role_as_printed="the spokesman")
            with pytest.raises(IntegrityError, match="entered, imported or edited"), transaction.atomic():
                make.a_check(quote, verifier)

    def test_the_app_reaches_neither_the_list_nor_what_empties_it(self, reporter: Any) -> None:
        with late(reporter):
            make.a_held_quote(by=reporter)
            for attempt in (
                "SELECT count(*) FROM quotes_standingwork",
                "DELETE FROM quotes_standingwork",
                "UPDATE quotes_standingwork SET quotes = '{}'",
                "TRUNCATE quotes_standingwork",
                "INSERT INTO quotes_standingwork (transaction, quotes) VALUES ('1', '{1}')",
                "SELECT verbatim_settle()",
                "ALTER TABLE quotes_standingwork DISABLE TRIGGER standingwork_settles",
                "DROP TRIGGER standingwork_settles ON quotes_standingwork",
                "SET session_replication_role = replica",
                "SELECT count(*) FROM quotes_searchwork",
            ):
                with (
                    pytest.raises(ProgrammingError, match=r"permission denied|must be owner"),
                    transaction.atomic(),
                ):
                    sql(attempt)
            sql(SETTLED)
            assert wrong() == []

    def test_a_standing_is_still_nobodys_to_set(self, reporter: Any) -> None:
        with late(reporter):
            quote = make.a_held_quote(by=reporter)
            with pytest.raises(DatabaseError), transaction.atomic():
                sql(
                    "INSERT INTO quotes_standing (quote_id, value, depth, passes, needed, content_hash, since)"
                    " VALUES (%s, 'verified', 'report', 2, 2, repeat('0', 64), now())",
                    quote.pk,
                )


def bring(tmp_path: Path, by: Any, records: list[dict[str, Any]], **how: Any) -> imports.Report:
    path = tmp_path / "file.json"
    path.write_text(json.dumps(records), encoding="utf-8")
    return imports.run([path], by=by, **how)


class TestAnImport:
    def test_an_import_leaves_every_standing_right_and_nothing_waiting(
        self, verifier: Any, tmp_path: Path
    ) -> None:
        records = [
            *story(),
            row(
                "evidence",
                quote=["said-it-news"],
                kind="wire",
                url="https://wire.example/2",
                stance="refutes",
            ),
        ]
        assert not bring(tmp_path, verifier, records).refused
        standing = Standing.objects.get(quote__uid="said-it-news")
        assert (standing.value, standing.depth, wrong(), waiting()) == ("disputed", "report", [], 0)
        assert Contribution.objects.filter(quote__uid="said-it-news", user=verifier).exists()
        with pytest.raises(IntegrityError, match="entered, imported or edited"), transaction.atomic():
            make.a_check(standing.quote, verifier)
        # A change of what is there already, beside something new.
        records[2]["fields"]["name"] = "Ada C."
        records.append(row("relay", quote=["said-it-news"], position=2, as_printed="sources"))
        report = bring(tmp_path, verifier, records)
        assert (report.updated, report.created) == ({"quotes.speaker": 1}, {"quotes.relay": 1})
        assert (wrong(), waiting()) == ([], 0)

    def test_after_an_import_every_write_counts_at_once_again(self, reporter: Any, tmp_path: Path) -> None:
        with transaction.atomic():
            bring(tmp_path, reporter, story())
            quote = make.a_held_quote(by=reporter)
            assert Standing.objects.filter(pk=quote.pk).exists()

    def test_a_dry_run_leaves_nothing_waiting(self, reporter: Any, tmp_path: Path) -> None:
        bring(tmp_path, reporter, story(), dry=True)
        assert (Outlet.objects.count(), waiting()) == (0, 0)
