-- One document for each statement, kept by the transaction that writes any part of it. It holds words, and ids as
-- terms; names of speakers, outlets and topics are looked up when somebody asks, so a new alias rewrites nothing.

-- The kinds of facet terms. quotes/models/searchdoc.py names the same numbers.
--  1 speaker  2 standing  3 kind  4 outlet  5 topic  6 language  7 year  8 month  9 holds  10 root  11 month slice  13 every

CREATE FUNCTION verbatim_final_speaker(speaker bigint) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
DECLARE
  here bigint := speaker;
  further bigint;
BEGIN
  -- A chain of mergers is short; the bound only ends a circle.
  FOR step IN 1 .. 8 LOOP
    SELECT redirects_to_id INTO further FROM quotes_speaker WHERE id = here;
    EXIT WHEN further IS NULL;
    here := further;
  END LOOP;
  RETURN here;
END $$;

CREATE VIEW quotes_searchable AS
SELECT s.id AS statement_id,
  coalesce(s.said_on, date '0001-01-01') AS day,
  coalesce(verbatim_last_day(s.said_on, s.said_on_precision), date '0001-01-01') AS last_day,
  CASE WHEN s.record = 'off' THEN timestamptz '9999-12-31 00:00:00+00'
       ELSE coalesce(s.embargoed_until, timestamptz '0001-01-01 00:00:00+00') END AS open_from,
  setweight(to_tsvector('pg_catalog.english', left(coalesce(q.english, ''), 100000)), 'A')
    -- Beside its stem each English word stands as it is, so that a half-typed word finds it.
    || ts_delete(strip(to_tsvector('pg_catalog.simple', left(coalesce(q.english, ''), 100000))), verbatim_small_words())
    || setweight(to_tsvector('pg_catalog.simple', left(coalesce(q.others, ''), 100000)), 'A')
    || setweight(to_tsvector('pg_catalog.simple', coalesce(verbatim_words(left(s.original_text, 20000)), '')), 'B')
    || setweight(to_tsvector('pg_catalog.english', verbatim_words(s.gist)), 'B')
    || setweight(to_tsvector('pg_catalog.simple', left(coalesce(q.printed, ''), 20000)), 'C')
    || setweight(to_tsvector('pg_catalog.english', verbatim_words(s.occasion)), 'D')
    || array_to_tsvector(ARRAY(
         SELECT DISTINCT term FROM (
           SELECT format('#%s.%s', f >> 27, f & 134217727) AS term FROM unnest(fa.facets) f
           UNION ALL SELECT '#13.0'
           UNION ALL SELECT to_char(s.said_on, '"#11."YYYYMM') WHERE s.said_on IS NOT NULL
           UNION ALL SELECT unnest(verbatim_numbers(concat_ws(' ; ', left(q.texts, 100000), left(s.original_text, 20000), s.gist)))
           UNION ALL SELECT unnest(fg.amounts)) terms)) AS terms,
  verbatim_pairs(coalesce(l.lines, '')) AS pairs,
  coalesce(l.lines, '') AS lines,
  fa.facets
