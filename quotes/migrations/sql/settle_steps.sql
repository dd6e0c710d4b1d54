-- What waits for the end of a large write is done in portions, and each is told of as a notice, "verbatim.settling 20000
-- 1540000": whoever waits for an import of a million records sees how far it is (quotes/actions/progress.py). In portions also
-- because the standings of a million quotes at once took half a gigabyte of memory.

CREATE OR REPLACE FUNCTION verbatim_settle() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  mine text := pg_current_xact_id_if_assigned()::text;
  acting text := current_setting('verbatim.actor', true);
  portion integer := 20000;
  amount integer;
  job record;
BEGIN
  FOR job IN
    WITH taken AS (DELETE FROM quotes_standingwork w WHERE w.transaction = mine RETURNING w.id, w.actor, w.quotes)
    SELECT t.actor, array_agg(DISTINCT q ORDER BY q) AS quotes FROM taken t, unnest(t.quotes) q
    GROUP BY t.actor ORDER BY t.actor IS NULL, min(t.id)
  LOOP
    PERFORM set_config('verbatim.actor', coalesce(job.actor::text, ''), true);
    amount := cardinality(job.quotes);
    FOR place IN 1 .. amount BY portion LOOP
      IF amount > portion THEN
        RAISE NOTICE 'verbatim.settling % %', place - 1, amount;
      END IF;
      PERFORM verbatim_refresh(job.quotes[place : place + portion - 1]);
    END LOOP;
    -- The first has contributed by changing the content; the next ones find it changed already.
    INSERT INTO quotes_contribution (quote_id, user_id)
      SELECT q.id, job.actor FROM quotes_quote q WHERE job.actor IS NOT NULL AND q.id = ANY (job.quotes)
      ON CONFLICT DO NOTHING;
  END LOOP;
  PERFORM set_config('verbatim.actor', coalesce(acting, ''), true);
END $$;

CREATE OR REPLACE FUNCTION verbatim_index_batch() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  waiting bigint[];
  portion integer := 5000;
  amount integer;
BEGIN
  PERFORM verbatim_settle();
  WITH taken AS (DELETE FROM quotes_searchwork w WHERE w.transaction = NEW.transaction RETURNING w.statements)
    SELECT array_agg(DISTINCT s ORDER BY s) INTO waiting FROM taken, unnest(taken.statements) s;
  amount := coalesce(cardinality(waiting), 0);
  FOR place IN 1 .. amount BY portion LOOP
    IF amount > portion THEN
      RAISE NOTICE 'verbatim.indexing % %', place - 1, amount;
    END IF;
    PERFORM verbatim_index(waiting[place : place + portion - 1]);
  END LOOP;
  DELETE FROM quotes_searchbatch WHERE id = NEW.id;
  RETURN NULL;
END $$;
