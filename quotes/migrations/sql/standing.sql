-- Invariants 2 to 4: what a quote shows, its hash, and the standing that follows from checks and evidence.

CREATE FUNCTION verbatim_last_day(day date, known_to text) RETURNS date LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE known_to
    WHEN 'year' THEN (date_trunc('year', day) + interval '1 year' - interval '1 day')::date
    WHEN 'month' THEN (date_trunc('month', day) + interval '1 month' - interval '1 day')::date
    ELSE day END
$$;

-- Everything about a quote that a checker is shown and answers for, as one text. What is not in here can change
-- without making a check void: topics, the gist, aliases, links, the terms of publication.
CREATE VIEW quotes_content AS
SELECT q.id AS quote_id, verbatim_canonical(
  q.text, q.kind, q.language, q.is_translation::text, q.cue, q.speaker_as_printed, q.role_as_printed,
  q.prefix, q.suffix, q.start::text, q."end"::text, c.sha256,
  s.uid, s.said_on::text, s.said_on_precision, s.occasion, s.original_language, s.original_text,
  p.slug, p.name, p.kind, u.slug, u.name,
  a.url, a.headline, a.byline, a.language, verbatim_instant(a.published_at), o.slug, o.name,
  (SELECT string_agg(verbatim_canonical(t.title, t.organisation_id::text, t.speaks_for::text), ';' ORDER BY t.id)
     FROM quotes_tenure t
     WHERE t.person_id = s.speaker_id
       AND (t.starts IS NULL
            OR t.starts <= coalesce(verbatim_last_day(s.said_on, s.said_on_precision), (a.published_at AT TIME ZONE 'UTC')::date))
       AND (t.ends IS NULL
            OR verbatim_last_day(t.ends, t.ends_precision) >= coalesce(s.said_on, (a.published_at AT TIME ZONE 'UTC')::date))),
  (SELECT string_agg(verbatim_canonical(r.position::text, ro.slug, ro.name, r.as_printed), ';' ORDER BY r.position)
     FROM quotes_relay r LEFT JOIN quotes_outlet ro ON ro.id = r.outlet_id WHERE r.quote_id = q.id),
  (SELECT string_agg(verbatim_canonical(m.slug, m.name, m.unit, trim_scale(f.low)::text, trim_scale(f.high)::text, f.bound,
                                        f.as_of::text, f.as_of_precision, f.method, f.as_printed), ';' ORDER BY m.slug)
     FROM quotes_figure f JOIN quotes_measure m ON m.id = f.measure_id WHERE f.quote_id = q.id)
) AS content
FROM quotes_quote q
JOIN quotes_statement s ON s.id = q.statement_id
JOIN quotes_speaker p ON p.id = s.speaker_id
LEFT JOIN quotes_speaker u ON u.id = s.uttered_by_id
JOIN quotes_article a ON a.id = q.article_id
JOIN quotes_outlet o ON o.id = a.outlet_id
LEFT JOIN quotes_capture c ON c.id = q.capture_id;

CREATE FUNCTION verbatim_checks_needed() RETURNS integer LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT coalesce((SELECT checks_needed FROM quotes_policy WHERE id = 1), 2)::integer
$$;

-- How far back the words are traced: to the thing itself, to a report we hold, or only cited.
CREATE FUNCTION verbatim_depth(quote bigint) RETURNS text LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT CASE
    WHEN EXISTS (SELECT FROM quotes_evidence e WHERE e.quote_id = quote AND e.stance = 'supports'
                   AND e."primary" AND e.kind IN ('recording', 'transcript', 'official_text')) THEN 'primary'
    WHEN EXISTS (SELECT FROM quotes_quote q WHERE q.id = quote AND q.start IS NOT NULL)
      OR EXISTS (SELECT FROM quotes_evidence e WHERE e.quote_id = quote AND e.stance = 'supports') THEN 'report'
    ELSE 'cited' END
$$;

CREATE FUNCTION verbatim_passes(quote bigint, content_hash text) RETURNS integer LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = public, pg_temp AS $$
  -- A person counts once, by her latest check of the present content.
  SELECT count(*)::integer FROM (
    SELECT DISTINCT ON (by_id) full_pass FROM quotes_check c
    WHERE c.quote_id = quote AND c.seen = content_hash ORDER BY by_id, id DESC) latest
  WHERE full_pass
$$;

