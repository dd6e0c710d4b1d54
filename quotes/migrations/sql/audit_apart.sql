-- The writer of events and the seal once more: the same fields and the same hashes, so what is written from here on is
-- verified like what stands already. Two things cost: row -> jsonb -> text, twice for every row, and one lock that every
-- writer held until its commit was on disk, so that no two of them could share a flush.

-- How the chain stays one chain without that queue: a seal has two halves. Its number of events and the hash over them
-- are fixed by its own transaction at its commit, always. Its place (position, previous, hash) is taken at the same
-- moment when nobody else is just taking one; else the seal waits, with 'waits' in the place of the hash before it and
-- the hash over its events as its own, and whoever takes the next place gives it one first. A place is only ever given
-- under the lock, to what is committed or one's own, so a rollback or a crash leaves neither a gap nor a fork.

CREATE FUNCTION verbatim_seal_hash(
  "position" bigint, id bigint, transaction text, events bigint, at timestamptz, previous text, root text
) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT encode(sha256(convert_to(
    verbatim_part("position"::text) || ',' || verbatim_part(id::text) || ',' || verbatim_part(transaction)
    || ',' || verbatim_part(events::text)
    || ',' || verbatim_part(to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
    || ',' || verbatim_part(previous) || ',' || verbatim_part(root), 'UTF8')), 'hex')
$$;

-- Give a place to every seal that waits; how many got one. Nobody waits for it: who cannot have the lock gives none.
-- The app may call it: it decides nothing. Without a walk over the table, and sorted by an expression, only the index
-- of those that wait can answer, on an empty desk as on a full one; a plan is kept for as long as the connection.
CREATE FUNCTION verbatim_place_waiting() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
  last record;
  waiting record;
  placed integer := 0;
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' OR NOT pg_try_advisory_xact_lock(7265626174) THEN
    RETURN 0;
  END IF;
  SELECT s.position, s.hash INTO last FROM quotes_auditseal s
    WHERE s.position IS NOT NULL ORDER BY s.position DESC LIMIT 1;
  FOR waiting IN SELECT s.id FROM quotes_auditseal s WHERE s.previous = 'waits' ORDER BY s.id + 0 LOOP
    UPDATE quotes_auditseal s SET
      position = coalesce(last.position, 0) + 1,
      previous = coalesce(last.hash, ''),
      hash = verbatim_seal_hash(coalesce(last.position, 0) + 1, s.id, s.transaction, s.events, s.sealed_at,
                                coalesce(last.hash, ''), s.hash)
      WHERE s.id = waiting.id RETURNING s.position, s.hash INTO last;
    placed := placed + 1;
  END LOOP;
  RETURN placed;
END $$;

CREATE OR REPLACE FUNCTION verbatim_seal() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
  moment timestamptz := clock_timestamp();
BEGIN
  -- A snapshot from before the lock does not know which place is the last.
  IF current_setting('transaction_isolation') = 'read committed' AND pg_try_advisory_xact_lock(7265626174) THEN
    LOOP
      UPDATE quotes_auditseal s SET
        position = coalesce(last.position, 0) + 1,
        events = mine.total,
        sealed_at = moment,
        previous = coalesce(last.hash, ''),
        hash = verbatim_seal_hash(coalesce(last.position, 0) + 1, s.id, s.transaction, mine.total, moment,
                                  coalesce(last.hash, ''), mine.root)
      FROM (
        SELECT count(*) AS total, encode(sha256(coalesce(string_agg(e.leaf, ''::bytea ORDER BY e.id), ''::bytea)), 'hex')
          AS root FROM quotes_auditevent e WHERE e.seal_id = NEW.id
      ) mine
      LEFT JOIN (
        SELECT l.position, l.hash FROM quotes_auditseal l WHERE l.position IS NOT NULL ORDER BY l.position DESC LIMIT 1
      ) last ON true
      WHERE s.id = NEW.id AND NOT EXISTS (SELECT FROM quotes_auditseal w WHERE w.previous = 'waits');
      EXIT WHEN FOUND OR verbatim_place_waiting() = 0;
    END LOOP;
  ELSE
    UPDATE quotes_auditseal s SET events = mine.total, sealed_at = moment, previous = 'waits', hash = mine.root
    FROM (
      SELECT count(*) AS total, encode(sha256(coalesce(string_agg(e.leaf, ''::bytea ORDER BY e.id), ''::bytea)), 'hex')
        AS root FROM quotes_auditevent e WHERE e.seal_id = NEW.id
    ) mine
    WHERE s.id = NEW.id;
  END IF;
  RETURN NULL;
END $$;

-- A seal that waits is closed. It may even come from another server, with a transaction's number that is used here again.
CREATE OR REPLACE FUNCTION verbatim_open_seal() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  mine text := pg_current_xact_id()::text;
  found bigint;
BEGIN
  SELECT id INTO found FROM quotes_auditseal WHERE transaction = mine AND position IS NULL AND previous = '';
  IF found IS NULL THEN
    INSERT INTO quotes_auditseal (transaction, previous, hash) VALUES (mine, '', '') RETURNING id INTO found;
  END IF;
  RETURN found;
END $$;

-- "(entries of …)" stands for audit_entries.sql, which the migration puts in its place.
CREATE OR REPLACE FUNCTION verbatim_record() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
<<writer>>
DECLARE
  hidden text[] := coalesce(TG_ARGV, '{}');
  whole boolean := TG_NARGS = 0;
  who integer := verbatim_actor();
  who_name text := '';
  what text := verbatim_verb('sql.' || lower(TG_OP));
  moment timestamptz := clock_timestamp();
  -- None yet: nothing was written, so there is nothing to tell, and no number is used up for it.
  mine text := pg_current_xact_id_if_assigned()::text;
  open_seal bigint;
  begun boolean;
  -- The parts of the leaf between the event's number and the record: verbatim_leaf, in its order.
  alike text;
BEGIN
  IF mine IS NULL THEN
    RETURN NULL;
  END IF;
  IF who IS NOT NULL THEN
    who_name := coalesce((SELECT username FROM auth_user WHERE auth_user.id = who), '');
  END IF;
  SELECT s.id INTO open_seal FROM quotes_auditseal s
    WHERE s.transaction = mine AND s.position IS NULL AND s.previous = '';
  begun := FOUND;
  IF NOT begun THEN
    open_seal := nextval('quotes_auditseal_id_seq');
  END IF;
  alike := ',' || verbatim_part(open_seal::text)
    || ',' || verbatim_part(to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
    || ',' || verbatim_part(who::text) || ',' || verbatim_part(who_name) || ',' || verbatim_part(what)
    || ',' || verbatim_part(TG_TABLE_NAME::text) || ',';
  IF TG_OP = 'INSERT' THEN
    INSERT INTO quotes_auditevent
      (id, seal_id, at, actor_pk, actor, verb, "table", record_pk, statement_pk, before, after, leaf)
    SELECT e.id, open_seal, moment, who, who_name, what, TG_TABLE_NAME, e.record, e.statement, NULL, e.entry,
      sha256(convert_to(concat(length(e.id::text), ':', e.id, alike,
        verbatim_part(e.record::text), ',', verbatim_part(e.statement::text), ',-,', length(e.entry), ':', e.entry), 'UTF8'))
    FROM (SELECT nextval('quotes_auditevent_id_seq') AS id, rows.* FROM (entries of new_rows) rows OFFSET 0) e;
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO quotes_auditevent
      (id, seal_id, at, actor_pk, actor, verb, "table", record_pk, statement_pk, before, after, leaf)
    SELECT e.id, open_seal, moment, who, who_name, what, TG_TABLE_NAME, e.record, e.statement, e.entry, NULL,
      sha256(convert_to(concat(length(e.id::text), ':', e.id, alike,
        verbatim_part(e.record::text), ',', verbatim_part(e.statement::text), ',', length(e.entry), ':', e.entry, ',-'), 'UTF8'))
    FROM (SELECT nextval('quotes_auditevent_id_seq') AS id, rows.* FROM (entries of old_rows) rows OFFSET 0) e;
  ELSE
    -- A full join: a row whose key was changed is a row gone and a row come, never an event less. Rows that
    -- were written as they were leave nothing.
    INSERT INTO quotes_auditevent
      (id, seal_id, at, actor_pk, actor, verb, "table", record_pk, statement_pk, before, after, leaf)
    SELECT e.id, open_seal, moment, who, who_name, what, TG_TABLE_NAME, e.record, e.statement, e.before, e.after,
      sha256(convert_to(concat(length(e.id::text), ':', e.id, alike,
        verbatim_part(e.record::text), ',', verbatim_part(e.statement::text), ',',
        length(e.before), CASE WHEN e.before IS NULL THEN '-' ELSE ':' END, e.before, ',',
        length(e.after), CASE WHEN e.after IS NULL THEN '-' ELSE ':' END, e.after), 'UTF8'))
    FROM (
      SELECT nextval('quotes_auditevent_id_seq') AS id, was.entry AS before, became.entry AS after, record,
        CASE WHEN became.entry IS NULL THEN was.statement ELSE became.statement END AS statement
      FROM (entries of old_rows) was FULL JOIN (entries of new_rows) became USING (record)
      WHERE was.entry IS DISTINCT FROM became.entry
      OFFSET 0
    ) e;
  END IF;
  IF FOUND AND NOT begun THEN
    INSERT INTO quotes_auditseal (id, transaction, previous, hash) VALUES (open_seal, mine, '', '');
  END IF;
  RETURN NULL;
END $$;
