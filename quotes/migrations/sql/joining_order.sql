-- Who joined and undid has contributed to nothing that is shown, in whatever order moves are undone.
CREATE OR REPLACE FUNCTION verbatim_move_is_closed() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF OLD.undone_at IS NOT NULL OR NEW.undone_at IS NULL
     OR to_jsonb(NEW) - '{undone_at,undone_by_id}'::text[] <> to_jsonb(OLD) - '{undone_at,undone_by_id}'::text[] THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_TABLE_NAME || '_is_append_only',
      MESSAGE = 'What was moved is kept as it was: it can only be undone, and once.';
  ELSIF NEW.undone_by_id IS NULL OR NEW.undone_by_id IS DISTINCT FROM verbatim_actor() THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_is_ones_own',
      MESSAGE = 'Undoing is signed by the person who does it.';
  END IF;
  NEW.undone_at := clock_timestamp();
  -- Invariant 3 bars who contributed to the present content. Where the content is again just what one of these moves
  -- noted before it, whoever came to it since has not; also when they are undone in another order.
  DELETE FROM quotes_contribution c USING quotes_standing g
    WHERE g.quote_id = c.quote_id AND g.quote_id IN (SELECT jsonb_object_keys(OLD.hashes)::bigint)
      AND (EXISTS (SELECT FROM quotes_joining m WHERE m.hashes ->> g.quote_id::text = g.content_hash AND c.at >= m.at)
        OR EXISTS (SELECT FROM quotes_merging m WHERE m.hashes ->> g.quote_id::text = g.content_hash AND c.at >= m.at));
  RETURN NEW;
END $$;