CREATE FUNCTION verbatim_standing(quote bigint, content_hash text, depth text) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  needed integer := verbatim_checks_needed();
  standing_ruling text;
BEGIN
  -- A ruling stands until as many others have fully passed the quote after it as `verified` needs.
  SELECT r.ruling INTO standing_ruling FROM quotes_check r
  WHERE r.quote_id = quote AND r.ruling IS NOT NULL
    AND (SELECT count(DISTINCT c.by_id) FROM quotes_check c
         WHERE c.quote_id = quote AND c.id > r.id AND c.by_id <> r.by_id AND c.full_pass AND c.seen = content_hash) < needed
  ORDER BY r.id DESC LIMIT 1;
  IF standing_ruling IN ('misattributed', 'retracted', 'disputed') THEN
    RETURN standing_ruling;
  ELSIF standing_ruling = 'not_a_statement' THEN
    RETURN 'retracted';
  END IF;

  -- A fail stands until its author takes it back or as many others have fully passed the quote after it.
  IF EXISTS (
    SELECT FROM (SELECT DISTINCT ON (by_id) * FROM quotes_check c
                 WHERE c.quote_id = quote AND c.seen = content_hash ORDER BY by_id, id DESC) f
    WHERE 'fail' IN (f.attribution, f.wording, f.translation, f.context, f.dating, f.figure)
      AND (SELECT count(DISTINCT c.by_id) FROM quotes_check c
           WHERE c.quote_id = quote AND c.id > f.id AND c.by_id <> f.by_id AND c.full_pass AND c.seen = content_hash) < needed
  ) OR EXISTS (
    -- Refuting evidence is answered in the same way: by people who passed the quote with it on the table.
    SELECT FROM quotes_evidence e WHERE e.quote_id = quote AND e.stance = 'refutes'
      AND (SELECT count(DISTINCT c.by_id) FROM quotes_check c
           WHERE c.quote_id = quote AND c.at > e.created_at AND c.full_pass AND c.seen = content_hash
             AND c.by_id IS DISTINCT FROM e.created_by_id) < needed
  ) THEN
    RETURN 'disputed';
  END IF;

  IF depth <> 'cited' AND verbatim_passes(quote, content_hash) >= needed THEN
    RETURN 'verified';
  ELSIF EXISTS (SELECT FROM quotes_check c WHERE c.quote_id = quote AND c.seen = content_hash)
     OR EXISTS (SELECT FROM quotes_claim k WHERE k.quote_id = quote AND k.expires_at > clock_timestamp()) THEN
    RETURN 'in_review';
  ELSIF EXISTS (SELECT FROM quotes_check c WHERE c.quote_id = quote) THEN
    RETURN 'stale';
  END IF;
  RETURN 'unchecked';
END $$;

