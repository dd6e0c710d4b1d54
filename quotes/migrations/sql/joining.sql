-- Joined statements and merged speakers: nothing is left on what was given up, and nobody can attach anything to it.

-- Where a chain of joinings ends; verbatim_final_speaker, for statements.
CREATE FUNCTION verbatim_final_statement(statement bigint) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
DECLARE
  here bigint := statement;
  further bigint;
BEGIN
  FOR step IN 1 .. 64 LOOP
    SELECT joined_into_id INTO further FROM quotes_statement WHERE id = here;
    EXIT WHEN further IS NULL;
    here := further;
  END LOOP;
  RETURN here;
END $$;

CREATE OR REPLACE FUNCTION verbatim_final_speaker(speaker bigint) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
DECLARE
  here bigint := speaker;
  further bigint;
BEGIN
  -- A circle is refused below; the bound is for the reader's peace.
  FOR step IN 1 .. 64 LOOP
    SELECT redirects_to_id INTO further FROM quotes_speaker WHERE id = here;
    EXIT WHEN further IS NULL;
    here := further;
  END LOOP;
  RETURN here;
END $$;

-- The key-share lock makes attaching and merging take turns (a merger locks its two speakers FOR UPDATE), and lets
-- all other writers pass each other. Foreign keys would take it too, but only at the commit.
CREATE FUNCTION verbatim_are_current(speakers bigint[]) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  merged record;
BEGIN
  PERFORM FROM quotes_speaker WHERE id = ANY (speakers) ORDER BY id FOR KEY SHARE;
  SELECT p.slug, i.slug AS into_slug INTO merged FROM quotes_speaker p JOIN quotes_speaker i ON i.id = p.redirects_to_id
    WHERE p.id = ANY (speakers) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'speaker_was_merged',
      MESSAGE = format('Speaker %s was merged into %s: nothing can be attached to it.', merged.slug, merged.into_slug);
  END IF;
END $$;

CREATE FUNCTION verbatim_are_whole(statements bigint[]) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  joined record;
BEGIN
  PERFORM FROM quotes_statement WHERE id = ANY (statements) ORDER BY id FOR KEY SHARE;
  SELECT s.uid, i.uid AS into_uid INTO joined FROM quotes_statement s JOIN quotes_statement i ON i.id = s.joined_into_id
    WHERE s.id = ANY (statements) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'statement_was_joined',
      MESSAGE = format('Statement %s was joined into %s: nothing can be attached to it.', joined.uid, joined.into_uid);
  END IF;
END $$;

-- For many new rows at once; the arguments name the columns. (A changed row has a trigger of its own below, because
-- nearly all changes leave these columns alone.)
CREATE FUNCTION verbatim_attached() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  keys bigint[];
BEGIN
  SELECT array_agg(DISTINCT key) INTO keys FROM (
    SELECT (to_jsonb(n) ->> TG_ARGV[1])::bigint AS key FROM new_rows n
    UNION SELECT (to_jsonb(n) ->> TG_ARGV[TG_NARGS - 1])::bigint FROM new_rows n) named WHERE key IS NOT NULL;
  IF keys IS NULL THEN
    RETURN NULL;
  ELSIF TG_ARGV[0] = 'speaker' THEN
    PERFORM verbatim_are_current(keys);
  ELSE
    PERFORM verbatim_are_whole(keys);
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION verbatim_attached_row() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  keys bigint[];
BEGIN
  -- Only the ends that changed: a link parked on a joined statement may keep its other columns up to date.
  SELECT array_agg(DISTINCT (to_jsonb(NEW) ->> name)::bigint) INTO keys FROM unnest(TG_ARGV[1:]) name
    WHERE to_jsonb(NEW) ->> name IS DISTINCT FROM to_jsonb(OLD) ->> name AND to_jsonb(NEW) ->> name IS NOT NULL;
  IF TG_ARGV[0] = 'speaker' THEN
    PERFORM verbatim_are_current(coalesce(keys, '{}'));
  ELSE
    PERFORM verbatim_are_whole(coalesce(keys, '{}'));
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION verbatim_merges() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  here bigint := NEW.redirects_to_id;
BEGIN
  -- Whoever attaches something at this moment is waited for; then a fresh look.
  PERFORM FROM quotes_speaker WHERE id IN (NEW.id, NEW.redirects_to_id) ORDER BY id FOR UPDATE;
  WHILE here IS NOT NULL LOOP
    IF here = NEW.id THEN
      RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'speaker_does_not_redirect_in_a_circle',
        MESSAGE = format('Speaker %s would be merged into itself.', NEW.slug);
    END IF;
    SELECT redirects_to_id INTO here FROM quotes_speaker WHERE id = here;
  END LOOP;
  IF EXISTS (SELECT FROM quotes_statement WHERE speaker_id = NEW.id OR uttered_by_id = NEW.id)
     OR EXISTS (SELECT FROM quotes_tenure WHERE organisation_id = NEW.id) THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'speaker_merged_is_empty',
      MESSAGE = format('Speaker %s still has statements or offices: merge it on its page, which moves them.', NEW.slug);
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION verbatim_joins() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  here bigint := NEW.joined_into_id;
BEGIN
  PERFORM FROM quotes_statement WHERE id IN (NEW.id, NEW.joined_into_id) ORDER BY id FOR UPDATE;
  WHILE here IS NOT NULL LOOP
    IF here = NEW.id THEN
      RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'statement_is_not_joined_in_a_circle',
        MESSAGE = format('Statement %s would be joined into itself.', NEW.uid);
    END IF;
    SELECT joined_into_id INTO here FROM quotes_statement WHERE id = here;
  END LOOP;
  IF EXISTS (SELECT FROM quotes_quote WHERE statement_id = NEW.id) THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'statement_joined_is_empty',
      MESSAGE = format('Statement %s still has quotes: join it on its page, which moves them.', NEW.uid);
  END IF;
  RETURN NULL;
