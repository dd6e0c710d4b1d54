-- Plans for many rows need to know that there are many. A table whose rows were all taken back (a dry run, a first import
-- that was refused) is known as empty once autovacuum has looked; what a transaction then writes into it counts for nothing,
-- and joins of thousands of rows are planned as joins of one: a first import took minutes instead of seconds. Its own
-- rows a transaction may count itself. Nobody waits for that: a table that somebody else is counting is left out.
CREATE FUNCTION verbatim_know_sizes() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  one record;
BEGIN
  FOR one IN
    SELECT c.relname FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.reltuples = 0
      AND c.relname IN ('quotes_speaker', 'quotes_tenure', 'quotes_outlet', 'quotes_article', 'quotes_capture', 'quotes_statement',
        'quotes_quote', 'quotes_relay', 'quotes_figure', 'quotes_measure', 'quotes_evidence', 'quotes_standing')
      AND pg_relation_size(c.oid) > 0
    ORDER BY c.relname
  LOOP
    EXECUTE format('ANALYZE (SKIP_LOCKED) %I', one.relname);
  END LOOP;
END $$;
REVOKE ALL ON FUNCTION verbatim_know_sizes() FROM PUBLIC;
