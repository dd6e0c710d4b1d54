-- How names are compared: compatibility forms, accents, case, apostrophes, hyphens and spaces even out.
-- Immutable, because it reads the named dictionary and nothing of the session: so it can be a generated column.
CREATE OR REPLACE FUNCTION verbatim_fold(name text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT btrim(regexp_replace(regexp_replace(
    lower(public.unaccent('public.unaccent'::regdictionary, normalize(name, NFKC))),
    '[''’‘ʼʻʹʺ`´"“”„«».,]+', '', 'g'), '[\s‐‑‒–—―_-]+', ' ', 'g'))
$$;
