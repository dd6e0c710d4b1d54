-- The values of one facet among the hits, many of them, for the page on which a long facet is searched.
-- Exact up to the cap. Above it the counts are the sample's; but values that somebody looks for by name are then counted
-- one by one, because a sample says nothing of what is rare.
CREATE FUNCTION verbatim_search_facet(
  wanted tsquery,             -- all that must hold, without the facet itself
  phrases text[], unphrases text[], since date, until date, held boolean,
  kind integer,
  looked_for integer[],       -- the values that are looked for; null: the most frequent
  chosen integer[],           -- values that are told whatever their count
  most integer, cap integer,
  OUT total bigint, OUT exact boolean,
  OUT counts jsonb            -- [[value, count, exact], …]; a count above the cap is told as cap + 1
) LANGUAGE plpgsql STABLE
  SET plan_cache_mode = force_custom_plan SET jit = off SET max_parallel_workers_per_gather = 0 AS $$
DECLARE
  size bigint := (SELECT coalesce(max(statement_id), 0) FROM quotes_searchdoc);
  pairs integer[];
  patterns text[];
  unwanted text[];
  condition text;
  sample text;
  level integer;
  scale integer;
  counted jsonb;
  one record;
  number bigint;
BEGIN
  IF cardinality(phrases) > 0 THEN
    SELECT array_agg(DISTINCT pair) INTO pairs FROM unnest(phrases) p, unnest(verbatim_pairs(' ' || p || ' ')) pair;
    SELECT array_agg('% ' || p || ' %') INTO patterns FROM unnest(phrases) p;
  END IF;
  SELECT array_agg('% ' || p || ' %') INTO unwanted FROM unnest(unphrases) p;
  condition := verbatim_search_condition(wanted, pairs, patterns, unwanted, since, until, held);
  chosen := coalesce(chosen, '{}') || coalesce(looked_for, '{}');
  most := CASE WHEN looked_for IS NULL THEN most ELSE 0 END;

  exact := size <= 40000;
  IF NOT exact THEN
    PERFORM set_config('enable_indexscan', 'off', true), set_config('enable_seqscan', 'off', true);
    level := CASE WHEN size > 5120000 THEN 9 WHEN size > 1280000 THEN 7 WHEN size > 320000 THEN 5 ELSE 3 END;
    scale := 1 << level;
    sample := format('(SELECT * FROM quotes_searchsample WHERE level >= %s) sample', level);
    SELECT c.total, c.facets INTO total, counted FROM verbatim_search_counts(sample, condition, wanted, pairs, patterns,
      unwanted, since, until, ARRAY[kind], chosen, scale, 1000000, most) c;
    exact := total <= cap * 1.2;
  END IF;
  IF exact THEN
    IF wanted IS NULL AND pairs IS NULL THEN
      PERFORM set_config('enable_indexscan', 'on', true), set_config('enable_seqscan', 'on', true);
    END IF;
    SELECT c.total, c.facets INTO total, counted FROM verbatim_search_counts('quotes_searchdoc', condition, wanted, pairs,
      patterns, unwanted, since, until, ARRAY[kind], chosen, 1, CASE WHEN size > 40000 THEN cap * 2 ELSE 100000 END, most) c;
    exact := total < CASE WHEN size > 40000 THEN cap * 2 ELSE 100000 END;
    SELECT coalesce(jsonb_agg(jsonb_build_array(e -> 1, e -> 2, exact)), '[]') INTO counts
      FROM jsonb_array_elements(counted) e WHERE (e ->> 0)::integer = kind;
    RETURN;
  END IF;

  counts := '[]';
  FOR one IN
    SELECT value, sampled FROM (
      SELECT (e ->> 1)::integer AS value, (e ->> 2)::bigint AS sampled FROM jsonb_array_elements(counted) e
        WHERE (e ->> 0)::integer = kind
      UNION ALL SELECT code & 134217727, 0 FROM unnest(chosen) code
        WHERE code >> 27 = kind AND NOT EXISTS (SELECT FROM jsonb_array_elements(counted) e
          WHERE (e ->> 0)::integer = kind AND (e ->> 1)::integer = code & 134217727)
    ) every_one
  LOOP
    IF looked_for IS NULL OR one.sampled > 1000 THEN
      counts := counts || jsonb_build_array(jsonb_build_array(one.value, one.sampled, false));
    ELSE
      EXECUTE format('SELECT count(*) FROM (SELECT FROM quotes_searchdoc WHERE %s LIMIT %s) hits',
        verbatim_search_condition('#13.0'::tsquery, pairs, patterns, unwanted, since, until, held), cap + 1)
      INTO number
      USING coalesce(wanted, '#13.0'::tsquery) && format('''#%s.%s''', kind, one.value)::tsquery,
        pairs, patterns, unwanted, since, until, date_trunc('year', since)::date;
      counts := counts || jsonb_build_array(jsonb_build_array(one.value, number, number <= cap));
    END IF;
  END LOOP;
