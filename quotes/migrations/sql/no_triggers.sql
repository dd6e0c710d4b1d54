-- Whoever may execute a trigger's function may hang it on a table of their own. The app's role may make temporary tables
-- (imports need them), and these functions write with the owner's rights: by a temporary table it could have put events
-- into the log of things that never happened, and former standings into a history. A trigger fires without this right.
DO $$
DECLARE
  function regprocedure;
BEGIN
  FOR function IN
    SELECT p.oid FROM pg_proc p
    WHERE p.pronamespace = 'public'::regnamespace AND p.prorettype = 'trigger'::regtype AND starts_with(p.proname, 'verbatim_')
  LOOP
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC, verbatim_app', function);
  END LOOP;
END $$;
