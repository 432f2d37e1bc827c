-- +goose Up
-- Somebody is away, and stand_in acts for the cells that they answer for, or who
-- people.leave_cell names for one of them. Assignments go on meanwhile. One that
-- has begun can only get another end, from now on: what was answered stays true.
CREATE TABLE people.leave (
  territory_id int NOT NULL REFERENCES cells.territory,
  id           bigint GENERATED ALWAYS AS IDENTITY,
  person_id    bigint NOT NULL,
  during       tstzrange NOT NULL CHECK (NOT isempty(during) AND lower_inc(during) AND NOT upper_inc(during) AND NOT lower_inf(during)),
  stand_in     bigint NOT NULL,
  reason       text NOT NULL DEFAULT '',
  recorded_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  recorded_by  text NOT NULL,
  PRIMARY KEY (territory_id, id),
  FOREIGN KEY (territory_id, person_id) REFERENCES people.identity (territory_id, id),
  FOREIGN KEY (territory_id, stand_in) REFERENCES people.identity (territory_id, id),
  CONSTRAINT leave_stand_in_is_another CHECK (stand_in <> person_id),
  CONSTRAINT leave_one_at_a_time EXCLUDE USING gist (territory_id WITH =, person_id WITH =, during WITH &&)
);
GRANT SELECT, INSERT, DELETE, UPDATE (during, recorded_at, recorded_by) ON people.leave TO unigrid_app;

CREATE TABLE people.leave_cell (
  territory_id int NOT NULL,
  leave_id     bigint NOT NULL,
  cell_id      bigint NOT NULL,
  stand_in     bigint NOT NULL,
  PRIMARY KEY (territory_id, leave_id, cell_id),
  FOREIGN KEY (territory_id, leave_id) REFERENCES people.leave (territory_id, id) ON DELETE CASCADE,
  FOREIGN KEY (territory_id, cell_id) REFERENCES cells.cell (territory_id, id),
  FOREIGN KEY (territory_id, stand_in) REFERENCES people.identity (territory_id, id)
);
GRANT SELECT, INSERT, DELETE ON people.leave_cell TO unigrid_app;

-- +goose StatementBegin
CREATE FUNCTION people.keep_leave() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (TG_OP = 'INSERT' AND lower(NEW.during) < now())
     OR (TG_OP = 'UPDATE' AND (lower(NEW.during) <> lower(OLD.during) OR coalesce(upper(NEW.during) < now(), false) OR coalesce(upper(OLD.during) < now(), false)))
     OR (TG_OP = 'DELETE' AND lower(OLD.during) <= now()) THEN
    RAISE EXCEPTION 'a leave changes from now on, not before'
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'leave_from_now_on';
  END IF;
  RETURN coalesce(NEW, OLD);
END $$;
-- +goose StatementEnd
CREATE TRIGGER keep_leave BEFORE INSERT OR UPDATE OR DELETE ON people.leave FOR EACH ROW EXECUTE FUNCTION people.keep_leave();

-- Who acts for a person in a cell while the person is away; no row: the person
-- is there, or who should act is among the persons no more.
CREATE FUNCTION people.instead(territory int, person bigint, cell bigint, instant timestamptz)
RETURNS TABLE (person_id bigint, name text, post text, phone_masked text, unit text)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT q.person_id, q.name, q.post, q.phone_masked, q.unit
  FROM people.leave l
  LEFT JOIN people.leave_cell c ON c.territory_id = territory AND c.leave_id = l.id AND c.cell_id = instead.cell
  JOIN people.person_version q ON q.territory_id = territory AND q.person_id = coalesce(c.stand_in, l.stand_in) AND q.during @> instant
  WHERE l.territory_id = territory AND l.person_id = person AND l.during @> instant
$$;

-- May the caller see who stands in for a vacant post? The public is told that it
-- is vacant and which unit looks after it.
CREATE FUNCTION people.names_stand_ins() RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT coalesce(current_setting('unigrid.role', true), '') <> 'public'
$$;
CREATE FUNCTION people.vacant_name() RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT '空缺(由上级网格代管)' $$;

