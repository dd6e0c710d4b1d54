-- Invariant 3: who imported what a quote now shows has contributed to it, also when somebody else accepted it.
CREATE FUNCTION verbatim_importer_contributes() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  about record;
  first text;
BEGIN
  SELECT r.model, r.key, n.by_id INTO about
  FROM quotes_importrow r JOIN quotes_importrun n ON n.id = r.run_id WHERE r.id = NEW.row_id;
  IF about.by_id IS NULL THEN
    RETURN NULL;
  END IF;
  first := coalesce(about.key -> 0 ->> 0, about.key ->> 0);
  -- Whose content the accepting changed is known: who accepted contributed to it, just now.
  INSERT INTO quotes_contribution (quote_id, user_id)
  SELECT c.quote_id, about.by_id
  FROM quotes_contribution c JOIN quotes_quote q ON q.id = c.quote_id
  WHERE c.user_id = NEW.by_id AND CASE about.model
    WHEN 'quotes.quote' THEN q.uid = first
    WHEN 'quotes.relay' THEN q.uid = first
    WHEN 'quotes.figure' THEN q.uid = first
    WHEN 'quotes.article' THEN q.article_id IN (SELECT id FROM quotes_article WHERE url = first)
    WHEN 'quotes.statement' THEN q.statement_id IN (SELECT id FROM quotes_statement WHERE uid = first)
    WHEN 'quotes.speaker' THEN q.statement_id IN (
      SELECT s.id FROM quotes_statement s JOIN quotes_speaker p ON p.id IN (s.speaker_id, s.uttered_by_id) WHERE p.slug = first)
    WHEN 'quotes.tenure' THEN q.statement_id IN (
      SELECT s.id FROM quotes_statement s JOIN quotes_speaker p ON p.id = s.speaker_id WHERE p.slug = first)
    WHEN 'quotes.outlet' THEN
      q.article_id IN (SELECT a.id FROM quotes_article a JOIN quotes_outlet o ON o.id = a.outlet_id WHERE o.slug = first)
      OR q.id IN (SELECT r.quote_id FROM quotes_relay r JOIN quotes_outlet o ON o.id = r.outlet_id WHERE o.slug = first)
    WHEN 'quotes.measure' THEN
      q.id IN (SELECT f.quote_id FROM quotes_figure f JOIN quotes_measure m ON m.id = f.measure_id WHERE m.slug = first)
    ELSE false END
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;

CREATE TRIGGER importer_contributes AFTER INSERT ON quotes_importdecision
FOR EACH ROW WHEN (NEW.verdict = 'accepted') EXECUTE FUNCTION verbatim_importer_contributes();
