"""The synthetic newsroom: the same seed gives the same rows, and every standing is one that the desk itself derives."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection

from quotes.benchmarks.corpus import fixture, loading, proof
from quotes.benchmarks.corpus.columns import Base
from quotes.benchmarks.corpus.newsroom import Newsroom
from quotes.models import AuditEvent, Check, Quote, Standing, Statement

SMALL = 300


@pytest.fixture
def corpus(groups: Any) -> loading.Written:
    with connection.as_owner():  # type: ignore[attr-defined]
        return loading.make(SMALL, 7)


def wrong() -> dict[str, int]:
    with connection.as_owner():  # type: ignore[attr-defined]
        return {claim.what: claim.wrong for claim in proof.claims() if claim.wrong}


def test_a_corpus_has_every_standing_and_all_are_justified(corpus: loading.Written) -> None:
    assert Statement.objects.count() == SMALL
    assert wrong() == {}
    standings = set(Standing.objects.values_list("value", flat=True))
    assert {"unchecked", "in_review", "verified", "disputed", "stale"} <= standings


def test_the_triggers_would_have_derived_the_same_standings(corpus: loading.Written) -> None:
    rows = list(Standing.objects.order_by("pk").values_list())
    with connection.as_owner(), connection.cursor() as cursor:  # type: ignore[attr-defined]
        # What a new number of checks does: every standing is derived anew.
        cursor.execute("UPDATE quotes_policy SET checks_needed = checks_needed")
    assert list(Standing.objects.order_by("pk").values_list()) == rows


def test_the_same_seed_gives_the_same_rows_and_another_seed_others() -> None:
    def rows(seed: int) -> list[Any]:
        base = Base(tuple(range(1, 13)), tuple(range(13, 29)))
        return list(Newsroom(200, seed, base).blocks())

    assert rows(1) == rows(1)
    assert rows(1) != rows(2)


def test_a_corpus_is_refused_beside_other_statements_unless_asked_for(corpus: loading.Written) -> None:
    with connection.as_owner():  # type: ignore[attr-defined]
        with pytest.raises(loading.NotEmpty, match="--add"):
            loading.make(10, 8)
        with pytest.raises(loading.NotEmpty, match="seed"):
            loading.make(10, 7, add=True)
        loading.make(10, 8, add=True)
    assert Statement.objects.count() == SMALL + 10
    assert wrong() == {}


def test_the_triggers_are_back_when_the_corpus_is_written(corpus: loading.Written) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_trigger WHERE tgenabled = 'D' AND tgrelid::regclass::text LIKE 'quotes\\_%'"
        )
        assert cursor.fetchone() == (0,)


@pytest.mark.django_db(transaction=True)
def test_the_log_tells_of_one_corpus_and_its_chain_holds(corpus: loading.Written) -> None:
    assert proof.chain().wrong == 0
    event = AuditEvent.objects.get(verb="corpus.make")
    assert json.loads(event.after or "")["sha256"] == corpus.digest


def test_nobody_can_sign_in_as_a_synthetic_person(corpus: loading.Written) -> None:
    people = User.objects.filter(username__startswith="corpus-")
    assert people.count() == loading.REPORTERS + loading.VERIFIERS
    assert not any(person.has_usable_password() or person.email for person in people)


def test_the_proof_finds_a_verification_that_nobody_made(corpus: loading.Written) -> None:
    quote = Standing.objects.filter(value="unchecked").first()
    assert quote is not None
    with connection.as_owner(), connection.cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE quotes_standing DISABLE TRIGGER USER")
        cursor.execute("UPDATE quotes_standing SET value = 'verified' WHERE quote_id = %s", [quote.pk])
        cursor.execute("ALTER TABLE quotes_standing ENABLE TRIGGER USER")
    found = wrong()
    assert found["standings are those that follow from checks and evidence"] == 1
    assert found["verified means enough full passes by others with the right"] == 1


def test_the_file_of_a_corpus_is_imported_whole(reporter: User, tmp_path: Path) -> None:
    from quotes.actions import imports

    path = tmp_path / "corpus.json"
    count = fixture.write(60, 3, path)
    assert len(json.loads(path.read_text(encoding="utf-8"))) == count
    report = imports.run([path], by=reporter)
    assert [str(error) for error in report.errors] == []
    assert sum(report.created.values()) == count
    assert Quote.objects.exists()
    assert not Check.objects.exists()


def test_the_command_says_what_it_wrote_and_proves_it(
    groups: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    call_command("make_corpus", statements=30, seed=5, out=tmp_path / "corpus.json")
    assert "records in" in capsys.readouterr().out
    assert not Statement.objects.exists()
    with pytest.raises(CommandError, match="at least one statement"):
        call_command("make_corpus", statements=0)
