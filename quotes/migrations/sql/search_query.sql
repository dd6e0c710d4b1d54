-- One round trip for a page of results: the hits in order, how many there are, and the counts of every facet.
-- The plan is controlled here and nowhere else (SPEED.md §2.3 and §7): the planner cannot know how often a term stands
-- in a tsvector, so a sample of fixed size is asked first.

-- The condition that every hit fulfils, with only the parts that are asked for, so that each plan is made for them.
--   $1 terms  $2 pairs of the exact phrases  $3 their LIKE patterns  $4 patterns that must not match
--   $5 first day  $6 last day  $7 the first day on which anything that reaches $5 can be filed
CREATE FUNCTION verbatim_search_condition(
  wanted tsquery, pairs integer[], patterns text[], unwanted text[], since date, until date, held boolean
) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT concat_ws(' AND ', 'true',
    CASE WHEN wanted IS NOT NULL THEN 'terms @@ $1' END,
    -- Named with its schema: the extension intarray, where somebody installs it, would hide it from the index.
    CASE WHEN cardinality(pairs) > 0 THEN 'pairs OPERATOR(pg_catalog.@>) $2' END,
    CASE WHEN cardinality(patterns) > 0 THEN 'lines LIKE ALL ($3)' END,
    CASE WHEN cardinality(unwanted) > 0 THEN 'lines NOT LIKE ALL ($4)' END,
    CASE WHEN since IS NOT NULL THEN 'last_day >= $5 AND day >= $7' END,
    CASE WHEN until IS NOT NULL THEN 'day <= $6' END,
    CASE WHEN since IS NULL AND until IS NOT NULL THEN $c$day > '0001-01-01'$c$ END,
    -- Lifting an embargo needs no write: the time is in the document, and the clock decides.
    CASE WHEN NOT held THEN 'open_from <= now()' END)
$$;

-- Counts of facet values among a set of rows; of each kind the most frequent, and always the chosen ones.
CREATE FUNCTION verbatim_search_counts(
  source text, condition text, wanted tsquery, pairs integer[], patterns text[], unwanted text[], since date, until date,
  kinds integer[], chosen integer[], scale integer, row_limit bigint, per_kind integer,
  OUT total bigint, OUT facets jsonb
) LANGUAGE plpgsql STABLE SET jit = off AS $$
BEGIN
  EXECUTE format($q$
    WITH hits AS MATERIALIZED (SELECT facets FROM %s WHERE %s LIMIT %s),
    counted AS (
      SELECT f, count(*) * %s AS n FROM (SELECT unnest(facets) AS f FROM hits) every_one WHERE (f >> 27) = ANY ($8) GROUP BY f),
    ranked AS (SELECT f, n, row_number() OVER (PARTITION BY f >> 27 ORDER BY n DESC, f) AS place FROM counted)
    SELECT (SELECT count(*) FROM hits) * %s,
           (SELECT coalesce(jsonb_agg(jsonb_build_array(f >> 27, f & 134217727, n) ORDER BY place), '[]')
            FROM ranked WHERE place <= %s OR (f >> 27) IN (2, 3, 7, 8) OR f = ANY ($9))
  $q$, source, condition, row_limit, scale, scale, per_kind)
  INTO total, facets
  USING wanted, pairs, patterns, unwanted, since, until, date_trunc('year', since)::date, kinds, chosen;
END $$;

