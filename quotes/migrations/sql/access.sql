-- What opens the door is recorded too: a new password, which the record of accounts leaves out with its hash, and with
-- the triggers beside this file a second factor or an address that comes or goes. Never more than that it happened.

CREATE FUNCTION verbatim_record_password() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  number bigint := nextval('quotes_auditevent_id_seq');
  seal bigint := verbatim_open_seal();
  who integer := verbatim_actor();
  who_name text := coalesce((SELECT username FROM auth_user WHERE auth_user.id = who), '');
  what text := coalesce(nullif(current_setting('verbatim.verb', true), ''), 'sql.update');
  moment timestamptz := clock_timestamp();
  was text := (to_jsonb(OLD) - '{password,last_login}'::text[] || '{"password": "the one before"}')::text;
  became text := (to_jsonb(OLD) - '{password,last_login}'::text[]
    || jsonb_build_object('password', CASE WHEN NEW.password LIKE '!%' THEN 'none' ELSE 'a new one' END))::text;
BEGIN
  INSERT INTO quotes_auditevent
    (id, seal_id, at, actor_pk, actor, verb, "table", record_pk, statement_pk, before, after, leaf)
  VALUES (number, seal, moment, who, who_name, what, 'auth_user', NEW.id, NULL, was, became,
    verbatim_leaf(number, seal, moment, who, who_name, what, 'auth_user', NEW.id, NULL, was, became));
  RETURN NULL;
END $$;

CREATE TRIGGER audit_password AFTER UPDATE ON auth_user FOR EACH ROW
  WHEN (OLD.password IS DISTINCT FROM NEW.password) EXECUTE FUNCTION verbatim_record_password();