END $$;

-- A joined statement has no document: it is found where it was joined into.
CREATE OR REPLACE FUNCTION verbatim_index(statements bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  whole bigint[];
BEGIN
  IF statements IS NULL OR cardinality(statements) = 0 THEN
    RETURN;
  END IF;
  -- First the locks, in one order; then a fresh look: two writers of one statement would else each miss the other's words.
  PERFORM FROM quotes_searchdoc WHERE statement_id = ANY (statements) ORDER BY statement_id FOR UPDATE;

  DELETE FROM quotes_searchdoc d WHERE d.statement_id = ANY (statements)
    AND NOT EXISTS (SELECT FROM quotes_statement s WHERE s.id = d.statement_id AND s.joined_into_id IS NULL);
  SELECT array_agg(id) INTO whole FROM quotes_statement WHERE id = ANY (statements) AND joined_into_id IS NULL;
  IF whole IS NULL THEN
    RETURN;
  END IF;
  INSERT INTO quotes_searchdoc AS d (statement_id, day, last_day, open_from, terms, pairs, lines, facets)
  SELECT statement_id, day, last_day, open_from, terms, pairs, lines, facets
  FROM verbatim_documents(whole)
  ON CONFLICT (statement_id) DO UPDATE SET
    day = excluded.day, last_day = excluded.last_day, open_from = excluded.open_from,
    terms = excluded.terms, pairs = excluded.pairs, lines = excluded.lines, facets = excluded.facets
  WHERE (d.day, d.last_day, d.open_from, d.lines, d.facets, d.terms)
    IS DISTINCT FROM (excluded.day, excluded.last_day, excluded.open_from, excluded.lines, excluded.facets, excluded.terms);
END $$;

-- The database itself notes when something was moved and what the quotes showed before: what counts later must not
-- be the word of whoever moved it.
CREATE FUNCTION verbatim_moves() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NEW.by_id IS DISTINCT FROM verbatim_actor() THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_is_ones_own',
      MESSAGE = 'Joining and merging are signed by the person who does it.';
  END IF;
  NEW.at := clock_timestamp();
  NEW.undone_at := NULL;
  NEW.undone_by_id := NULL;
  IF TG_TABLE_NAME = 'quotes_joining' THEN
    NEW.hashes := coalesce((SELECT jsonb_object_agg(g.quote_id, g.content_hash) FROM quotes_standing g
      WHERE g.quote_id IN (SELECT jsonb_array_elements_text(NEW.moved -> 'quotes')::bigint)), '{}');
  ELSE
    NEW.hashes := coalesce((SELECT jsonb_object_agg(g.quote_id, g.content_hash) FROM quotes_standing g
      JOIN quotes_quote q ON q.id = g.quote_id JOIN quotes_statement s ON s.id = q.statement_id
      WHERE s.speaker_id = (to_jsonb(NEW) ->> 'other_id')::bigint OR s.uttered_by_id = (to_jsonb(NEW) ->> 'other_id')::bigint
        -- The other one's own words change with the roles that come to it.
        OR (s.speaker_id = (to_jsonb(NEW) ->> 'speaker_id')::bigint AND jsonb_array_length(NEW.moved -> 'tenures') > 0)), '{}');
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION verbatim_move_is_closed() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF OLD.undone_at IS NOT NULL OR NEW.undone_at IS NULL
     OR to_jsonb(NEW) - '{undone_at,undone_by_id,other_id}'::text[] <> to_jsonb(OLD) - '{undone_at,undone_by_id,other_id}'::text[] THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_TABLE_NAME || '_is_append_only',
      MESSAGE = 'What was moved is kept as it was: it can only be undone, and once.';
  ELSIF NEW.undone_by_id IS DISTINCT FROM verbatim_actor() THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_is_ones_own',
      MESSAGE = 'Undoing is signed by the person who does it.';
  END IF;
  NEW.undone_at := clock_timestamp();
  -- Invariant 3 bars who contributed to the present content. Where the content is again just what it was before,
  -- whoever came to it since has not.
  DELETE FROM quotes_contribution c USING quotes_standing g
    WHERE g.quote_id = c.quote_id AND c.at >= OLD.at AND OLD.hashes ->> g.quote_id::text = g.content_hash
      AND g.quote_id IN (SELECT jsonb_object_keys(OLD.hashes)::bigint);
  RETURN NEW;
END $$;

CREATE TRIGGER joining_is_noted BEFORE INSERT ON quotes_joining FOR EACH ROW EXECUTE FUNCTION verbatim_moves();
CREATE TRIGGER merging_is_noted BEFORE INSERT ON quotes_merging FOR EACH ROW EXECUTE FUNCTION verbatim_moves();
CREATE TRIGGER joining_is_closed BEFORE UPDATE ON quotes_joining FOR EACH ROW EXECUTE FUNCTION verbatim_move_is_closed();
CREATE TRIGGER merging_is_closed BEFORE UPDATE ON quotes_merging FOR EACH ROW EXECUTE FUNCTION verbatim_move_is_closed();
CREATE TRIGGER joining_is_append_only BEFORE DELETE ON quotes_joining
  FOR EACH ROW EXECUTE FUNCTION verbatim_refuse_change('A joining');
CREATE TRIGGER merging_is_append_only BEFORE DELETE ON quotes_merging
  FOR EACH ROW EXECUTE FUNCTION verbatim_refuse_change('A merging');

CREATE TRIGGER speaker_merges AFTER UPDATE OF redirects_to_id ON quotes_speaker FOR EACH ROW
  WHEN (NEW.redirects_to_id IS NOT NULL AND NEW.redirects_to_id IS DISTINCT FROM OLD.redirects_to_id)
  EXECUTE FUNCTION verbatim_merges();
CREATE TRIGGER statement_joins AFTER UPDATE OF joined_into_id ON quotes_statement FOR EACH ROW
  WHEN (NEW.joined_into_id IS NOT NULL AND NEW.joined_into_id IS DISTINCT FROM OLD.joined_into_id)
  EXECUTE FUNCTION verbatim_joins();

CREATE TRIGGER attached AFTER INSERT ON quotes_statement REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION verbatim_attached('speaker', 'speaker_id', 'uttered_by_id');
CREATE TRIGGER attached AFTER INSERT ON quotes_tenure REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION verbatim_attached('speaker', 'person_id', 'organisation_id');
CREATE TRIGGER attached AFTER INSERT ON quotes_speakername REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION verbatim_attached('speaker', 'speaker_id');
CREATE TRIGGER attached AFTER INSERT ON quotes_quote REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION verbatim_attached('statement', 'statement_id');
CREATE TRIGGER attached AFTER INSERT ON quotes_link REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION verbatim_attached('statement', 'source_id', 'target_id');
CREATE TRIGGER attached_anew AFTER UPDATE OF speaker_id, uttered_by_id ON quotes_statement FOR EACH ROW
  WHEN (NEW.speaker_id <> OLD.speaker_id OR NEW.uttered_by_id IS DISTINCT FROM OLD.uttered_by_id)
  EXECUTE FUNCTION verbatim_attached_row('speaker', 'speaker_id', 'uttered_by_id');
CREATE TRIGGER attached_anew AFTER UPDATE OF person_id, organisation_id ON quotes_tenure FOR EACH ROW
  WHEN (NEW.person_id <> OLD.person_id OR NEW.organisation_id IS DISTINCT FROM OLD.organisation_id)
  EXECUTE FUNCTION verbatim_attached_row('speaker', 'person_id', 'organisation_id');
CREATE TRIGGER attached_anew AFTER UPDATE OF speaker_id ON quotes_speakername FOR EACH ROW
  WHEN (NEW.speaker_id <> OLD.speaker_id) EXECUTE FUNCTION verbatim_attached_row('speaker', 'speaker_id');
CREATE TRIGGER attached_anew AFTER UPDATE OF statement_id ON quotes_quote FOR EACH ROW
  WHEN (NEW.statement_id <> OLD.statement_id) EXECUTE FUNCTION verbatim_attached_row('statement', 'statement_id');
CREATE TRIGGER attached_anew AFTER UPDATE OF source_id, target_id ON quotes_link FOR EACH ROW
  WHEN (NEW.source_id <> OLD.source_id OR NEW.target_id <> OLD.target_id)
  EXECUTE FUNCTION verbatim_attached_row('statement', 'source_id', 'target_id');

REVOKE DELETE, TRUNCATE ON quotes_joining, quotes_merging FROM verbatim_app;

-- What earlier versions let lie on a merged speaker goes to the one it was merged into.
UPDATE quotes_statement SET speaker_id = verbatim_final_speaker(speaker_id)
  WHERE speaker_id IN (SELECT id FROM quotes_speaker WHERE redirects_to_id IS NOT NULL);
UPDATE quotes_statement SET uttered_by_id = verbatim_final_speaker(uttered_by_id)
  WHERE uttered_by_id IN (SELECT id FROM quotes_speaker WHERE redirects_to_id IS NOT NULL);
UPDATE quotes_tenure SET organisation_id = verbatim_final_speaker(organisation_id)
  WHERE organisation_id IN (SELECT id FROM quotes_speaker WHERE redirects_to_id IS NOT NULL);
