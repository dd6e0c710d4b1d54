-- The rows of a page of results, with everything that a row shows; one plan for all of them, made once for a connection:
-- planned anew, this query takes longer than it runs. By keys alone, whatever the planner thinks of a small table today.
-- As in search_leaner.sql; the words that are marked are found with less work.
CREATE OR REPLACE FUNCTION verbatim_rows(
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
    array_agg(DISTINCT left(m[1], 1)) FILTER (WHERE m[1] !~ '^[#=]') AS letters,
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
  FROM string_to_table(verbatim_words(left(coalesce(best.text, s.gist), 4000)), ' ') w
  -- A stem keeps the first letter of its word, so most words need no stemming to be told apart.
  WHERE asked.terms IS NOT NULL AND left(w, 1) = ANY (asked.letters) AND (w = ANY (asked.terms)
    OR (ts_lexize('pg_catalog.english_stem', w))[1] = ANY (asked.terms)
    OR (asked.prefixed AND EXISTS (SELECT FROM unnest(asked.terms) b WHERE w ^@ b)))
) marks ON true
WHERE held OR (s.record <> 'off' AND (s.embargoed_until IS NULL OR s.embargoed_until <= now()))
ORDER BY hit.place;
END $$;

-- The search, as in search_years.sql with less work where many have the words and the best of the newest are wanted:
-- of those as many are fetched as are ranked, and not three quarters more; the time they lie in is a question of its own
-- to the index, which it answers without weighing every month against every word; a way that is short for so many hits
-- is walked where a beginning of words would make the index gather every row with a word that begins so.

CREATE OR REPLACE FUNCTION verbatim_search(
  wanted tsquery,             -- all terms and facets that must hold; null: everything
  scored tsquery,             -- the words alone, for the rank
  phrases text[],             -- exact phrases, as verbatim_words gives them
  unphrases text[],           -- phrases that must not stand there
  since date, until date,
  held boolean,               -- may see what is off the record or under embargo
  sort text,                  -- match, said, added
  page_size integer,
  after_rank real, after_day date, after_id bigint,   -- the last row of the page before
  top_id bigint,              -- the newest statement of all when page one was made: later ones are not ranked
  kinds integer[],            -- facets to count; null: none
  chosen integer[],           -- facet values that are shown whatever their count
  without tsquery[],          -- for each chosen facet: the terms without it, to count its other values
  without_kinds integer[],
  cap integer,                -- hits up to which everything is exact
  OUT ids bigint[], OUT ranks real[], OUT days date[],
  OUT total bigint, OUT exact boolean, OUT facets jsonb, OUT path text, OUT newest_id bigint
) LANGUAGE plpgsql STABLE
  SET plan_cache_mode = force_custom_plan SET jit = off SET max_parallel_workers_per_gather = 0
  SET enable_indexscan = on SET enable_bitmapscan = on SET enable_seqscan = on SET enable_sort = on AS $$
DECLARE
  size bigint := (SELECT coalesce(max(statement_id), 0) FROM quotes_searchdoc);
  pairs integer[];
  patterns text[];
  unwanted text[];
  condition text;
  sample text;
  level integer := 3;
  scale integer := 8;
  hits bigint;
  estimate bigint;
  horizon date;
  walk bigint;
  further text := '';
  ordering text;
  other jsonb;
  ranked integer := 1000;
  need integer;
  bounded tsquery := wanted;

  coarsest integer;
  enough integer;
  span tsquery;               -- the months or years in which the page lies, as alternatives
  share real;                 -- how many of the hits that are needed the sample should hold
  floor_day date := date_trunc('year', since)::date;
