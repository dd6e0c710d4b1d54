"""That a corpus is what the desk itself would have made of it: every claim is a question over all rows, in SQL.

The first asks the functions that the triggers use, quote by quote; those on checks repeat the rules of `check_is_sound`
in sets, since that trigger was off. Nothing here knows how the corpus was made: it can be asked of any database.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection

from quotes.search.activity import check_chain

SAMPLED = 3_000
"""Search documents that are made again; all others come from the same function by the same call."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What is so, of how many rows, and of how many it is not."""

    what: str
    looked_at: int
    wrong: int


_LOOKED_AT = """
  EXISTS (SELECT FROM quotes_check c WHERE c.quote_id = s.quote_id)
  OR EXISTS (SELECT FROM quotes_evidence e WHERE e.quote_id = s.quote_id AND e.stance = 'refutes')
  OR EXISTS (SELECT FROM quotes_claim k WHERE k.quote_id = s.quote_id)
"""
_ASKED = {
    "every quote has a standing, of what it now shows": """
        SELECT count(*), count(*) FILTER (WHERE s.quote_id IS NULL
            OR s.content_hash <> verbatim_sha256(c.content) OR s.depth <> verbatim_depth(c.quote_id))
        FROM quotes_content c LEFT JOIN quotes_standing s USING (quote_id)""",
    "standings are those that follow from checks and evidence": f"""
        SELECT count(*), count(*) FILTER (WHERE (s.value, s.passes::integer, s.needed::integer) IS DISTINCT FROM (
            CASE WHEN {_LOOKED_AT} THEN verbatim_standing(s.quote_id, s.content_hash, s.depth) ELSE 'unchecked' END,
            CASE WHEN {_LOOKED_AT} THEN verbatim_passes(s.quote_id, s.content_hash) ELSE 0 END,
            verbatim_checks_needed()))
        FROM quotes_standing s""",  # noqa: S608 - a condition written above
    "verified means enough full passes by others with the right": """
        SELECT count(*), count(*) FILTER (WHERE (
            SELECT count(DISTINCT c.by_id) FROM quotes_check c WHERE c.quote_id = s.quote_id AND c.full_pass
              AND c.seen = s.content_hash AND verbatim_may_check(c.by_id)
              AND NOT EXISTS (SELECT FROM quotes_contribution w WHERE w.quote_id = c.quote_id AND w.user_id = c.by_id)
          ) < s.needed OR s.depth = 'cited')
        FROM quotes_standing s WHERE s.value = 'verified'""",
    "checks are by people with the right, who did not contribute": """
        SELECT count(*), count(*) FILTER (WHERE NOT p.may OR c.full_pass AND EXISTS (
            SELECT FROM quotes_contribution w WHERE w.quote_id = c.quote_id AND w.user_id = c.by_id))
        FROM quotes_check c
        JOIN (SELECT id, verbatim_may_check(id) AS may FROM auth_user OFFSET 0) p ON p.id = c.by_id""",
    "checks answer every axis that applies, and no other": """
        SELECT count(*), count(*) FILTER (WHERE c.ruling IS NULL AND (
              c.attribution IS NULL OR c.context IS NULL OR c.dating IS NULL
              OR (c.wording IS NULL) <> (q.kind = 'indirect') OR (c.translation IS NULL) = q.is_translation
              OR (c.figure IS NULL) = (f.id IS NOT NULL))
            OR c.full_pass <> (c.ruling IS NULL AND NOT EXISTS (SELECT FROM unnest(ARRAY[
              c.attribution, c.wording, c.translation, c.context, c.dating, c.figure]) v WHERE v <> 'pass'))
            OR c.wording = 'pass' AND s.depth = 'cited')
        FROM quotes_check c JOIN quotes_quote q ON q.id = c.quote_id JOIN quotes_standing s ON s.quote_id = q.id
        LEFT JOIN LATERAL (SELECT id FROM quotes_figure f WHERE f.quote_id = q.id LIMIT 1) f ON true""",
    "former standings follow each other up to the present one": """
        SELECT count(*),
          count(*) FILTER (WHERE until < since OR next_since IS DISTINCT FROM until OR next_value = value)
        FROM (SELECT f.value, f.since, f.until, coalesce(lead(f.since) OVER later, s.since) AS next_since,
                coalesce(lead(f.value) OVER later, s.value) AS next_value
              FROM quotes_formerstanding f JOIN quotes_standing s USING (quote_id)
              WINDOW later AS (PARTITION BY f.quote_id ORDER BY f.until)) steps""",
    "captures have their hash, and anchored quotes their words": """
        SELECT count(*), count(*) FILTER (WHERE c.sha256 <> verbatim_sha256(c.body)
            OR q.article_id <> c.article_id
            OR q.start IS NOT NULL AND substr(c.body, q.start + 1, q."end" - q.start) <> q.text)
        FROM quotes_capture c LEFT JOIN quotes_quote q ON q.capture_id = c.id""",
    "search documents are those that the triggers make": f"""
        SELECT count(*), count(*) FILTER (WHERE d.statement_id IS NULL
            OR (d.day, d.last_day, d.open_from, d.terms, d.pairs, d.lines, d.facets)
            IS DISTINCT FROM (n.day, n.last_day, n.open_from, n.terms, n.pairs, n.lines, n.facets))
        FROM verbatim_documents((SELECT array_agg(id) FROM (
            SELECT id FROM quotes_statement ORDER BY hashint8(id) LIMIT {SAMPLED}) sampled)) n
        LEFT JOIN quotes_searchdoc d USING (statement_id)""",  # noqa: S608 - a number
    "every statement has its document, and every eighth a place in the sample": """
        SELECT count(*), count(*) FILTER (WHERE d.statement_id IS NULL
            OR (hashint8(s.id) & 7 = 0) <> (p.statement_id IS NOT NULL)
            OR p.level <> verbatim_level(s.id) OR p.facets <> d.facets OR p.lines <> d.lines)
        FROM quotes_statement s LEFT JOIN quotes_searchdoc d ON d.statement_id = s.id
        LEFT JOIN quotes_searchsample p ON p.statement_id = s.id""",
    "synthetic accounts have no password and no address": """
        SELECT count(*), count(*) FILTER (WHERE password NOT LIKE '!%' OR email <> '')
        FROM auth_user WHERE username LIKE 'corpus-%'""",
}


def claims() -> Iterator[Claim]:
    """Ask them all, as the owner of the tables."""
    for what, question in _ASKED.items():
        with connection.cursor() as cursor:
            cursor.execute(question)  # house: questions written above
            looked_at, wrong = cursor.fetchone()
        yield Claim(what, looked_at, wrong)


def chain() -> Claim:
    """Walk the log, outside of any transaction."""
    walk = check_chain([])
    return Claim("the chain of the log holds", walk.events, 0 if walk.broken is None else 1)
