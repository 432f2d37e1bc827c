-- +goose Up
-- A person's identity outlives the person: one that an undone import brought is
-- no longer there, and its versions and past assignments stay.
CREATE TABLE people.identity (
  territory_id int NOT NULL REFERENCES cells.territory,
  id           bigint NOT NULL,
  PRIMARY KEY (territory_id, id)
);
GRANT SELECT ON people.identity TO unigrid_app;
INSERT INTO people.identity (territory_id, id) SELECT territory_id, id FROM people.person;

ALTER TABLE people.person ADD COLUMN batch bigint;
ALTER TABLE people.person_version ADD COLUMN batch bigint, ADD COLUMN staff_no text;
UPDATE people.person_version v SET staff_no = p.staff_no FROM people.person p WHERE (p.territory_id, p.id) = (v.territory_id, v.person_id);
ALTER TABLE people.person_version ALTER COLUMN staff_no SET NOT NULL;
ALTER TABLE people.person_version
  DROP CONSTRAINT person_version_territory_id_person_id_fkey,
  ADD CONSTRAINT person_version_of_identity FOREIGN KEY (territory_id, person_id) REFERENCES people.identity (territory_id, id);
ALTER TABLE people.assignment
  DROP CONSTRAINT assignment_territory_id_person_id_fkey,
  ADD CONSTRAINT assignment_of_identity FOREIGN KEY (territory_id, person_id) REFERENCES people.identity (territory_id, id)
    DEFERRABLE INITIALLY DEFERRED; -- one statement may bring a person and the assignment
ALTER TABLE people.contact
  DROP CONSTRAINT contact_territory_id_person_id_fkey,
  ADD CONSTRAINT contact_of_person FOREIGN KEY (territory_id, person_id) REFERENCES people.person (territory_id, id) ON DELETE CASCADE;
ALTER TABLE people.sent ADD CONSTRAINT sent_of_identity FOREIGN KEY (territory_id, person_id) REFERENCES people.identity (territory_id, id) DEFERRABLE INITIALLY DEFERRED;
CREATE INDEX person_version_batch ON people.person_version (territory_id, batch) WHERE batch IS NOT NULL;
CREATE INDEX person_version_staff_no ON people.person_version (territory_id, staff_no);
CREATE INDEX person_name ON people.person (territory_id, cells.plain_name(name));
GRANT DELETE ON people.person TO unigrid_app;
GRANT USAGE ON SEQUENCE people.person_id_seq TO unigrid_app;
GRANT INSERT ON people.sent TO unigrid_app;

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION people.keep_versions() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  who text := coalesce(nullif(current_setting('unigrid.name', true), ''), session_user);
  instant timestamptz := clock_timestamp();
BEGIN
  IF TG_OP = 'DELETE' THEN
    EXECUTE $sql$ UPDATE people.person_version v SET during = tstzrange(lower(v.during), $1)
      FROM before b WHERE v.territory_id = b.territory_id AND v.person_id = b.id AND upper_inf(v.during) $sql$ USING instant;
    RETURN NULL;
  END IF;
  IF TG_OP = 'INSERT' THEN
    INSERT INTO people.identity (territory_id, id) SELECT territory_id, id FROM after ON CONFLICT DO NOTHING;
    -- what is known first holds since ever
    INSERT INTO people.person_version (territory_id, person_id, during, staff_no, name, unit, post, phone_masked, recorded_by, batch)
      SELECT a.territory_id, a.id, tstzrange(coalesce(CASE WHEN v.ended IS NOT NULL THEN a.changed_at END, '-infinity'), NULL),
             a.staff_no, a.name, a.unit, a.post, a.phone_masked, who, a.batch
      FROM after a LEFT JOIN LATERAL (
        SELECT max(upper(v.during)) AS ended FROM people.person_version v WHERE v.territory_id = a.territory_id AND v.person_id = a.id
      ) v ON true;
    RETURN NULL;
  END IF;
  EXECUTE $sql$ UPDATE people.person_version v SET during = tstzrange(lower(v.during), a.changed_at)
    FROM after a JOIN before b ON b.territory_id = a.territory_id AND b.id = a.id AND b.changed_at < a.changed_at
    WHERE v.territory_id = a.territory_id AND v.person_id = a.id AND upper_inf(v.during) $sql$;
  EXECUTE $sql$ INSERT INTO people.person_version (territory_id, person_id, during, staff_no, name, unit, post, phone_masked, recorded_by, batch)
    SELECT a.territory_id, a.id, tstzrange(a.changed_at, NULL), a.staff_no, a.name, a.unit, a.post, a.phone_masked, $1, a.batch
    FROM after a JOIN before b ON b.territory_id = a.territory_id AND b.id = a.id AND b.changed_at < a.changed_at $sql$ USING who;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER keep_versions_of_gone AFTER DELETE ON people.person
  REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION people.keep_versions();

