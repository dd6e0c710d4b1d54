-- An import writes quotes, then their chains, figures and evidence. A quote that has no standing yet gets its one when
-- all of that is there: once, not once for each table. Only such a quote waits, and only while its own transaction runs,
-- which alone can see it: what has a standing is brought up to date by every write at once, as before, whatever anybody
-- sets. What waits stands in a table that only these functions reach, and a constraint trigger on that table ends the
-- waiting at the commit at the latest, so it can neither be forgotten nor called off.

CREATE TABLE quotes_standingwork (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, transaction text NOT NULL, actor integer, quotes bigint[] NOT NULL);
REVOKE ALL ON quotes_standingwork FROM PUBLIC, verbatim_app;

-- Give every quote of this transaction that waits its standing. Who wrote what it shows has contributed to it
-- (invariant 3): noted when it was written, since at the commit somebody else may be acting, or nobody.
CREATE FUNCTION verbatim_settle() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  mine text := pg_current_xact_id_if_assigned()::text;
  acting text := current_setting('verbatim.actor', true);
  job record;
BEGIN
  FOR job IN
    WITH taken AS (DELETE FROM quotes_standingwork w WHERE w.transaction = mine RETURNING w.id, w.actor, w.quotes)
    SELECT t.actor, array_agg(DISTINCT q ORDER BY q) AS quotes FROM taken t, unnest(t.quotes) q
    GROUP BY t.actor ORDER BY t.actor IS NULL, min(t.id)
  LOOP
    PERFORM set_config('verbatim.actor', coalesce(job.actor::text, ''), true);
    PERFORM verbatim_refresh(job.quotes);
    -- The first has contributed by changing the content; the next ones find it changed already.
    INSERT INTO quotes_contribution (quote_id, user_id)
      SELECT q.id, job.actor FROM quotes_quote q WHERE job.actor IS NOT NULL AND q.id = ANY (job.quotes)
      ON CONFLICT DO NOTHING;
  END LOOP;
  PERFORM set_config('verbatim.actor', coalesce(acting, ''), true);
END $$;

CREATE FUNCTION verbatim_settle_waiting() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM verbatim_settle();
  RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER standingwork_settles AFTER INSERT ON quotes_standingwork
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION verbatim_settle_waiting();

-- Accepting a proposal notes who imported it beside who accepted it: of what waits, nobody is noted yet.
CREATE TRIGGER a_settle BEFORE INSERT ON quotes_importdecision
  FOR EACH STATEMENT EXECUTE FUNCTION verbatim_settle_waiting();

REVOKE ALL ON FUNCTION verbatim_settle() FROM PUBLIC;

-- As in fast.sql, for those that have a standing.
CREATE OR REPLACE FUNCTION verbatim_refresh_concerned() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  keys bigint[];
  concerned bigint[];
  without bigint[];
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF TG_ARGV[0] = 'quote_id' THEN
      SELECT array_agg(DISTINCT n.quote_id) INTO keys FROM new_rows n;
    ELSIF TG_ARGV[0] = 'id' THEN
      SELECT array_agg(n.id) INTO keys FROM new_rows n;
    ELSE
      SELECT array_agg(DISTINCT (to_jsonb(n) ->> TG_ARGV[0])::bigint) INTO keys FROM new_rows n;
    END IF;
  ELSIF TG_OP = 'DELETE' THEN
    SELECT array_agg(DISTINCT (to_jsonb(o) ->> TG_ARGV[0])::bigint) INTO keys FROM old_rows o;
  ELSE
    SELECT array_agg(DISTINCT key) INTO keys FROM (
      SELECT (to_jsonb(n) ->> TG_ARGV[0])::bigint AS key FROM new_rows n
      UNION SELECT (to_jsonb(o) ->> TG_ARGV[0])::bigint FROM old_rows o) both_sides;
  END IF;
  concerned := verbatim_quotes_of(TG_TABLE_NAME, keys);
  IF current_setting('verbatim.standing', true) = 'at_commit' THEN
    SELECT array_agg(q) FILTER (WHERE s.quote_id IS NOT NULL), array_agg(q) FILTER (WHERE s.quote_id IS NULL)
      INTO concerned, without FROM unnest(concerned) q LEFT JOIN quotes_standing s ON s.quote_id = q;
    IF without IS NOT NULL THEN
      -- Evidence is no part of what a quote shows: who adds it has not contributed.
      INSERT INTO quotes_standingwork (transaction, actor, quotes) VALUES (pg_current_xact_id()::text,
        CASE WHEN TG_TABLE_NAME NOT IN ('quotes_evidence', 'quotes_claim', 'quotes_check') THEN verbatim_actor() END, without);
    END IF;
  END IF;
  PERFORM verbatim_refresh(concerned);
  RETURN NULL;
END $$;

-- The documents that wait for the commit, as lists: one row for each statement that wrote, not one for each that it
-- wrote. Standings come first: a document says them.
DROP TABLE quotes_searchwork;
CREATE TABLE quotes_searchwork (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, transaction text NOT NULL, statements bigint[] NOT NULL);
REVOKE ALL ON quotes_searchwork FROM PUBLIC, verbatim_app;

CREATE OR REPLACE FUNCTION verbatim_index_batch() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  waiting bigint[];
BEGIN
  PERFORM verbatim_settle();
  WITH taken AS (DELETE FROM quotes_searchwork w WHERE w.transaction = NEW.transaction RETURNING w.statements)
    SELECT array_agg(DISTINCT s ORDER BY s) INTO waiting FROM taken, unnest(taken.statements) s;
  FOR place IN 1 .. coalesce(cardinality(waiting), 0) BY 5000 LOOP
    PERFORM verbatim_index(waiting[place : place + 4999]);
  END LOOP;
  DELETE FROM quotes_searchbatch WHERE id = NEW.id;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION verbatim_index_soon(statements bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  mine text;
BEGIN
  IF statements IS NULL THEN
    RETURN;
  ELSIF cardinality(statements) <= 500 AND current_setting('verbatim.search', true) IS DISTINCT FROM 'at_commit' THEN
    PERFORM verbatim_index(statements);
    RETURN;
  END IF;
  mine := pg_current_xact_id()::text;
  INSERT INTO quotes_searchwork (transaction, statements) VALUES (mine, statements);
  INSERT INTO quotes_searchbatch (transaction) VALUES (mine) ON CONFLICT DO NOTHING;
END $$;
