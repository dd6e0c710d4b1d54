"""The rows of a page of results: one query for all of them, with everything that a row shows."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.urls import reverse
from django.utils.safestring import SafeString

from quotes.search.highlighting import marked, plain
from quotes.text import days

if TYPE_CHECKING:
    from quotes.search.compiling import Plan

# The order of quotes.models.standing.best_supported, and the counts of Statement.reports and Statement.roots.
_ROWS = """
WITH asked AS MATERIALIZED (
  SELECT array_agg(DISTINCT m[1]) FILTER (WHERE m[1] !~ '^[#=]') AS terms,
    bool_or(q.words LIKE '%%:*%%') AS prefixed
  FROM (SELECT ({asked})::text AS words) q, regexp_matches(q.words, $re$'([^']*)'$re$, 'g') m)
SELECT s.id, s.uid, s.gist, s.said_on, s.said_on_precision, s.record, s.embargoed_until,
  s.embargoed_until > now() AS sealed,
  p.id AS speaker_id, p.slug AS speaker_slug, p.name AS speaker_name, p.kind AS speaker_kind,
  u.slug AS mouth_slug, u.name AS mouth_name,
  best.text, best.kind, best.language, best.cue, best.value AS standing, best.depth, best.passes, best.needed,
  best.outlet, best.captured, best.chain, told.reports, told.roots, told.adverse, told.first_day,
  roles.own, roles.mouth, coalesce(opposed.contradicts, 0) AS contradicts,
  coalesce(opposed.conflicts, 0) AS conflicts, marks.words AS hits
FROM unnest(%s::bigint[]) WITH ORDINALITY AS hit(id, place)
CROSS JOIN asked
JOIN quotes_statement s ON s.id = hit.id
JOIN quotes_speaker p ON p.id = s.speaker_id
LEFT JOIN quotes_speaker u ON u.id = s.uttered_by_id
LEFT JOIN LATERAL (
  SELECT q.text, q.kind, q.language, q.cue, q.capture_id IS NOT NULL AS captured,
    g.value, g.depth, g.passes, g.needed, o.name AS outlet,
    (SELECT array_agg(coalesce(ro.name, '“' || r.as_printed || '”') ORDER BY r.position DESC)
       FROM quotes_relay r LEFT JOIN quotes_outlet ro ON ro.id = r.outlet_id WHERE r.quote_id = q.id) AS chain
  FROM quotes_quote q
  JOIN quotes_standing g ON g.quote_id = q.id
  JOIN quotes_article a ON a.id = q.article_id
  JOIN quotes_outlet o ON o.id = a.outlet_id
  WHERE q.statement_id = s.id
  ORDER BY
    array_position('{{verified,in_review,stale,unchecked,disputed,misattributed,retracted}}'::varchar[], g.value),
    array_position('{{primary,report,cited}}'::varchar[], g.depth),
    array_position('{{direct,mixed,partial,indirect}}'::varchar[], q.kind), q.is_translation, q.id
  LIMIT 1
) best ON true
LEFT JOIN LATERAL (
  SELECT count(DISTINCT q.article_id) AS reports,
    count(DISTINCT verbatim_house(CASE WHEN step.position IS NULL THEN a.outlet_id ELSE step.outlet_id END)) AS roots,
    array_agg(DISTINCT g.value) FILTER (WHERE g.value IN ('disputed', 'misattributed', 'retracted')) AS adverse,
    (min(a.published_at) AT TIME ZONE 'UTC')::date AS first_day
  FROM quotes_quote q
  JOIN quotes_standing g ON g.quote_id = q.id
  JOIN quotes_article a ON a.id = q.article_id
  LEFT JOIN LATERAL (
    SELECT r.position, r.outlet_id FROM quotes_relay r WHERE r.quote_id = q.id ORDER BY r.position DESC LIMIT 1
  ) step ON true
  WHERE q.statement_id = s.id
) told ON true
LEFT JOIN LATERAL (
  SELECT array_agg(t.title ORDER BY t.starts DESC NULLS LAST, t.id DESC)
      FILTER (WHERE t.person_id = s.speaker_id) AS own,
    array_agg(t.title ORDER BY t.starts DESC NULLS LAST, t.id DESC)
      FILTER (WHERE t.person_id = s.uttered_by_id) AS mouth
  FROM quotes_tenure t,
    (SELECT coalesce(s.said_on, told.first_day) AS first,
            coalesce(verbatim_last_day(s.said_on, s.said_on_precision), told.first_day) AS last) day
  WHERE t.person_id IN (s.speaker_id, s.uttered_by_id) AND day.first IS NOT NULL
    AND (t.starts IS NULL OR t.starts <= day.last)
    AND (t.ends IS NULL OR verbatim_last_day(t.ends, t.ends_precision) >= day.first)
) roles ON true
LEFT JOIN LATERAL (
  SELECT count(*) FILTER (WHERE l.type = 'contradicts') AS contradicts,
    count(*) FILTER (WHERE l.type = 'conflicts_figure') AS conflicts
  FROM (
    SELECT type, state, target_id AS other FROM quotes_link WHERE source_id = s.id
    UNION ALL SELECT type, state, source_id FROM quotes_link WHERE target_id = s.id
  ) l
  JOIN quotes_statement o ON o.id = l.other
  WHERE l.state = 'confirmed' AND l.type IN ('contradicts', 'conflicts_figure')
    AND (%s OR (o.record <> 'off' AND (o.embargoed_until IS NULL OR o.embargoed_until <= now())))
) opposed ON true
LEFT JOIN LATERAL (
  SELECT array_agg(DISTINCT w) AS words
  FROM regexp_split_to_table(verbatim_words(left(coalesce(best.text, s.gist), 4000)), ' ') w
  WHERE asked.terms IS NOT NULL AND (w = ANY (asked.terms)
    OR (ts_lexize('pg_catalog.english_stem', w))[1] = ANY (asked.terms)
    OR (asked.prefixed AND EXISTS (SELECT FROM unnest(asked.terms) b WHERE w ^@ b)))
) marks ON true
WHERE %s OR (s.record <> 'off' AND (s.embargoed_until IS NULL OR s.embargoed_until <= now()))
ORDER BY hit.place
"""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the chain, from the root: its name, and whether we hold what it published."""

    name: str
    held: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """A kind of link, as a badge."""

    type: str
    label: str
    count: int


