-- The same answers for less work: an import writes a hundred thousand rows through these functions. Every result is as it
-- was before, byte for byte; what changed is how often it is asked for.

-- Most text is in its compatibility form already, and most has no Arabic letter in it.
CREATE OR REPLACE FUNCTION verbatim_words(content text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  plain text := content;
BEGIN
  IF octet_length(content) = char_length(content) THEN
    RETURN btrim(regexp_replace(lower(content), '[^a-z0-9]+', ' ', 'g'));
  END IF;
  IF content IS NOT NFKC NORMALIZED THEN
    plain := normalize(content, NFKC);
  END IF;
  plain := lower(public.unaccent('public.unaccent'::regdictionary, plain));
  IF plain ~ '[\u0600-\u06ff]' THEN
    plain := translate(plain, 'أإآٱىیکة', 'اااايىكه');
  END IF;
  plain := regexp_replace(plain,
    '[\u00ad\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u0640\u064b-\u065f\u0670\u200b-\u200f\u2060\ufeff]+', '', 'g');
  plain := regexp_replace(plain,
    '([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff])',
    ' \1 ', 'g');
  RETURN btrim(regexp_replace(plain, '[^[:alnum:]]+', ' ', 'g'));
END $$;

-- One query for all lines: a line's end stands between them as a word of its own, and is part of no pair.
CREATE OR REPLACE FUNCTION verbatim_pairs(lines text) RETURNS integer[] LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  words text[] := string_to_array(replace(lines, E'\n', E' \n '), ' ');
BEGIN
  words := array_remove(words, '');
  RETURN ARRAY(
    SELECT DISTINCT hashtext(one || ' ' || next) & 1048575
    FROM unnest(words[: cardinality(words) - 1], words[2 :]) AS pair(one, next)
    WHERE one <> E'\n' AND next <> E'\n' ORDER BY 1);
END $$;

-- Without a query in it, so that the planner writes it into the one that asks.
CREATE OR REPLACE FUNCTION verbatim_language(language text) RETURNS integer LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT ((ascii(substr(split_part(replace(lower(language), '_', '-'), '-', 1), 1, 1)) & 127) << 16)
    | ((ascii(substr(split_part(replace(lower(language), '_', '-'), '-', 1), 2, 1)) & 127) << 8)
    | (ascii(substr(split_part(replace(lower(language), '_', '-'), '-', 1), 3, 1)) & 127)
$$;

-- Everything about a quote that a checker is shown and answers for, as one text: as in standing.sql, but its parts are
-- put together by operators instead of a call with an array for each quote.
CREATE OR REPLACE VIEW quotes_content AS
SELECT q.id AS quote_id,
  verbatim_part(q.text) || ',' || verbatim_part(q.kind::text) || ',' || verbatim_part(q.language::text)
  || ',' || verbatim_part(q.is_translation::text) || ',' || verbatim_part(q.cue::text)
  || ',' || verbatim_part(q.speaker_as_printed::text) || ',' || verbatim_part(q.role_as_printed::text)
  || ',' || verbatim_part(q.prefix::text) || ',' || verbatim_part(q.suffix::text)
  || ',' || verbatim_part(q.start::text) || ',' || verbatim_part(q."end"::text) || ',' || verbatim_part(c.sha256::text)
  || ',' || verbatim_part(s.uid::text) || ',' || verbatim_part(s.said_on::text)
  || ',' || verbatim_part(s.said_on_precision::text) || ',' || verbatim_part(s.occasion::text)
  || ',' || verbatim_part(s.original_language::text) || ',' || verbatim_part(s.original_text)
  || ',' || verbatim_part(p.slug::text) || ',' || verbatim_part(p.name::text) || ',' || verbatim_part(p.kind::text)
  || ',' || verbatim_part(u.slug::text) || ',' || verbatim_part(u.name::text)
  || ',' || verbatim_part(a.url::text) || ',' || verbatim_part(a.headline::text) || ',' || verbatim_part(a.byline::text)
  || ',' || verbatim_part(a.language::text) || ',' || verbatim_part(verbatim_instant(a.published_at))
  || ',' || verbatim_part(o.slug::text) || ',' || verbatim_part(o.name::text)
  || ',' || verbatim_part(held.roles) || ',' || verbatim_part(chain.relays) || ',' || verbatim_part(told.figures) AS content
FROM quotes_quote q
JOIN quotes_statement s ON s.id = q.statement_id
JOIN quotes_speaker p ON p.id = s.speaker_id
LEFT JOIN quotes_speaker u ON u.id = s.uttered_by_id
JOIN quotes_article a ON a.id = q.article_id
JOIN quotes_outlet o ON o.id = a.outlet_id
LEFT JOIN quotes_capture c ON c.id = q.capture_id
CROSS JOIN LATERAL (
  SELECT string_agg(verbatim_canonical(t.title, t.organisation_id::text, t.speaks_for::text), ';' ORDER BY t.id) AS roles
  FROM quotes_tenure t
  WHERE t.person_id = s.speaker_id
    AND (t.starts IS NULL
         OR t.starts <= coalesce(verbatim_last_day(s.said_on, s.said_on_precision), (a.published_at AT TIME ZONE 'UTC')::date))
    AND (t.ends IS NULL
         OR verbatim_last_day(t.ends, t.ends_precision) >= coalesce(s.said_on, (a.published_at AT TIME ZONE 'UTC')::date))
) held
CROSS JOIN LATERAL (
  SELECT string_agg(verbatim_canonical(r.position::text, ro.slug, ro.name, r.as_printed), ';' ORDER BY r.position) AS relays
  FROM quotes_relay r LEFT JOIN quotes_outlet ro ON ro.id = r.outlet_id WHERE r.quote_id = q.id
) chain
CROSS JOIN LATERAL (
  SELECT string_agg(verbatim_canonical(m.slug, m.name, m.unit, trim_scale(f.low)::text, trim_scale(f.high)::text, f.bound,
                                       f.as_of::text, f.as_of_precision, f.method, f.as_printed), ';' ORDER BY m.slug) AS figures
  FROM quotes_figure f JOIN quotes_measure m ON m.id = f.measure_id WHERE f.quote_id = q.id
) told;

-- As in standing.sql. A quote that nobody has checked, claimed or refuted is unchecked: that is told by three looks into
-- indexes, and only the others are asked the long question.
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

-- The keys of what was written, by the column that the trigger names. A function of triggers is compiled for each table,
-- so a column can be named in it as it is; whole rows as JSON are only for columns that are not foreseen here.
CREATE OR REPLACE FUNCTION verbatim_refresh_concerned() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  keys bigint[];
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF TG_ARGV[0] = 'quote_id' THEN
      SELECT array_agg(DISTINCT n.quote_id) INTO keys FROM new_rows n;
    ELSIF TG_ARGV[0] = 'id' THEN
      SELECT array_agg(n.id) INTO keys FROM new_rows n;
    ELSE
      SELECT array_agg(DISTINCT (to_jsonb(n) ->> TG_ARGV[0])::bigint) INTO keys FROM new_rows n;
    END IF;
  ELSIF TG_OP = 'DELETE' THEN
    SELECT array_agg(DISTINCT (to_jsonb(o) ->> TG_ARGV[0])::bigint) INTO keys FROM old_rows o;
  ELSE
    SELECT array_agg(DISTINCT key) INTO keys FROM (
      SELECT (to_jsonb(n) ->> TG_ARGV[0])::bigint AS key FROM new_rows n
      UNION SELECT (to_jsonb(o) ->> TG_ARGV[0])::bigint FROM old_rows o) both_sides;
  END IF;
  PERFORM verbatim_refresh(verbatim_quotes_of(TG_TABLE_NAME, keys));
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION verbatim_index_concerned() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  keys bigint[];
  minding text[] := TG_ARGV[1:];
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF TG_ARGV[0] = 'quote_id' THEN
      SELECT array_agg(DISTINCT n.quote_id) INTO keys FROM new_rows n;
    ELSIF TG_ARGV[0] = 'statement_id' THEN
      SELECT array_agg(DISTINCT n.statement_id) INTO keys FROM new_rows n;
    ELSIF TG_ARGV[0] = 'id' THEN
      SELECT array_agg(n.id) INTO keys FROM new_rows n;
    ELSE
      SELECT array_agg(DISTINCT (to_jsonb(n) ->> TG_ARGV[0])::bigint) INTO keys FROM new_rows n;
    END IF;
  ELSIF TG_OP = 'DELETE' THEN
    SELECT array_agg(DISTINCT (to_jsonb(o) ->> TG_ARGV[0])::bigint) INTO keys FROM old_rows o;
  ELSIF cardinality(minding) > 0 THEN
    SELECT array_agg(DISTINCT (side ->> TG_ARGV[0])::bigint) INTO keys FROM (
      SELECT to_jsonb(n) AS side, (SELECT jsonb_object_agg(c, to_jsonb(n) -> c) FROM unnest(minding) c) AS minded FROM new_rows n
      UNION ALL SELECT to_jsonb(o), (SELECT jsonb_object_agg(c, to_jsonb(o) -> c) FROM unnest(minding) c) FROM old_rows o
    ) sides
    WHERE NOT EXISTS (SELECT FROM new_rows n JOIN old_rows o ON o.id = n.id WHERE n.id = (side ->> 'id')::bigint
      AND (SELECT jsonb_object_agg(c, to_jsonb(n) -> c) FROM unnest(minding) c)
        = (SELECT jsonb_object_agg(c, to_jsonb(o) -> c) FROM unnest(minding) c));
  ELSE
    SELECT array_agg(DISTINCT key) INTO keys FROM (
      SELECT (to_jsonb(n) ->> TG_ARGV[0])::bigint AS key FROM new_rows n
      UNION SELECT (to_jsonb(o) ->> TG_ARGV[0])::bigint FROM old_rows o) both_sides;
  END IF;
  PERFORM verbatim_index_soon(verbatim_statements_of(TG_TABLE_NAME, keys));
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION verbatim_attached() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  keys bigint[];
BEGIN
  IF TG_TABLE_NAME = 'quotes_quote' THEN
    SELECT array_agg(DISTINCT n.statement_id) INTO keys FROM new_rows n;
  ELSIF TG_TABLE_NAME = 'quotes_statement' THEN
    SELECT array_agg(DISTINCT key) INTO keys FROM (
      SELECT n.speaker_id AS key FROM new_rows n UNION SELECT n.uttered_by_id FROM new_rows n) named WHERE key IS NOT NULL;
  ELSE
    SELECT array_agg(DISTINCT key) INTO keys FROM (
      SELECT (to_jsonb(n) ->> TG_ARGV[1])::bigint AS key FROM new_rows n
      UNION SELECT (to_jsonb(n) ->> TG_ARGV[TG_NARGS - 1])::bigint FROM new_rows n) named WHERE key IS NOT NULL;
  END IF;
  IF keys IS NULL THEN
    RETURN NULL;
  ELSIF TG_ARGV[0] = 'speaker' THEN
    PERFORM verbatim_are_current(keys);
  ELSE
    PERFORM verbatim_are_whole(keys);
  END IF;
  RETURN NULL;
END $$;

-- It is only called by functions that run as the owner already; changing the settings for every row costs more than it does.
ALTER FUNCTION verbatim_statement_of(text, jsonb) SECURITY INVOKER RESET search_path;
