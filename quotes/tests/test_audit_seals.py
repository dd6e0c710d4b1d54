"""Whatever somebody with all rights does to the moments and seals of the audit log is found, and where (S13)."""

from typing import Any

import pytest
from django.db import connection

from quotes.models import AuditEvent, AuditSeal
from quotes.search.activity import check_chain

from . import factories as make

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def chain(reporter: Any) -> list[int]:
    """Several transactions with one to several events each; the events' numbers."""
    for _ in range(2):
        make.a_speaker(names={"Зеленський": "uk", "Zelensky": "en"}, by=reporter)
        make.a_topic(by=reporter)
        make.a_topic(by=None)
    return list(AuditEvent.objects.order_by("pk").values_list("pk", flat=True))


def sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def spoil(statement: str) -> None:
    """Write to the log as only a superuser or the owner could, around every trigger."""
    with connection.as_owner():
        sql(statement)


@pytest.mark.parametrize("moment", ["infinity", "-infinity", "0044-03-15 BC", "23456-01-01"])
def test_a_moment_that_no_clock_shows_is_found_like_any_other(chain: list[int], moment: str) -> None:
    spoil(f"UPDATE quotes_auditevent SET at = '{moment}' WHERE id = {chain[-1]}")
    broken = check_chain([]).broken
    assert broken is not None
    assert broken.event_id == chain[-1]


def test_every_column_of_every_seal_is_covered(chain: list[int]) -> None:
    changes = [
        "id = id + 1000000",
        "transaction = transaction || 'x'",
        "events = events + 1",
        "events = NULL",
        "sealed_at = sealed_at + interval '1 microsecond'",
        "sealed_at = 'infinity'",
        "sealed_at = NULL",
        "previous = repeat('0', 64)",
        "hash = repeat('0', 64)",
        "position = NULL",
    ]
    found = []
    for seal in AuditSeal.objects.order_by("position"):
        for change in changes:
            with connection.as_owner():
                sql(f"CREATE TABLE kept AS SELECT * FROM quotes_auditseal WHERE id = {seal.pk}")
                sql(f"UPDATE quotes_auditseal SET {change} WHERE id = {seal.pk}")
                walk = check_chain([])
                # An insert would be sealed anew.
                sql(
                    "UPDATE quotes_auditseal s SET id = k.id, position = k.position, transaction = k.transaction,"
                    " events = k.events, sealed_at = k.sealed_at, previous = k.previous, hash = k.hash FROM kept k"
                    " WHERE s.id IN (k.id, k.id + 1000000)"
                )
                sql("DROP TABLE kept")
            found.append((change, seal.position, walk.broken and walk.broken.position))
    # The last seal without its place is a tail that was cut, and events that belong to none.
    wrong = [(change, place, told) for change, place, told in found if told not in (place, 0)]
    assert wrong == []
    assert [told for _, _, told in found if told == 0] == [0]
    assert len(found) >= 60
    assert check_chain([]).broken is None


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("event", "actor"),
        ("event", "verb"),
        ("event", '"table"'),
        ("event", "at"),
        ("event", "leaf"),
        ("seal", "transaction"),
        ("seal", "previous"),
        ("seal", "hash"),
    ],
)
def test_what_may_never_be_unknown_and_was_taken_away_is_found_like_any_other(
    chain: list[int], table: str, column: str
) -> None:
    """Whoever owns the tables may also take their rules away; the walk says where, and does not stumble."""
    last = AuditSeal.objects.order_by("-position").values_list("pk", flat=True)[0]
    key = chain[-1] if table == "event" else last
    was = [f"quotes_audit{table}", column]
    with connection.as_owner():
        sql(f"CREATE TABLE kept AS SELECT id, {column} AS was FROM {was[0]} WHERE id = {key}")
        sql(f"ALTER TABLE {was[0]} ALTER {column} DROP NOT NULL")
        try:
            sql(f"UPDATE {was[0]} SET {column} = NULL WHERE id = {key}")
            broken = check_chain([]).broken
        finally:
            sql(f"UPDATE {was[0]} a SET {column} = k.was FROM kept k WHERE a.id = k.id")
            sql(f"ALTER TABLE {was[0]} ALTER {column} SET NOT NULL")
            sql("DROP TABLE kept")
    assert broken is not None
    assert (broken.event_id if table == "event" else broken.position) == (
        key if table == "event" else AuditSeal.objects.get(pk=last).position
    )