-- Whoever holds something now or later is there. The locks let a person go or be
-- named, one after the other.
-- +goose StatementBegin
CREATE FUNCTION people.check_holders() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  gone bigint;
BEGIN
  IF TG_OP = 'DELETE' THEN
    EXECUTE $sql$ SELECT o.id FROM before o
      JOIN people.assignment a ON a.territory_id = o.territory_id AND a.person_id = o.id AND a.during && tstzrange(clock_timestamp(), NULL) LIMIT 1 $sql$ INTO gone;
  ELSE
    EXECUTE $sql$ SELECT FROM people.person p WHERE EXISTS (SELECT FROM after a WHERE a.territory_id = p.territory_id AND a.person_id = p.id) FOR KEY SHARE $sql$;
    EXECUTE $sql$ SELECT a.person_id FROM after a
      WHERE NOT EXISTS (SELECT FROM people.person p WHERE p.territory_id = a.territory_id AND p.id = a.person_id) LIMIT 1 $sql$ INTO gone;
  END IF;
  IF gone IS NOT NULL THEN
    RAISE EXCEPTION 'person % holds an assignment', gone
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'assignment_holder_is_there';
  END IF;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER holders_are_there AFTER INSERT ON people.assignment
  REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION people.check_holders();
CREATE TRIGGER holders_stay AFTER DELETE ON people.person
  REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION people.check_holders();

