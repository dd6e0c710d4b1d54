-- The jump box, as in search_query.sql, but offering no article of which the person may not know.
CREATE OR REPLACE FUNCTION verbatim_jump(typed text, held boolean, most integer, OUT stamp text, OUT statements jsonb, OUT articles jsonb)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_custom_plan SET jit = off SET enable_seqscan = off AS $$
DECLARE
  wanted tsquery := verbatim_beginning(typed);
  pattern text := '%' || replace(replace(replace(left(typed, 100), '\', '\\'), '%', '\%'), '_', '\_') || '%';
BEGIN
  SELECT md5(string_agg(n.stamp::text, ',' ORDER BY n.shard)) INTO stamp FROM quotes_searchnames n;
  IF numnode(wanted) > 0 AND length(typed) >= 2 THEN
    SELECT jsonb_agg(jsonb_build_array(s.uid, coalesce(shown.text, s.gist), p.name, coalesce(shown.value, 'unchecked'),
                                       coalesce(shown.kind, 'indirect')) ORDER BY d.rank DESC, d.day DESC, d.statement_id DESC)
      INTO statements
    FROM (
      SELECT statement_id, day, ts_rank(terms, wanted, 1) AS rank FROM (
        SELECT statement_id, day, terms FROM quotes_searchdoc
        WHERE terms @@ wanted AND (held OR open_from <= now()) LIMIT 500) some_hits
      ORDER BY rank DESC, day DESC, statement_id DESC LIMIT most
    ) d
    JOIN quotes_statement s ON s.id = d.statement_id
    JOIN quotes_speaker p ON p.id = s.speaker_id
    LEFT JOIN LATERAL (
      SELECT q.text, q.kind, g.value FROM quotes_quote q JOIN quotes_standing g ON g.quote_id = q.id
      WHERE q.statement_id = s.id
      ORDER BY array_position('{verified,in_review,stale,unchecked,disputed,misattributed,retracted}'::varchar[], g.value),
        array_position('{primary,report,cited}'::varchar[], g.depth),
        array_position('{direct,mixed,partial,indirect}'::varchar[], q.kind), q.is_translation, q.id LIMIT 1
    ) shown ON true;
  END IF;
  IF length(typed) >= 3 THEN
    SELECT jsonb_agg(jsonb_build_array(a.id, a.headline, a.name) ORDER BY a.place) INTO articles FROM (
      SELECT a.id, a.headline, o.name, row_number() OVER (ORDER BY a.published_at DESC NULLS LAST, a.id DESC) AS place
      FROM (SELECT x.* FROM quotes_article x WHERE x.headline ILIKE pattern
              -- As `Article.objects.visible_to`: not one that holds nothing but what is held back (invariant 12).
              AND (held
                   OR EXISTS (SELECT 1 FROM quotes_quote q JOIN quotes_statement s ON s.id = q.statement_id
                              WHERE q.article_id = x.id AND s.record <> 'off'
                                AND (s.embargoed_until IS NULL OR s.embargoed_until <= now()))
                   OR NOT EXISTS (SELECT 1 FROM quotes_quote q WHERE q.article_id = x.id))
            LIMIT 200) a JOIN quotes_outlet o ON o.id = a.outlet_id
      ORDER BY place LIMIT most) a;
  END IF;
END $$;