-- Bring the standing of these quotes up to date, and note who contributed to what they now show.
CREATE FUNCTION verbatim_refresh(quotes bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  needed integer := verbatim_checks_needed();
BEGIN
  IF quotes IS NULL OR cardinality(quotes) = 0 THEN
    RETURN;
  END IF;
  -- First the locks, in one order; then a fresh look. Two writers of one quote would else each hash what the
  -- other has not yet committed.
  PERFORM FROM quotes_standing WHERE quote_id = ANY (quotes) ORDER BY quote_id FOR UPDATE;

  WITH now_shown AS (
    SELECT c.quote_id, verbatim_sha256(c.content) AS content_hash, verbatim_depth(c.quote_id) AS depth
    FROM quotes_content c WHERE c.quote_id = ANY (quotes)
  ), changed AS (
    SELECT n.quote_id FROM now_shown n LEFT JOIN quotes_standing s USING (quote_id)
    WHERE s.content_hash IS DISTINCT FROM n.content_hash
  ), contributed AS (
    INSERT INTO quotes_contribution (quote_id, user_id)
    SELECT c.quote_id, verbatim_actor() FROM changed c WHERE verbatim_actor() IS NOT NULL
    UNION
    SELECT q.id, q.created_by_id FROM changed c JOIN quotes_quote q ON q.id = c.quote_id WHERE q.created_by_id IS NOT NULL
    ON CONFLICT DO NOTHING
  )
  INSERT INTO quotes_standing AS s (quote_id, value, depth, passes, needed, content_hash, since)
  SELECT n.quote_id, verbatim_standing(n.quote_id, n.content_hash, n.depth), n.depth,
         verbatim_passes(n.quote_id, n.content_hash), needed, n.content_hash, clock_timestamp()
  FROM now_shown n ORDER BY n.quote_id
  ON CONFLICT (quote_id) DO UPDATE SET
    value = excluded.value, depth = excluded.depth, passes = excluded.passes, needed = excluded.needed,
    content_hash = excluded.content_hash,
    since = CASE WHEN s.value = excluded.value THEN s.since ELSE excluded.since END
  WHERE (s.value, s.depth, s.passes, s.needed, s.content_hash)
    IS DISTINCT FROM (excluded.value, excluded.depth, excluded.passes, excluded.needed, excluded.content_hash);
END $$;

-- Only the function above writes standings. Whoever else tries is refused, also the owner (who could only do it
-- by taking the trigger away, which the audit of the schema would show).
CREATE FUNCTION verbatim_standing_is_derived() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- 1 is a statement of somebody's own; 2 and more come from the triggers below.
  IF pg_trigger_depth() < 2 THEN
    RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'standing_is_derived',
      MESSAGE = 'A standing follows from checks and evidence; it cannot be set or taken away.';
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE TRIGGER standing_is_derived BEFORE INSERT OR UPDATE OR DELETE ON quotes_standing
  FOR EACH ROW EXECUTE FUNCTION verbatim_standing_is_derived();

-- The quotes that rows of a table have a say in.
CREATE FUNCTION verbatim_quotes_of("table" text, keys bigint[]) RETURNS bigint[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT array_agg(DISTINCT id) FROM (
    SELECT unnest(keys) AS id
      WHERE "table" IN ('quotes_quote', 'quotes_relay', 'quotes_figure', 'quotes_evidence', 'quotes_check', 'quotes_claim')
    UNION ALL SELECT q.id FROM quotes_quote q
      WHERE "table" = 'quotes_statement' AND q.statement_id = ANY (keys)
    UNION ALL SELECT q.id FROM quotes_quote q JOIN quotes_statement s ON s.id = q.statement_id
      WHERE "table" IN ('quotes_speaker', 'quotes_tenure') AND s.speaker_id = ANY (keys)
    UNION ALL SELECT q.id FROM quotes_quote q JOIN quotes_statement s ON s.id = q.statement_id
      WHERE "table" = 'quotes_speaker' AND s.uttered_by_id = ANY (keys)
    UNION ALL SELECT q.id FROM quotes_quote q
      WHERE "table" = 'quotes_article' AND q.article_id = ANY (keys)
    UNION ALL SELECT q.id FROM quotes_quote q JOIN quotes_article a ON a.id = q.article_id
      WHERE "table" = 'quotes_outlet' AND a.outlet_id = ANY (keys)
    UNION ALL SELECT r.quote_id FROM quotes_relay r
      WHERE "table" = 'quotes_outlet' AND r.outlet_id = ANY (keys)
    UNION ALL SELECT f.quote_id FROM quotes_figure f
      WHERE "table" = 'quotes_measure' AND f.measure_id = ANY (keys)
  ) concerned
$$;

-- After every statement on such a table. Its argument names the column with the key.
CREATE FUNCTION verbatim_refresh_concerned() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  keys bigint[];
BEGIN
  IF TG_OP = 'INSERT' THEN
    SELECT array_agg(DISTINCT (to_jsonb(n) ->> TG_ARGV[0])::bigint) INTO keys FROM new_rows n;
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

-- What is derived goes with the quote that it was derived from. (A quote with checks or evidence cannot go.)
CREATE FUNCTION verbatim_forget_derived() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  DELETE FROM quotes_standing WHERE quote_id = OLD.id;
  DELETE FROM quotes_contribution WHERE quote_id = OLD.id;
  RETURN OLD;
END $$;

CREATE TRIGGER quote_forgets_derived BEFORE DELETE ON quotes_quote
  FOR EACH ROW EXECUTE FUNCTION verbatim_forget_derived();

-- A new number of checks needed is applied to every quote at once.
CREATE FUNCTION verbatim_refresh_all() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM verbatim_refresh(array_agg(id)) FROM quotes_quote;
  RETURN NULL;
END $$;

CREATE TRIGGER policy_applies AFTER INSERT OR UPDATE ON quotes_policy
  FOR EACH STATEMENT EXECUTE FUNCTION verbatim_refresh_all();
