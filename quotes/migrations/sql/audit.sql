-- Invariant 11: every row written leaves one event; the events of one transaction are sealed at its commit.

-- The open seal of this transaction. It is sealed by a deferred trigger, so the lock that puts transactions
-- in order is held only while committing, after every row lock was taken: writers cannot deadlock on it.
CREATE FUNCTION verbatim_open_seal() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  mine text := pg_current_xact_id()::text;
  found bigint;
BEGIN
  SELECT id INTO found FROM quotes_auditseal WHERE transaction = mine AND position IS NULL;
  IF found IS NULL THEN
    INSERT INTO quotes_auditseal (transaction, previous, hash) VALUES (mine, '', '') RETURNING id INTO found;
  END IF;
  RETURN found;
END $$;

CREATE FUNCTION verbatim_seal() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  last record;
  total bigint;
  root text;
  moment timestamptz := clock_timestamp();
BEGIN
  PERFORM pg_advisory_xact_lock(7265626174);
  SELECT position, hash INTO last FROM quotes_auditseal
    WHERE position IS NOT NULL ORDER BY position DESC LIMIT 1;
  SELECT count(*), encode(sha256(coalesce(string_agg(leaf, ''::bytea ORDER BY id), ''::bytea)), 'hex')
    INTO total, root FROM quotes_auditevent WHERE seal_id = NEW.id;
  UPDATE quotes_auditseal SET
    position = coalesce(last.position, 0) + 1,
    events = total,
    sealed_at = moment,
    previous = coalesce(last.hash, ''),
    hash = verbatim_sha256(verbatim_canonical(
      (coalesce(last.position, 0) + 1)::text, NEW.id::text, NEW.transaction, total::text,
      verbatim_instant(moment), coalesce(last.hash, ''), root))
    WHERE id = NEW.id;
  RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER auditseal_closes AFTER INSERT ON quotes_auditseal
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION verbatim_seal();

CREATE FUNCTION verbatim_leaf(
  id bigint, seal_id bigint, at timestamptz, actor_pk integer, actor text, verb text, "table" text,
  record_pk bigint, statement_pk bigint, before text, after text
) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT sha256(convert_to(verbatim_canonical(
    id::text, seal_id::text, verbatim_instant(at), actor_pk::text, actor, verb, "table",
    record_pk::text, statement_pk::text, before, after), 'UTF8'))
$$;

-- Which statement an event tells of, so that the history of what is held back is held back too.
CREATE FUNCTION verbatim_statement_of("table" text, entry jsonb) RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  CASE "table"
    WHEN 'quotes_statement' THEN
      RETURN (entry ->> 'id')::bigint;
    WHEN 'quotes_quote', 'quotes_statement_topics' THEN
      RETURN (entry ->> 'statement_id')::bigint;
    WHEN 'quotes_relay', 'quotes_figure', 'quotes_evidence', 'quotes_check', 'quotes_claim' THEN
      RETURN (SELECT statement_id FROM quotes_quote WHERE id = (entry ->> 'quote_id')::bigint);
    WHEN 'quotes_link' THEN
      -- Of a link's two ends the one that is held back decides.
      RETURN coalesce(
        (SELECT id FROM quotes_statement WHERE id = (entry ->> 'target_id')::bigint
           AND (record = 'off' OR embargoed_until > now())),
        (entry ->> 'source_id')::bigint);
    ELSE
      RETURN NULL;
  END CASE;
END $$;

