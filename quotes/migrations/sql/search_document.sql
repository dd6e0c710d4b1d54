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

-- The documents of these statements, for one as for ten thousand: joined and grouped, not looked up one by one.
CREATE FUNCTION verbatim_documents(statements bigint[]) RETURNS SETOF quotes_searchdoc
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp SET plan_cache_mode = force_custom_plan SET jit = off AS $$
BEGIN
  RETURN QUERY
  WITH s AS MATERIALIZED (
    SELECT id, speaker_id, uttered_by_id, said_on, said_on_precision, gist, occasion, record, embargoed_until,
      left(original_text, 20000) AS original, verbatim_last_day(said_on, said_on_precision) AS last_said
    FROM quotes_statement WHERE id = ANY (statements)
  ), q AS MATERIALIZED (
    SELECT q.id, q.statement_id, q.kind, q.language, left(q.text, 20000) AS text, verbatim_words(left(q.text, 20000)) AS words,
      verbatim_words(concat_ws(' ', q.speaker_as_printed, q.role_as_printed)) AS printed,
      a.outlet_id, a.published_at, g.value AS standing,
      row_number() OVER (PARTITION BY q.statement_id ORDER BY q.id) AS place
    FROM quotes_quote q JOIN quotes_article a ON a.id = q.article_id LEFT JOIN quotes_standing g ON g.quote_id = q.id
    WHERE q.statement_id = ANY (statements)
  ), r AS MATERIALIZED (
    SELECT r.quote_id, r.outlet_id, q.statement_id,
      r.position = max(r.position) OVER (PARTITION BY r.quote_id) AS at_the_end
    FROM quotes_relay r JOIN q ON q.id = r.quote_id
  ), told AS (
    -- No statement has 400 reports worth their words; the bound keeps a document within what PostgreSQL can hold.
    SELECT q.statement_id,
      string_agg(q.words, ' ' ORDER BY q.id) FILTER (WHERE q.language ILIKE 'en%' AND place <= 400) AS english,
      string_agg(q.words, ' ' ORDER BY q.id) FILTER (WHERE q.language NOT ILIKE 'en%' AND place <= 400) AS others,
      string_agg(q.text, ' ; ' ORDER BY q.id) FILTER (WHERE place <= 400 AND q.text ~ '[0-9]') AS counting,
      string_agg(' ' || q.words || ' ', E'\n' ORDER BY q.id) FILTER (WHERE place <= 400) AS lines,
      string_agg(DISTINCT q.printed, ' ') AS printed,
      (min(q.published_at) AT TIME ZONE 'UTC')::date AS reported,
      min(array_position('{verified,in_review,stale,unchecked}'::varchar[], q.standing)) AS best,
      count(q.standing) AS standings
    FROM q GROUP BY q.statement_id
  ), amount AS (
    SELECT DISTINCT q.statement_id, '=' || trim_scale(n) AS term
    FROM q JOIN quotes_figure f ON f.quote_id = q.id, unnest(ARRAY[f.low, f.high]) n WHERE n IS NOT NULL
  ), voice AS (
    SELECT s.id, v.speaker_id FROM s, unnest(ARRAY[s.speaker_id, s.uttered_by_id]) AS v(speaker_id) WHERE v.speaker_id IS NOT NULL
  ), spoken AS (
    SELECT id, speaker_id FROM voice
    -- Invariant 8: an institution's words are also those of whoever spoke for it on that day; without a date, on the
    -- day of the first report (as Statement.days has it).
    UNION SELECT s.id, t.organisation_id
    FROM voice JOIN s ON s.id = voice.id JOIN quotes_tenure t ON t.person_id = voice.speaker_id AND t.speaks_for
    LEFT JOIN told ON told.statement_id = s.id
    WHERE (t.starts IS NULL OR t.starts <= coalesce(s.last_said, told.reported))
      AND (t.ends IS NULL OR verbatim_last_day(t.ends, t.ends_precision) >= coalesce(s.said_on, told.reported))
  ), facet AS (
    SELECT spoken.id, verbatim_facet(1, CASE WHEN p.redirects_to_id IS NULL THEN p.id ELSE verbatim_final_speaker(p.id) END) AS code
      FROM spoken JOIN quotes_speaker p ON p.id = spoken.speaker_id
    -- Invariant 3: the standing of the best-supported quote, and every adverse one beside it.
    UNION SELECT s.id, verbatim_facet(2, CASE WHEN coalesce(told.standings, 0) = 0 THEN 4 ELSE told.best END)
      FROM s LEFT JOIN told ON told.statement_id = s.id
    UNION SELECT statement_id, verbatim_facet(2, 4 + array_position('{disputed,misattributed,retracted}'::varchar[], standing)) FROM q
    UNION SELECT statement_id, verbatim_facet(3, array_position('{direct,mixed,partial,indirect}'::varchar[], kind)) FROM q
    UNION SELECT statement_id, verbatim_facet(4, outlet_id) FROM q
    UNION SELECT statement_id, verbatim_facet(4, outlet_id) FROM r
    UNION SELECT statement_id, verbatim_facet(5, topic_id) FROM quotes_statement_topics WHERE statement_id = ANY (statements)
    UNION SELECT statement_id, verbatim_facet(6, verbatim_language(language)) FROM q
    UNION SELECT id, verbatim_facet(7, extract(year FROM said_on)::bigint) FROM s
    UNION SELECT id, verbatim_facet(8, to_char(said_on, 'YYYYMM')::bigint) FROM s WHERE said_on_precision IN ('day', 'month')
    UNION SELECT statement_id, verbatim_facet(9, 1) FROM amount
    UNION SELECT id, verbatim_facet(9, 2) FROM s WHERE original <> ''
    UNION SELECT statement_id, verbatim_facet(10, outlet_id) FROM r WHERE at_the_end
    UNION SELECT q.statement_id, verbatim_facet(10, q.outlet_id) FROM q WHERE NOT EXISTS (SELECT FROM r WHERE r.quote_id = q.id)
  ), facets AS (
    SELECT id, array_agg(code ORDER BY code) AS codes FROM facet WHERE code IS NOT NULL GROUP BY id
  ), amounts AS (
    SELECT statement_id, array_agg(term) AS terms FROM amount GROUP BY statement_id
  )
  SELECT s.id,
    coalesce(s.said_on, date '0001-01-01'),
    coalesce(s.last_said, date '0001-01-01'),
    CASE WHEN s.record = 'off' THEN timestamptz '9999-12-31 00:00:00+00'
         ELSE coalesce(s.embargoed_until, timestamptz '0001-01-01 00:00:00+00') END,
    setweight(to_tsvector('pg_catalog.english', left(coalesce(told.english, ''), 100000)), 'A')
      -- Beside its stem each English word stands as it is, so that a half-typed word finds it.
      || ts_delete(strip(to_tsvector('pg_catalog.simple', left(coalesce(told.english, ''), 100000))), verbatim_small_words())
      || setweight(to_tsvector('pg_catalog.simple', left(coalesce(told.others, ''), 100000)), 'A')
      || setweight(to_tsvector('pg_catalog.simple', coalesce(verbatim_words(s.original), '')), 'B')
      || setweight(to_tsvector('pg_catalog.english', verbatim_words(s.gist)), 'B')
      || setweight(to_tsvector('pg_catalog.simple', left(coalesce(told.printed, ''), 20000)), 'C')
      || setweight(to_tsvector('pg_catalog.english', verbatim_words(s.occasion)), 'D')
      || array_to_tsvector(
           ARRAY(SELECT '#' || (f >> 27) || '.' || (f & 134217727) FROM unnest(facets.codes) f)
           || CASE WHEN s.said_on IS NULL THEN '{#13.0}'::text[] ELSE ARRAY['#13.0', to_char(s.said_on, '"#11."YYYYMM')] END
           || coalesce(amounts.terms, '{}')
           || verbatim_numbers(concat_ws(' ; ', left(told.counting, 100000), s.original, s.gist))),
    verbatim_pairs(coalesce(l.lines, '')),
    coalesce(l.lines, ''),
    facets.codes
  FROM s
  LEFT JOIN told ON told.statement_id = s.id
  LEFT JOIN facets ON facets.id = s.id
  LEFT JOIN amounts ON amounts.statement_id = s.id
  CROSS JOIN LATERAL (SELECT left(concat_ws(E'\n', ' ' || verbatim_words(s.original) || ' ', told.lines), 200000) AS lines) l
  ORDER BY s.id;
