-- Notes and hand-over: each in one's own name, to people who may see the quote and do what they are asked.

-- Whether an active account holds a right of quotes, by itself or through a group.
CREATE FUNCTION verbatim_may(person integer, codename text) RETURNS boolean LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT EXISTS (
    SELECT FROM auth_user u WHERE u.id = person AND u.is_active AND (
      u.is_superuser OR EXISTS (
        SELECT FROM auth_permission p JOIN django_content_type t ON t.id = p.content_type_id
        WHERE t.app_label = 'quotes' AND p.codename = verbatim_may.codename AND (
          EXISTS (SELECT FROM auth_user_user_permissions up WHERE up.user_id = u.id AND up.permission_id = p.id)
          OR EXISTS (SELECT FROM auth_user_groups ug JOIN auth_group_permissions gp ON gp.group_id = ug.group_id
                     WHERE ug.user_id = u.id AND gp.permission_id = p.id)))))
$$;

-- Whether an account may know of a quote (invariant 12).
CREATE FUNCTION verbatim_may_see(person integer, quote bigint) RETURNS boolean LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT verbatim_may(person, 'view_restricted') OR NOT EXISTS (
    SELECT FROM quotes_quote q JOIN quotes_statement s ON s.id = q.statement_id
    WHERE q.id = quote AND (s.record = 'off' OR s.embargoed_until > now()))
$$;

CREATE FUNCTION verbatim_note_is_sound() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF verbatim_actor() IS NOT NULL AND NEW.by_id IS DISTINCT FROM verbatim_actor() THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'note_is_ones_own',
      MESSAGE = 'A note is written by the person who signs it.';
  END IF;
  NEW.at := clock_timestamp();
  RETURN NEW;
END $$;

CREATE TRIGGER note_is_sound BEFORE INSERT ON quotes_note
  FOR EACH ROW EXECUTE FUNCTION verbatim_note_is_sound();

CREATE FUNCTION verbatim_assignment_is_sound() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NEW.by_id IS DISTINCT FROM verbatim_actor() THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'assignment_is_ones_own',
      MESSAGE = 'An assignment is given by the person who says so.';
  ELSIF NOT verbatim_may(NEW.by_id, CASE NEW.task WHEN 'verify' THEN 'add_check' ELSE 'change_quote' END) THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'assignment_needs_the_right',
      MESSAGE = 'This account may not ask for that.';
  ELSIF NOT verbatim_may_see(NEW.to_id, NEW.quote_id) THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'assignment_is_to_who_may_see',
      MESSAGE = 'That person may not see this quote.';
  ELSIF NOT verbatim_may(NEW.to_id, CASE NEW.task WHEN 'verify' THEN 'add_check' ELSE 'change_quote' END) THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'assignment_is_to_who_may_do_it',
      MESSAGE = 'That person has no right to do it.';
  ELSIF NEW.task = 'verify' AND EXISTS (
      SELECT FROM quotes_contribution c WHERE c.quote_id = NEW.quote_id AND c.user_id = NEW.to_id) THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'assignment_is_to_who_can_pass_it',
      MESSAGE = 'That person contributed to the quote, so a pass of theirs would not count.';
  END IF;
  NEW.at := clock_timestamp();
  RETURN NEW;
END $$;

CREATE TRIGGER assignment_is_sound BEFORE INSERT OR UPDATE ON quotes_assignment
  FOR EACH ROW EXECUTE FUNCTION verbatim_assignment_is_sound();

-- An alert is told in one's own name, and only to people who may know of the quote.
CREATE FUNCTION verbatim_alert_is_sound() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NEW.by_id IS DISTINCT FROM verbatim_actor() THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'alert_is_ones_own',
      MESSAGE = 'An alert comes from the person who acts.';
  END IF;
  NEW.at := clock_timestamp();
  RETURN NEW;
END $$;

CREATE TRIGGER alert_is_sound BEFORE INSERT ON quotes_alert
  FOR EACH ROW EXECUTE FUNCTION verbatim_alert_is_sound();

CREATE TRIGGER audit_insert AFTER INSERT ON quotes_assignment REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION verbatim_record();
CREATE TRIGGER audit_update AFTER UPDATE ON quotes_assignment REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION verbatim_record();
CREATE TRIGGER audit_delete AFTER DELETE ON quotes_assignment REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION verbatim_record();

CREATE TRIGGER audit_insert AFTER INSERT ON quotes_mailchoice REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION verbatim_record();
CREATE TRIGGER audit_update AFTER UPDATE ON quotes_mailchoice REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION verbatim_record();
CREATE TRIGGER audit_delete AFTER DELETE ON quotes_mailchoice REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION verbatim_record();

GRANT SELECT, INSERT, UPDATE, DELETE ON quotes_assignment, quotes_letter, quotes_mailchoice TO verbatim_app;
GRANT SELECT, INSERT ON quotes_alert TO verbatim_app;
GRANT USAGE, SELECT ON SEQUENCE quotes_alert_id_seq, quotes_letter_id_seq, quotes_mailchoice_id_seq TO verbatim_app;
REVOKE UPDATE, DELETE, TRUNCATE ON quotes_alert FROM verbatim_app;
GRANT UPDATE (read_at, mailed_at) ON quotes_alert TO verbatim_app;
REVOKE TRUNCATE ON quotes_assignment, quotes_letter, quotes_mailchoice FROM verbatim_app;