-- Who answers for a cell of an edition at an instant: its own accountable
-- person, else the stand-in of the nearest ancestor that has one (its deputy
-- for all layers, else its accountable person), who is then acting; or who acts
-- for either while they are away (absent). holds is the cell whose holder that
-- is. Exactly one row, or none where nobody is found up to the root.
DROP FUNCTION people.accountable(int, int, timestamptz, bigint);
CREATE FUNCTION people.accountable(territory int, edition int, instant timestamptz, cell bigint)
RETURNS TABLE (person_id bigint, name text, post text, acting boolean, holds bigint,
               phone_masked text, side text, rank int, assignment_id bigint, absent bigint, absent_name text, unit text)
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
  ), answer AS (
    SELECT coalesce(i.person_id, h.person_id) AS person_id, CASE WHEN i.person_id IS NULL THEN p.name ELSE i.name END AS name,
           CASE WHEN i.person_id IS NULL THEN coalesce(nullif(h.post, ''), p.post) ELSE i.post END AS post,
           CASE WHEN i.person_id IS NULL THEN p.phone_masked ELSE i.phone_masked END AS phone_masked, h.steps, h.cell_id, h.side, h.rank, h.id,
           CASE WHEN i.person_id IS NOT NULL THEN h.person_id END AS absent, CASE WHEN i.person_id IS NOT NULL THEN p.name END AS absent_name,
           p.unit, people.names_stand_ins() OR h.steps = 0 AS named
    FROM holder h CROSS JOIN LATERAL (
      SELECT q.name, q.post, q.phone_masked, q.unit FROM people.person_version q
      WHERE q.territory_id = territory AND q.person_id = h.person_id AND lower(q.during) <= instant
      ORDER BY lower(q.during) DESC LIMIT 1
    ) p
    LEFT JOIN LATERAL people.instead(territory, h.person_id, h.cell_id, instant) i ON true
  )
  SELECT CASE WHEN named THEN person_id END, CASE WHEN named THEN name ELSE people.vacant_name() END, CASE WHEN named THEN post ELSE unit END,
         steps > 0 OR absent IS NOT NULL, cell_id, CASE WHEN named THEN phone_masked ELSE '' END, side, rank, id,
         CASE WHEN people.names_stand_ins() THEN absent END, CASE WHEN people.names_stand_ins() THEN absent_name END, unit
  FROM answer
$$;

-- The same for many cells, each of an edition and at an instant; n is the cell's
-- place in the array.
DROP FUNCTION people.accountables(int, bigint[], int[], timestamptz[]);
CREATE FUNCTION people.accountables(territory int, cells bigint[], editions int[], instants timestamptz[])
RETURNS TABLE (n bigint, person_id bigint, name text, post text, side text, rank int, phone text, acting boolean, holds bigint,
               absent bigint, absent_name text, unit text)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  WITH holder AS (
    SELECT DISTINCT ON (up.n) up.n, up.uid, up.steps, a.person_id, coalesce(nullif(a.post, ''), p.post) AS post, a.side, a.rank, p.name, p.phone_masked, p.unit
    FROM cells.ancestors(territory, cells, editions) up
    JOIN people.assignment a ON a.territory_id = territory AND a.cell_id = up.uid AND a.during @> instants[up.n]
      AND (a.role = 'accountable' OR (a.role = 'deputy' AND a.layer IS NULL AND up.steps > 0))
    JOIN people.person_version p ON p.territory_id = territory AND p.person_id = a.person_id AND p.during @> instants[up.n]
    ORDER BY up.n, up.steps, a.role = 'accountable', a.rank, a.id
  ), answer AS (
    SELECT h.n, coalesce(i.person_id, h.person_id) AS person_id, CASE WHEN i.person_id IS NULL THEN h.name ELSE i.name END AS name,
           CASE WHEN i.person_id IS NULL THEN h.post ELSE i.post END AS post, h.side, h.rank,
           CASE WHEN i.person_id IS NULL THEN h.phone_masked ELSE i.phone_masked END AS phone, h.steps, h.uid,
           CASE WHEN i.person_id IS NOT NULL THEN h.person_id END AS absent, CASE WHEN i.person_id IS NOT NULL THEN h.name END AS absent_name,
           h.unit, people.names_stand_ins() OR h.steps = 0 AS named
    FROM holder h LEFT JOIN LATERAL people.instead(territory, h.person_id, h.uid, instants[h.n]) i ON true
  )
  SELECT n, CASE WHEN named THEN person_id END, CASE WHEN named THEN name ELSE people.vacant_name() END, CASE WHEN named THEN post ELSE unit END,
         side, rank, CASE WHEN named THEN phone ELSE '' END, steps > 0 OR absent IS NOT NULL, uid,
         CASE WHEN people.names_stand_ins() THEN absent END, CASE WHEN people.names_stand_ins() THEN absent_name END, unit
  FROM answer
