-- What an event needs of each row: its JSON, its key, and which statement it tells of, so that the history of what is
-- held back is held back too. Keys are read from the row itself, which is cheaper than from its JSON. A table lacks some
-- of them: a name that the row does not have is looked up one level higher, in `lacking`, where -1 says so.
SELECT CASE WHEN writer.whole THEN row_to_json(r)::text ELSE (to_jsonb(r) - writer.hidden)::text END AS entry,
  k.record, k.statement
FROM (SELECT NULL::bigint AS id, -1::bigint AS quote_id, -1::bigint AS statement_id, -1::bigint AS source_id,
             -1::bigint AS target_id) lacking,
  transition_rows r,
  LATERAL (
    SELECT coalesce(own.id, nullif(own.quote, -1)) AS record,
      CASE
        WHEN TG_TABLE_NAME = 'quotes_statement' THEN own.id
        -- Of a link's two ends the one that is held back decides.
        WHEN own.source IS DISTINCT FROM -1 AND own.target IS DISTINCT FROM -1 THEN coalesce(
          (SELECT t.id FROM quotes_statement t
            WHERE t.id = own.target AND (t.record = 'off' OR t.embargoed_until > now())),
          own.source)
        WHEN own.statement IS DISTINCT FROM -1 THEN own.statement
        WHEN own.quote IS DISTINCT FROM -1 THEN
          (SELECT q.statement_id FROM quotes_quote q WHERE q.id = own.quote)
      END AS statement
    FROM (
      SELECT id::bigint AS id, quote_id::bigint AS quote, statement_id::bigint AS statement,
        source_id::bigint AS source, target_id::bigint AS target FROM (SELECT r.*) given
    ) own
  ) k
OFFSET 0
