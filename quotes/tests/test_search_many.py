"""Above the cap, where the sample decides on the way: every page is the one that a look at every document gives.

The documents are made here and belong to no statement; they are as many as it takes for every way to be gone.
"""

import json
from typing import Any

import pytest
from django.db import connection

from quotes.search import engine
from quotes.search.criteria import Criteria, Filter

pytestmark = pytest.mark.django_db

MANY = 14_000
# As in truth the cap is not below the thousand that are ranked; without ranks it may be as low as a page.
CAPS = {"match": 1000, "said": 20, "added": 20}
PAGE = 26
HELD = (False, True)
PLACES = {
    "match": "(rank, day, statement_id) < (%(rank)s::real, %(day)s::date, %(pk)s)",
    "said": "(day, statement_id) < (%(day)s::date, %(pk)s)",
    "added": "statement_id < %(pk)s",
}
ORDERS = {
    "match": "rank DESC, day DESC, statement_id DESC",
    "said": "day DESC, statement_id DESC",
    "added": "statement_id DESC",
}
WANTED = (
    "'rare7'",
    "'few42'",
    "'some3'",
    "'some3' & 'every'",
    "'some':*",
    "'every'",
    "'every' & '#2.2'",
    "'every' & !'some3'",
    "('some3' | 'some4') & ('every' | 'none')",
)
PERIODS = ((None, None), ("2021-01-01", "2021-12-31"), (None, "2022-06-30"), ("2021-03-05", None))


@pytest.fixture
def documents() -> None:
    """Documents of five years, every seventh off the record."""
    with connection.as_owner(), connection.cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute(
            """
            INSERT INTO quotes_searchdoc (statement_id, day, last_day, open_from, terms, pairs, lines, facets)
            SELECT 400000 + n, day, day, CASE WHEN n %% 7 = 0 THEN timestamptz '9999-01-01' ELSE '2000-01-01' END,
              setweight(to_tsvector('simple', 'every ' || repeat('some' || n %% 11 || ' ', 1 + n %% 5)
                  || CASE WHEN n %% 2000 = 0 THEN 'rare7' WHEN n %% 200 = 35 THEN 'few42' ELSE '' END), 'A')
                || array_to_tsvector(ARRAY['#13.0', to_char(day, '"#7."FMYYYY'), to_char(day, '"#11."YYYYMM'),
                                           '#2.' || CASE WHEN n %% 2000 = 0 THEN 7 ELSE 1 + n %% 3 END]),
              '{}', '', ARRAY[1 << 27 | n %% 5 + 1, 2 << 27 | CASE WHEN n %% 2000 = 0 THEN 7 ELSE 1 + n %% 3 END,
                              7 << 27 | extract(year FROM day)::integer]
            FROM generate_series(1, %s) n, LATERAL (SELECT date '2019-01-01' + abs(hashint8(n)) %% 1826 AS day) days
            """,
            [MANY],
        )


