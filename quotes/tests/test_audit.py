"""Every write leaves one event, sealed into a chain that shows what was done to it (invariant 11)."""

import datetime as dt
import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, transaction

from quotes.actions.audit import acting
from quotes.management import checkpoints
from quotes.models import AuditEvent, AuditSeal, Capture, Quote, Speaker, Topic
from quotes.search import activity
from quotes.search.activity import check_chain
from quotes.text.auditchain import Checkpoint

from . import factories as make

pytestmark = pytest.mark.django_db


def events_of(record: Any) -> list[tuple[str, str]]:
    return list(AuditEvent.objects.of_record(record).order_by("pk").values_list("verb", "actor"))


class TestEvents:
    def test_a_write_through_acting_names_who_and_which_verb(self, reporter: Any) -> None:
        topic = make.a_topic("Ceasefire", by=reporter)
        assert events_of(topic) == [("topics.enter", reporter.username)]

    @pytest.mark.parametrize(
        "write",
        [
            lambda t: Topic.objects.filter(pk=t.pk).update(name="B"),
            lambda t: Topic.objects.bulk_update([Topic(pk=t.pk, slug=t.slug, name="B")], ["name"]),
            lambda t: sql("UPDATE quotes_topic SET name = 'B'"),
            lambda t: Topic.objects.filter(pk=t.pk).delete(),
            lambda t: sql("DELETE FROM quotes_topic"),
        ],
    )
    def test_whatever_writes_leaves_exactly_one_event(self, write: Any) -> None:
        topic = make.a_topic("A")
        before = AuditEvent.objects.count()
        write(topic)
        assert AuditEvent.objects.count() == before + 1
        event = AuditEvent.objects.newest_first()[0]
        assert json.loads(event.before)["name"] == "A"

    def test_bulk_create_leaves_one_event_for_each_row(self) -> None:
        before = AuditEvent.objects.count()
        Topic.objects.bulk_create(Topic(slug=f"t{n}", name=f"T{n}") for n in range(5))
        assert AuditEvent.objects.count() == before + 5

    def test_a_write_that_changes_nothing_leaves_nothing(self) -> None:
        topic = make.a_topic("A")
        before = AuditEvent.objects.count()
        Topic.objects.filter(pk=topic.pk).update(name="A")
        assert AuditEvent.objects.count() == before
        topic.refresh_from_db()
        assert topic.version == 1

    def test_what_fails_leaves_neither_rows_nor_events(self, reporter: Any) -> None:
        before = AuditEvent.objects.count()

        def enter_twice() -> None:
            with acting(by=reporter, verb="topics.enter"):
                Topic.objects.create(slug="one", name="One")
                Topic.objects.create(slug="one", name="Again")

        with pytest.raises(IntegrityError):
            enter_twice()
        assert (Topic.objects.count(), AuditEvent.objects.count()) == (0, before)

    def test_an_inner_verb_ends_with_its_own_block(self, reporter: Any, verifier: Any) -> None:
        with acting(by=reporter, verb="topics.enter"):
            with acting(by=verifier, verb="topics.rename"):
                first = Topic.objects.create(slug="a", name="A")
            second = Topic.objects.create(slug="b", name="B")
        assert events_of(first) == [("topics.rename", verifier.username)]
        assert events_of(second) == [("topics.enter", reporter.username)]

    def test_passwords_and_captured_texts_are_not_in_the_log(self, reporter: Any) -> None:
        reporter.set_password("correct horse battery staple")
        reporter.first_name = "Ada"
        reporter.save()
        capture = make.a_capture(body="A secret draft")
        logged = " ".join(
            text for row in AuditEvent.objects.values_list("before", "after") for text in row if text
        )
        assert '"first_name": "Ada"' in logged
        assert reporter.password not in logged
        assert "secret draft" not in logged
        assert capture.sha256 in logged

    def test_changes_tell_field_by_field_what_was_and_what_became(self, reporter: Any) -> None:
        quote = make.a_quote(by=reporter)
        with acting(by=reporter, verb="quotes.edit"):
            Quote.objects.filter(pk=quote.pk).update(cue="warned")
        event = AuditEvent.objects.of_record(quote).newest_first()[0]
        assert event.changes == {"cue": ("said", "warned")}

    def test_events_of_what_is_held_back_are_held_back_too(self, reader: Any, verifier: Any) -> None:
        hidden = make.a_quote(make.a_statement(record="off"))
        shown = make.a_quote()
        make.a_link(shown.statement, hidden.statement)
        seen = AuditEvent.objects.visible_to(reader)
        assert seen.of_record(shown).exists()
        assert not seen.of_record(hidden).exists()
        assert not seen.filter(table="quotes_link").exists()
        assert AuditEvent.objects.visible_to(verifier).of_record(hidden).exists()


