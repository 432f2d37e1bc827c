-- +goose Up
ALTER TABLE people.person DROP CONSTRAINT person_provenance_check,
  ADD CONSTRAINT person_provenance_check CHECK (provenance IN ('imported', 'demo', 'entered'));

-- Full numbers are for who may read them; whoever may edit people may write and
-- compare them unseen.
DROP POLICY contact_read ON people.contact;
CREATE POLICY contact_read ON people.contact FOR SELECT TO unigrid_app USING (access.may('phones.read') AND access.governs(territory_id));
DROP POLICY contact_before_read ON people.contact_before;
CREATE POLICY contact_before_read ON people.contact_before FOR SELECT TO unigrid_app USING (access.may('phones.read') AND access.governs(territory_id));
-- +goose StatementBegin
DO $$
DECLARE
  f regprocedure;
BEGIN
  FOREACH f IN ARRAY ARRAY['people.keep_contacts(int, bigint)', 'people.restore_contacts(int, bigint)', 'people.meant(int, bigint)']::regprocedure[] LOOP
    EXECUTE replace(pg_get_functiondef(f), $x$coalesce(current_setting('unigrid.role', true), '') NOT IN ('admin', 'local')$x$,
      $x$NOT (access.may('people.edit') AND access.governs(territory))$x$);
  END LOOP;
END $$;
-- +goose StatementEnd

-- Writes telephone numbers of persons; '' takes one away.
-- +goose StatementBegin
CREATE FUNCTION people.set_phones(territory int, persons bigint[], phones text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT (access.may('people.edit') AND access.governs(territory)) THEN
    RAISE EXCEPTION 'this principal may not change telephone numbers' USING ERRCODE = 'insufficient_privilege';
  END IF;
  DELETE FROM people.contact c USING unnest(persons, phones) AS n (id, phone)
    WHERE c.territory_id = territory AND c.person_id = n.id AND n.phone = '';
  INSERT INTO people.contact (territory_id, person_id, phone)
    SELECT territory, n.id, n.phone FROM unnest(persons, phones) AS n (id, phone) WHERE n.phone <> ''
    ON CONFLICT (territory_id, person_id) DO UPDATE SET phone = EXCLUDED.phone;
  UPDATE people.person p SET phone_masked = people.masked(n.phone) FROM unnest(persons, phones) AS n (id, phone)
    WHERE p.territory_id = territory AND p.id = n.id AND p.phone_masked <> people.masked(n.phone);
END $$;
-- +goose StatementEnd
REVOKE EXECUTE ON FUNCTION people.set_phones FROM PUBLIC;
GRANT EXECUTE ON FUNCTION people.set_phones TO unigrid_app;