def asked(query: str, params: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        return list(cursor.fetchall())


def answer(wanted: str, sort: str, period: Any, held: bool, after: dict[str, Any] | None) -> dict[str, Any]:
    """A page as the search gives it."""
    params = {
        "wanted": wanted,
        "since": period[0],
        "until": period[1],
        "held": held,
        "sort": sort,
        "size": PAGE,
    }
    params |= {"rank": None, "day": None, "pk": None, "newest": None, "cap": CAPS[sort]} | (after or {})
    (row,) = asked(
        "SELECT to_jsonb(found)::text FROM verbatim_search(%(wanted)s::tsquery, %(wanted)s::tsquery, '{}', '{}',"
        " %(since)s::date, %(until)s::date, %(held)s, %(sort)s, %(size)s, %(rank)s::real, %(day)s::date,"
        " %(pk)s::bigint, %(newest)s::bigint, '{1,2,3,4,5,6,7}', '{}', '{}', '{}', %(cap)s) found",
        params,
    )
    found: dict[str, Any] = json.loads(row[0])
    return found


def by_hand(
    wanted: str, sort: str, period: Any, held: bool, after: dict[str, Any] | None, ranked: int
) -> list[int]:
    """The same page, by a look at every document that was said in the period."""
    return [
        row[0]
        for row in asked(
            f"""
            SELECT statement_id FROM (
              SELECT statement_id, day, ts_rank(terms, %(wanted)s::tsquery, 1) AS rank FROM quotes_searchdoc
              WHERE terms @@ %(wanted)s::tsquery AND (%(held)s OR open_from <= now())
                AND (%(since)s::date IS NULL OR day >= %(since)s) AND (%(until)s::date IS NULL OR day <= %(until)s)
              ORDER BY {ORDERS["said" if sort == "match" else sort]} LIMIT %(ranked)s) hits
            WHERE {PLACES[sort] if after else "true"} ORDER BY {ORDERS[sort]} LIMIT {PAGE}
            """,  # house: orders and places written here
            {"wanted": wanted, "held": held, "since": period[0], "until": period[1], "ranked": ranked}
            | (after or {}),
        )
    ]


@pytest.mark.parametrize(
    ("sort", "ways"),
    [
        ("match", {"exact", "walk", "slice"}),
        ("said", {"exact", "walk", "slice"}),
        ("added", {"exact", "walk"}),
    ],
)
def test_every_way_leads_to_the_page_that_a_look_at_everything_gives(
    documents: None, sort: str, ways: set[str]
) -> None:
    gone = set()
    for number, wanted in enumerate(WANTED):
        for period in PERIODS:
            held, after = HELD[number % 2], None
            for _ in range(
                12 if sort == "match" else 3
            ):  # of the best, so far that the oldest of them is shown
                found = answer(wanted, sort, period, held, after)
                gone.add(found["path"])
                ranked = 1000 if sort == "match" and not found["exact"] else MANY
                right = by_hand(wanted, sort, period, held, after, ranked)
                assert (found["ids"] or []) == right, (wanted, period, held, found["path"])
                if len(right) < PAGE:
                    break
                newest = after["newest"] if after else found["newest_id"]
                last = {"rank": found["ranks"], "day": found["days"], "pk": found["ids"]}
                after = {name: values[PAGE - 2] for name, values in last.items()} | {"newest": newest}
    assert gone >= ways


def test_other_values_of_a_chosen_facet_are_told_as_if_it_were_not_chosen(documents: None) -> None:
    call = (
        "SELECT facets::text FROM verbatim_search(%s::tsquery, NULL, '{}', '{}', NULL, NULL, true, 'said', 26, NULL,"
        " NULL, NULL, NULL, '{1,2,3,4,5,6,7}', '{}', ARRAY[%s, %s]::tsquery[], '{2,1}', %s)"
    )
    chosen = "'every' & '#2.2'"
    told = json.loads(asked(call, [chosen, "'every'", chosen, CAPS["said"]])[0][0])
    standings = {value: count for kind, value, count, *_ in told if kind == 2}
    speakers = {value: count for kind, value, count, *_ in told if kind == 1}
    # A third each, as far as a hundred documents of the sample can tell.
    assert set(standings) >= {1, 2, 3}
    assert all(0.6 < standings[value] / (MANY / 3) < 1.4 for value in (1, 2, 3))
    assert set(speakers) == {1, 2, 3, 4, 5}
    assert 0.6 < sum(speakers.values()) / (MANY / 3) < 1.4


def test_what_is_off_the_record_is_in_no_count_above_the_cap(documents: None) -> None:
    totals = {held: answer("'every'", "said", (None, None), held, None)["total"] for held in HELD}
    assert abs(totals[True] - MANY) < 0.1 * MANY
    assert abs(totals[False] - MANY * 6 / 7) < 0.1 * MANY
    assert totals[False] < totals[True]


def test_beside_a_counted_value_the_others_say_that_they_are_estimates(
    documents: None, verifier: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "CAP", CAPS["said"])
    chosen = Filter("standing", "retracted")
    answer = engine.search(Criteria(filters=(chosen,)), verifier)
    assert (answer.total, answer.exact) == (MANY // 2000, True)
    (standings,) = (facet.options for facet in answer.facets if facet.name == "standing")
    told = {option.value: option.counted for option in standings}
    assert told.pop("retracted") == str(MANY // 2000)
    assert set(told) == {"verified", "in_review", "stale"}
    assert all(number.startswith("~") for number in told.values())
    assert [option.count for option in standings] == sorted(
        (option.count for option in standings), reverse=True
    )
