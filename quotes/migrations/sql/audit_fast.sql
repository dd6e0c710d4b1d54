-- The writer of events once more, with the same events and the same hashes for less work: what is alike for all rows
-- of a statement is put together once, a row's key is read once, and the seal is opened only when there is an event.

-- One part of verbatim_canonical, simple enough for the planner to write it into the query.
CREATE FUNCTION verbatim_part(part text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT coalesce(length(part)::text || ':' || part, '-')
$$;

CREATE OR REPLACE FUNCTION verbatim_record() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  hidden text[] := coalesce(TG_ARGV, '{}');
  who integer := verbatim_actor();
  who_name text := coalesce((SELECT username FROM auth_user WHERE auth_user.id = verbatim_actor()), '');
  what text := verbatim_verb('sql.' || lower(TG_OP));
  moment timestamptz := clock_timestamp();
  -- The parts of the leaf between the seal and the record: verbatim_leaf, in its order.
  alike text := verbatim_canonical(verbatim_instant(moment), who::text, who_name, what, TG_TABLE_NAME);
BEGIN
  IF TG_OP = 'INSERT' THEN
    WITH seal AS MATERIALIZED (SELECT verbatim_open_seal() AS id)
    INSERT INTO quotes_auditevent
      (id, seal_id, at, actor_pk, actor, verb, "table", record_pk, statement_pk, before, after, leaf)
    SELECT e.id, (SELECT id FROM seal), moment, who, who_name, what, TG_TABLE_NAME, e.record, e.statement, NULL, e.after,
      sha256(convert_to(verbatim_part(e.id::text) || ',' || verbatim_part((SELECT id FROM seal)::text) || ',' || alike
        || ',' || verbatim_part(e.record::text) || ',' || verbatim_part(e.statement::text)
        || ',-,' || verbatim_part(e.after), 'UTF8'))
    FROM (
      SELECT nextval('quotes_auditevent_id_seq') AS id, a::text AS after,
        coalesce(a ->> 'id', a ->> 'quote_id')::bigint AS record, verbatim_statement_of(TG_TABLE_NAME, a) AS statement
      FROM (SELECT to_jsonb(n) - hidden AS a FROM new_rows n OFFSET 0) rows
      OFFSET 0
    ) e;
  ELSIF TG_OP = 'DELETE' THEN
    WITH seal AS MATERIALIZED (SELECT verbatim_open_seal() AS id)
    INSERT INTO quotes_auditevent
      (id, seal_id, at, actor_pk, actor, verb, "table", record_pk, statement_pk, before, after, leaf)
    SELECT e.id, (SELECT id FROM seal), moment, who, who_name, what, TG_TABLE_NAME, e.record, e.statement, e.before, NULL,
      sha256(convert_to(verbatim_part(e.id::text) || ',' || verbatim_part((SELECT id FROM seal)::text) || ',' || alike
        || ',' || verbatim_part(e.record::text) || ',' || verbatim_part(e.statement::text)
        || ',' || verbatim_part(e.before) || ',-', 'UTF8'))
    FROM (
      SELECT nextval('quotes_auditevent_id_seq') AS id, b::text AS before,
        coalesce(b ->> 'id', b ->> 'quote_id')::bigint AS record, verbatim_statement_of(TG_TABLE_NAME, b) AS statement
      FROM (SELECT to_jsonb(o) - hidden AS b FROM old_rows o OFFSET 0) rows
      OFFSET 0
    ) e;
  ELSE
    -- A full join: a row whose key was changed is a row gone and a row come, never an event less. Rows that
    -- were written as they were leave nothing.
    WITH seal AS MATERIALIZED (SELECT verbatim_open_seal() AS id)
    INSERT INTO quotes_auditevent
      (id, seal_id, at, actor_pk, actor, verb, "table", record_pk, statement_pk, before, after, leaf)
    SELECT e.id, (SELECT id FROM seal), moment, who, who_name, what, TG_TABLE_NAME, e.record, e.statement, e.before, e.after,
      sha256(convert_to(verbatim_part(e.id::text) || ',' || verbatim_part((SELECT id FROM seal)::text) || ',' || alike
        || ',' || verbatim_part(e.record::text) || ',' || verbatim_part(e.statement::text)
        || ',' || verbatim_part(e.before) || ',' || verbatim_part(e.after), 'UTF8'))
    FROM (
      SELECT nextval('quotes_auditevent_id_seq') AS id, b::text AS before, a::text AS after, key AS record,
        verbatim_statement_of(TG_TABLE_NAME, coalesce(a, b)) AS statement
      FROM (SELECT b, coalesce(b ->> 'id', b ->> 'quote_id')::bigint AS key
            FROM (SELECT to_jsonb(o) - hidden AS b FROM old_rows o OFFSET 0) o) was
      FULL JOIN (SELECT a, coalesce(a ->> 'id', a ->> 'quote_id')::bigint AS key
            FROM (SELECT to_jsonb(n) - hidden AS a FROM new_rows n OFFSET 0) n) became USING (key)
      WHERE a IS DISTINCT FROM b
      OFFSET 0
    ) e;
  END IF;
  RETURN NULL;
END $$;
