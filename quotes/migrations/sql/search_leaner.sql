-- As in search_faster.sql, with less work: the sample is asked by its tables, each word of a name is looked up once, and a
-- page of rows has one plan for all. The search itself, which asks the sample, follows in search_years.sql.

-- The sample of a level and of all rarer ones, as a part of a query. By the tables themselves: asked by their level, the
-- planner would read whole tables by the key that holds it, and compare every row with every word.
CREATE OR REPLACE FUNCTION verbatim_search_sample(level integer) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT '(' || string_agg(format('SELECT statement_id, day, last_day, open_from, terms, pairs, lines, facets FROM quotes_searchsample%s', one),
                           ' UNION ALL ' ORDER BY one DESC) || ') sample'
  FROM generate_series(level, 9, 2) one
$$;

-- The app may read the whole table already; asked by its parts, it needs the right to each.
GRANT SELECT ON quotes_searchsample3, quotes_searchsample5, quotes_searchsample7, quotes_searchsample9 TO verbatim_app;

-- As in search_words.sql, each word once: names of many spellings give the same words over and over, and every one is
-- looked up and compared. Words beside each other (phrases) stay as they are.
CREATE OR REPLACE FUNCTION verbatim_any_word(typed text[]) RETURNS tsquery LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  one text;
  every tsquery := ''::tsquery;
BEGIN
  FOREACH one IN ARRAY typed LOOP
    every := every || verbatim_word(one);
  END LOOP;
  IF every::text ~ '^(''[^'' \\]+''( \| |\Z))+\Z' THEN
    SELECT string_agg(word, ' | ' ORDER BY first)::tsquery INTO every FROM (
      SELECT word, min(place) AS first FROM string_to_table(every::text, ' | ') WITH ORDINALITY AS given(word, place)
      GROUP BY word) once;
  END IF;
  RETURN every;
END $$;

-- The rows of a page of results, with everything that a row shows; one plan for all of them, made once for a connection:
-- planned anew, this query takes longer than it runs. By keys alone, whatever the planner thinks of a small table today.
CREATE FUNCTION verbatim_rows(
  asked_for tsquery,          -- the words that are marked; null: none
  ids bigint[],               -- the statements, in the order of the page
  held boolean                -- may see what is off the record or under embargo
) RETURNS TABLE (
    id bigint, uid character varying, gist character varying, said_on date, said_on_precision character varying,
    record character varying, embargoed_until timestamp with time zone, sealed boolean, speaker_id bigint,
    speaker_slug character varying, speaker_name character varying, speaker_kind character varying,
    mouth_slug character varying, mouth_name character varying, text text, kind character varying,
    language character varying, cue character varying, standing character varying, depth character varying,
    passes smallint, needed smallint, outlet character varying, captured boolean, chain character varying[],
    reports bigint, roots bigint, adverse character varying[], first_day date, own character varying[],
    mouth character varying[], contradicts bigint, conflicts bigint, hits text[]
) LANGUAGE plpgsql STABLE
  SET plan_cache_mode = force_generic_plan SET jit = off SET max_parallel_workers_per_gather = 0
  SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
WITH asked AS MATERIALIZED (
  SELECT array_agg(DISTINCT m[1]) FILTER (WHERE m[1] !~ '^[#=]') AS terms,
    bool_or(q.words LIKE '%:*%') AS prefixed
  FROM (SELECT asked_for::text AS words) q, regexp_matches(q.words, $re$'([^']*)'$re$, 'g') m)
SELECT s.id, s.uid, s.gist, s.said_on, s.said_on_precision, s.record, s.embargoed_until,
  s.embargoed_until > now() AS sealed,
  p.id AS speaker_id, p.slug AS speaker_slug, p.name AS speaker_name, p.kind AS speaker_kind,
  u.slug AS mouth_slug, u.name AS mouth_name,
  best.text, best.kind, best.language, best.cue, best.value AS standing, best.depth, best.passes, best.needed,
  best.outlet, best.captured, best.chain, told.reports, told.roots, told.adverse, told.first_day,
  roles.own, roles.mouth, coalesce(opposed.contradicts, 0) AS contradicts,
  coalesce(opposed.conflicts, 0) AS conflicts, marks.words AS hits
FROM unnest(ids) WITH ORDINALITY AS hit(id, place)
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
    array_position('{verified,in_review,stale,unchecked,disputed,misattributed,retracted}'::varchar[], g.value),
    array_position('{primary,report,cited}'::varchar[], g.depth),
    array_position('{direct,mixed,partial,indirect}'::varchar[], q.kind), q.is_translation, q.id
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
    AND (held OR (o.record <> 'off' AND (o.embargoed_until IS NULL OR o.embargoed_until <= now())))
) opposed ON true
LEFT JOIN LATERAL (
  SELECT array_agg(DISTINCT w) AS words
  FROM regexp_split_to_table(verbatim_words(left(coalesce(best.text, s.gist), 4000)), ' ') w
  WHERE asked.terms IS NOT NULL AND (w = ANY (asked.terms)
    OR (ts_lexize('pg_catalog.english_stem', w))[1] = ANY (asked.terms)
    OR (asked.prefixed AND EXISTS (SELECT FROM unnest(asked.terms) b WHERE w ^@ b)))
) marks ON true
WHERE held OR (s.record <> 'off' AND (s.embargoed_until IS NULL OR s.embargoed_until <= now()))
ORDER BY hit.place;
END $$;
