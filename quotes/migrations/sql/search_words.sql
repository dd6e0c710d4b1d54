-- How text is made comparable for search, in one place for what is kept and for what is asked.

-- Words as search sees them: compatibility forms, case, accents, quotation marks, apostrophes and dashes even out;
-- what is not a letter or a digit parts words. Scripts that are written without spaces are parted sign by sign, so
-- that a word of theirs is found as a sequence of signs. Immutable for the reason that verbatim_fold is.
CREATE FUNCTION verbatim_words(content text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  -- Most of a desk's text is plain ASCII, and then a third of the work.
  SELECT CASE WHEN octet_length(content) = char_length(content)
    THEN btrim(regexp_replace(lower(content), '[^a-z0-9]+', ' ', 'g'))
    ELSE btrim(regexp_replace(
      regexp_replace(
        regexp_replace(
          translate(lower(public.unaccent('public.unaccent'::regdictionary, normalize(content, NFKC))),
                    'أإآٱىیکة', 'اااايىكه'),
          '[\u00ad\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u0640\u064b-\u065f\u0670\u200b-\u200f\u2060\ufeff]+',
          '', 'g'),
        '([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff])',
        ' \1 ', 'g'),
      '[^[:alnum:]]+', ' ', 'g')) END
$$;

-- The lines that exact phrases are looked for in: one for each text, every word between two spaces.
CREATE FUNCTION verbatim_line(content text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT ' ' || verbatim_words(left(content, 20000)) || ' '
$$;

-- Pairs of neighbouring words, hashed into 2^20 buckets (SPEED.md §2.3): an index of exact phrases, and of near
-- duplicates. A loop, because a set-returning query is four times as slow (SPEED.md §7, 7).
CREATE FUNCTION verbatim_pairs(lines text) RETURNS integer[] LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  line text;
  words text[];
  pairs integer[] := '{}';
BEGIN
  FOREACH line IN ARRAY string_to_array(lines, E'\n') LOOP
    words := string_to_array(btrim(line), ' ');
    FOR i IN 1 .. coalesce(cardinality(words), 0) - 1 LOOP
      pairs := pairs || (hashtext(words[i] || ' ' || words[i + 1]) & 1048575);
    END LOOP;
  END LOOP;
  RETURN ARRAY(SELECT DISTINCT p FROM unnest(pairs) p ORDER BY p);
END $$;

-- Numbers as numbers: 55,000 = 55 000 = 55.000 = 55 тыс = 5만5000, each as one term “=55000”.
CREATE FUNCTION verbatim_numbers(content text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  plain text;
  found text[];
  parts text[];
  unit text;
  amount numeric;
  times numeric;
  numbers text[] := '{}';
BEGIN
  IF content !~ '\d' THEN
    RETURN numbers;
  END IF;
  plain := lower(normalize(content, NFKC));
  IF plain ~ '[0-9] ?[만万萬]' THEN
    -- Korean, Japanese and Chinese print count in ten thousands: 5만5000, 13万2千.
    FOR found IN
      SELECT regexp_matches(plain, '([0-9]{1,4}(?:\.[0-9]{1,4})?) ?[만万萬] ?(?:([0-9]{1,4})(?: ?(천|千))?)?', 'g')
    LOOP
      amount := found[1]::numeric * 10000
        + coalesce(found[2], '0')::numeric * CASE WHEN found[3] IS NULL THEN 1 ELSE 1000 END;
      numbers := numbers || ('=' || trim_scale(amount));
    END LOOP;
    plain := regexp_replace(
      plain, '[0-9]{1,4}(?:\.[0-9]{1,4})? ?[만万萬] ?(?:[0-9]{1,4}(?: ?(?:천|千))?)?', ' ; ', 'g');
  END IF;
  FOR found IN
    SELECT regexp_matches(plain, '([0-9]+(?:[ ,.''’][0-9]+)*)[ -]?([[:alpha:]]{0,9})', 'g')
  LOOP
    unit := found[2];
    times := CASE
      WHEN unit IN ('k', 'tsd', 'mille', 'тыс', 'тис', 'ألف', 'الف') OR unit ~ '^(thousand|tausend|тысяч|тисяч|천|千)' THEN 1000
      WHEN unit IN ('mn', 'mio', 'mln', 'млн') OR unit ~ '^(million|millón|миллион|мільйон|مليون)' THEN 1000000
      WHEN unit IN ('bn', 'mrd', 'млрд') OR unit ~ '^(billion|milliard|миллиард|мільярд)' THEN 1000000000
      WHEN unit ~ '^[억億亿]' THEN 100000000
      ELSE 1 END;
    parts := regexp_split_to_array(found[1], '[ ,.''’]');
    IF cardinality(parts) = 1 THEN
      amount := left(parts[1], 18)::numeric;
    ELSIF length(parts[1]) <= 3
      AND (SELECT bool_and(length(p) = 3) FROM unnest(parts[2:]) p) THEN
      -- 55,000 and 55 000 and 55.000: groups of three.
      amount := left(array_to_string(parts, ''), 18)::numeric;
    ELSIF length(parts[1]) <= 15 AND coalesce((SELECT bool_and(length(p) = 3) FROM unnest(parts[2:cardinality(parts) - 1]) p), true)
      AND found[1] ~ '[.,][0-9]{1,6}$' THEN
      -- 2.5 and 1,234.56: the last part is a fraction.
      amount := (left(array_to_string(parts[1:cardinality(parts) - 1], ''), 18) || '.' || parts[cardinality(parts)])::numeric;
    ELSE
      -- Numbers beside each other: a date, a score, “2022 100”.
      numbers := numbers || (SELECT array_agg('=' || left(p, 18)::numeric) FROM unnest(parts[1:cardinality(parts) - 1]) p);
      amount := left(parts[cardinality(parts)], 18)::numeric;
    END IF;
    numbers := numbers || ('=' || trim_scale(amount * times));
  END LOOP;
  RETURN ARRAY(SELECT DISTINCT n FROM unnest(numbers) n);
END $$;

-- One typed word as a query: as it stands and by its English stem, since either may be what was kept. A word of
-- several parts is a sequence. Korean words carry their particles behind them, so they match by their beginning.
CREATE FUNCTION verbatim_word(typed text) RETURNS tsquery LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  words text := verbatim_words(left(typed, 200));
BEGIN
  IF words ~ '^[가-힣]+$' THEN
    RETURN (quote_literal(words) || ':*')::tsquery;
  END IF;
  RETURN phraseto_tsquery('pg_catalog.english', words) || phraseto_tsquery('pg_catalog.simple', words);
END $$;

CREATE FUNCTION verbatim_beginning(typed text) RETURNS tsquery LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  words text[] := string_to_array(verbatim_words(left(typed, 200)), ' ');
BEGIN
  IF cardinality(words) = 0 OR words[1] = '' THEN
    RETURN ''::tsquery;
  END IF;
  words[cardinality(words)] := words[cardinality(words)] || ':*';
  RETURN to_tsquery('pg_catalog.simple', array_to_string(words, ' <-> '));
END $$;

CREATE FUNCTION verbatim_any_word(typed text[]) RETURNS tsquery LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  one text;
  every tsquery := ''::tsquery;
BEGIN
  FOREACH one IN ARRAY typed LOOP
    every := every || verbatim_word(one);
  END LOOP;
  RETURN every;
END $$;

-- Facets are terms of the same index: “#4.17” is outlet 17. In the column they are one integer each.
CREATE FUNCTION verbatim_facet(kind integer, value bigint) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT (kind << 27) | (value & 134217727)::integer
$$;

-- A language as a number: the up to three letters of its ISO 639 code, eight bits each.
CREATE FUNCTION verbatim_language(language text) RETURNS integer LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT ((ascii(substr(code, 1, 1)) & 127) << 16) | ((ascii(substr(code, 2, 1)) & 127) << 8) | (ascii(substr(code, 3, 1)) & 127)
  FROM (SELECT split_part(replace(lower(language), '_', '-'), '-', 1) AS code) primary_tag
$$;

-- A typed number as a query: every number that it can be read as.
CREATE FUNCTION verbatim_number(typed text) RETURNS tsquery LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT coalesce(string_agg(quote_literal(n), ' | '), '')::tsquery FROM unnest(verbatim_numbers(left(typed, 200))) n
$$;

-- The stop words of the English configuration, which quotes.search.language repeats.
CREATE FUNCTION verbatim_small_words() RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT regexp_split_to_array('i me my myself we our ours ourselves you your yours yourself yourselves he him his himself she her hers
    herself it its itself they them their theirs themselves what which who whom this that these those am is
    are was were be been being have has had having do does did doing a an the and but if or because as until
    while of at by for with about against between into through during before after above below to from up
    down in out on off over under again further then once here there when where why how all any both each few
    more most other some such no nor not only own same so than too very s t can will just don should now', '\s+')
$$;
