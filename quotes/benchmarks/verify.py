"""R16, the queue, and R17, the price of the audit (SPEED.md §5 and §8).

R16: 50 clients take quotes from the queue of /verify/ with the very question that `quotes.actions.verify.claim_next`
asks, and write the claim with all its triggers; once looking past locked rows, once waiting for them (FOR UPDATE).
R17: the same updates on two copies of a table, one with the audit's triggers and one without. An audited update is an
update, its event, and the seal of its transaction.
"""

from __future__ import annotations

import time
from typing import Any

from django.contrib.auth.models import Group, User
from django.db import connection, transaction
from psycopg import sql

from quotes.actions.audit import acting
from quotes.benchmarks.frame import Ratio, Tell, at_once, client, middle, scratch_database
from quotes.models import Quote
from quotes.models.queue import Order, QueueQuerySet, Tab

QUOTES = 4_000
CLIENTS = 50
ROUNDS = 5
SECONDS = 2.0

FILL = """
INSERT INTO quotes_speaker (slug, name, kind, description, country, version)
  VALUES ('bench', 'Bench', 'person', '', '', 1);
INSERT INTO quotes_outlet (slug, name, kind, country, language, domain, version)
  VALUES ('bench', 'Bench', 'site', '', '', '', 1);
INSERT INTO quotes_article (url, outlet_id, headline, byline, language, version)
  SELECT 'https://bench.example/1', id, 'Bench', '', 'en', 1 FROM quotes_outlet WHERE slug = 'bench';
INSERT INTO quotes_statement (uid, speaker_id, occasion, original_language, gist, record, version)
  SELECT 'bench-' || n, s.id, '', '', 'Number ' || n, 'on', 1
  FROM generate_series(1, {quotes}) n, quotes_speaker s WHERE s.slug = 'bench';
INSERT INTO quotes_quote (uid, statement_id, article_id, kind, text, language, is_translation, cue,
                          speaker_as_printed, role_as_printed, prefix, suffix, version)
  SELECT s.uid, s.id, a.id, 'direct', 'Words number ' || s.id, 'en', false, 'said', '', '', '', '', 1
  FROM quotes_statement s, quotes_article a WHERE s.uid LIKE 'bench-%' AND a.headline = 'Bench' ORDER BY s.id;
ANALYZE
"""
CLAIM = """
INSERT INTO quotes_claim (quote_id, by_id, claimed_at, expires_at, reason)
  VALUES (%s, %s, clock_timestamp(), clock_timestamp() + interval '2 hours', '')
ON CONFLICT (quote_id) DO UPDATE SET by_id = excluded.by_id WHERE quotes_claim.expires_at <= clock_timestamp()
RETURNING quote_id
"""
ACT = "SELECT set_config('verbatim.actor', %s, true), set_config('verbatim.verb', 'verify.claim', true)"
COPIES = """
CREATE TABLE bench_plain (LIKE quotes_quote INCLUDING DEFAULTS INCLUDING INDEXES);
INSERT INTO bench_plain OVERRIDING SYSTEM VALUE SELECT * FROM quotes_quote;
CREATE TABLE bench_audited (LIKE quotes_quote INCLUDING DEFAULTS INCLUDING INDEXES);
INSERT INTO bench_audited OVERRIDING SYSTEM VALUE SELECT * FROM quotes_quote;
CREATE TRIGGER audit_update AFTER UPDATE ON bench_audited REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION verbatim_record();
GRANT SELECT, UPDATE ON bench_plain, bench_audited TO verbatim_app;
ANALYZE bench_plain, bench_audited
"""


def run(tell: Tell) -> list[Ratio]:
    """Run both in a database of their own and return their ratios."""
    with scratch_database():
        people = _fill()
        tell(f"{QUOTES} quotes wait, {CLIENTS} clients, {ROUNDS} rounds of {SECONDS:g} s each way")
        return [*_queue(people, tell), *_audit(tell)]


def _statements(text: str) -> None:
    with connection.as_owner(), connection.cursor() as cursor:  # type: ignore[attr-defined]
        for statement in text.split(";\n"):
            cursor.execute(sql.SQL(statement))


def _fill() -> list[User]:
    _statements(FILL.replace("{quotes}", str(QUOTES)))
    group = Group.objects.get(name="Verifier")
    with acting(by=None, verb="bench.fill"):
        people = User.objects.bulk_create(User(username=f"bench{n}") for n in range(CLIENTS))
        group.user_set.add(*people)
    return people


# --- R16 -----------------------------------------------------------------------------------------------------------


