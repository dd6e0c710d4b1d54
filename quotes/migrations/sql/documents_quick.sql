-- The same documents for less work. What a query within a function says is planned once when the function may keep its
-- plan; told to plan anew for every call, verbatim_documents had each function that it calls for a row do so as well. Now
-- only its own query is planned for what it is asked, and that is why it is a text.

CREATE OR REPLACE FUNCTION verbatim_documents(statements bigint[]) RETURNS SETOF quotes_searchdoc
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp SET jit = off AS $$
BEGIN
  RETURN QUERY EXECUTE $q$
  WITH s AS MATERIALIZED (
    SELECT id, speaker_id, uttered_by_id, said_on, said_on_precision, gist, occasion, record, embargoed_until,
      left(original_text, 20000) AS original, verbatim_last_day(said_on, said_on_precision) AS last_said
    FROM quotes_statement WHERE id = ANY ($1)
  ), q AS MATERIALIZED (
    SELECT q.id, q.statement_id, q.kind, q.language, left(q.text, 20000) AS text, verbatim_words(left(q.text, 20000)) AS words,
      verbatim_words(concat_ws(' ', q.speaker_as_printed, q.role_as_printed)) AS printed,
      a.outlet_id, a.published_at, g.value AS standing,
      row_number() OVER (PARTITION BY q.statement_id ORDER BY q.id) AS place
    FROM quotes_quote q JOIN quotes_article a ON a.id = q.article_id LEFT JOIN quotes_standing g ON g.quote_id = q.id
    WHERE q.statement_id = ANY ($1)
  ), r AS MATERIALIZED (
    SELECT r.quote_id, r.outlet_id, q.statement_id,
      r.position = max(r.position) OVER (PARTITION BY r.quote_id) AS at_the_end
    FROM quotes_relay r JOIN q ON q.id = r.quote_id
  ), told AS (
    -- No statement has 400 reports worth their words; the bound keeps a document within what PostgreSQL can hold.
    SELECT q.statement_id,
      string_agg(q.words, ' ' ORDER BY q.id) FILTER (WHERE q.language ILIKE 'en%' AND place <= 400) AS english,
      string_agg(q.words, ' ' ORDER BY q.id) FILTER (WHERE q.language NOT ILIKE 'en%' AND place <= 400) AS others,
      string_agg(q.text, ' ; ' ORDER BY q.id) FILTER (WHERE place <= 400 AND q.text ~ '[0-9]') AS counting,
      string_agg(' ' || q.words || ' ', E'\n' ORDER BY q.id) FILTER (WHERE place <= 400) AS lines,
      string_agg(DISTINCT q.printed, ' ') AS printed,
      (min(q.published_at) AT TIME ZONE 'UTC')::date AS reported,
      min(array_position('{verified,in_review,stale,unchecked}'::varchar[], q.standing)) AS best,
      count(q.standing) AS standings
    FROM q GROUP BY q.statement_id
  ), amount AS (
    SELECT DISTINCT q.statement_id, '=' || trim_scale(n) AS term
    FROM q JOIN quotes_figure f ON f.quote_id = q.id, unnest(ARRAY[f.low, f.high]) n WHERE n IS NOT NULL
  ), voice AS (
    SELECT s.id, v.speaker_id FROM s, unnest(ARRAY[s.speaker_id, s.uttered_by_id]) AS v(speaker_id) WHERE v.speaker_id IS NOT NULL
  ), spoken AS (
    SELECT id, speaker_id FROM voice
    -- Invariant 8: an institution's words are also those of whoever spoke for it on that day; without a date, on the
    -- day of the first report (as Statement.days has it).
    UNION SELECT s.id, t.organisation_id
    FROM voice JOIN s ON s.id = voice.id JOIN quotes_tenure t ON t.person_id = voice.speaker_id AND t.speaks_for
    LEFT JOIN told ON told.statement_id = s.id
    WHERE (t.starts IS NULL OR t.starts <= coalesce(s.last_said, told.reported))
      AND (t.ends IS NULL OR verbatim_last_day(t.ends, t.ends_precision) >= coalesce(s.said_on, told.reported))
  ), facet AS (
    SELECT spoken.id, verbatim_facet(1, CASE WHEN p.redirects_to_id IS NULL THEN p.id ELSE verbatim_final_speaker(p.id) END) AS code
      FROM spoken JOIN quotes_speaker p ON p.id = spoken.speaker_id
    -- Invariant 3: the standing of the best-supported quote, and every adverse one beside it.
    UNION SELECT s.id, verbatim_facet(2, CASE WHEN coalesce(told.standings, 0) = 0 THEN 4 ELSE told.best END)
      FROM s LEFT JOIN told ON told.statement_id = s.id
    UNION SELECT statement_id, verbatim_facet(2, 4 + array_position('{disputed,misattributed,retracted}'::varchar[], standing)) FROM q
    UNION SELECT statement_id, verbatim_facet(3, array_position('{direct,mixed,partial,indirect}'::varchar[], kind)) FROM q
    UNION SELECT statement_id, verbatim_facet(4, outlet_id) FROM q
    UNION SELECT statement_id, verbatim_facet(4, outlet_id) FROM r
    UNION SELECT statement_id, verbatim_facet(5, topic_id) FROM quotes_statement_topics WHERE statement_id = ANY ($1)
    UNION SELECT statement_id, verbatim_facet(6, verbatim_language(language)) FROM q
    UNION SELECT id, verbatim_facet(7, extract(year FROM said_on)::bigint) FROM s
    UNION SELECT id, verbatim_facet(8, to_char(said_on, 'YYYYMM')::bigint) FROM s WHERE said_on_precision IN ('day', 'month')
    UNION SELECT statement_id, verbatim_facet(9, 1) FROM amount
    UNION SELECT id, verbatim_facet(9, 2) FROM s WHERE original <> ''
    UNION SELECT statement_id, verbatim_facet(10, outlet_id) FROM r WHERE at_the_end
    UNION SELECT q.statement_id, verbatim_facet(10, q.outlet_id) FROM q WHERE NOT EXISTS (SELECT FROM r WHERE r.quote_id = q.id)
  ), facets AS (
    SELECT id, array_agg(code ORDER BY code) AS codes FROM facet WHERE code IS NOT NULL GROUP BY id
  ), amounts AS (
    SELECT statement_id, array_agg(term) AS terms FROM amount GROUP BY statement_id
  )
  SELECT s.id,
    coalesce(s.said_on, date '0001-01-01'),
    coalesce(s.last_said, date '0001-01-01'),
    CASE WHEN s.record = 'off' THEN timestamptz '9999-12-31 00:00:00+00'
         ELSE coalesce(s.embargoed_until, timestamptz '0001-01-01 00:00:00+00') END,
    setweight(to_tsvector('pg_catalog.english', left(coalesce(told.english, ''), 100000)), 'A')
      -- Beside its stem each English word stands as it is, so that a half-typed word finds it.
      || ts_delete(strip(to_tsvector('pg_catalog.simple', left(coalesce(told.english, ''), 100000))), verbatim_small_words())
      || setweight(to_tsvector('pg_catalog.simple', left(coalesce(told.others, ''), 100000)), 'A')
      || setweight(to_tsvector('pg_catalog.simple', coalesce(verbatim_words(s.original), '')), 'B')
      || setweight(to_tsvector('pg_catalog.english', verbatim_words(s.gist)), 'B')
      || setweight(to_tsvector('pg_catalog.simple', left(coalesce(told.printed, ''), 20000)), 'C')
      || setweight(to_tsvector('pg_catalog.english', verbatim_words(s.occasion)), 'D')
      || array_to_tsvector(
           ARRAY(SELECT '#' || (f >> 27) || '.' || (f & 134217727) FROM unnest(facets.codes) f)
           || CASE WHEN s.said_on IS NULL THEN '{#13.0}'::text[] ELSE ARRAY['#13.0', to_char(s.said_on, '"#11."YYYYMM')] END
           || coalesce(amounts.terms, '{}')
           || verbatim_numbers(concat_ws(' ; ', left(told.counting, 100000), s.original, s.gist))),
    -- verbatim_pairs, written out.
    ARRAY(SELECT DISTINCT hashtext(one || ' ' || next) & 1048575 FROM unnest(w.words[: w.many - 1], w.words[2 :]) AS pair(one, next)
          WHERE one <> E'\n' AND next <> E'\n' ORDER BY 1),
    coalesce(l.lines, ''),
    facets.codes
  FROM s
  LEFT JOIN told ON told.statement_id = s.id
  LEFT JOIN facets ON facets.id = s.id
  LEFT JOIN amounts ON amounts.statement_id = s.id
  CROSS JOIN LATERAL (SELECT left(concat_ws(E'\n', ' ' || verbatim_words(s.original) || ' ', told.lines), 200000) AS lines OFFSET 0) l
  CROSS JOIN LATERAL (
    SELECT words, cardinality(words) AS many FROM (
      SELECT array_remove(string_to_array(replace(coalesce(l.lines, ''), E'\n', E' \n '), ' '), '') AS words OFFSET 0) split) w
  ORDER BY s.id
  $q$ USING statements;
END $$;