CREATE FUNCTION verbatim_search(
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
  floor_day date := date_trunc('year', since)::date;
BEGIN
  newest_id := size;
  IF cardinality(phrases) > 0 THEN
    SELECT array_agg(DISTINCT pair) INTO pairs FROM unnest(phrases) p, unnest(verbatim_pairs(' ' || p || ' ')) pair;
    SELECT array_agg('% ' || p || ' %') INTO patterns FROM unnest(phrases) p;
  END IF;
  SELECT array_agg('% ' || p || ' %') INTO unwanted FROM unnest(unphrases) p;
  condition := verbatim_search_condition(wanted, pairs, patterns, unwanted, since, until, held);
  sort := CASE WHEN sort = 'match' AND scored IS NULL THEN 'said' ELSE sort END;
  need := CASE WHEN sort = 'match' THEN 1000 ELSE page_size END;

  -- Few enough rows for the whole truth; else the sample first, at the level that keeps it small.
  IF size > 40000 THEN
    PERFORM set_config('enable_indexscan', 'off', true), set_config('enable_seqscan', 'off', true);
    level := CASE WHEN size > 5120000 THEN 9 WHEN size > 1280000 THEN 7 WHEN size > 320000 THEN 5 ELSE 3 END;
    -- A quarter of the sample tells enough of what is frequent: 2,000 hits are right to 2 or 3 per cent.
    FOREACH level IN ARRAY ARRAY[least(level + 2, 9), level] LOOP
      scale := 1 << level;
      sample := format('(SELECT * FROM quotes_searchsample WHERE level >= %s) sample', level);
      EXECUTE format($q$
        WITH hits AS MATERIALIZED (SELECT day FROM %s WHERE %s)
        SELECT (SELECT count(*) FROM hits), (SELECT min(day) FROM (
          SELECT day FROM hits WHERE $8::date IS NULL OR day <= $8 ORDER BY day DESC LIMIT $9) newest)
      $q$, sample, condition)
      INTO hits, horizon
      USING wanted, pairs, patterns, unwanted, since, until, floor_day,
        CASE WHEN sort = 'said' THEN after_day END, need / scale + greatest(4, need * 3 / scale / 4);
      EXIT WHEN hits >= 2000;
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
    ordering := CASE sort WHEN 'match' THEN 'rank DESC, day DESC, statement_id DESC'
      WHEN 'said' THEN 'day DESC, statement_id DESC' ELSE 'statement_id DESC' END;
    further := CASE WHEN after_id IS NULL THEN 'true'
      WHEN sort = 'match' THEN '(rank, day, statement_id) < ($10, $11, $12)'
      WHEN sort = 'said' THEN '(day, statement_id) < ($11, $12)' ELSE 'statement_id < $12' END;
    EXECUTE format($q$
      WITH hits AS MATERIALIZED (
        SELECT statement_id, day, facets, %1$s AS rank FROM quotes_searchdoc WHERE %2$s LIMIT %3$s),
      page AS (SELECT statement_id, day, rank FROM hits WHERE %4$s ORDER BY %5$s LIMIT %6$s),
      counted AS (SELECT f, count(*) AS n FROM (SELECT unnest(facets) AS f FROM hits) every_one WHERE (f >> 27) = ANY ($8) GROUP BY f),
      placed AS (SELECT f, n, row_number() OVER (PARTITION BY f >> 27 ORDER BY n DESC, f) AS place FROM counted)
      SELECT (SELECT array_agg(statement_id ORDER BY %5$s) FROM page), (SELECT array_agg(rank ORDER BY %5$s) FROM page),
             (SELECT array_agg(day ORDER BY %5$s) FROM page), (SELECT count(*) FROM hits),
             (SELECT coalesce(jsonb_agg(jsonb_build_array(f >> 27, f & 134217727, n) ORDER BY place), '[]')
              FROM placed WHERE place <= 12 OR (f >> 27) IN (2, 3, 7, 8) OR f = ANY ($9))
    $q$, CASE WHEN sort = 'match' THEN 'ts_rank(terms, $13, 1)' ELSE '0::real' END, condition,
      CASE WHEN size > 40000 THEN cap * 2 ELSE 100000 END, further, ordering, page_size)
    INTO ids, ranks, days, total, facets
    USING wanted, pairs, patterns, unwanted, since, until, floor_day, kinds, chosen, after_rank, after_day, after_id, scored;
    exact := total < CASE WHEN size > 40000 THEN cap * 2 ELSE 100000 END;
  ELSE
    -- The dense path: counts are the sample's, the page is walked newest first.
    total := estimate;
    exact := false;
    IF kinds IS NOT NULL THEN
      SELECT c.facets INTO facets FROM verbatim_search_counts(sample, condition, wanted, pairs,
        patterns, unwanted, since, until, kinds, chosen, scale, 1000000, 12) c;
    END IF;
    PERFORM set_config('enable_indexscan', 'on', true), set_config('enable_seqscan', 'off', true);
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
      SELECT count(*) * 128 INTO walk FROM quotes_searchsample s
        WHERE s.level >= 7 AND day >= horizon AND (coalesce(CASE WHEN sort = 'said' THEN after_day END, until) IS NULL
          OR day <= coalesce(CASE WHEN sort = 'said' THEN after_day END, until));
      IF walk > 20000 AND (wanted IS NOT NULL OR pairs IS NOT NULL) AND horizon > '0001-01-01' THEN
        -- Rare along the way: let the index do the slicing, by month or by year.
        path := 'slice';
        condition := verbatim_search_condition(''::tsquery, pairs, patterns, unwanted, since, until, held);
        SELECT coalesce(wanted, ''::tsquery) && string_agg(CASE WHEN span.months <= 36 THEN to_char(g, '"''#11."YYYYMM"''"')
                                         ELSE to_char(g, '"''#7."FMYYYY"''"') END, ' | ')::tsquery
          INTO sliced
          FROM (SELECT coalesce(CASE WHEN sort = 'said' THEN after_day END, until, (SELECT max(day) FROM quotes_searchdoc)) AS newest) n,
            LATERAL (SELECT ((extract(year FROM newest) - extract(year FROM horizon)) * 12
                             + extract(month FROM newest) - extract(month FROM horizon) + 1)::integer AS months) span,
            LATERAL generate_series(date_trunc(CASE WHEN span.months <= 36 THEN 'month' ELSE 'year' END, horizon), newest,
                                    CASE WHEN span.months <= 36 THEN interval '1 month' ELSE interval '1 year' END) g;
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
    sample := '(SELECT * FROM quotes_searchsample WHERE level >= 7) sample';
  END IF;
  PERFORM set_config('enable_indexscan', 'off', true), set_config('enable_bitmapscan', 'on', true),
    set_config('enable_sort', 'on', true);
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

-- The same counts without an estimate, for the second, small request that follows a page which said “about”.
CREATE FUNCTION verbatim_search_exactly(
  wanted tsquery, phrases text[], unphrases text[], since date, until date, held boolean,
  kinds integer[], chosen integer[], OUT total bigint, OUT facets jsonb
) LANGUAGE plpgsql STABLE
  SET plan_cache_mode = force_custom_plan SET jit = off SET max_parallel_workers_per_gather = 0 SET work_mem = '64MB' AS $$
DECLARE
  pairs integer[];
  patterns text[];
  unwanted text[];
BEGIN
  IF cardinality(phrases) > 0 THEN
    SELECT array_agg(DISTINCT pair) INTO pairs FROM unnest(phrases) p, unnest(verbatim_pairs(' ' || p || ' ')) pair;
    SELECT array_agg('% ' || p || ' %') INTO patterns FROM unnest(phrases) p;
  END IF;
  SELECT array_agg('% ' || p || ' %') INTO unwanted FROM unnest(unphrases) p;
  SELECT c.total, c.facets INTO total, facets FROM verbatim_search_counts('quotes_searchdoc',
    verbatim_search_condition(wanted, pairs, patterns, unwanted, since, until, held),
    wanted, pairs, patterns, unwanted, since, until, kinds, chosen, 1, 1000000000, 12) c;
END $$;

-- What a half-typed text may lead to, in one round trip: statements whose words begin so, articles by headline, and the
-- stamp by which names kept in memory are known to be fresh.
CREATE FUNCTION verbatim_jump(typed text, held boolean, most integer, OUT stamp text, OUT statements jsonb, OUT articles jsonb)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_custom_plan SET jit = off SET enable_seqscan = off AS $$
DECLARE
  wanted tsquery := verbatim_beginning(typed);
  pattern text := '%' || replace(replace(replace(left(typed, 100), '\', '\\'), '%', '\%'), '_', '\_') || '%';
BEGIN
  SELECT md5(string_agg(n.stamp::text, ',' ORDER BY n.shard)) INTO stamp FROM quotes_searchnames n;
  IF numnode(wanted) > 0 AND length(typed) >= 2 THEN
    SELECT jsonb_agg(jsonb_build_array(s.uid, coalesce(shown.text, s.gist), p.name, coalesce(shown.value, 'unchecked'),
                                       coalesce(shown.kind, 'indirect')) ORDER BY d.rank DESC, d.day DESC, d.statement_id DESC)
      INTO statements
    FROM (
      SELECT statement_id, day, ts_rank(terms, wanted, 1) AS rank FROM (
        SELECT statement_id, day, terms FROM quotes_searchdoc
        WHERE terms @@ wanted AND (held OR open_from <= now()) LIMIT 500) some_hits
      ORDER BY rank DESC, day DESC, statement_id DESC LIMIT most
    ) d
    JOIN quotes_statement s ON s.id = d.statement_id
    JOIN quotes_speaker p ON p.id = s.speaker_id
    LEFT JOIN LATERAL (
      SELECT q.text, q.kind, g.value FROM quotes_quote q JOIN quotes_standing g ON g.quote_id = q.id
      WHERE q.statement_id = s.id
      ORDER BY array_position('{verified,in_review,stale,unchecked,disputed,misattributed,retracted}'::varchar[], g.value),
        array_position('{primary,report,cited}'::varchar[], g.depth),
        array_position('{direct,mixed,partial,indirect}'::varchar[], q.kind), q.is_translation, q.id LIMIT 1
    ) shown ON true;
  END IF;
  IF length(typed) >= 3 THEN
    SELECT jsonb_agg(jsonb_build_array(a.id, a.headline, a.name) ORDER BY a.place) INTO articles FROM (
      SELECT a.id, a.headline, o.name, row_number() OVER (ORDER BY a.published_at DESC NULLS LAST, a.id DESC) AS place
      FROM (SELECT * FROM quotes_article WHERE headline ILIKE pattern LIMIT 200) a JOIN quotes_outlet o ON o.id = a.outlet_id
      ORDER BY place LIMIT most) a;
  END IF;
END $$;

CREATE INDEX article_headline_trigrams ON quotes_article USING gin (headline gin_trgm_ops);

-- How many hits were added after a given statement; for the news in saved searches. Never more than `most`.
CREATE FUNCTION verbatim_search_new(
  wanted tsquery, phrases text[], unphrases text[], since date, until date, held boolean, after bigint, most integer
) RETURNS bigint LANGUAGE plpgsql STABLE SET plan_cache_mode = force_custom_plan SET jit = off AS $$
DECLARE
  patterns text[];
  unwanted text[];
  found bigint;
BEGIN
  SELECT array_agg('% ' || p || ' %') INTO patterns FROM unnest(phrases) p;
  SELECT array_agg('% ' || p || ' %') INTO unwanted FROM unnest(unphrases) p;
  EXECUTE format('SELECT count(*) FROM (SELECT FROM quotes_searchdoc WHERE statement_id > $8 AND %s LIMIT $9) fresh',
    verbatim_search_condition(wanted, NULL, patterns, unwanted, since, until, held))
  INTO found
  USING wanted, NULL::integer[], patterns, unwanted, since, until, date_trunc('year', since)::date, after, most;
  RETURN found;
END $$;
