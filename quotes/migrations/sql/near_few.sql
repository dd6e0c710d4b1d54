-- verbatim_near once more: while there are few documents nothing is too frequent to be asked for, or a sentence that ten
-- people repeat would be asked for by none of its words.
CREATE OR REPLACE FUNCTION verbatim_near(asked integer[], apart bigint, most integer)
RETURNS TABLE (statement_id bigint, shared integer) LANGUAGE plpgsql STABLE
  SET plan_cache_mode = force_custom_plan SET jit = off SET max_parallel_workers_per_gather = 0
  SET enable_seqscan = on SET enable_indexscan = on AS $$
DECLARE
  size bigint := (SELECT coalesce(max(d.statement_id), 0) FROM quotes_searchdoc d);
  level integer := CASE WHEN size > 640000 THEN 9 WHEN size > 160000 THEN 7 ELSE 5 END;
  rare integer[];
BEGIN
  PERFORM set_config('enable_indexscan', 'off', true), set_config('enable_seqscan', 'off', true);
  IF size <= 40000 THEN
    rare := (SELECT array_agg(p) FROM (SELECT p FROM unnest(asked) p ORDER BY hashint4(p) LIMIT 40) few);
  ELSE
    EXECUTE format($q$
      SELECT array_agg(p) FROM (
        SELECT p FROM unnest($1) WITH ORDINALITY AS a(p, n)
        WHERE NOT EXISTS (SELECT FROM quotes_searchsample s WHERE s.level >= %s AND s.pairs OPERATOR(pg_catalog.@>) ARRAY[a.p] OFFSET 1)
        ORDER BY hashint4(p) LIMIT 40) few
    $q$, level) INTO rare USING asked;
  END IF;
  IF rare IS NULL THEN
    rare := asked[1:6];
  END IF;
  RETURN QUERY
    SELECT found.id, found.n FROM (
      SELECT d.statement_id AS id, d.pairs,
        (SELECT count(*)::integer FROM unnest(d.pairs) p WHERE p = ANY (rare)) AS n
      FROM quotes_searchdoc d WHERE d.pairs OPERATOR(pg_catalog.&&) rare AND d.statement_id <> apart
      LIMIT 20000) found
    ORDER BY found.n DESC, cardinality(found.pairs), found.id LIMIT most;
END $$;