FROM quotes_statement s
CROSS JOIN LATERAL (
  SELECT
    string_agg(verbatim_words(left(q.text, 20000)), ' ' ORDER BY q.id) FILTER (WHERE q.language ILIKE 'en%') AS english,
    string_agg(verbatim_words(left(q.text, 20000)), ' ' ORDER BY q.id) FILTER (WHERE q.language NOT ILIKE 'en%') AS others,
    string_agg(left(q.text, 20000), ' ; ' ORDER BY q.id) AS texts,
    string_agg(verbatim_line(q.text), E'\n' ORDER BY q.id) AS lines,
    string_agg(DISTINCT verbatim_words(concat_ws(' ', q.speaker_as_printed, q.role_as_printed)), ' ') AS printed
  FROM (SELECT * FROM quotes_quote WHERE statement_id = s.id ORDER BY id LIMIT 400) q
) q
CROSS JOIN LATERAL (SELECT left(concat_ws(E'\n', verbatim_line(s.original_text), q.lines), 200000) AS lines) l
CROSS JOIN LATERAL (
  SELECT array_agg('=' || trim_scale(amount)) AS amounts
  FROM quotes_quote q JOIN quotes_figure f ON f.quote_id = q.id, unnest(ARRAY[f.low, f.high]) amount
  WHERE q.statement_id = s.id AND amount IS NOT NULL
) fg
CROSS JOIN LATERAL (
  -- The days on which it can have been said; without a date, the day of the first report (as Statement.days has it).
  SELECT coalesce(s.said_on, r.reported) AS first_day, coalesce(verbatim_last_day(s.said_on, s.said_on_precision), r.reported) AS final_day
  FROM (SELECT (min(a.published_at) AT TIME ZONE 'UTC')::date AS reported
        FROM quotes_quote q JOIN quotes_article a ON a.id = q.article_id WHERE q.statement_id = s.id) r
) d
CROSS JOIN LATERAL (
  SELECT ARRAY(
    SELECT DISTINCT facet FROM (
      SELECT verbatim_facet(1, verbatim_final_speaker(voice)) AS facet FROM unnest(ARRAY[s.speaker_id, s.uttered_by_id]) voice
        WHERE voice IS NOT NULL
      -- Invariant 8: an institution's words are also those of whoever spoke for it on that day.
      UNION ALL SELECT verbatim_facet(1, verbatim_final_speaker(t.organisation_id)) FROM quotes_tenure t
        WHERE t.person_id IN (s.speaker_id, s.uttered_by_id) AND t.speaks_for
          AND (t.starts IS NULL OR t.starts <= d.final_day)
          AND (t.ends IS NULL OR verbatim_last_day(t.ends, t.ends_precision) >= d.first_day)
      -- Invariant 3: the standing of the best-supported quote, and every adverse one beside it.
      UNION ALL SELECT verbatim_facet(2, coalesce(min(array_position(
          ARRAY['verified', 'in_review', 'stale', 'unchecked']::varchar[], g.value)), CASE WHEN count(g.value) = 0 THEN 4 END))
        FROM quotes_quote q JOIN quotes_standing g ON g.quote_id = q.id WHERE q.statement_id = s.id
      UNION ALL SELECT verbatim_facet(2, array_position(
          ARRAY['verified', 'in_review', 'stale', 'unchecked', 'disputed', 'misattributed', 'retracted']::varchar[], g.value))
        FROM quotes_quote q JOIN quotes_standing g ON g.quote_id = q.id
        WHERE q.statement_id = s.id AND g.value IN ('disputed', 'misattributed', 'retracted')
      UNION ALL SELECT verbatim_facet(3, array_position(ARRAY['direct', 'mixed', 'partial', 'indirect']::varchar[], q.kind))
        FROM quotes_quote q WHERE q.statement_id = s.id
      UNION ALL SELECT verbatim_facet(4, a.outlet_id)
        FROM quotes_quote q JOIN quotes_article a ON a.id = q.article_id WHERE q.statement_id = s.id
      UNION ALL SELECT verbatim_facet(4, r.outlet_id)
        FROM quotes_quote q JOIN quotes_relay r ON r.quote_id = q.id WHERE q.statement_id = s.id AND r.outlet_id IS NOT NULL
      UNION ALL SELECT verbatim_facet(5, t.topic_id) FROM quotes_statement_topics t WHERE t.statement_id = s.id
      UNION ALL SELECT verbatim_facet(6, verbatim_language(q.language)) FROM quotes_quote q WHERE q.statement_id = s.id
      UNION ALL SELECT verbatim_facet(7, extract(year FROM s.said_on)::integer) WHERE s.said_on IS NOT NULL
      UNION ALL SELECT verbatim_facet(8, to_char(s.said_on, 'YYYYMM')::integer) WHERE s.said_on_precision IN ('day', 'month')
      UNION ALL SELECT verbatim_facet(9, 1) WHERE fg.amounts IS NOT NULL
      UNION ALL SELECT verbatim_facet(9, 2) WHERE s.original_text <> ''
      UNION ALL SELECT verbatim_facet(10, coalesce(last_step.outlet_id, CASE WHEN last_step.position IS NULL THEN a.outlet_id END))
        FROM quotes_quote q JOIN quotes_article a ON a.id = q.article_id
        LEFT JOIN LATERAL (SELECT r.position, r.outlet_id FROM quotes_relay r WHERE r.quote_id = q.id ORDER BY r.position DESC LIMIT 1)
          last_step ON true
        WHERE q.statement_id = s.id
    ) every WHERE facet IS NOT NULL ORDER BY facet) AS facets
) fa;

