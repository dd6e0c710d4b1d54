-- A check is one person's own, of the present content, on the axes that apply, with the right, and for good.

CREATE FUNCTION verbatim_may_check(person integer) RETURNS boolean LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT EXISTS (
    SELECT FROM auth_user u WHERE u.id = person AND u.is_active AND (
      u.is_superuser OR EXISTS (
        SELECT FROM auth_permission p JOIN django_content_type t ON t.id = p.content_type_id
        WHERE t.app_label = 'quotes' AND p.codename = 'add_check' AND (
          EXISTS (SELECT FROM auth_user_user_permissions up WHERE up.user_id = u.id AND up.permission_id = p.id)
          OR EXISTS (SELECT FROM auth_user_groups ug JOIN auth_group_permissions gp ON gp.group_id = ug.group_id
                     WHERE ug.user_id = u.id AND gp.permission_id = p.id)))))
$$;

CREATE FUNCTION verbatim_check_is_sound() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  quote record;
  present record;
  axis record;
  every_axis_passes boolean := true;
BEGIN
  IF NEW.by_id IS DISTINCT FROM verbatim_actor() THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'check_is_ones_own',
      MESSAGE = 'A check is signed by the person who makes it.';
  ELSIF NOT verbatim_may_check(NEW.by_id) THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'check_needs_the_right',
      MESSAGE = 'This account may not check quotes.';
  END IF;

  -- The lock makes content and check take turns: whoever comes second sees what the first has done.
  SELECT content_hash, depth INTO present FROM quotes_standing WHERE quote_id = NEW.quote_id FOR UPDATE;
  IF NEW.seen IS DISTINCT FROM present.content_hash THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'check_is_of_the_present_content',
      MESSAGE = 'The content has changed since it was shown; it has to be looked at again.';
  END IF;

  SELECT q.kind <> 'indirect' AS worded, q.is_translation AS translated,
         EXISTS (SELECT FROM quotes_figure f WHERE f.quote_id = q.id) AS counted
    INTO quote FROM quotes_quote q WHERE q.id = NEW.quote_id;
  FOR axis IN
    SELECT * FROM (VALUES
      ('attribution', NEW.attribution, true), ('wording', NEW.wording, quote.worded),
      ('translation', NEW.translation, quote.translated), ('context', NEW.context, true),
      ('dating', NEW.dating, true), ('figure', NEW.figure, quote.counted)) AS given(name, verdict, applies)
  LOOP
    IF axis.verdict IS NOT NULL AND NOT axis.applies THEN
      RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'check_axis_applies',
        MESSAGE = format('There is no verdict on %s for this quote.', axis.name);
    ELSIF axis.verdict IS NULL AND axis.applies AND NEW.ruling IS NULL THEN
      RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'check_answers_every_axis',
        MESSAGE = format('The verdict on %s is missing.', axis.name);
    END IF;
    every_axis_passes := every_axis_passes AND (NOT axis.applies OR axis.verdict IS NOT DISTINCT FROM 'pass');
  END LOOP;
  IF NEW.wording = 'pass' AND present.depth = 'cited' THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'check_wording_needs_evidence',
      MESSAGE = 'The wording cannot pass: nothing is held that shows it.';
  END IF;

  NEW.full_pass := every_axis_passes AND NEW.ruling IS NULL;
  NEW.at := clock_timestamp();
  IF NEW.full_pass AND EXISTS (
    SELECT FROM quotes_contribution c WHERE c.quote_id = NEW.quote_id AND c.user_id = NEW.by_id
  ) THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'check_is_not_by_a_contributor',
      MESSAGE = 'Who entered, imported or edited a quote cannot pass it.';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER check_is_sound BEFORE INSERT ON quotes_check
  FOR EACH ROW EXECUTE FUNCTION verbatim_check_is_sound();
