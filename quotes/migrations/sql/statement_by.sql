-- As in fast.sql. Invariant 3: a quote shows its statement, who said it and when, so whoever entered or edited that has
-- contributed to it, also to a quote that somebody else puts under it afterwards. The log knows who; it is written first.
CREATE OR REPLACE FUNCTION verbatim_refresh(quotes bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  needed integer;
  who integer;
BEGIN
  IF quotes IS NULL OR cardinality(quotes) = 0 THEN
    RETURN;
  END IF;
  needed := verbatim_checks_needed();
  who := verbatim_actor();
  -- First the locks, in one order; then a fresh look. Two writers of one quote would else each hash what the
  -- other has not yet committed.
  PERFORM FROM quotes_standing WHERE quote_id = ANY (quotes) ORDER BY quote_id FOR UPDATE;

  WITH now_shown AS MATERIALIZED (
    SELECT c.quote_id, verbatim_sha256(c.content) AS content_hash,
      CASE WHEN EXISTS (SELECT FROM quotes_evidence e WHERE e.quote_id = c.quote_id AND e.stance = 'supports'
                          AND e."primary" AND e.kind IN ('recording', 'transcript', 'official_text')) THEN 'primary'
           WHEN q.start IS NOT NULL
             OR EXISTS (SELECT FROM quotes_evidence e WHERE e.quote_id = c.quote_id AND e.stance = 'supports') THEN 'report'
           ELSE 'cited' END AS depth,
      EXISTS (SELECT FROM quotes_check k WHERE k.quote_id = c.quote_id)
        OR EXISTS (SELECT FROM quotes_claim k WHERE k.quote_id = c.quote_id)
        OR EXISTS (SELECT FROM quotes_evidence e WHERE e.quote_id = c.quote_id AND e.stance = 'refutes') AS looked_at,
      q.created_by_id
    FROM quotes_content c JOIN quotes_quote q ON q.id = c.quote_id WHERE c.quote_id = ANY (quotes)
  ), changed AS (
    SELECT n.quote_id, n.created_by_id FROM now_shown n LEFT JOIN quotes_standing s USING (quote_id)
    WHERE s.content_hash IS DISTINCT FROM n.content_hash
  ), contributed AS (
    INSERT INTO quotes_contribution (quote_id, user_id)
    SELECT c.quote_id, who FROM changed c WHERE who IS NOT NULL
    UNION
    SELECT c.quote_id, c.created_by_id FROM changed c WHERE c.created_by_id IS NOT NULL
    UNION
    SELECT c.quote_id, u.id FROM changed c JOIN quotes_quote q ON q.id = c.quote_id
      JOIN quotes_auditevent e ON e."table" = 'quotes_statement' AND e.record_pk = q.statement_id
      JOIN auth_user u ON u.id = e.actor_pk
    ON CONFLICT DO NOTHING
  )
  INSERT INTO quotes_standing AS s (quote_id, value, depth, passes, needed, content_hash, since)
  SELECT n.quote_id,
    CASE WHEN n.looked_at THEN verbatim_standing(n.quote_id, n.content_hash, n.depth) ELSE 'unchecked' END, n.depth,
    CASE WHEN n.looked_at THEN verbatim_passes(n.quote_id, n.content_hash) ELSE 0 END,
    needed, n.content_hash, clock_timestamp()
  FROM now_shown n ORDER BY n.quote_id
  ON CONFLICT (quote_id) DO UPDATE SET
    value = excluded.value, depth = excluded.depth, passes = excluded.passes, needed = excluded.needed,
    content_hash = excluded.content_hash,
    since = CASE WHEN s.value = excluded.value THEN s.since ELSE excluded.since END
  WHERE (s.value, s.depth, s.passes, s.needed, s.content_hash)
    IS DISTINCT FROM (excluded.value, excluded.depth, excluded.passes, excluded.needed, excluded.content_hash);
END $$;
