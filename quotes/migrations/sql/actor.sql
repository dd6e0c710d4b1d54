-- Who acts, and which verb it is: set for the length of one transaction by quotes.actions.audit.acting.

CREATE FUNCTION verbatim_actor() RETURNS integer LANGUAGE sql STABLE AS $$
  SELECT nullif(current_setting('verbatim.actor', true), '')::integer
$$;

CREATE FUNCTION verbatim_verb(otherwise text) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT coalesce(nullif(current_setting('verbatim.verb', true), ''), otherwise)
$$;

-- One text for several values, without ambiguity: every part carries its length, an unknown one a minus.
-- It must never change, or every hash kept so far would become void.
CREATE FUNCTION verbatim_canonical(VARIADIC parts text[]) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT string_agg(coalesce(length(part) || ':' || part, '-'), ',' ORDER BY place)
  FROM unnest(parts) WITH ORDINALITY AS given(part, place)
$$;

CREATE FUNCTION verbatim_sha256(content text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT encode(sha256(convert_to(content, 'UTF8')), 'hex')
$$;

-- Times inside a hash are written in one way, whatever the session's zone and style.
CREATE FUNCTION verbatim_instant(moment timestamptz) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
$$;

-- The version and the stamps of a record are the database's: nobody can forget or forge them.
CREATE FUNCTION verbatim_stamp() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    NEW.created_by_id := coalesce(verbatim_actor(), NEW.created_by_id);
    IF TG_ARGV[0] = 'versioned' THEN
      NEW.updated_by_id := NEW.created_by_id;
    END IF;
    RETURN NEW;
  END IF;
  NEW.version := OLD.version;
  NEW.created_at := OLD.created_at;
  NEW.created_by_id := OLD.created_by_id;
  NEW.updated_at := OLD.updated_at;
  NEW.updated_by_id := OLD.updated_by_id;
  -- A generated column is not computed yet here, so it cannot be compared.
  IF to_jsonb(NEW) - 'sort_key' - 'folded' IS DISTINCT FROM to_jsonb(OLD) - 'sort_key' - 'folded' THEN
    NEW.version := OLD.version + 1;
    NEW.updated_at := clock_timestamp();
    NEW.updated_by_id := verbatim_actor();
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION verbatim_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_TABLE_NAME || '_is_append_only',
    MESSAGE = format('%s is only ever added to: it cannot be changed or deleted.', TG_ARGV[0]);
END $$;