BEGIN
  newest_id := size;
  IF cardinality(phrases) > 0 THEN
    SELECT array_agg(DISTINCT pair) INTO pairs FROM unnest(phrases) p, unnest(verbatim_pairs(' ' || p || ' ')) pair;
    SELECT array_agg('% ' || p || ' %') INTO patterns FROM unnest(phrases) p;
  END IF;
  SELECT array_agg('% ' || p || ' %') INTO unwanted FROM unnest(unphrases) p;
  IF wanted IS NOT NULL OR pairs IS NOT NULL THEN
    -- By the days alone every hit of the words would be fetched first.
    SELECT coalesce(wanted && years, years, wanted) INTO bounded FROM verbatim_search_years(since, until) years;
  END IF;
  condition := verbatim_search_condition(bounded, pairs, patterns, unwanted, since, until, held);
  sort := CASE WHEN sort = 'match' AND scored IS NULL THEN 'said' ELSE sort END;
  need := CASE WHEN sort = 'match' THEN ranked ELSE page_size END;

  -- Few enough rows for the whole truth; else the sample first, at the level that keeps it small.
  IF size > 40000 THEN
    PERFORM set_config('enable_indexscan', 'off', true), set_config('enable_seqscan', 'off', true),
      set_config('enable_sort', 'off', true);
    level := CASE WHEN size > 5120000 THEN 9 WHEN size > 1280000 THEN 7 WHEN size > 320000 THEN 5 ELSE 3 END;
    coarsest := level;
    -- A quarter of the sample tells enough of what is frequent: 600 hits are right to 3 or 4 per cent, 400 to 5. What is
    -- just above the cap is looked up in four times the sample.
    FOREACH level IN ARRAY ARRAY[least(level + 2, 9), level, level - 2] LOOP
      EXIT WHEN level < 3;
      enough := CASE level WHEN coarsest THEN 400 WHEN coarsest - 2 THEN 0 ELSE 600 END;
      scale := 1 << level;
      sample := verbatim_search_sample(level);
      -- Half as many deviations more again: once in fifteen times there are some fewer, and they are ranked all the same.
      share := need::real / scale;
      EXECUTE format($q$
        WITH hits AS MATERIALIZED (SELECT statement_id, day, facets FROM %1$s WHERE %2$s),
        amount AS (SELECT count(*) AS n, greatest(1, ceil(count(*) / 2000.0)::integer) AS every FROM hits),
        counted AS (
          SELECT f, count(*) * %3$s * (SELECT every FROM amount) AS n
          FROM (SELECT unnest(facets) AS f FROM hits
                WHERE (SELECT every FROM amount) = 1 OR (hashint8(statement_id) >> 10 & 1023) %% (SELECT every FROM amount) = 0) every_one
          WHERE f BETWEEN %4$s AND %5$s GROUP BY f),
        placed AS (SELECT f, n, row_number() OVER (PARTITION BY f >> 27 ORDER BY n DESC, f) AS place FROM counted)
        SELECT (SELECT n FROM amount), (SELECT min(day) FROM (
          SELECT day FROM hits WHERE $8::date IS NULL OR day <= $8 ORDER BY day DESC LIMIT $9) newest),
          CASE WHEN %6$s AND (SELECT n FROM amount) >= %7$s THEN
            (SELECT coalesce(jsonb_agg(jsonb_build_array(f >> 27, f & 134217727, n) ORDER BY place), '[]')
             FROM placed WHERE place <= 12 OR (f >> 27) IN (2, 3, 7, 8) OR f = ANY ($10)) END
      $q$, sample, condition, scale, verbatim_first_code(kinds), verbatim_last_code(kinds), (kinds IS NOT NULL)::text,
        greatest(enough, floor(cap * 1.2 / scale)::integer + 1))
      INTO hits, horizon, facets
      USING bounded, pairs, patterns, unwanted, since, until, floor_day,
        CASE WHEN sort = 'said' THEN after_day END, ceil(share + 1.5 * sqrt(share) + 1)::integer, chosen;
      EXIT WHEN hits >= enough AND hits * scale > cap * 1.2 OR hits * scale <= cap * 0.9;
    END LOOP;
    estimate := hits * scale;
  ELSE
    estimate := 0;
  END IF;

  IF estimate <= cap * 1.2 THEN
    -- The exact path: the complete set of hits, from one bitmap scan of the one index.
    path := 'exact';
    exact := true;
    IF wanted IS NOT NULL OR pairs IS NOT NULL THEN
      PERFORM set_config('enable_indexscan', 'off', true), set_config('enable_seqscan', 'off', true);
    ELSE
      PERFORM set_config('enable_indexscan', 'on', true), set_config('enable_seqscan', 'on', true);
    END IF;
    -- Without it the values of the facets would be sorted, not hashed; the page itself is sorted all the same.
    PERFORM set_config('enable_sort', 'off', true);
    ordering := CASE sort WHEN 'match' THEN 'rank DESC, day DESC, statement_id DESC'
      WHEN 'said' THEN 'day DESC, statement_id DESC' ELSE 'statement_id DESC' END;
    further := CASE WHEN after_id IS NULL THEN 'true'
      WHEN sort = 'match' THEN '(rank, day, statement_id) < ($10, $11, $12)'
      WHEN sort = 'said' THEN '(day, statement_id) < ($11, $12)' ELSE 'statement_id < $12' END;
    EXECUTE format($q$
      WITH hits AS MATERIALIZED (
        SELECT statement_id, day, facets, %1$s AS rank FROM quotes_searchdoc WHERE %2$s LIMIT %3$s),
      page AS (SELECT statement_id, day, rank FROM hits WHERE %4$s ORDER BY %5$s LIMIT %6$s),
      counted AS (SELECT f, count(*) AS n FROM (SELECT unnest(facets) AS f FROM hits) every_one WHERE f BETWEEN %7$s AND %8$s GROUP BY f),
      placed AS (SELECT f, n, row_number() OVER (PARTITION BY f >> 27 ORDER BY n DESC, f) AS place FROM counted)
      SELECT (SELECT array_agg(statement_id ORDER BY %5$s) FROM page), (SELECT array_agg(rank ORDER BY %5$s) FROM page),
             (SELECT array_agg(day ORDER BY %5$s) FROM page), (SELECT count(*) FROM hits),
             (SELECT coalesce(jsonb_agg(jsonb_build_array(f >> 27, f & 134217727, n) ORDER BY place), '[]')
              FROM placed WHERE place <= 12 OR (f >> 27) IN (2, 3, 7, 8) OR f = ANY ($9))
    $q$, CASE WHEN sort = 'match' THEN 'ts_rank(terms, $13, 1)' ELSE '0::real' END, condition,
      CASE WHEN size > 40000 THEN cap * 2 ELSE 100000 END, further, ordering, page_size, verbatim_first_code(kinds),
      verbatim_last_code(kinds))
    INTO ids, ranks, days, total, facets
    USING bounded, pairs, patterns, unwanted, since, until, floor_day, kinds, chosen, after_rank, after_day, after_id, scored;
    exact := total < CASE WHEN size > 40000 THEN cap * 2 ELSE 100000 END;
  ELSE
    -- The dense path: counts are the sample's, the page is walked newest first.
    total := estimate;
    exact := false;
    condition := verbatim_search_condition(wanted, pairs, patterns, unwanted, since, until, held);
    PERFORM set_config('enable_indexscan', 'on', true), set_config('enable_seqscan', 'off', true),
      set_config('enable_sort', 'on', true);
    further := CASE
      WHEN sort = 'match' AND top_id IS NOT NULL THEN ' AND statement_id <= $9'
      WHEN sort = 'said' AND after_id IS NOT NULL THEN ' AND (day, statement_id) < ($11, $12)'
      WHEN sort = 'added' AND after_id IS NOT NULL THEN ' AND statement_id < $12' ELSE '' END;
    IF sort = 'added' THEN
      -- Added last first is the order of the keys. Where the hits sit among old rows the walk would be long; then all
      -- of them are fetched and sorted.
      EXECUTE format($q$
        SELECT count(*) * %2$s FROM %1$s WHERE statement_id >= (SELECT min(statement_id) FROM (
          SELECT statement_id FROM %1$s WHERE %3$s ORDER BY statement_id DESC LIMIT 4) newest)
      $q$, sample, scale, condition) INTO walk
      USING wanted, pairs, patterns, unwanted, since, until, floor_day;
      IF walk > 60000 AND wanted IS NOT NULL THEN
        path := 'sort';
        PERFORM set_config('enable_indexscan', 'off', true);
      ELSE
        path := 'walk';
        PERFORM set_config('enable_bitmapscan', 'off', true), set_config('enable_sort', 'off', true);
      END IF;
    ELSE
      -- Of the index alone: how many rows lie between the first and the last day of the page.
      EXECUTE format('SELECT count(*) * 512 FROM %s WHERE day BETWEEN $1 AND $2', verbatim_search_sample(9)) INTO walk
      USING horizon, coalesce(CASE WHEN sort = 'said' THEN after_day END, until, date '9999-12-31');
      IF walk > (CASE WHEN wanted::text LIKE '%:*%' THEN greatest(8000, estimate / 4) ELSE 8000 END)
        AND (wanted IS NOT NULL OR pairs IS NOT NULL) AND horizon > '0001-01-01' THEN
        -- Rare along the way: let the index do the slicing, by month or by year. As a question of its own, because within
        -- that of the words the index weighs every one of these terms anew for every hit; and few of them: to read twelve
        -- months costs more than the hits of a year that are too many.
        path := 'slice';
        condition := verbatim_search_condition(wanted, pairs, patterns, unwanted, since, until, held) || ' AND terms @@ $10';
        SELECT string_agg(CASE WHEN months.number <= 6 THEN to_char(g, '"''#11."YYYYMM"''"')
                               ELSE to_char(g, '"''#7."FMYYYY"''"') END, ' | ')::tsquery
          INTO span
          FROM (SELECT coalesce(CASE WHEN sort = 'said' THEN after_day END, until, (SELECT max(day) FROM quotes_searchdoc)) AS newest) n,
            LATERAL (SELECT ((extract(year FROM newest) - extract(year FROM horizon)) * 12
                             + extract(month FROM newest) - extract(month FROM horizon) + 1)::integer AS number) months,
            LATERAL generate_series(date_trunc(CASE WHEN months.number <= 6 THEN 'month' ELSE 'year' END, horizon), newest,
                                    CASE WHEN months.number <= 6 THEN interval '1 month' ELSE interval '1 year' END) g;
        PERFORM set_config('enable_indexscan', 'off', true);
      ELSE
        path := 'walk';
        PERFORM set_config('enable_bitmapscan', 'off', true), set_config('enable_sort', 'off', true);
      END IF;
    END IF;

    FOR attempt IN 1 .. 2 LOOP
      IF sort = 'match' THEN
        EXECUTE format($q$
          WITH newest AS (SELECT statement_id, day, terms FROM quotes_searchdoc WHERE %1$s%2$s%3$s
            ORDER BY day DESC, statement_id DESC LIMIT %4$s),
          scored AS MATERIALIZED (SELECT statement_id, day, ts_rank(terms, $13, 1) AS rank FROM newest),
          page AS (SELECT * FROM scored WHERE $12::bigint IS NULL OR (rank, day, statement_id) < ($14, $11, $12)
            ORDER BY rank DESC, day DESC, statement_id DESC LIMIT %5$s)
          SELECT array_agg(statement_id ORDER BY rank DESC, day DESC, statement_id DESC),
                 array_agg(rank ORDER BY rank DESC, day DESC, statement_id DESC),
                 array_agg(day ORDER BY rank DESC, day DESC, statement_id DESC) FROM page
        $q$, condition, further, CASE WHEN path = 'slice' THEN ' AND day + 0 >= $8' ELSE '' END, ranked, page_size)
        INTO ids, ranks, days
        USING wanted, pairs, patterns, unwanted, since, until, floor_day, horizon, top_id, span, after_day, after_id, scored, after_rank;
      ELSE
        ordering := CASE sort WHEN 'said' THEN 'day DESC, statement_id DESC' ELSE 'statement_id DESC' END;
        EXECUTE format($q$
          SELECT array_agg(statement_id ORDER BY %5$s), array_agg(0::real), array_agg(day ORDER BY %5$s) FROM (
            SELECT statement_id, day FROM quotes_searchdoc WHERE %1$s%2$s%3$s ORDER BY %5$s LIMIT %4$s) page
        $q$, condition, further, CASE WHEN path = 'slice' THEN ' AND day + 0 >= $8' ELSE '' END, page_size, ordering)
        INTO ids, ranks, days
        USING wanted, pairs, patterns, unwanted, since, until, floor_day, horizon, top_id, span, after_day, after_id;
      END IF;
      -- The sample promised more in that slice than there was: once more without it.
      EXIT WHEN path <> 'slice' OR cardinality(ids) >= page_size OR after_id IS NOT NULL AND sort = 'match';
      path := 'fallback';
      condition := verbatim_search_condition(coalesce(wanted, '#13.0'::tsquery), pairs, patterns, unwanted, since, until, held);
      wanted := coalesce(wanted, '#13.0'::tsquery);
    END LOOP;
  END IF;

  -- The other values of a chosen facet are counted as if it were not chosen. Those have many hits, so that a small part of
  -- the sample tells as much of them; of standings and kinds, which are few, a smaller one still.
  -- Such a count is told as an estimate, whatever the hits themselves are: [kind, value, count, false].
  PERFORM set_config('enable_indexscan', 'off', true), set_config('enable_bitmapscan', 'on', true),
    set_config('enable_sort', 'off', true);
  FOR place IN 1 .. CASE WHEN kinds IS NULL THEN 0 ELSE coalesce(cardinality(without), 0) END LOOP
    condition := verbatim_search_condition(without[place], pairs, patterns, unwanted, since, until, held);
    estimate := 0;
    IF size > 40000 THEN
      PERFORM set_config('enable_seqscan', 'off', true);
      enough := CASE WHEN without_kinds[place] IN (2, 3) THEN 600 ELSE 1500 END;
      FOREACH scale IN ARRAY CASE WHEN size > 5120000 THEN ARRAY[512] WHEN size > 320000 THEN ARRAY[512, 128]
        WHEN size > 80000 THEN ARRAY[32, 8] ELSE ARRAY[8] END LOOP
        EXECUTE format($q$
          WITH hits AS MATERIALIZED (SELECT statement_id, facets FROM %1$s WHERE %2$s),
          amount AS (SELECT count(*) AS n, greatest(1, ceil(count(*) / 2000.0)::integer) AS every FROM hits),
          counted AS (
            SELECT f, count(*) * %3$s * (SELECT every FROM amount) AS n
            FROM (SELECT unnest(facets) AS f FROM hits
                  WHERE (SELECT every FROM amount) = 1 OR (hashint8(statement_id) >> 10 & 1023) %% (SELECT every FROM amount) = 0) every_one
            WHERE f BETWEEN %4$s AND %5$s GROUP BY f),
          placed AS (SELECT f, n, row_number() OVER (ORDER BY n DESC, f) AS place FROM counted)
          SELECT (SELECT n FROM amount) * %3$s,
            (SELECT coalesce(jsonb_agg(jsonb_build_array(f >> 27, f & 134217727, n, false) ORDER BY place), '[]')
             FROM placed WHERE place <= 12 OR (f >> 27) IN (2, 3, 7, 8) OR f = ANY ($8))
        $q$, verbatim_search_sample(log(2, scale)::integer), condition, scale, without_kinds[place] << 27,
          (without_kinds[place] << 27) | 134217727)
        INTO estimate, other
        USING without[place], pairs, patterns, unwanted, since, until, floor_day, chosen;
        EXIT WHEN estimate >= enough * scale;
      END LOOP;
    END IF;
    IF estimate <= cap * 1.2 THEN
      IF without[place] IS NOT NULL OR pairs IS NOT NULL THEN
        PERFORM set_config('enable_seqscan', 'off', true);
      ELSE
        PERFORM set_config('enable_seqscan', 'on', true);
      END IF;
      SELECT c.facets INTO other FROM verbatim_search_counts('quotes_searchdoc', condition, without[place],
        pairs, patterns, unwanted, since, until, ARRAY[without_kinds[place]], chosen, 1,
        CASE WHEN size > 40000 THEN cap * 2 ELSE 100000 END, 12) c;
    END IF;
    -- What is chosen has been counted among the hits already, and better.
    facets := (SELECT coalesce(jsonb_agg(told), '[]') FROM (
      SELECT e AS told FROM jsonb_array_elements(facets) e
        WHERE (e ->> 0)::integer <> without_kinds[place]
          OR (((e ->> 0)::integer << 27) | (e ->> 1)::integer) = ANY (chosen)
      UNION ALL
      SELECT e FROM jsonb_array_elements(other) e
        WHERE (((e ->> 0)::integer << 27) | (e ->> 1)::integer) <> ALL (chosen)
          OR NOT EXISTS (SELECT FROM jsonb_array_elements(facets) main WHERE main -> 0 = e -> 0 AND main -> 1 = e -> 1)) every_one);
  END LOOP;
END $$;
