-- The search, as in search_faster.sql with less work: days are asked of the index as years, values of facets are hashed and
-- not sorted. Only few years stand in for the days, because many are more to compare than they spare.

-- The years from one day to another as terms of the index, every one an alternative; null when there are more than ten,
-- or no first day.
CREATE FUNCTION verbatim_search_years(since date, until date) RETURNS tsquery LANGUAGE sql STABLE AS $$
  SELECT string_agg('''#7.' || y || '''', ' | ')::tsquery
  FROM (SELECT extract(year FROM since)::integer AS first,
               extract(year FROM coalesce(until, (SELECT max(day) FROM quotes_searchdoc)))::integer AS last) span,
    LATERAL generate_series(first, last) y
  WHERE last - first < 10
$$;

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
  sliced tsquery;
  further text := '';
  ordering text;
  other jsonb;
  ranked integer := 1000;
  need integer;
  bounded tsquery := wanted;

  coarsest integer;
  enough integer;
  finest integer;
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
    -- A quarter of the sample tells enough of what is frequent: 1,200 hits are right to 2 or 3 per cent, 400 to 5. What is
    -- just above the cap is looked up in four times the sample.
    FOREACH level IN ARRAY ARRAY[least(level + 2, 9), level, level - 2] LOOP
      EXIT WHEN level < 3;
      enough := CASE level WHEN coarsest THEN 400 WHEN coarsest - 2 THEN 0 ELSE 1200 END;
      scale := 1 << level;
      sample := verbatim_search_sample(level);
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
        CASE WHEN sort = 'said' THEN after_day END, need / scale + greatest(4, need * 3 / scale / 4), chosen;
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
      sliced := wanted;
    ELSE
      -- Of the index alone: how many rows lie between the first and the last day of the page.
      EXECUTE format('SELECT count(*) * 128 FROM %s WHERE day BETWEEN $1 AND $2', verbatim_search_sample(7)) INTO walk
      USING horizon, coalesce(CASE WHEN sort = 'said' THEN after_day END, until, date '9999-12-31');
      IF walk > 8000 AND (wanted IS NOT NULL OR pairs IS NOT NULL) AND horizon > '0001-01-01' THEN
        -- Rare along the way: let the index do the slicing, by month or by year.
        path := 'slice';
        -- The index takes the rarest terms for its guide. Few months are rarer than the words; many are more to read, one
        -- by one, than the words, and years are common enough to be only looked up.
        finest := CASE WHEN walk <= estimate * 1.5 THEN 36 ELSE 0 END;
        condition := verbatim_search_condition(''::tsquery, pairs, patterns, unwanted, since, until, held);
        SELECT coalesce(wanted, ''::tsquery) && string_agg(CASE WHEN span.months <= finest THEN to_char(g, '"''#11."YYYYMM"''"')
                                         ELSE to_char(g, '"''#7."FMYYYY"''"') END, ' | ')::tsquery
          INTO sliced
          FROM (SELECT coalesce(CASE WHEN sort = 'said' THEN after_day END, until, (SELECT max(day) FROM quotes_searchdoc)) AS newest) n,
            LATERAL (SELECT ((extract(year FROM newest) - extract(year FROM horizon)) * 12
                             + extract(month FROM newest) - extract(month FROM horizon) + 1)::integer AS months) span,
            LATERAL generate_series(date_trunc(CASE WHEN span.months <= finest THEN 'month' ELSE 'year' END, horizon), newest,
                                    CASE WHEN span.months <= finest THEN interval '1 month' ELSE interval '1 year' END) g;
        PERFORM set_config('enable_indexscan', 'off', true);
      ELSE
        path := 'walk';
        sliced := wanted;
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
        $q$, condition, further, CASE WHEN path = 'slice' THEN ' AND day >= $8' ELSE '' END, ranked, page_size)
        INTO ids, ranks, days
        USING sliced, pairs, patterns, unwanted, since, until, floor_day, horizon, top_id, NULL::integer, after_day, after_id, scored, after_rank;
      ELSE
        ordering := CASE sort WHEN 'said' THEN 'day DESC, statement_id DESC' ELSE 'statement_id DESC' END;
        EXECUTE format($q$
          SELECT array_agg(statement_id ORDER BY %5$s), array_agg(0::real), array_agg(day ORDER BY %5$s) FROM (
            SELECT statement_id, day FROM quotes_searchdoc WHERE %1$s%2$s%3$s ORDER BY %5$s LIMIT %4$s) page
        $q$, condition, further, CASE WHEN path = 'slice' THEN ' AND day >= $8' ELSE '' END, page_size, ordering)
        INTO ids, ranks, days
        USING sliced, pairs, patterns, unwanted, since, until, floor_day, horizon, top_id, NULL::integer, after_day, after_id;
      END IF;
      -- The sample promised more in that slice than there was: once more without it.
      EXIT WHEN path <> 'slice' OR cardinality(ids) >= page_size OR after_id IS NOT NULL AND sort = 'match';
      path := 'fallback';
      sliced := coalesce(wanted, '#13.0'::tsquery);
    END LOOP;
  END IF;

  -- The other values of a chosen facet are counted as if it were not chosen.
  IF size > 320000 AND scale < 128 THEN
    scale := 128;
    sample := verbatim_search_sample(7);
  END IF;
  PERFORM set_config('enable_indexscan', 'off', true), set_config('enable_bitmapscan', 'on', true),
    set_config('enable_sort', 'off', true);
  FOR place IN 1 .. CASE WHEN kinds IS NULL THEN 0 ELSE coalesce(cardinality(without), 0) END LOOP
    condition := verbatim_search_condition(without[place], pairs, patterns, unwanted, since, until, held);
    estimate := 0;
    IF size > 40000 THEN
      PERFORM set_config('enable_seqscan', 'off', true);
      SELECT c.total, c.facets INTO estimate, other FROM verbatim_search_counts(sample, condition, without[place], pairs, patterns, unwanted, since, until, ARRAY[without_kinds[place]], chosen, scale, 1000000, 12) c;
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
    facets := coalesce((SELECT jsonb_agg(e) FROM jsonb_array_elements(facets) e
                        WHERE (e ->> 0)::integer <> without_kinds[place]), '[]') || other;
  END LOOP;
END $$;