def _queue(people: list[User], tell: Tell) -> list[Ratio]:
    ways = {way: [_question(person, skip=way == "skip") for person in people] for way in ("skip", "wait")}
    rates: dict[str, list[float]] = {"skip": [], "wait": []}
    doubles = 0
    for number in range(ROUNDS):
        for way in ("skip", "wait") if number % 2 else ("wait", "skip"):
            with connection.as_owner(), connection.cursor() as cursor:  # type: ignore[attr-defined]
                cursor.execute("TRUNCATE quotes_claim")
            taken: list[int] = []
            count, seconds = at_once(_taker(people, ways[way], taken), CLIENTS, SECONDS)
            doubles += len(taken) - len(set(taken))
            rates[way].append(count / seconds)
        tell(f"round {number + 1}: {rates['skip'][-1]:.0f} claims/s, waiting {rates['wait'][-1]:.0f}")
    detail = f"{middle(rates['skip']):.0f} claims/s over {middle(rates['wait']):.0f} (with audit, seal and standing)"
    ratios = [fast / slow for fast, slow in zip(rates["skip"], rates["wait"], strict=True)]
    return [
        Ratio("R16", "queue: quotes handed out twice", float(doubles), 0, more_is_better=False),
        Ratio(
            "R16", "queue: claims/s over FOR UPDATE", middle(ratios), 3, more_is_better=True, detail=detail
        ),
    ]


def _question(person: User, *, skip: bool) -> tuple[str, Any]:
    """Return the question of claim_next as SQL; `skip` says whether it looks past locked rows or waits."""
    waiting = QueueQuerySet(Quote).visible_to(person).waiting(Tab.FIRST, person).unclaimed()
    found = waiting.for_checker(person, Tab.FIRST).in_order(Order.OLDEST)
    locked = found.select_for_update(skip_locked=skip, of=("self",), no_key=True)[:1]
    with transaction.atomic():
        return locked.values("pk").query.sql_with_params()


def _taker(people: list[User], questions: list[tuple[str, Any]], taken: list[int]) -> Any:
    def take(number: int, go_on: Any) -> int:
        mine = 0
        question, values = questions[number]
        with client() as own:
            while go_on():
                with own.transaction():
                    own.execute(ACT, [str(people[number].pk)])
                    row = own.execute(question, values).fetchone()
                    if row is None:
                        break
                    if own.execute(CLAIM, [row[0], people[number].pk]).fetchone() is None:
                        continue
                taken.append(row[0])
                mine += 1
        return mine

    return take


# --- R17 -----------------------------------------------------------------------------------------------------------


def _audit(tell: Tell) -> list[Ratio]:
    _statements(COPIES)
    single: dict[str, list[float]] = {"bench_plain": [], "bench_audited": []}
    bulk: dict[str, list[float]] = {"bench_plain": [], "bench_audited": []}
    with client() as own:
        keys = [row[0] for row in own.execute("SELECT id FROM bench_plain ORDER BY id").fetchall()]
    for number in range(ROUNDS):
        for table in single if number % 2 else list(single)[::-1]:
            count, seconds = at_once(_updater(table, keys), 4, SECONDS)
            single[table].append(seconds * 4 / count)
            bulk[table].append(_bulk(table, number))
        tell(
            f"round {number + 1}: one row {single['bench_audited'][-1] * 1000:.2f} ms over "
            f"{single['bench_plain'][-1] * 1000:.2f} ms, bulk {bulk['bench_audited'][-1] * 1000:.0f} ms over "
            f"{bulk['bench_plain'][-1] * 1000:.0f} ms"
        )
    return [
        Ratio("R17", "audited update / plain update, one row", _over(single), 1.4, more_is_better=False,
              detail=f"{middle(single['bench_audited']) * 1000:.2f} ms over "
              f"{middle(single['bench_plain']) * 1000:.2f} ms, 4 clients"),
        Ratio("R17", f"audited update / plain update, {QUOTES} rows at once", _over(bulk), 2.5, more_is_better=False,
              detail=f"{middle(bulk['bench_audited']) * 1000:.0f} ms over {middle(bulk['bench_plain']) * 1000:.0f} ms"),
    ]  # fmt: skip


def _over(times: dict[str, list[float]]) -> float:
    pairs = zip(times["bench_audited"], times["bench_plain"], strict=True)
    return middle([audited / plain for audited, plain in pairs])


def _updater(table: str, keys: list[int]) -> Any:
    change = sql.SQL("UPDATE {} SET cue = %s WHERE id = %s").format(sql.Identifier(table))

    def update(number: int, go_on: Any) -> int:
        done = 0
        with client() as own:
            while go_on():
                with own.transaction():
                    own.execute(ACT, [""])
                    own.execute(change, [f"said {done} {number}", keys[(done * 4 + number) % len(keys)]])
                done += 1
        return done

    return update


def _bulk(table: str, number: int) -> float:
    change = sql.SQL("UPDATE {} SET cue = %s").format(sql.Identifier(table))
    with client() as own:
        started = time.perf_counter()
        own.execute(change, [f"all {number}"])
        return time.perf_counter() - started