-- The one writer of events, for whole statements at a time: an import of a million rows is one call.
-- Its arguments name the columns that are left out: secrets, and texts that have a hash of their own.
CREATE FUNCTION verbatim_record() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  hidden text[] := coalesce(TG_ARGV, '{}');
  who integer := verbatim_actor();
  who_name text := coalesce((SELECT username FROM auth_user WHERE auth_user.id = verbatim_actor()), '');
  what text := verbatim_verb('sql.' || lower(TG_OP));
  moment timestamptz := clock_timestamp();
  open_seal bigint;
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NOT EXISTS (SELECT FROM new_rows) THEN RETURN NULL; END IF;
    open_seal := verbatim_open_seal();
    INSERT INTO quotes_auditevent
      (id, seal_id, at, actor_pk, actor, verb, "table", record_pk, statement_pk, before, after, leaf)
    SELECT e.id, open_seal, moment, who, who_name, what, TG_TABLE_NAME, e.record, e.statement, NULL, e.after,
      verbatim_leaf(e.id, open_seal, moment, who, who_name, what, TG_TABLE_NAME, e.record, e.statement, NULL, e.after)
    FROM (
      SELECT nextval('quotes_auditevent_id_seq') AS id, a::text AS after,
        coalesce(a ->> 'id', a ->> 'quote_id')::bigint AS record, verbatim_statement_of(TG_TABLE_NAME, a) AS statement
      FROM (SELECT to_jsonb(n) - hidden AS a FROM new_rows n) rows
    ) e;
  ELSIF TG_OP = 'DELETE' THEN
    IF NOT EXISTS (SELECT FROM old_rows) THEN RETURN NULL; END IF;
    open_seal := verbatim_open_seal();
    INSERT INTO quotes_auditevent
      (id, seal_id, at, actor_pk, actor, verb, "table", record_pk, statement_pk, before, after, leaf)
    SELECT e.id, open_seal, moment, who, who_name, what, TG_TABLE_NAME, e.record, e.statement, e.before, NULL,
      verbatim_leaf(e.id, open_seal, moment, who, who_name, what, TG_TABLE_NAME, e.record, e.statement, e.before, NULL)
    FROM (
      SELECT nextval('quotes_auditevent_id_seq') AS id, b::text AS before,
        coalesce(b ->> 'id', b ->> 'quote_id')::bigint AS record, verbatim_statement_of(TG_TABLE_NAME, b) AS statement
      FROM (SELECT to_jsonb(o) - hidden AS b FROM old_rows o) rows
    ) e;
  ELSE
    -- A full join: a row whose key was changed is a row gone and a row come, never an event less. Rows that
    -- were written as they were leave nothing.
    IF NOT EXISTS (
      SELECT FROM (SELECT to_jsonb(o) - hidden FROM old_rows o EXCEPT SELECT to_jsonb(n) - hidden FROM new_rows n) d
    ) THEN
      RETURN NULL;
    END IF;
    open_seal := verbatim_open_seal();
    INSERT INTO quotes_auditevent
      (id, seal_id, at, actor_pk, actor, verb, "table", record_pk, statement_pk, before, after, leaf)
    SELECT e.id, open_seal, moment, who, who_name, what, TG_TABLE_NAME, e.record, e.statement, e.before, e.after,
      verbatim_leaf(e.id, open_seal, moment, who, who_name, what, TG_TABLE_NAME, e.record, e.statement, e.before, e.after)
    FROM (
      SELECT nextval('quotes_auditevent_id_seq') AS id, b::text AS before, a::text AS after,
        coalesce(a ->> 'id', a ->> 'quote_id', b ->> 'id', b ->> 'quote_id')::bigint AS record,
        verbatim_statement_of(TG_TABLE_NAME, coalesce(a, b)) AS statement
      FROM (SELECT to_jsonb(o) - hidden AS b, coalesce(to_jsonb(o) ->> 'id', to_jsonb(o) ->> 'quote_id') AS key
            FROM old_rows o) was
      FULL JOIN (SELECT to_jsonb(n) - hidden AS a, coalesce(to_jsonb(n) ->> 'id', to_jsonb(n) ->> 'quote_id') AS key
            FROM new_rows n) became USING (key)
      WHERE a IS DISTINCT FROM b
    ) e;
  END IF;
  RETURN NULL;
END $$;