$$;

CREATE OR REPLACE FUNCTION people.fingerprint(territory int, instant timestamptz, OUT version bigint, OUT next timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT coalesce(a.version, 0) # coalesce(p.version, 0) # coalesce(l.version, 0), least(a.next, l.next)
  FROM (SELECT bit_xor(hash_record_extended(ROW(a.id), a.xmin::text::bigint)) AS version,
               least(min(lower(during)) FILTER (WHERE lower(during) > instant),
                     min(upper(during)) FILTER (WHERE upper(during) > instant)) AS next
        FROM people.assignment a WHERE a.territory_id = territory) a,
       (SELECT bit_xor(hash_record_extended(ROW(-p.id), p.xmin::text::bigint)) AS version
        FROM people.person p WHERE p.territory_id = territory) p,
       (SELECT bit_xor(hash_record_extended(ROW(l.id, 'leave'::text), l.xmin::text::bigint)) AS version,
               least(min(lower(during)) FILTER (WHERE lower(during) > instant),
                     min(upper(during)) FILTER (WHERE upper(during) > instant)) AS next
        FROM people.leave l WHERE l.territory_id = territory) l
$$;

-- The cells of an edition whose post of the accountable person is vacant at an
-- instant: since when (the end of the last holder, else the cell's first
-- edition), who held it last, whose stand-in acts from how many tiers up, and who
-- is to come. far: from two tiers up, or nobody.
CREATE FUNCTION people.vacancies(territory int, edition int, instant timestamptz)
RETURNS TABLE (cell_id bigint, code text, name text, tier smallint, since timestamptz, last_person bigint,
               stand_in bigint, holds bigint, up int, far boolean, next_person bigint, next_from timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT v.cell_id, v.code, v.name, v.tier, coalesce(past.ended, begun.effective), past.person_id, a.person_id, a.holds, v.tier - h.tier,
         coalesce(v.tier - h.tier >= 2, true), coming.person_id, coming.begins
  FROM people.accountables(territory, edition, instant) a
  JOIN cells.version v ON v.territory_id = territory AND v.cell_id = a.cell_id AND v.from_edition <= edition AND (v.to_edition IS NULL OR v.to_edition > edition)
  LEFT JOIN cells.version h ON h.territory_id = territory AND h.cell_id = a.holds AND h.from_edition <= edition AND (h.to_edition IS NULL OR h.to_edition > edition)
  LEFT JOIN LATERAL (
    SELECT s.person_id, upper(s.during) AS ended FROM people.assignment s
    WHERE s.territory_id = territory AND s.cell_id = a.cell_id AND s.role = 'accountable' AND upper(s.during) <= instant ORDER BY upper(s.during) DESC LIMIT 1
  ) past ON true
  LEFT JOIN LATERAL (
    SELECT s.person_id, lower(s.during) AS begins FROM people.assignment s
    WHERE s.territory_id = territory AND s.cell_id = a.cell_id AND s.role = 'accountable' AND lower(s.during) > instant ORDER BY lower(s.during) LIMIT 1
  ) coming ON true
  LEFT JOIN LATERAL (
    SELECT min(e.effective) AS effective FROM cells.version f JOIN editions.edition e ON e.territory_id = territory AND e.seq = f.from_edition
    WHERE f.territory_id = territory AND f.cell_id = a.cell_id
  ) begun ON true
  WHERE a.acting OR a.person_id IS NULL
$$;

-- What the office has to look at: a vacant cell for which somebody acts from two
-- tiers up. One is open for a cell at a time.
CREATE TABLE people.alarm (
  territory_id int NOT NULL REFERENCES cells.territory,
  id           bigint GENERATED ALWAYS AS IDENTITY,
  kind         text NOT NULL DEFAULT 'acting-from-afar' CHECK (kind = 'acting-from-afar'),
  cell_id      bigint NOT NULL,
  since        timestamptz NOT NULL,
  raised_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  ended_at     timestamptz,
  seen_at      timestamptz,
  seen_by      text,
  note         text NOT NULL DEFAULT '',
  PRIMARY KEY (territory_id, id),
  FOREIGN KEY (territory_id, cell_id) REFERENCES cells.cell (territory_id, id)
);
CREATE UNIQUE INDEX alarm_one_open ON people.alarm (territory_id, cell_id) WHERE ended_at IS NULL;
GRANT SELECT, INSERT, UPDATE (ended_at, seen_at, seen_by, note) ON people.alarm TO unigrid_app;
