-- As in search_faster.sql. Where most kinds are counted, whatever stands among the facets is counted, and what was not asked
-- for is left out of the few thousand values, not of the millions of facets: to sift those cost more than to count them.
CREATE OR REPLACE FUNCTION verbatim_search_counts(
  source text, condition text, wanted tsquery, pairs integer[], patterns text[], unwanted text[], since date, until date,
  kinds integer[], chosen integer[], scale integer, row_limit bigint, per_kind integer,
  OUT total bigint, OUT facets jsonb
) LANGUAGE plpgsql STABLE SET jit = off AS $$
DECLARE
  asked text := format('f BETWEEN %s AND %s', verbatim_first_code(kinds), verbatim_last_code(kinds));
BEGIN
  EXECUTE format($q$
    WITH hits AS MATERIALIZED (SELECT facets FROM %s WHERE %s LIMIT %s),
    counted AS MATERIALIZED (
      SELECT f, count(*) * %s AS n FROM (SELECT unnest(facets) AS f FROM hits) every_one WHERE %s GROUP BY f),
    ranked AS (
      SELECT f, n, row_number() OVER (PARTITION BY f >> 27 ORDER BY n DESC, f) AS place FROM counted WHERE %s)
    SELECT (SELECT count(*) FROM hits) * %s,
           (SELECT coalesce(jsonb_agg(jsonb_build_array(f >> 27, f & 134217727, n) ORDER BY place), '[]')
            FROM ranked WHERE place <= %s OR (f >> 27) IN (2, 3, 7, 8) OR f = ANY ($9))
  $q$, source, condition, row_limit, scale, CASE WHEN cardinality(kinds) > 3 THEN 'true' ELSE asked END, asked, scale, per_kind)
  INTO total, facets
  USING wanted, pairs, patterns, unwanted, since, until, date_trunc('year', since)::date, kinds, chosen;
END $$;