class TestStamps:
    def test_the_database_counts_versions_whoever_writes(self, reporter: Any) -> None:
        speaker = make.a_speaker(by=reporter)
        Speaker.objects.filter(pk=speaker.pk).update(name="One")
        sql("UPDATE quotes_speaker SET name = 'Two'")
        speaker.refresh_from_db()
        assert (speaker.version, speaker.created_by, speaker.updated_by) == (3, reporter, None)

    def test_nobody_can_turn_a_version_back(self) -> None:
        speaker = make.a_speaker()
        Speaker.objects.filter(pk=speaker.pk).update(
            name="One", version=1, created_at=dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
        )
        speaker.refresh_from_db()
        assert speaker.version == 2
        assert speaker.created_at.year > 2000


class TestAnchors:
    def test_an_anchor_that_does_not_hold_its_words_is_refused(self) -> None:
        with pytest.raises(IntegrityError, match="are not the words"):
            make.a_quote(
                text="We will lose", article=(c := make.a_capture()).article, capture=c, start=0, end=12
            )

    def test_offsets_count_code_points_in_any_script(self) -> None:
        quote = make.a_quote(text="Ми програємо 🕊 війну", body="Він сказав: «Ми програємо 🕊 війну».")
        assert quote.capture.body[quote.start : quote.end] == quote.text

    def test_a_capture_of_another_article_is_refused(self) -> None:
        with pytest.raises(IntegrityError, match="another article"):
            make.a_quote(text=make.WORDS, capture=make.a_capture())

    def test_a_capture_with_a_wrong_hash_is_refused(self) -> None:
        with pytest.raises(IntegrityError, match="SHA-256"):
            Capture.objects.create(
                article=make.an_article(), sha256="0" * 64, body="x", captured_at=dt.datetime.now(dt.UTC)
            )


