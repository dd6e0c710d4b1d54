-- Invariant 1: an anchored quote stands in its capture, code point by code point; captures never change.

CREATE FUNCTION verbatim_capture_is_whole() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.sha256 IS DISTINCT FROM verbatim_sha256(NEW.body) THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'capture_sha256_is_the_bodys',
      MESSAGE = format('The SHA-256 of the captured text is %s, not %s.', verbatim_sha256(NEW.body), NEW.sha256);
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER capture_is_whole BEFORE INSERT ON quotes_capture
  FOR EACH ROW EXECUTE FUNCTION verbatim_capture_is_whole();

CREATE FUNCTION verbatim_anchor_holds() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  captured record;
BEGIN
  IF NEW.capture_id IS NULL THEN
    RETURN NEW;
  END IF;
  SELECT article_id, substr(body, NEW.start + 1, NEW."end" - NEW.start) AS words INTO captured
    FROM quotes_capture WHERE id = NEW.capture_id;
  IF captured.article_id IS DISTINCT FROM NEW.article_id THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'quote_capture_is_of_its_article',
      MESSAGE = format('Quote %s is anchored in a capture of another article.', NEW.uid);
  END IF;
  IF NEW.start IS NOT NULL AND captured.words IS DISTINCT FROM NEW.text THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'quote_anchor_holds',
      MESSAGE = format('Characters %s to %s of the captured text are not the words of quote %s.',
                       NEW.start, NEW."end", NEW.uid);
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER quote_anchor_holds BEFORE INSERT OR UPDATE ON quotes_quote
  FOR EACH ROW EXECUTE FUNCTION verbatim_anchor_holds();
