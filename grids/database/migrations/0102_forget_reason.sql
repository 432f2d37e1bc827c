-- +goose Up
-- Erasing a person from the log says why.
DROP FUNCTION audit.forget(int, bigint);
-- +goose StatementBegin
CREATE FUNCTION audit.forget(territory int, person bigint, why text DEFAULT '') RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  destroyed int;
BEGIN
  IF NOT (access.may('people.forget') AND access.governs(territory)) THEN
    RAISE EXCEPTION 'this principal may not erase persons from the log' USING ERRCODE = 'insufficient_privilege';
  END IF;
  UPDATE audit.person_key k SET key = NULL, destroyed_at = clock_timestamp()
    WHERE k.territory_id = territory AND k.person_id = person AND k.key IS NOT NULL;
  GET DIAGNOSTICS destroyed = ROW_COUNT;
  PERFORM audit.add(territory, 'people.person', 'forget', person::text, '', person, jsonb_build_object('keys', destroyed, 'why', why));
  RETURN destroyed;
END $$;
-- +goose StatementEnd
REVOKE EXECUTE ON FUNCTION audit.forget FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit.forget TO unigrid_app;
