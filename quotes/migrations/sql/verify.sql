-- Taking a check back, sending a quote back, taking a claim over: each by oneself, with the right, on what is so now.

-- The checks of a quote that count: all but those that their authors took back.
CREATE FUNCTION verbatim_counted(quote bigint) RETURNS SETOF quotes_check LANGUAGE sql STABLE AS $$
  SELECT c.* FROM quotes_check c
  WHERE c.quote_id = quote AND NOT EXISTS (SELECT FROM quotes_withdrawal w WHERE w.check_id = c.id)
$$;

CREATE OR REPLACE FUNCTION verbatim_passes(quote bigint, content_hash text) RETURNS integer LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = public, pg_temp AS $$
  -- A person counts once, by her latest check of the present content that she did not take back.
  SELECT count(*)::integer FROM (
    SELECT DISTINCT ON (by_id) full_pass FROM verbatim_counted(quote) c
    WHERE c.seen = content_hash ORDER BY by_id, id DESC) latest
  WHERE full_pass
$$;

CREATE OR REPLACE FUNCTION verbatim_standing(quote bigint, content_hash text, depth text) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  needed integer := verbatim_checks_needed();
  standing_ruling text;
BEGIN
  -- A ruling stands until as many others have fully passed the quote after it as `verified` needs.
  SELECT r.ruling INTO standing_ruling FROM verbatim_counted(quote) r
  WHERE r.ruling IS NOT NULL
    AND (SELECT count(DISTINCT c.by_id) FROM verbatim_counted(quote) c
         WHERE c.id > r.id AND c.by_id <> r.by_id AND c.full_pass AND c.seen = content_hash) < needed
  ORDER BY r.id DESC LIMIT 1;
  IF standing_ruling IN ('misattributed', 'retracted', 'disputed') THEN
    RETURN standing_ruling;
  ELSIF standing_ruling = 'not_a_statement' THEN
    RETURN 'retracted';
  END IF;

  -- A fail stands until its author takes it back or as many others have fully passed the quote after it.
  IF EXISTS (
    SELECT FROM (SELECT DISTINCT ON (by_id) * FROM verbatim_counted(quote) c
                 WHERE c.seen = content_hash ORDER BY by_id, id DESC) f
    WHERE 'fail' IN (f.attribution, f.wording, f.translation, f.context, f.dating, f.figure)
      AND (SELECT count(DISTINCT c.by_id) FROM verbatim_counted(quote) c
           WHERE c.id > f.id AND c.by_id <> f.by_id AND c.full_pass AND c.seen = content_hash) < needed
  ) OR EXISTS (
    -- Refuting evidence is answered in the same way: by people who passed the quote with it on the table.
    SELECT FROM quotes_evidence e WHERE e.quote_id = quote AND e.stance = 'refutes'
      AND (SELECT count(DISTINCT c.by_id) FROM verbatim_counted(quote) c
           WHERE c.at > e.created_at AND c.full_pass AND c.seen = content_hash
             AND c.by_id IS DISTINCT FROM e.created_by_id) < needed
  ) THEN
    RETURN 'disputed';
  END IF;

  IF depth <> 'cited' AND verbatim_passes(quote, content_hash) >= needed THEN
    RETURN 'verified';
  ELSIF EXISTS (SELECT FROM verbatim_counted(quote) c WHERE c.seen = content_hash)
     OR EXISTS (SELECT FROM quotes_claim k WHERE k.quote_id = quote AND k.expires_at > clock_timestamp()) THEN
    RETURN 'in_review';
  ELSIF EXISTS (SELECT FROM verbatim_counted(quote)) THEN
    RETURN 'stale';
  END IF;
  RETURN 'unchecked';
END $$;

CREATE FUNCTION verbatim_withdrawal_is_sound() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  signed quotes_check;
  present text;