@pytest.mark.django_db(transaction=True)
class TestTheChain:
    @pytest.fixture
    def chain(self, reporter: Any) -> list[int]:
        """Six transactions with one to several events each; the events' numbers."""
        for _ in range(2):
            make.a_speaker(names={"Зеленський": "uk", "Zelensky": "en"}, by=reporter)
            make.a_topic(by=reporter)
            make.a_topic(by=None)
        return list(AuditEvent.objects.order_by("pk").values_list("pk", flat=True))

    def spoil(self, statement: str) -> None:
        """Write to the log as only a superuser or the owner could, around every trigger."""
        with connection.as_owner():
            sql(statement)

    def test_an_untouched_chain_holds(self, chain: list[int]) -> None:
        walk = check_chain([])
        assert walk.broken is None
        assert walk.events == len(chain)
        assert walk.seals == AuditSeal.objects.count()

    def test_every_column_of_every_event_is_covered(self, chain: list[int]) -> None:
        changes = {
            "at": "at + interval '1 microsecond'",
            "actor_pk": "coalesce(actor_pk, 0) + 1",
            "actor": "actor || 'x'",
            "verb": "verb || 'x'",
            '"table"': "\"table\" || 'x'",
            "record_pk": "coalesce(record_pk, 0) + 1",
            "statement_pk": "coalesce(statement_pk, 0) + 1",
            "before": "coalesce(before, '') || ' '",
            "after": "coalesce(after, '') || ' '",
            "leaf": "sha256('x')",
        }
        found = []
        for event in chain[:: max(1, len(chain) // 5)]:
            for column, value in changes.items():
                with connection.as_owner():
                    sql(f"CREATE TABLE kept AS SELECT * FROM quotes_auditevent WHERE id = {event}")
                    sql(f"UPDATE quotes_auditevent SET {column} = {value} WHERE id = {event}")
                    walk = check_chain([])
                    sql(f"UPDATE quotes_auditevent e SET {column} = k.{column} FROM kept k WHERE k.id = e.id")
                    sql("DROP TABLE kept")
                found.append(walk.broken is not None and walk.broken.event_id == event)
        assert all(found)
        assert len(found) >= 50
        assert check_chain([]).broken is None

    def test_a_long_chain_may_take_longer_than_a_page(
        self, chain: list[int], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        seen: list[Any] = []

        def stray() -> None:
            with connection.cursor() as cursor:
                cursor.execute("SHOW statement_timeout")
                seen.append((connection.connection.patience, cursor.fetchone()[0]))

        monkeypatch.setattr(activity, "_stray", stray)
        before = connection.connection.patience
        check_chain([])
        assert seen == [(None, "0")]
        assert before
        assert connection.connection.patience == before

    def test_a_deleted_event_is_found_with_its_seal(self, chain: list[int]) -> None:
        seal = AuditEvent.objects.get(pk=chain[3]).seal
        self.spoil(f"DELETE FROM quotes_auditevent WHERE id = {chain[3]}")
        broken = check_chain([]).broken
        assert broken is not None
        assert broken.position == seal.position

    def test_an_event_put_in_is_found(self, chain: list[int]) -> None:
        self.spoil(
            'INSERT INTO quotes_auditevent (seal_id, at, actor, verb, "table", leaf)'
            " VALUES (0, now(), 'curator', 'verify.check', 'quotes_check', '')"
        )
        broken = check_chain([]).broken
        assert broken is not None
        assert "put in by hand" in broken.message

    def test_two_seals_in_each_others_place_are_found(self, chain: list[int]) -> None:
        self.spoil("UPDATE quotes_auditseal SET position = -position WHERE position IN (2, 3)")
        self.spoil("UPDATE quotes_auditseal SET position = 5 + position WHERE position < 0")
        broken = check_chain([]).broken
        assert broken is not None
        assert broken.position == 2

    def test_a_cut_tail_is_found_against_a_checkpoint_only(self, chain: list[int]) -> None:
        last = AuditSeal.objects.latest("position")
        checkpoint = Checkpoint(last.position, last.hash)
        assert check_chain([checkpoint]).broken is None
        self.spoil(f"DELETE FROM quotes_auditevent WHERE seal_id = {last.pk}")
        self.spoil(f"DELETE FROM quotes_auditseal WHERE id = {last.pk}")
        assert check_chain([]).broken is None
        broken = check_chain([checkpoint]).broken
        assert broken is not None
        assert "cut off" in broken.message

    def test_a_rewritten_chain_is_found_against_a_checkpoint(self, chain: list[int]) -> None:
        last = AuditSeal.objects.latest("position")
        broken = check_chain([Checkpoint(last.position, "0" * 64)]).broken
        assert broken is not None
        assert broken.position == last.position

    def test_two_writers_at_once_leave_one_chain(self, reporter: Any, in_threads: Any) -> None:
        def write(number: int) -> None:
            for _ in range(10):
                make.a_topic(by=reporter)

        in_threads(write, range(4))
        walk = check_chain([])
        assert walk.broken is None
        assert Topic.objects.count() == 40

    def test_the_app_can_neither_write_nor_take_away_an_event(self, chain: list[int]) -> None:
        for road in (
            "UPDATE quotes_auditevent SET verb = 'x'",
            "DELETE FROM quotes_auditevent",
            "TRUNCATE quotes_auditevent",
            "INSERT INTO quotes_auditseal (transaction, previous, hash) VALUES ('1', '', '')",
            "UPDATE quotes_auditseal SET hash = 'x'",
            "DELETE FROM quotes_auditseal",
            "ALTER TABLE quotes_auditevent DISABLE TRIGGER ALL",
            "DROP TABLE quotes_auditevent",
            "DROP TRIGGER audit_update ON quotes_topic",
            "SELECT verbatim_open_seal()",
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                sql(road)
        assert check_chain([]).broken is None


class TestATableOfItsOwn:
    """The app's role may make temporary tables; no trigger of the house's writes for them."""

    @pytest.mark.parametrize(
        ("table", "trigger"),
        [
            (
                "quotes_topic (id bigint, name text)",
                "AFTER INSERT ON pg_temp.quotes_topic REFERENCING NEW TABLE AS new_rows"
                " FOR EACH STATEMENT EXECUTE FUNCTION verbatim_record()",
            ),
            (
                "auth_user (id bigint, password text)",
                "AFTER UPDATE ON pg_temp.auth_user FOR EACH ROW EXECUTE FUNCTION verbatim_record_password()",
            ),
            (
                "quotes_standing (quote_id bigint, value text, since timestamptz)",
                "AFTER UPDATE ON pg_temp.quotes_standing REFERENCING OLD TABLE AS old_rows"
                " NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION verbatim_remember_standing()",
            ),
        ],
    )
    def test_nothing_is_recorded_of_what_never_happened(self, table: str, trigger: str) -> None:
        sql(f"CREATE TEMP TABLE {table} ON COMMIT DROP")
        with pytest.raises(DatabaseError, match="permission denied for function"), transaction.atomic():
            sql(f"CREATE TRIGGER forged {trigger}")

    def test_no_function_of_a_trigger_is_open_to_the_app(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT p.oid::regprocedure::text FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace"
                " AND p.prorettype = 'trigger'::regtype AND starts_with(p.proname, 'verbatim_')"
                " AND has_function_privilege('verbatim_app', p.oid, 'EXECUTE')"
            )
            assert cursor.fetchall() == []


@pytest.mark.django_db(transaction=True)
class TestTheCommand:
    def test_verify_counts_what_holds_and_fails_on_what_does_not(self, tmp_path: Path) -> None:
        make.a_topic()
        notes = tmp_path / "notes.jsonl"
        out = StringIO()
        call_command("audit", "checkpoint", file=notes, stdout=out)
        call_command("audit", "verify", file=notes, stdout=out)
        assert "1 checkpoints agree" in out.getvalue()
        with connection.as_owner():
            sql("UPDATE quotes_auditevent SET verb = 'x'")
        with pytest.raises(CommandError, match=r"Broken at event \d+, seal 1"):
            call_command("audit", "verify", file=notes, stdout=out)

    def test_a_forged_checkpoint_is_an_error_with_its_line(self, tmp_path: Path) -> None:
        notes = tmp_path / "notes.jsonl"
        notes.write_text('{"position": 1, "hash": "x", "signed": "made up"}\n')
        with pytest.raises(CommandError, match=":1: this checkpoint was not written by this site"):
            call_command("audit", "verify", file=notes)

    def test_the_checkpoints_of_another_database_are_told_from_a_cut_end(self, tmp_path: Path) -> None:
        make.a_topic()
        notes = tmp_path / "notes.jsonl"
        checkpoints.note(notes, 5_000, "f" * 64, desk="f" * 64, place="archive, server 1")
        with pytest.raises(CommandError, match=r"None of the checkpoints .* noted in archive, server 1"):
            call_command("audit", "verify", file=notes)
        out = StringIO()
        call_command("audit", "checkpoint", file=notes, stdout=out)
        call_command("audit", "verify", file=notes, stdout=out)
        assert "1 checkpoints agree" in out.getvalue()
        assert "1 checkpoints are of other databases, and say nothing here" in out.getvalue()
        with connection.as_owner():
            sql("DELETE FROM quotes_auditevent")
            sql("DELETE FROM quotes_auditseal")
        with pytest.raises(CommandError, match="its end was cut off"):
            call_command("audit", "verify", file=notes)


def sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