-- A telephone number as numbers are compared.
CREATE FUNCTION people.digits(phone text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT regexp_replace(translate(phone, '０１２３４５６７８９', '0123456789'), '[^0-9]', '', 'g')
$$;

-- Whom the rows of a batch mean: by staff number, else by a person's answer, else
-- by name, unit and telephone, else, of a row without a number, by what was sent
-- for one person alone, word for word. meant: known, new, question, unknown
-- (answer). A new one without a number gets P and the number that it is known by
-- here. Telephone numbers are compared here, and nowhere given out.
-- +goose StatementBegin
CREATE FUNCTION people.meant(territory int, of_batch bigint)
RETURNS TABLE ("row" int, meant text, person_id bigint, staff_no text, same text, candidates jsonb)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET enable_nestloop = off SET jit = off AS $$
BEGIN
  IF coalesce(current_setting('unigrid.role', true), '') NOT IN ('admin', 'local') THEN
    RAISE EXCEPTION 'this principal may not compare telephone numbers' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN QUERY
  WITH incoming AS MATERIALIZED (
    SELECT i."row", coalesce(btrim(i.staff_no, E' \t\u3000'), '') AS staff_no, cells.plain_name(i.name) AS name, cells.plain_name(i.unit) AS unit,
           people.digits(i.phone) AS phone, coalesce(btrim(i.choice), '') AS choice, i.sent
    FROM people.intake_person i WHERE i.territory_id = territory AND i.batch = of_batch
  ), homonym AS MATERIALIZED (
    SELECT i."row", p.id, p.staff_no, p.name, concat_ws(' ', nullif(p.unit, ''), nullif(p.post, '')) AS place,
           i.phone <> '' AND cells.plain_name(p.unit) = i.unit AND people.digits(k.phone) = i.phone AS by_telephone,
           i.sent IS NOT NULL AND s.sent = i.sent AS by_sent
    FROM incoming i
    JOIN people.person p ON p.territory_id = territory AND cells.plain_name(p.name) = i.name
    LEFT JOIN people.contact k ON k.territory_id = territory AND k.person_id = p.id
    LEFT JOIN people.sent s ON s.territory_id = territory AND s.person_id = p.id AND s.batch = p.batch
    WHERE NOT EXISTS (SELECT FROM people.person q WHERE q.territory_id = territory AND q.staff_no = i.staff_no)
  ), judged AS (
    SELECT i.*, coalesce(n.id, c.id) AS named, h.telephones, h.telephone, h.sents, h.by_sent, h.list,
           CASE WHEN n.id IS NOT NULL THEN 'known'
                WHEN i.choice = 'new' THEN 'new'
                WHEN i.choice <> '' THEN CASE WHEN c.id IS NULL THEN 'unknown' ELSE 'known' END
                WHEN i.staff_no <> '' THEN CASE WHEN h.telephones > 0 THEN 'question' ELSE 'new' END
                WHEN h.telephones = 1 OR (h.telephones = 0 AND h.sents = 1) THEN 'known'
                WHEN h.list IS NOT NULL THEN 'question'
                ELSE 'new' END AS means
    FROM incoming i
    LEFT JOIN people.person n ON n.territory_id = territory AND n.staff_no = i.staff_no
    LEFT JOIN people.person c ON c.territory_id = territory AND c.staff_no = i.choice
    LEFT JOIN (
      SELECT m."row", count(*) FILTER (WHERE m.by_telephone) AS telephones, min(m.id) FILTER (WHERE m.by_telephone) AS telephone,
             count(*) FILTER (WHERE m.by_sent) AS sents, min(m.id) FILTER (WHERE m.by_sent) AS by_sent,
             jsonb_agg(jsonb_build_object('code', m.staff_no, 'name', m.name, 'path', m.place) ORDER BY m.staff_no) AS list
      FROM homonym m GROUP BY m."row"
    ) h ON h."row" = i."row"
  ), settled AS (
    SELECT j.*, CASE WHEN j.means = 'known' THEN coalesce(j.named, j.telephone, j.by_sent)
                     WHEN j.means = 'new' AND j.staff_no = '' THEN nextval('people.person_id_seq') END AS id
    FROM judged j
  )
  SELECT s."row", s.means, CASE WHEN s.means = 'known' THEN s.id END,
         CASE WHEN s.means = 'known' THEN p.staff_no
              WHEN s.staff_no <> '' THEN s.staff_no
              WHEN s.id IS NULL THEN ''
              WHEN EXISTS (SELECT FROM people.person_version q WHERE q.territory_id = territory AND q.staff_no = 'P' || lpad(s.id::text, 6, '0'))
              THEN 'P' || lpad(s.id::text, 6, '0') || '-' || s.id
              ELSE 'P' || lpad(s.id::text, 6, '0') END,
         -- what rows that mean one person share
         CASE WHEN s.means = 'known' THEN 'known ' || s.id
              WHEN s.means = 'new' AND s.staff_no <> '' THEN 'given ' || s.staff_no
              WHEN s.means = 'new' AND s.choice = '' THEN 'new ' || encode(sha256(convert_to(concat_ws(E'\t', s.name, s.unit, s.phone), 'UTF8')), 'hex') END,
         CASE WHEN s.means = 'question' THEN s.list END
  FROM settled s LEFT JOIN people.person p ON p.territory_id = territory AND p.id = s.id AND s.means = 'known';
END $$;
-- +goose StatementEnd
REVOKE EXECUTE ON FUNCTION people.meant FROM PUBLIC;
GRANT EXECUTE ON FUNCTION people.meant TO unigrid_app;

-- Numbers that an import replaced (NULL: there was none), for its undoing.
CREATE TABLE people.contact_before (
  territory_id int NOT NULL,
  batch        bigint NOT NULL,
  person_id    bigint NOT NULL,
  phone        text,
  PRIMARY KEY (territory_id, batch, person_id)
);
ALTER TABLE people.contact_before ENABLE ROW LEVEL SECURITY;
CREATE POLICY contact_before_read ON people.contact_before FOR SELECT TO unigrid_app
  USING (current_setting('unigrid.role', true) = 'admin');
GRANT SELECT ON people.contact_before TO unigrid_app;

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION people.keep_contacts(territory int, of_batch bigint) RETURNS SETOF bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF coalesce(current_setting('unigrid.role', true), '') NOT IN ('admin', 'local') THEN
    RAISE EXCEPTION 'this principal may not change telephone numbers' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN QUERY
    WITH incoming AS (
      SELECT DISTINCT ON (p.id) p.id, btrim(i.phone) AS phone
      FROM people.intake_person i
      JOIN people.person p ON p.territory_id = territory AND p.staff_no = btrim(i.staff_no)
      WHERE i.territory_id = territory AND i.batch = of_batch AND btrim(i.phone) <> ''
      ORDER BY p.id, i.row
    ), noted AS (
      INSERT INTO people.contact_before AS n (territory_id, batch, person_id, phone)
      SELECT territory, of_batch, i.id, c.phone
      FROM incoming i LEFT JOIN people.contact c ON c.territory_id = territory AND c.person_id = i.id
      WHERE c.phone IS DISTINCT FROM i.phone
      ON CONFLICT DO NOTHING
    )
    INSERT INTO people.contact AS c (territory_id, person_id, phone)
    SELECT territory, i.id, i.phone FROM incoming i
    ON CONFLICT (territory_id, person_id) DO UPDATE SET phone = EXCLUDED.phone WHERE c.phone <> EXCLUDED.phone
    RETURNING c.person_id;
END $$;
-- +goose StatementEnd

-- Puts the numbers back that an import replaced, of persons who are still there.
-- +goose StatementBegin
CREATE FUNCTION people.restore_contacts(territory int, of_batch bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF coalesce(current_setting('unigrid.role', true), '') NOT IN ('admin', 'local') THEN
    RAISE EXCEPTION 'this principal may not change telephone numbers' USING ERRCODE = 'insufficient_privilege';
  END IF;
  DELETE FROM people.contact c USING people.contact_before b
    WHERE b.territory_id = territory AND b.batch = of_batch AND b.phone IS NULL AND c.territory_id = territory AND c.person_id = b.person_id;
  UPDATE people.contact c SET phone = b.phone FROM people.contact_before b
    WHERE b.territory_id = territory AND b.batch = of_batch AND b.phone IS NOT NULL AND c.territory_id = territory AND c.person_id = b.person_id;
  DELETE FROM people.contact_before b WHERE b.territory_id = territory AND b.batch = of_batch;
END $$;
-- +goose StatementEnd
REVOKE EXECUTE ON FUNCTION people.restore_contacts FROM PUBLIC;
GRANT EXECUTE ON FUNCTION people.restore_contacts TO unigrid_app;

-- Who held a cell's role before and after an import of assignments, of what then
-- held or was to come: with both, the import can be undone by what it did.
CREATE TABLE people.assignment_journal (
  territory_id int NOT NULL REFERENCES cells.territory,
  batch        bigint NOT NULL,
  n            bigint GENERATED ALWAYS AS IDENTITY,
  after        boolean NOT NULL,
  cell_id      bigint NOT NULL,
  role         text NOT NULL,
  person_id    bigint NOT NULL,
  layer        text,
  post         text NOT NULL,
  side         text,
  rank         int NOT NULL,
  during       tstzrange NOT NULL,
  PRIMARY KEY (territory_id, batch, n)
);
GRANT SELECT, INSERT ON people.assignment_journal TO unigrid_app;
