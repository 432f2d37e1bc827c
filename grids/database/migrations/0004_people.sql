-- +goose Up
CREATE SCHEMA people;
GRANT USAGE ON SCHEMA people TO unigrid_app;

-- A telephone number as most readers see it: of 11 digits and more the first
-- three and last four stay (138****1234, 000-****-0001), anything shorter is
-- hidden whole; letters are hidden, separators stay.
CREATE FUNCTION people.masked(phone text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  WITH letter AS (
    SELECT c, n, c ~ '[0-9]' AS digit,
           count(*) FILTER (WHERE c ~ '[0-9]') OVER (ORDER BY n) AS nth,
           count(*) FILTER (WHERE c ~ '[0-9]') OVER () AS digits
    FROM regexp_split_to_table(translate(btrim(phone), '０１２３４５６７８９－', '0123456789-'), '') WITH ORDINALITY AS t (c, n)
  )
  SELECT CASE
    WHEN btrim(phone) = '' THEN ''
    WHEN max(digits) < 11 THEN '****'
    ELSE string_agg(CASE WHEN digit AND (nth <= 3 OR nth > digits - 4) THEN c
                         WHEN digit OR c !~ '[-+() /,;]' THEN '*' ELSE c END, '' ORDER BY n)
  END FROM letter
$$;

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

-- Full telephone numbers, apart, readable by an administrator only; written
-- only by people.keep_contacts.
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
GRANT SELECT ON people.contact TO unigrid_app;

-- Where importers put people for this room to check and apply. phone can be
-- written by the service, not read: a table with row-level security takes no
-- COPY, so the column is kept back by its privilege.
CREATE TABLE people.intake_person (
  territory_id int NOT NULL REFERENCES cells.territory,
  batch        bigint NOT NULL,
  row          int NOT NULL,
  staff_no     text NOT NULL,
  name         text NOT NULL,
  unit         text NOT NULL DEFAULT '',
  post         text NOT NULL DEFAULT '',
  phone        text NOT NULL DEFAULT '',
  provenance   text NOT NULL CHECK (provenance IN ('imported', 'demo')),
  phone_masked text GENERATED ALWAYS AS (people.masked(phone)) STORED,
  PRIMARY KEY (territory_id, batch, row)
);
GRANT INSERT, DELETE ON people.intake_person TO unigrid_app;
GRANT SELECT (territory_id, batch, row, staff_no, name, unit, post, provenance, phone_masked) ON people.intake_person TO unigrid_app;

-- Moves the telephone numbers of a batch to people.contact and gives the people
-- whose number is new or another. An empty one changes nothing.
-- +goose StatementBegin
CREATE FUNCTION people.keep_contacts(territory int, of_batch bigint) RETURNS SETOF bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF coalesce(current_setting('unigrid.role', true), '') NOT IN ('admin', 'local') THEN
    RAISE EXCEPTION 'this principal may not change telephone numbers' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN QUERY
    INSERT INTO people.contact AS c (territory_id, person_id, phone)
    SELECT DISTINCT ON (p.id) territory, p.id, btrim(i.phone)
    FROM people.intake_person i
    JOIN people.person p ON p.territory_id = territory AND p.staff_no = btrim(i.staff_no)
    WHERE i.territory_id = territory AND i.batch = of_batch AND btrim(i.phone) <> ''
    ORDER BY p.id, i.row
    ON CONFLICT (territory_id, person_id) DO UPDATE SET phone = EXCLUDED.phone WHERE c.phone <> EXCLUDED.phone
    RETURNING c.person_id;
END $$;
-- +goose StatementEnd
REVOKE EXECUTE ON FUNCTION people.keep_contacts FROM PUBLIC;
GRANT EXECUTE ON FUNCTION people.keep_contacts TO unigrid_app;

-- Who holds which role for which cell, when. Accountable is always for all
-- layers; the lead of one layer is a role of its own. side and rank give the
-- protocol order of leaders (party and government heads are jointly
-- responsible). Person, cell and role of a row never change.
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
GRANT SELECT, INSERT, DELETE, UPDATE (post, side, rank, during, recorded_by, reason) ON people.assignment TO unigrid_app;

-- What was known of an assignment before it was changed or taken back: with it,
-- "known at" can be answered and nothing is ever lost. Only the trigger writes.
CREATE TABLE people.assignment_past (
  territory_id  int NOT NULL REFERENCES cells.territory,
  n             bigint GENERATED ALWAYS AS IDENTITY,
  assignment_id bigint NOT NULL,
  known         tstzrange NOT NULL,
  assignment    jsonb NOT NULL,
  PRIMARY KEY (territory_id, n)
);
CREATE INDEX assignment_past_of ON people.assignment_past (territory_id, assignment_id);
GRANT SELECT ON people.assignment_past TO unigrid_app;

-- +goose StatementBegin
CREATE FUNCTION people.keep_past() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  instant timestamptz := greatest(clock_timestamp(), OLD.recorded_at);
BEGIN
  IF TG_OP = 'UPDATE' AND OLD IS NOT DISTINCT FROM NEW THEN
    RETURN NEW;
  END IF;
  INSERT INTO people.assignment_past (territory_id, assignment_id, known, assignment)
    VALUES (OLD.territory_id, OLD.id, tstzrange(OLD.recorded_at, instant), to_jsonb(OLD));
  IF TG_OP = 'DELETE' THEN
    RETURN OLD;
  END IF;
  NEW.recorded_at := instant;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER keep_past BEFORE UPDATE OR DELETE ON people.assignment
  FOR EACH ROW EXECUTE FUNCTION people.keep_past();

-- The first instant since the first publish at which the tier-1 cell of the
-- edition in force has no accountable person; NULL when there is none.
CREATE FUNCTION people.root_hole(territory int) RETURNS timestamptz
LANGUAGE sql VOLATILE AS $$
  WITH force AS (
    SELECT seq, tstzrange(effective, lead(effective) OVER (ORDER BY effective, seq)) AS period
    FROM editions.edition WHERE territory_id = territory AND state = 'published'
  )
  SELECT min(lower(hole))
  FROM force f
  JOIN cells.version v ON v.territory_id = territory AND v.tier = 1
    AND v.from_edition <= f.seq AND (v.to_edition IS NULL OR v.to_edition > f.seq)
  CROSS JOIN LATERAL unnest(tstzmultirange(f.period) - coalesce(
    (SELECT range_agg(a.during) FROM people.assignment a
     WHERE a.territory_id = territory AND a.cell_id = v.cell_id AND a.role = 'accountable'), '{}')) AS hole
  WHERE NOT isempty(f.period)
$$;

-- From the first publish on, the tier-1 cell has no hole in its accountable
-- periods: with that, every cell has someone at every instant (acting is
-- looked up, never stored). The territory's row is locked, so that two
-- transactions judge one after the other.
-- +goose StatementBegin
CREATE FUNCTION people.check_root_accountable() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  governed int := coalesce(NEW.territory_id, OLD.territory_id);
  hole timestamptz;
BEGIN
  IF TG_TABLE_NAME = 'assignment' THEN
    PERFORM FROM cells.version v
      WHERE v.territory_id = governed AND v.tier = 1 AND v.cell_id = coalesce(NEW.cell_id, OLD.cell_id);
    IF NOT FOUND THEN
      RETURN NULL;
    END IF;
  END IF;
  PERFORM FROM cells.territory WHERE id = governed FOR NO KEY UPDATE;
  hole := people.root_hole(governed);
  IF hole IS NOT NULL THEN
    RAISE EXCEPTION 'the tier-1 cell would be without an accountable person from %', hole
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'root_always_accountable';
  END IF;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE CONSTRAINT TRIGGER root_always_accountable AFTER INSERT OR UPDATE ON people.assignment
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (NEW.role = 'accountable') EXECUTE FUNCTION people.check_root_accountable();
CREATE CONSTRAINT TRIGGER root_always_accountable_deleted AFTER DELETE ON people.assignment
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (OLD.role = 'accountable') EXECUTE FUNCTION people.check_root_accountable();
CREATE CONSTRAINT TRIGGER root_always_accountable AFTER INSERT OR UPDATE ON editions.edition
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (NEW.state = 'published') EXECUTE FUNCTION people.check_root_accountable();

-- Who answers for a cell of an edition at an instant: its own accountable
-- person, else the stand-in of the nearest ancestor that has one (its deputy
-- for all layers, else its accountable person), who is then acting. holds is
-- the cell whose holder that is. No row: nobody up to the root.
CREATE FUNCTION people.accountable(territory int, edition int, instant timestamptz, cell bigint)
RETURNS TABLE (person_id bigint, name text, post text, acting boolean, holds bigint,
               phone_masked text, side text, rank int, assignment_id bigint)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  -- LIMIT 1 in each step makes it one look-up by key, whatever the planner
  -- knows of the tables: right after a bulk load it knows nothing
  WITH RECURSIVE up AS (
    SELECT cell AS cell_id, 0 AS steps
    UNION ALL
    SELECT v.parent_id, up.steps + 1
    FROM up CROSS JOIN LATERAL (
      SELECT c.parent_id FROM cells.version c
      WHERE c.territory_id = territory AND c.cell_id = up.cell_id
        AND c.from_edition <= edition AND (c.to_edition IS NULL OR c.to_edition > edition)
      LIMIT 1
    ) v
    WHERE v.parent_id IS NOT NULL
  ), holder AS (
    SELECT up.steps, up.cell_id, a.*
    FROM up CROSS JOIN LATERAL (
      SELECT s.id, s.person_id, s.post, s.side, s.rank FROM people.assignment s
      WHERE s.territory_id = territory AND s.cell_id = up.cell_id AND s.during @> instant
        AND (s.role = 'accountable' OR (s.role = 'deputy' AND s.layer IS NULL AND up.steps > 0))
      ORDER BY s.role = 'accountable', s.rank, s.id
      LIMIT 1
    ) a
    ORDER BY up.steps
    LIMIT 1
  )
  SELECT h.person_id, p.name, coalesce(nullif(h.post, ''), p.post), h.steps > 0, h.cell_id,
         p.phone_masked, h.side, h.rank, h.id
  FROM holder h CROSS JOIN LATERAL (
    SELECT q.name, q.post, q.phone_masked FROM people.person q WHERE q.territory_id = territory AND q.id = h.person_id LIMIT 1
  ) p
$$;

-- The same for all cells of an edition at once, top down: one pass over the
-- tree. assignment_id and person_id are NULL where nobody is found.
CREATE FUNCTION people.accountables(territory int, edition int, instant timestamptz)
RETURNS TABLE (cell_id bigint, tier smallint, person_id bigint, acting boolean, holds bigint, assignment_id bigint)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  WITH RECURSIVE holder AS MATERIALIZED (
    SELECT a.cell_id, max(a.id) FILTER (WHERE a.role = 'accountable') AS own,
           (array_agg(a.id ORDER BY a.role = 'accountable', a.rank, a.id))[1] AS stand_in
    FROM people.assignment a
    WHERE a.territory_id = territory AND a.role IN ('accountable', 'deputy') AND a.layer IS NULL
      AND a.during @> instant
    GROUP BY a.cell_id
  ), down AS (
    SELECT v.cell_id, v.tier, h.own AS holder, false AS acting, h.stand_in
    FROM cells.of(territory, edition) v LEFT JOIN holder h ON h.cell_id = v.cell_id
    WHERE v.parent_id IS NULL
    UNION ALL
    SELECT v.cell_id, v.tier, coalesce(h.own, down.stand_in), h.own IS NULL, coalesce(h.stand_in, down.stand_in)
    FROM down
    JOIN cells.version v ON v.territory_id = territory AND v.parent_id = down.cell_id
      AND v.from_edition <= edition AND (v.to_edition IS NULL OR v.to_edition > edition)
    LEFT JOIN holder h ON h.cell_id = v.cell_id
  )
  SELECT down.cell_id, down.tier, a.person_id, down.acting AND a.id IS NOT NULL, a.cell_id, a.id
  FROM down LEFT JOIN people.assignment a ON a.territory_id = territory AND a.id = down.holder
$$;

-- Where importers put assignments. Codes and words as they came; the room
-- checks them.
CREATE TABLE people.intake_assignment (
  territory_id int NOT NULL REFERENCES cells.territory,
  batch        bigint NOT NULL,
  row          int NOT NULL,
  staff_no     text NOT NULL,
  cell_code    text NOT NULL,
  role         text NOT NULL,
  layer        text,
  post         text NOT NULL DEFAULT '',
  side         text,
  rank         int NOT NULL DEFAULT 0,
  from_at      timestamptz,
  to_at        timestamptz,
  PRIMARY KEY (territory_id, batch, row)
);
GRANT SELECT, INSERT, DELETE ON people.intake_assignment TO unigrid_app;

-- Where a merge puts who leads a layer in a cell; person_id null: nobody.
CREATE TABLE people.intake_lead (
  territory_id int NOT NULL REFERENCES cells.territory,
  batch        bigint NOT NULL,
  id           bigint GENERATED ALWAYS AS IDENTITY,
  cell_id      bigint NOT NULL,
  layer        text NOT NULL,
  person_id    bigint,
  post         text NOT NULL DEFAULT '',
  PRIMARY KEY (territory_id, batch, id)
);
GRANT SELECT, INSERT, DELETE ON people.intake_lead TO unigrid_app;
