-- Documents enter the large index through its list of pending entries, as many at a time as are written: sorted together they
-- cost a third of what they cost one by one. How long the list may grow is said here, where alone documents are written:
-- 64 kB for a person's save, some ten documents, which a search reads in hundredths of a millisecond; and 4 MB while an
-- import brings thousands, which merges them itself before it commits.

CREATE OR REPLACE FUNCTION verbatim_index(statements bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  whole bigint[];
  many boolean := cardinality(statements) > 200;
BEGIN
  IF statements IS NULL OR cardinality(statements) = 0 THEN
    RETURN;
  END IF;
  IF many THEN
    PERFORM verbatim_know_sizes();
  END IF;
  PERFORM set_config('gin_pending_list_limit', CASE WHEN many THEN '4MB' ELSE '64kB' END, true);
  -- First the locks, in one order; then a fresh look: two writers of one statement would else each miss the other's words.
  PERFORM FROM quotes_searchdoc WHERE statement_id = ANY (statements) ORDER BY statement_id FOR UPDATE;

  DELETE FROM quotes_searchdoc d WHERE d.statement_id = ANY (statements)
    AND NOT EXISTS (SELECT FROM quotes_statement s WHERE s.id = d.statement_id AND s.joined_into_id IS NULL);
  SELECT array_agg(id) INTO whole FROM quotes_statement WHERE id = ANY (statements) AND joined_into_id IS NULL;
  IF whole IS NULL THEN
    RETURN;
  END IF;
  INSERT INTO quotes_searchdoc AS d (statement_id, day, last_day, open_from, terms, pairs, lines, facets)
  SELECT statement_id, day, last_day, open_from, terms, pairs, lines, facets
  FROM verbatim_documents(whole)
  ON CONFLICT (statement_id) DO UPDATE SET
    day = excluded.day, last_day = excluded.last_day, open_from = excluded.open_from,
    terms = excluded.terms, pairs = excluded.pairs, lines = excluded.lines, facets = excluded.facets
  WHERE (d.day, d.last_day, d.open_from, d.lines, d.facets, d.terms)
    IS DISTINCT FROM (excluded.day, excluded.last_day, excluded.open_from, excluded.lines, excluded.facets, excluded.terms);
  IF many THEN
    PERFORM gin_clean_pending_list(i.indexrelid)
      FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
      JOIN pg_am m ON m.oid = c.relam AND m.amname = 'gin'
      WHERE t.relnamespace = 'public'::regnamespace AND c.relkind = 'i'
        AND t.relname IN ('quotes_searchdoc', 'quotes_searchsample3', 'quotes_searchsample5', 'quotes_searchsample7',
          'quotes_searchsample9');
    PERFORM set_config('gin_pending_list_limit', '64kB', true);
  END IF;
END $$;

-- It looks up by its key whatever belongs to a quote. Where a table was small the planner went through all of it for each.
ALTER FUNCTION verbatim_refresh(bigint[]) SET enable_seqscan = off;

ALTER INDEX searchdoc_terms SET (fastupdate = on);
DROP INDEX searchsample_terms;
CREATE INDEX searchsample_terms ON quotes_searchsample USING gin (terms, pairs) WITH (fastupdate = on);
