-- The same once more, for a better way to the open seal: it is the one whose events nobody has counted yet, and only the
-- index of those can say so. By its missing position the planner went through all that ever waited for one. Besides, one
-- call of concat() puts a hash's text together where there were a dozen operators; every transaction begins by setting
-- up each of them.

CREATE OR REPLACE FUNCTION verbatim_seal_hash(
  "position" bigint, id bigint, transaction text, events bigint, at timestamptz, previous text, root text
) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT encode(sha256(convert_to(concat(
    length("position"::text), ':', "position", ',', length(id::text), ':', id, ',', length(transaction), ':', transaction,
    ',', length(events::text), ':', events,
    ',27:', to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    ',', length(previous), ':', previous, ',', length(root), ':', root), 'UTF8')), 'hex')
$$;

CREATE OR REPLACE FUNCTION verbatim_open_seal() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  mine text := pg_current_xact_id()::text;
  found bigint;
BEGIN
  SELECT id INTO found FROM quotes_auditseal WHERE transaction = mine AND events IS NULL;
  IF found IS NULL THEN
    INSERT INTO quotes_auditseal (transaction, previous, hash) VALUES (mine, '', '') RETURNING id INTO found;
  END IF;
  RETURN found;
END $$;

CREATE OR REPLACE FUNCTION verbatim_record() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
<<writer>>
DECLARE
  hidden text[] := coalesce(TG_ARGV, '{}');
  whole boolean := TG_NARGS = 0;
  who integer := verbatim_actor();
  who_name text := '';
  what text := coalesce(nullif(current_setting('verbatim.verb', true), ''), 'sql.' || lower(TG_OP));
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
    WHERE s.transaction = mine AND s.events IS NULL;
  begun := FOUND;
  IF NOT begun THEN
    open_seal := nextval('quotes_auditseal_id_seq');
  END IF;
  alike := concat(',', length(open_seal::text), ':', open_seal,
    ',27:', to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    ',', length(who::text), CASE WHEN who IS NULL THEN '-' ELSE ':' END, who,
    ',', length(who_name), ':', who_name, ',', length(what), ':', what,
    ',', length(TG_TABLE_NAME::text), ':', TG_TABLE_NAME, ',');
  IF TG_OP = 'INSERT' THEN
    INSERT INTO quotes_auditevent
      (id, seal_id, at, actor_pk, actor, verb, "table", record_pk, statement_pk, before, after, leaf)
    SELECT e.id, open_seal, moment, who, who_name, what, TG_TABLE_NAME, e.record, e.statement, NULL, e.entry,
      sha256(convert_to(concat(length(e.id::text), ':', e.id, alike,
        length(e.record::text), CASE WHEN e.record IS NULL THEN '-' ELSE ':' END, e.record, ',',
        length(e.statement::text), CASE WHEN e.statement IS NULL THEN '-' ELSE ':' END, e.statement, ',-,', length(e.entry), ':', e.entry), 'UTF8'))
    FROM (SELECT nextval('quotes_auditevent_id_seq') AS id, rows.* FROM (entries of new_rows) rows OFFSET 0) e;
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO quotes_auditevent
      (id, seal_id, at, actor_pk, actor, verb, "table", record_pk, statement_pk, before, after, leaf)
    SELECT e.id, open_seal, moment, who, who_name, what, TG_TABLE_NAME, e.record, e.statement, e.entry, NULL,
      sha256(convert_to(concat(length(e.id::text), ':', e.id, alike,
        length(e.record::text), CASE WHEN e.record IS NULL THEN '-' ELSE ':' END, e.record, ',',
        length(e.statement::text), CASE WHEN e.statement IS NULL THEN '-' ELSE ':' END, e.statement, ',', length(e.entry), ':', e.entry, ',-'), 'UTF8'))
    FROM (SELECT nextval('quotes_auditevent_id_seq') AS id, rows.* FROM (entries of old_rows) rows OFFSET 0) e;
  ELSE
    -- A full join: a row whose key was changed is a row gone and a row come, never an event less. Rows that
    -- were written as they were leave nothing.
    INSERT INTO quotes_auditevent
      (id, seal_id, at, actor_pk, actor, verb, "table", record_pk, statement_pk, before, after, leaf)
    SELECT e.id, open_seal, moment, who, who_name, what, TG_TABLE_NAME, e.record, e.statement, e.before, e.after,
      sha256(convert_to(concat(length(e.id::text), ':', e.id, alike,
        length(e.record::text), CASE WHEN e.record IS NULL THEN '-' ELSE ':' END, e.record, ',',
        length(e.statement::text), CASE WHEN e.statement IS NULL THEN '-' ELSE ':' END, e.statement, ',',
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
