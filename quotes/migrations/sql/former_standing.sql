-- What a quote stood at before: one row for each time that its standing became another. Standings are derived, so this
-- is written by the database alone, with every change and in its transaction.
CREATE FUNCTION verbatim_remember_standing() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO quotes_formerstanding (quote_id, value, since, until)
  SELECT o.quote_id, o.value, o.since, n.since
  FROM old_rows o JOIN new_rows n USING (quote_id)
  WHERE o.value <> n.value;
  RETURN NULL;
END $$;

CREATE TRIGGER standing_is_remembered AFTER UPDATE ON quotes_standing
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION verbatim_remember_standing();

CREATE FUNCTION verbatim_forget_former_standing() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  DELETE FROM quotes_formerstanding WHERE quote_id = OLD.id;
  RETURN OLD;
END $$;

CREATE TRIGGER quote_forgets_former_standing BEFORE DELETE ON quotes_quote
  FOR EACH ROW EXECUTE FUNCTION verbatim_forget_former_standing();

REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON quotes_formerstanding FROM verbatim_app;
