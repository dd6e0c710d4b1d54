-- Suggestions that two statements are one utterance: stamped, recorded and told like links.

CREATE TRIGGER a_stamp BEFORE INSERT OR UPDATE ON quotes_sameutterance
  FOR EACH ROW EXECUTE FUNCTION verbatim_stamp('versioned');
CREATE TRIGGER audit_insert AFTER INSERT ON quotes_sameutterance REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION verbatim_record();
CREATE TRIGGER audit_update AFTER UPDATE ON quotes_sameutterance REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION verbatim_record();
CREATE TRIGGER audit_delete AFTER DELETE ON quotes_sameutterance REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION verbatim_record();

-- Which statement an event tells of. Of two ends the one that is held back decides, whatever table names them.
CREATE OR REPLACE FUNCTION verbatim_statement_of("table" text, entry jsonb) RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF "table" = 'quotes_statement' THEN
    RETURN (entry ->> 'id')::bigint;
  ELSIF entry ? 'source_id' AND entry ? 'target_id' THEN
    RETURN coalesce(
      (SELECT id FROM quotes_statement WHERE id = (entry ->> 'target_id')::bigint
         AND (record = 'off' OR embargoed_until > now())),
      (entry ->> 'source_id')::bigint);
  ELSIF entry ? 'statement_id' THEN
    RETURN (entry ->> 'statement_id')::bigint;
  ELSIF entry ? 'quote_id' THEN
    RETURN (SELECT statement_id FROM quotes_quote WHERE id = (entry ->> 'quote_id')::bigint);
  END IF;
  RETURN NULL;
END $$;

GRANT SELECT, INSERT, UPDATE, DELETE ON quotes_sameutterance TO verbatim_app;
GRANT USAGE, SELECT ON SEQUENCE quotes_sameutterance_id_seq TO verbatim_app;
