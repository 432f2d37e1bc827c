-- +goose Up
CREATE SCHEMA people;
GRANT USAGE ON SCHEMA people TO unigrid_app;

-- Someone in the unified team. phone_masked is all that most readers see.
CREATE TABLE people.person (
  territory_id int NOT NULL REFERENCES cells.territory,
  id           bigint GENERATED ALWAYS AS IDENTITY,
  staff_no     text NOT NULL CHECK (staff_no <> ''),
  name         text NOT NULL CHECK (name <> ''),
  unit         text NOT NULL DEFAULT '',
  post         text NOT NULL DEFAULT '',
  phone_masked text NOT NULL DEFAULT '',
  provenance   text NOT NULL CHECK (provenance IN ('imported', 'demo')),
  PRIMARY KEY (territory_id, id),
  CONSTRAINT person_staff_no_unique UNIQUE (territory_id, staff_no)
);
GRANT SELECT, INSERT, UPDATE ON people.person TO unigrid_app;

-- Full telephone numbers, apart, readable by an administrator only.
CREATE TABLE people.contact (
  territory_id int NOT NULL,
  person_id    bigint NOT NULL,
  phone        text NOT NULL,
  PRIMARY KEY (territory_id, person_id),
  FOREIGN KEY (territory_id, person_id) REFERENCES people.person (territory_id, id)
);
ALTER TABLE people.contact ENABLE ROW LEVEL SECURITY;
CREATE POLICY contact_read ON people.contact FOR SELECT TO unigrid_app
  USING (current_setting('unigrid.role', true) = 'admin');
CREATE POLICY contact_write ON people.contact FOR INSERT TO unigrid_app
  WITH CHECK (current_setting('unigrid.role', true) IN ('admin', 'local'));
CREATE POLICY contact_change ON people.contact FOR UPDATE TO unigrid_app
  USING (current_setting('unigrid.role', true) IN ('admin', 'local'))
  WITH CHECK (current_setting('unigrid.role', true) IN ('admin', 'local'));
GRANT SELECT, INSERT, UPDATE ON people.contact TO unigrid_app;

-- Who holds which role for which cell, when. Accountable is always for all
-- layers; the lead of one layer is a role of its own. side and rank give the
-- protocol order of leaders (party and government heads are jointly
-- responsible).
CREATE TABLE people.assignment (
  territory_id int NOT NULL,
  id           bigint GENERATED ALWAYS AS IDENTITY,
  person_id    bigint NOT NULL,
  cell_id      bigint NOT NULL,
  role         text NOT NULL CHECK (role IN ('accountable', 'joint-chief', 'deputy', 'officer', 'lead', 'supervisor', 'liaison')),
  layer        text,
  post         text NOT NULL DEFAULT '',
  side         text CHECK (side IN ('party', 'government')),
  rank         int NOT NULL DEFAULT 0,
  during       tstzrange NOT NULL CHECK (NOT isempty(during) AND lower_inc(during) AND NOT upper_inc(during)),
  recorded_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  recorded_by  text NOT NULL,
  reason       text NOT NULL DEFAULT '',
  PRIMARY KEY (territory_id, id),
  FOREIGN KEY (territory_id, person_id) REFERENCES people.person (territory_id, id),
  FOREIGN KEY (territory_id, cell_id) REFERENCES cells.cell (territory_id, id),
  CONSTRAINT assignment_accountable_all_layers CHECK (role <> 'accountable' OR layer IS NULL),
  CONSTRAINT assignment_lead_one_layer CHECK (role <> 'lead' OR layer IS NOT NULL),
  CONSTRAINT assignment_one_accountable EXCLUDE USING gist
    (territory_id WITH =, cell_id WITH =, during WITH &&) WHERE (role = 'accountable')
);
CREATE INDEX assignment_cell ON people.assignment (territory_id, cell_id, role);
CREATE INDEX assignment_person ON people.assignment (territory_id, person_id);
GRANT SELECT, INSERT, UPDATE ON people.assignment TO unigrid_app;

-- From the first publish on, the tier-1 cell has no hole in its accountable
-- periods: with that, every cell has someone at every instant (acting is
-- looked up, never stored).
-- +goose StatementBegin
CREATE FUNCTION people.check_root_accountable() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  territory int := NEW.territory_id;
  start timestamptz;
  root bigint;
  held tstzmultirange;
BEGIN
  SELECT min(effective) INTO start FROM editions.edition
    WHERE territory_id = territory AND state = 'published';
  IF start IS NULL THEN
    RETURN NULL;
  END IF;
  PERFORM 1 FROM cells.territory WHERE id = territory FOR NO KEY UPDATE;
  SELECT v.cell_id INTO root FROM cells.version v
    WHERE v.territory_id = territory AND v.tier = 1
      AND v.from_edition <= editions.published(territory)
      AND (v.to_edition IS NULL OR v.to_edition > editions.published(territory));
  SELECT range_agg(during) INTO held FROM people.assignment
    WHERE territory_id = territory AND cell_id = root AND role = 'accountable';
  IF held IS NULL OR NOT held @> tstzrange(start, NULL) THEN
    RAISE EXCEPTION 'the tier-1 cell would be without an accountable person since % at some instant', start
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'root_always_accountable';
  END IF;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE CONSTRAINT TRIGGER root_always_accountable AFTER INSERT OR UPDATE ON people.assignment
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (NEW.role = 'accountable') EXECUTE FUNCTION people.check_root_accountable();
CREATE CONSTRAINT TRIGGER root_always_accountable AFTER INSERT OR UPDATE ON editions.edition
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (NEW.state = 'published') EXECUTE FUNCTION people.check_root_accountable();

-- Who answers for a cell of an edition at an instant: its own accountable
-- person, else the stand-in of the nearest ancestor that has one (its deputy,
-- else its accountable person), who is then acting.
CREATE FUNCTION people.accountable(territory int, edition int, instant timestamptz, cell bigint)
RETURNS TABLE (person_id bigint, name text, post text, acting boolean, holds bigint)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  WITH RECURSIVE up AS (
    SELECT cell AS cell_id, 0 AS steps
    UNION ALL
    SELECT v.parent_id, up.steps + 1
    FROM up JOIN cells.version v ON v.territory_id = territory AND v.cell_id = up.cell_id
      AND v.from_edition <= edition AND (v.to_edition IS NULL OR v.to_edition > edition)
    WHERE v.parent_id IS NOT NULL
  )
  SELECT a.person_id, p.name, coalesce(nullif(a.post, ''), p.post), up.steps > 0, up.cell_id
  FROM up
  JOIN people.assignment a ON a.territory_id = territory AND a.cell_id = up.cell_id
    AND a.during @> instant
    AND (a.role = 'accountable' OR (a.role = 'deputy' AND a.layer IS NULL AND up.steps > 0))
  JOIN people.person p ON p.territory_id = territory AND p.id = a.person_id
  ORDER BY up.steps, a.role = 'accountable', a.rank, a.id
  LIMIT 1
$$;
