-- Every statement that a search finds, without order, count or cap: what leaves as a file is what the page has found.
-- A set, so that it can stand in the condition of any query and never has to pass through the application's memory.
CREATE FUNCTION verbatim_search_all(
  wanted tsquery, phrases text[], unphrases text[], since date, until date, held boolean
) RETURNS SETOF bigint LANGUAGE plpgsql STABLE
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
  RETURN QUERY EXECUTE 'SELECT statement_id FROM quotes_searchdoc WHERE '
    || verbatim_search_condition(wanted, pairs, patterns, unwanted, since, until, held)
  USING wanted, pairs, patterns, unwanted, since, until, date_trunc('year', since)::date;
END $$;
