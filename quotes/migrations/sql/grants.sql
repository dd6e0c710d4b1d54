-- Two roles. The owner migrates; the app reads and writes, but cannot rewrite what was signed or recorded.

DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'verbatim_app') THEN
    CREATE ROLE verbatim_app NOLOGIN;
  END IF;
  IF NOT pg_has_role(current_user, 'verbatim_app', 'MEMBER') THEN
    EXECUTE format('GRANT verbatim_app TO %I', current_user);
  END IF;
EXCEPTION
  WHEN duplicate_object OR unique_violation THEN
    NULL;  -- another database of this server was migrated at the same moment
  WHEN insufficient_privilege THEN
    RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege',
      MESSAGE = format('The role verbatim_app is missing. A superuser has to run once: '
                       'CREATE ROLE verbatim_app NOLOGIN; GRANT verbatim_app TO %I;', current_user);
END $$;

GRANT USAGE ON SCHEMA public TO verbatim_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO verbatim_app;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO verbatim_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO verbatim_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO verbatim_app;

REVOKE UPDATE, DELETE, TRUNCATE ON quotes_capture, quotes_check, quotes_evidence FROM verbatim_app;
REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON quotes_auditevent, quotes_auditseal, quotes_standing, quotes_contribution,
  quotes_policy, quotes_content, django_migrations FROM verbatim_app;
REVOKE ALL ON FUNCTION verbatim_open_seal(), verbatim_refresh(bigint[]) FROM PUBLIC;