END $$;

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
  FROM verbatim_documents(statements)
  ON CONFLICT (statement_id) DO UPDATE SET
    day = excluded.day, last_day = excluded.last_day, open_from = excluded.open_from,
    terms = excluded.terms, pairs = excluded.pairs, lines = excluded.lines, facets = excluded.facets
  WHERE (d.day, d.last_day, d.open_from, d.lines, d.facets, d.terms)
    IS DISTINCT FROM (excluded.day, excluded.last_day, excluded.open_from, excluded.lines, excluded.facets, excluded.terms);
END $$;

-- In how rare a sample a document still stands: 3 in every 8th, 5 in every 32nd, 7 in every 128th, 9 in every 512th.
CREATE FUNCTION verbatim_level(statement bigint) RETURNS smallint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN hashint8(statement) & 511 = 0 THEN 9 WHEN hashint8(statement) & 127 = 0 THEN 7
              WHEN hashint8(statement) & 31 = 0 THEN 5 ELSE 3 END::smallint
$$;

-- The sample: every eighth document by hash, kept by the same write. A question looks at the rows of one level and of
-- all rarer ones: some 8,000 to 40,000, whatever the size (SPEED.md §2.3).
CREATE FUNCTION verbatim_sample() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    DELETE FROM quotes_searchsample WHERE statement_id = OLD.statement_id AND level = verbatim_level(OLD.statement_id);
    RETURN NULL;
  END IF;
  INSERT INTO quotes_searchsample (statement_id, day, last_day, open_from, terms, pairs, lines, facets, level)
  VALUES (NEW.statement_id, NEW.day, NEW.last_day, NEW.open_from, NEW.terms, NEW.pairs, NEW.lines, NEW.facets,
          verbatim_level(NEW.statement_id))
  ON CONFLICT (statement_id, level) DO UPDATE SET
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