@dataclass(slots=True)
class Row:
    """One statement as a list shows it, in the shape that templates/shared/quote_row.html asks for."""

    pk: int
    uid: str
    score: float
    text: str
    html: SafeString | None
    kind: str
    language: str
    cue: str
    speaker: str
    speaker_html: SafeString | None
    speaker_kind: str
    speaker_slug: str
    role: str
    said_on: dt.date | None
    said_on_precision: str | None
    said: str
    steps: list[Step]
    standing: str
    depth: str
    passes: int
    needed: int
    adverse: list[str]
    reports: int
    roots: int
    links: list[Mark]
    flag: str
    url: str
    topics: tuple[str, ...] = ()


def rows_for(ids: list[int], ranks: list[float], plan: Plan, *, held: bool) -> list[Row]:
    """The rows of these statements, in this order; one query.

    Args:
        ranks: how well each matches, in the same order.
        held: whether what is off the record or under embargo may be shown; it is asked again here.
    """
    if not ids:
        return []
    asked = plan.looked_for
    query = _ROWS.format(asked=asked.text or "NULL::tsquery")
    with connection.cursor() as db:
        db.execute(query, [*asked.params, ids, held, held])
        names = [column.name for column in db.description or ()]
        found: list[dict[str, Any]] = [dict(zip(names, row, strict=True)) for row in db.fetchall()]
    score = dict(zip(ids, ranks, strict=True))
    numbers = frozenset(
        re.sub(r"\D", "", term.text)
        for clause in plan.query.clauses
        for term in clause
        if term.kind == "number"
    )
    return [_row(row, score[row["id"]], plan, numbers) for row in found]


def _row(row: dict[str, Any], score: float, plan: Plan, numbers: frozenset[str]) -> Row:
    text = row["text"] or row["gist"]
    html = marked(text, frozenset(row["hits"] or ()), numbers)
    steps = [
        Step(name, row["depth"] == "primary" and not place) for place, name in enumerate(row["chain"] or ())
    ]
    if row["outlet"]:
        steps.append(Step(row["outlet"], row["captured"]))
    standing = row["standing"] or "unchecked"
    links = [
        Mark(kind, label, row[column])
        for kind, label, column in (
            ("contradicts", "Contradicts", "contradicts"),
            ("conflicts_figure", "Gives another figure than", "conflicts"),
        )
        if row[column]
    ]
    return Row(
        pk=row["id"],
        uid=row["uid"],
        score=round(score, 6),
        text=text,
        html=html,
        kind=row["kind"] or "indirect",
        language=row["language"] or "en",
        cue=row["cue"] or "",
        speaker=row["speaker_name"],
        speaker_html=_speaker(row, plan),
        speaker_kind=row["speaker_kind"],
        speaker_slug=row["speaker_slug"],
        role=_role(row),
        said_on=row["said_on"],
        said_on_precision=row["said_on_precision"],
        said="" if row["said_on"] or not row["first_day"] else f"by {days.in_words(row['first_day'])}",
        steps=steps,
        standing=standing,
        depth=row["depth"] or "cited",
        passes=row["passes"] or 0,
        needed=row["needed"] or 0,
        adverse=[value for value in row["adverse"] or () if value != standing],
        reports=row["reports"] or 0,
        roots=row["roots"] or 0,
        links=links,
        flag=_flag(row),
        url=reverse("statement", args=[row["uid"]]),
    )


def _speaker(row: dict[str, Any], plan: Plan) -> SafeString | None:
    """The name with the word marked by which the search found its bearer."""
    if row["speaker_id"] not in plan.searched_speakers:
        return None
    words = row["speaker_name"].split()
    typed = {plain(word) for spelling in plan.spellings for word in spelling.label.split()} | {
        plain(word) for word in plan.query.words
    }
    hits = frozenset(plain(word) for word in words if plain(word) in typed) or frozenset([plain(words[-1])])
    return marked(row["speaker_name"], hits)


def _role(row: dict[str, Any]) -> str:
    """The role held on the day; for an institution, whose mouth it was."""
    role = "; ".join(row["own"] or ())
    if not row["mouth_name"] or row["mouth_slug"] == row["speaker_slug"]:
        return role
    through = f"through {row['mouth_name']}"
    if row["mouth"]:
        through += f" ({row['mouth'][0]})"
    return f"{role}, {through}" if role else through


def _flag(row: dict[str, Any]) -> str:
    if row["record"] == "off":
        return "Off the record"
    if row["sealed"]:
        return f"Under embargo until {row['embargoed_until']:%-d %b %Y, %H:%M} UTC"
    if row["record"] == "background":
        return "On background"
    return "" if row["text"] else "No quote is held of it"