BEGIN
  SELECT * INTO signed FROM quotes_check WHERE id = NEW.check_id;
  IF NEW.by_id IS DISTINCT FROM verbatim_actor() OR NEW.by_id IS DISTINCT FROM signed.by_id THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'withdrawal_is_of_ones_own',
      MESSAGE = 'A check is taken back by the person who made it.';
  ELSIF NOT verbatim_may_check(NEW.by_id) THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'withdrawal_needs_the_right',
      MESSAGE = 'This account may not check quotes.';
  END IF;
  NEW.quote_id := signed.quote_id;
  NEW.at := clock_timestamp();
  -- The lock makes undo and the next check take turns: whoever comes second sees what the first has done.
  SELECT content_hash INTO present FROM quotes_standing WHERE quote_id = signed.quote_id FOR UPDATE;
  IF present IS DISTINCT FROM signed.seen
     OR EXISTS (SELECT FROM verbatim_counted(signed.quote_id) c WHERE c.id > signed.id)
     OR EXISTS (SELECT FROM quotes_evidence e WHERE e.quote_id = signed.quote_id AND e.created_at > signed.at
                  AND e.created_by_id IS DISTINCT FROM NEW.by_id) THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'withdrawal_comes_before_the_next_step',
      MESSAGE = 'Somebody has built on this check: it can be answered by another check, but not taken back.';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER withdrawal_is_sound BEFORE INSERT ON quotes_withdrawal
  FOR EACH ROW EXECUTE FUNCTION verbatim_withdrawal_is_sound();

CREATE FUNCTION verbatim_refresh_withdrawn() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM verbatim_refresh((SELECT array_agg(DISTINCT quote_id) FROM new_rows));
  RETURN NULL;
END $$;

CREATE FUNCTION verbatim_return_is_sound() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NEW.by_id IS DISTINCT FROM verbatim_actor() THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'return_is_ones_own',
      MESSAGE = 'A quote is sent back by the person who says so.';
  ELSIF NOT verbatim_may_check(NEW.by_id) THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'return_needs_the_right',
      MESSAGE = 'This account may not send quotes back.';
  ELSIF NEW.seen IS DISTINCT FROM (SELECT content_hash FROM quotes_standing WHERE quote_id = NEW.quote_id FOR UPDATE) THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'return_is_of_the_present_content',
      MESSAGE = 'The content has changed since it was shown; it has to be looked at again.';
  END IF;
  NEW.at := clock_timestamp();
  RETURN NEW;
END $$;

CREATE TRIGGER return_is_sound BEFORE INSERT ON quotes_return
  FOR EACH ROW EXECUTE FUNCTION verbatim_return_is_sound();

-- Who has the right may take over what another is at work on, but says why.
CREATE FUNCTION verbatim_claim_is_sound() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF verbatim_actor() IS NOT NULL AND NEW.by_id IS DISTINCT FROM verbatim_actor() THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_is_ones_own',
      MESSAGE = 'Everybody claims for themselves.';
  ELSIF NOT verbatim_may_check(NEW.by_id) THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_needs_the_right',
      MESSAGE = 'This account may not check quotes.';
  ELSIF TG_OP = 'UPDATE' AND NEW.by_id <> OLD.by_id AND OLD.expires_at > clock_timestamp() AND NEW.reason = '' THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_is_taken_over_with_a_reason',
      MESSAGE = 'Taking over from somebody at work needs a reason.';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER claim_is_sound BEFORE INSERT OR UPDATE ON quotes_claim
  FOR EACH ROW EXECUTE FUNCTION verbatim_claim_is_sound();

-- Which statement an event tells of. Every table that names a quote or a statement is told by that alone, so that
-- a new one need not be entered here.
CREATE OR REPLACE FUNCTION verbatim_statement_of("table" text, entry jsonb) RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF "table" = 'quotes_statement' THEN
    RETURN (entry ->> 'id')::bigint;
  ELSIF "table" = 'quotes_link' THEN
    -- Of a link's two ends the one that is held back decides.
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

CREATE TRIGGER withdrawal_is_append_only BEFORE UPDATE OR DELETE ON quotes_withdrawal
  FOR EACH ROW EXECUTE FUNCTION verbatim_refuse_change('A withdrawal');
CREATE TRIGGER return_is_append_only BEFORE UPDATE OR DELETE ON quotes_return
  FOR EACH ROW EXECUTE FUNCTION verbatim_refuse_change('A return');
CREATE TRIGGER audit_insert AFTER INSERT ON quotes_withdrawal REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION verbatim_record();
CREATE TRIGGER audit_insert AFTER INSERT ON quotes_return REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION verbatim_record();
CREATE TRIGGER standing_insert AFTER INSERT ON quotes_withdrawal REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION verbatim_refresh_withdrawn();

GRANT SELECT, INSERT ON quotes_withdrawal, quotes_return TO verbatim_app;
GRANT USAGE, SELECT ON SEQUENCE quotes_withdrawal_id_seq, quotes_return_id_seq TO verbatim_app;
REVOKE UPDATE, DELETE, TRUNCATE ON quotes_withdrawal, quotes_return FROM verbatim_app;
