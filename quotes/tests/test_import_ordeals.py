"""Imports killed, at once and in any order, in small; `manage.py try_imports` does the same as often as one likes."""

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection

from quotes.benchmarks import frame, ordeals
from quotes.benchmarks import imports as bench
from quotes.benchmarks.corpus import fixture

pytestmark = pytest.mark.django_db(transaction=True)


def nothing(line: str) -> None:
    """Tell nobody."""


def test_an_import_killed_at_any_moment_leaves_all_or_nothing(groups: Any) -> None:
    seen = ordeals.kill(nothing, times=4, rows=120)
    assert seen.startswith("4 kills, no part ever seen")


def test_a_part_of_an_import_would_have_been_seen(groups: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    # As if each kind of record were committed by itself.
    real = bench.imports._write_kind

    def committing(cursor: Any, *given: Any) -> None:
        real(cursor, *given)
        cursor.execute("COMMIT; BEGIN")

    monkeypatch.setattr(bench.imports, "_write_kind", committing)
    with pytest.raises(frame.Broken, match=r"a part was to be seen|another state|ended with"):
        ordeals.kill(nothing, times=8, rows=120)


def test_overlapping_files_come_to_one_end_in_any_order_and_at_once(groups: Any) -> None:
    assert "one end" in ordeals.orders(nothing, times=2, rows=60)
    User.objects.filter(username="operator").delete()
    assert "all ended as one by one" in ordeals.together(nothing, times=1, rows=60)


def test_all_that_an_import_is_measured_against_bring_in_the_same_records(
    groups: Any, tmp_path: Path
) -> None:
    path = tmp_path / "corpus.json"
    fixture.write(30, 5, path)
    rig, operator = bench.Rig(), ordeals._operator()
    rig.empty()
    bench.ours(rig, path)
    wanted = ordeals.digest(operator)
    with connection.as_owner():  # type: ignore[attr-defined]
        copied = bench.Copied()
        ways = (bench.loaddata, bench.bulk_create, lambda _: copied.into(triggers=True))
        for bring_in in ways:
            rig.empty()
            bring_in(path)
            # What a reporter imports is suggested; the owner brings links in as the file has them.
            found = ordeals.digest(operator)
            assert found == wanted or bring_in in ways[:2]
            with connection.cursor() as cursor:
                cursor.execute(
                    "UPDATE quotes_link SET state = 'suggested', decided_by_id = NULL, decided_at = NULL"
                )
            assert ordeals.digest(operator) == wanted