-- Bring the documents of these statements, and their rows in the sample, up to date.
CREATE FUNCTION verbatim_index(statements bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF statements IS NULL OR cardinality(statements) = 0 THEN
    RETURN;
  END IF;
  -- First the locks, in one order; then a fresh look: two writers of one statement would else each miss the other's words.
  PERFORM FROM quotes_searchdoc WHERE statement_id = ANY (statements) ORDER BY statement_id FOR UPDATE;

  DELETE FROM quotes_searchdoc d WHERE d.statement_id = ANY (statements)
    AND NOT EXISTS (SELECT FROM quotes_statement s WHERE s.id = d.statement_id);
  INSERT INTO quotes_searchdoc AS d (statement_id, day, last_day, open_from, terms, pairs, lines, facets)
  SELECT statement_id, day, last_day, open_from, terms, pairs, lines, facets
  FROM quotes_searchable WHERE statement_id = ANY (statements) ORDER BY statement_id
  ON CONFLICT (statement_id) DO UPDATE SET
    day = excluded.day, last_day = excluded.last_day, open_from = excluded.open_from,
    terms = excluded.terms, pairs = excluded.pairs, lines = excluded.lines, facets = excluded.facets
  WHERE (d.day, d.last_day, d.open_from, d.lines, d.facets, d.terms)
    IS DISTINCT FROM (excluded.day, excluded.last_day, excluded.open_from, excluded.lines, excluded.facets, excluded.terms);
END $$;

-- The sample: every eighth document by hash, kept by the same write. Further halvings are terms (“#12.5”: every 32nd),
-- so that a question looks at some 16,000 to 40,000 rows whatever the size (SPEED.md §2.3).
CREATE FUNCTION verbatim_sample() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  key bigint := CASE TG_OP WHEN 'DELETE' THEN OLD.statement_id ELSE NEW.statement_id END;
  levels text[] := '{}';
BEGIN
  IF TG_OP = 'DELETE' THEN
    DELETE FROM quotes_searchsample WHERE statement_id = key;
    RETURN NULL;
  END IF;
  IF hashint8(key) & 31 = 0 THEN levels := levels || '#12.5'::text; END IF;
  IF hashint8(key) & 127 = 0 THEN levels := levels || '#12.7'::text; END IF;
  IF hashint8(key) & 511 = 0 THEN levels := levels || '#12.9'::text; END IF;
  INSERT INTO quotes_searchsample (statement_id, day, last_day, open_from, terms, pairs, lines, facets)
  VALUES (key, NEW.day, NEW.last_day, NEW.open_from, NEW.terms || array_to_tsvector(levels), NEW.pairs, NEW.lines, NEW.facets)
  ON CONFLICT (statement_id) DO UPDATE SET
    day = excluded.day, last_day = excluded.last_day, open_from = excluded.open_from,
    terms = excluded.terms, pairs = excluded.pairs, lines = excluded.lines, facets = excluded.facets;
  RETURN NULL;
END $$;

CREATE TRIGGER searchdoc_sampled AFTER INSERT OR UPDATE ON quotes_searchdoc
  FOR EACH ROW WHEN (hashint8(NEW.statement_id) & 7 = 0) EXECUTE FUNCTION verbatim_sample();
CREATE TRIGGER searchdoc_unsampled AFTER DELETE ON quotes_searchdoc
  FOR EACH ROW WHEN (hashint8(OLD.statement_id) & 7 = 0) EXECUTE FUNCTION verbatim_sample();

-- Large writes are indexed once, at their commit, however many tables they touch: an import writes statements, then
-- quotes, then relays. Small ones at once, so that whoever wrote sees it. The work waits in a table of its own.
CREATE TABLE quotes_searchbatch (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, transaction text NOT NULL UNIQUE);
CREATE TABLE quotes_searchwork (transaction text NOT NULL, statement_id bigint NOT NULL, PRIMARY KEY (transaction, statement_id));
REVOKE ALL ON quotes_searchbatch, quotes_searchwork FROM PUBLIC;

CREATE FUNCTION verbatim_index_batch() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  waiting bigint[];
BEGIN
  LOOP
    WITH taken AS (
      DELETE FROM quotes_searchwork w USING (
        SELECT transaction, statement_id FROM quotes_searchwork WHERE transaction = NEW.transaction
        ORDER BY statement_id LIMIT 5000) portion
      WHERE w.transaction = portion.transaction AND w.statement_id = portion.statement_id RETURNING w.statement_id)
    SELECT array_agg(statement_id ORDER BY statement_id) INTO waiting FROM taken;
    EXIT WHEN waiting IS NULL;
    PERFORM verbatim_index(waiting);
  END LOOP;
  DELETE FROM quotes_searchbatch WHERE id = NEW.id;
  RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER searchbatch_closes AFTER INSERT ON quotes_searchbatch
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION verbatim_index_batch();

CREATE FUNCTION verbatim_index_soon(statements bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  mine text;
BEGIN
  IF statements IS NULL THEN
    RETURN;
  ELSIF cardinality(statements) <= 500 AND current_setting('verbatim.search', true) IS DISTINCT FROM 'at_commit' THEN
    PERFORM verbatim_index(statements);
    RETURN;
  END IF;
  mine := pg_current_xact_id()::text;
  INSERT INTO quotes_searchwork SELECT mine, unnest(statements) ON CONFLICT DO NOTHING;
  INSERT INTO quotes_searchbatch (transaction) VALUES (mine) ON CONFLICT DO NOTHING;
END $$;

-- The statements that rows of a table have a say in. The key is a column of the table, named by the trigger.
CREATE FUNCTION verbatim_statements_of("table" text, keys bigint[]) RETURNS bigint[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT array_agg(DISTINCT id) FROM (
    SELECT unnest(keys) AS id WHERE "table" IN ('quotes_statement', 'quotes_statement_topics', 'quotes_quote')
    UNION ALL SELECT q.statement_id FROM quotes_quote q
      WHERE "table" IN ('quotes_relay', 'quotes_figure', 'quotes_standing') AND q.id = ANY (keys)
    UNION ALL SELECT q.statement_id FROM quotes_quote q WHERE "table" = 'quotes_article' AND q.article_id = ANY (keys)
    UNION ALL SELECT s.id FROM quotes_statement s
      WHERE "table" IN ('quotes_speaker', 'quotes_tenure') AND s.speaker_id = ANY (keys)
    UNION ALL SELECT s.id FROM quotes_statement s
      WHERE "table" IN ('quotes_speaker', 'quotes_tenure') AND s.uttered_by_id = ANY (keys)
  ) concerned WHERE id IS NOT NULL
$$;

-- After every statement on such a table. The arguments: the column that leads to the statement, then the columns whose
-- change matters (none: all). So a new headline or a new description rewrites no document.
CREATE FUNCTION verbatim_index_concerned() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  keys bigint[];
  minding text[] := TG_ARGV[1:];
BEGIN
  IF TG_OP = 'INSERT' THEN
    SELECT array_agg(DISTINCT (to_jsonb(n) ->> TG_ARGV[0])::bigint) INTO keys FROM new_rows n;
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

-- A truncated table takes what is derived from it along (the flush of tests, and of a newsroom that starts anew).
CREATE FUNCTION verbatim_index_emptied() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  DELETE FROM quotes_searchdoc;
  DELETE FROM quotes_searchsample;
  RETURN NULL;
END $$;

-- Names of speakers, outlets and topics are compared in memory (quotes/search/names.py); this says when they changed.
-- Several rows, and each writer takes one that nobody holds, so that two imports never wait for each other. The stamp is
-- random, not counted: a rolled-back change must not look like the next one.
CREATE TABLE quotes_searchnames (shard smallint PRIMARY KEY, stamp uuid NOT NULL);
INSERT INTO quotes_searchnames SELECT n, gen_random_uuid() FROM generate_series(1, 16) n;

CREATE FUNCTION verbatim_names_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  free smallint;
BEGIN
  SELECT shard INTO free FROM quotes_searchnames ORDER BY shard LIMIT 1 FOR UPDATE SKIP LOCKED;
  IF free IS NULL THEN
    INSERT INTO quotes_searchnames SELECT coalesce(max(shard), 0) + 1 + (random() * 1000)::integer, gen_random_uuid()
      FROM quotes_searchnames;
  ELSE
    UPDATE quotes_searchnames SET stamp = gen_random_uuid() WHERE shard = free;
  END IF;
  RETURN NULL;
END $$;

-- The outlet that in the end owns one: two outlets of one house are one root (invariant 6; Outlet.house in Python).
CREATE FUNCTION verbatim_house(outlet bigint) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
DECLARE
  here bigint := outlet;
  further bigint;
BEGIN
  FOR step IN 1 .. 8 LOOP
    SELECT owner_id INTO further FROM quotes_outlet WHERE id = here;
    EXIT WHEN further IS NULL OR further = outlet;
    here := further;
  END LOOP;
  RETURN here;
END $$;
