-- Taking an import back takes its captures and its evidence back too, which nothing else can delete.

CREATE OR REPLACE FUNCTION verbatim_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- The app's role has no right to delete here, so the word alone opens nothing for it; checks are never opened.
  IF TG_OP = 'DELETE' AND TG_TABLE_NAME IN ('quotes_capture', 'quotes_evidence')
     AND current_setting('verbatim.undoing', true) = 'import' THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_TABLE_NAME || '_is_append_only',
    MESSAGE = format('%s is only ever added to: it cannot be changed or deleted.', TG_ARGV[0]);
END $$;

-- Deletes what one import brought into a table that is only added to. What rests on it makes this fail as a whole.
CREATE FUNCTION verbatim_undo_append_only(seal bigint, "table" text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM set_config('verbatim.undoing', 'import', true);
  IF "table" = 'quotes_capture' THEN
    DELETE FROM quotes_capture WHERE id IN (
      SELECT record_pk FROM quotes_auditevent e
      WHERE e.seal_id = seal AND e."table" = 'quotes_capture' AND e.before IS NULL AND e.verb = 'imports.apply');
  ELSIF "table" = 'quotes_evidence' THEN
    DELETE FROM quotes_evidence WHERE id IN (
      SELECT record_pk FROM quotes_auditevent e
      WHERE e.seal_id = seal AND e."table" = 'quotes_evidence' AND e.before IS NULL AND e.verb = 'imports.apply');
  END IF;
  PERFORM set_config('verbatim.undoing', '', true);
END $$;