END $$;

-- When nothing has all of the words: the statements that have most of them, those with the rarer ones first. What is
-- remembered by half is found so, however it was worded.
CREATE FUNCTION verbatim_search_nearest(
  words tsquery[],            -- one for each word
  filters tsquery, since date, until date, held boolean, most integer
) RETURNS TABLE (statement_id bigint, has integer, of_them integer) LANGUAGE plpgsql STABLE
  SET plan_cache_mode = force_custom_plan SET jit = off SET max_parallel_workers_per_gather = 0 SET enable_seqscan = off AS $$
DECLARE
  size bigint := (SELECT coalesce(max(d.statement_id), 0) FROM quotes_searchdoc d);
  source text := CASE WHEN size > 40000
    THEN format('(SELECT * FROM quotes_searchsample WHERE level >= %s) s', CASE WHEN size > 1280000 THEN 7 WHEN size > 320000 THEN 5 ELSE 3 END)
    ELSE 'quotes_searchdoc s' END;
  known tsquery[];
  weights real[];
  any_two tsquery;
  narrowed text := verbatim_search_condition('#13.0'::tsquery, NULL, NULL, NULL, since, until, held);
BEGIN
  -- How often each word stands, as far as the asker may know. A word that no sample holds may still stand somewhere.
  EXECUTE format($q$
    SELECT array_agg(w ORDER BY often, place), array_agg(1 / ln(3 + often)::real ORDER BY often, place)
    FROM (SELECT w, place, (SELECT count(*) FROM %s WHERE s.terms @@ w AND ($2 OR open_from <= now())) AS often
          FROM unnest($1) WITH ORDINALITY AS given(w, place)) counted
    WHERE often > 0 OR EXISTS (SELECT FROM quotes_searchdoc d WHERE d.terms @@ w AND ($2 OR open_from <= now()))
  $q$, source) INTO known, weights USING words, held;
  IF known IS NULL THEN
    RETURN;
  END IF;
  SELECT string_agg(format('(%s) & (%s)', a, b), ' | ')::tsquery INTO any_two
    FROM unnest(known[1:5]) WITH ORDINALITY AS a(a, m), unnest(known[1:5]) WITH ORDINALITY AS b(b, n) WHERE m < n;
  FOREACH any_two IN ARRAY ARRAY[any_two, known[1] || coalesce(known[2], known[1])] LOOP
    CONTINUE WHEN any_two IS NULL;
    IF filters IS NOT NULL THEN
      any_two := any_two && filters;
    END IF;
    RETURN QUERY EXECUTE format($q$
      SELECT statement_id, has::integer, cardinality($9) FROM (
        SELECT statement_id, day,
          (SELECT count(*) FROM unnest($8) w WHERE terms @@ w) AS has,
          (SELECT sum(weight) FROM unnest($8, $10) AS given(w, weight) WHERE terms @@ w) AS worth
        FROM (SELECT statement_id, day, terms FROM quotes_searchdoc WHERE %s LIMIT 4000) some_hits) ranked
      ORDER BY worth DESC, day DESC, statement_id DESC LIMIT $11
    $q$, narrowed)
    USING any_two, NULL::integer[], NULL::text[], NULL::text[], since, until, date_trunc('year', since)::date,
      known, words, weights, most;
    IF FOUND THEN
      RETURN;
    END IF;
  END LOOP;
END $$;
