-- +goose Up
-- Who runs a cell where that is not its parent by code (托管: development zones,
-- farms, scenic areas): another cell, by_cell, from an instant on; by_unit is
-- the unit that does so, where it is known. Whoever answers for by_cell stands in
-- for the cell's own people. The geometric parent stays. What was answered stays
-- true: it changes from now on.
CREATE TABLE people.administration (
  territory_id int NOT NULL REFERENCES cells.territory,
  id           bigint GENERATED ALWAYS AS IDENTITY,
  cell_id      bigint NOT NULL,
  by_cell      bigint NOT NULL,
  by_unit      bigint,
  during       tstzrange NOT NULL CHECK (NOT isempty(during) AND lower_inc(during) AND NOT upper_inc(during) AND NOT lower_inf(during)),
  reason       text NOT NULL DEFAULT '' CHECK (length(reason) <= 500),
  recorded_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  recorded_by  text NOT NULL,
  PRIMARY KEY (territory_id, id),
  FOREIGN KEY (territory_id, cell_id) REFERENCES cells.cell (territory_id, id),
  FOREIGN KEY (territory_id, by_cell) REFERENCES cells.cell (territory_id, id),
  FOREIGN KEY (territory_id, by_unit) REFERENCES people.unit (territory_id, id),
  CONSTRAINT administration_by_another CHECK (by_cell <> cell_id),
  CONSTRAINT administration_one_at_a_time EXCLUDE USING gist (territory_id WITH =, cell_id WITH =, during WITH &&)
);
CREATE INDEX administration_of ON people.administration (territory_id, cell_id);
GRANT SELECT, INSERT, DELETE, UPDATE (during, recorded_at, recorded_by) ON people.administration TO unigrid_app;
ALTER TABLE people.administration ENABLE ROW LEVEL SECURITY;
CREATE POLICY administration_read ON people.administration FOR SELECT TO unigrid_app USING (true);
CREATE POLICY administration_insert ON people.administration FOR INSERT TO unigrid_app
  WITH CHECK ((SELECT access.may('assignments.edit') AND access.layer(NULL::text)) AND cells.reached(territory_id, cell_id) AND cells.reached(territory_id, by_cell));
CREATE POLICY administration_update ON people.administration FOR UPDATE TO unigrid_app
  USING ((SELECT access.may('assignments.edit') AND access.layer(NULL::text)) AND cells.reached(territory_id, cell_id) AND cells.reached(territory_id, by_cell));
CREATE POLICY administration_delete ON people.administration FOR DELETE TO unigrid_app
  USING ((SELECT access.may('assignments.edit') AND access.layer(NULL::text)) AND cells.reached(territory_id, cell_id) AND cells.reached(territory_id, by_cell));

-- Cells, each of an edition, with those above them as they are run at an instant:
-- cells.ancestors, but that it follows who administers a cell. No chain of a
-- territory is 30 steps long.
CREATE FUNCTION people.superiors(territory int, cells bigint[], editions int[], instants timestamptz[]) RETURNS TABLE (n bigint, uid bigint, steps int)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  WITH RECURSIVE up AS (
    SELECT g.n, g.cell, g.edition, g.instant, 0 AS steps
    FROM unnest(cells, editions, instants) WITH ORDINALITY AS g (cell, edition, instant, n)
    UNION ALL
    SELECT up.n, a.above, up.edition, up.instant, up.steps + 1
    FROM up JOIN cells.version v ON v.territory_id = territory AND v.cell_id = up.cell
      AND v.from_edition <= up.edition AND (v.to_edition IS NULL OR v.to_edition > up.edition)
    CROSS JOIN LATERAL (
      SELECT coalesce((
        SELECT m.by_cell FROM people.administration m
        WHERE m.territory_id = territory AND m.cell_id = up.cell AND m.during @> up.instant
          AND EXISTS (SELECT FROM cells.version b WHERE b.territory_id = territory AND b.cell_id = m.by_cell
            AND b.from_edition <= up.edition AND (b.to_edition IS NULL OR b.to_edition > up.edition))
      ), v.parent_id) AS above
    ) a
    WHERE a.above IS NOT NULL AND up.steps < 30
  )
  SELECT up.n, up.cell, up.steps FROM up
$$;

-- +goose StatementBegin
CREATE FUNCTION people.keep_administration() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  seen bigint;
BEGIN
  IF (TG_OP = 'INSERT' AND lower(NEW.during) < now())
     OR (TG_OP = 'UPDATE' AND (lower(NEW.during) <> lower(OLD.during) OR coalesce(upper(NEW.during) < now(), false) OR coalesce(upper(OLD.during) < now(), false)))
     OR (TG_OP = 'DELETE' AND lower(OLD.during) <= now()) THEN
    RAISE EXCEPTION 'who administers a cell changes from now on, not before'
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'administration_from_now_on';
  END IF;
  IF TG_OP = 'INSERT' THEN
    -- one at a time, so that two can't close a ring
    PERFORM pg_advisory_xact_lock(hashtext('people administration'), NEW.territory_id);
    WITH RECURSIVE up AS (
      SELECT NEW.by_cell AS cell
      UNION
      SELECT n.above FROM up CROSS JOIN LATERAL (
        SELECT v.parent_id AS above FROM cells.version v
        WHERE v.territory_id = NEW.territory_id AND v.cell_id = up.cell
          AND v.from_edition = (SELECT max(l.from_edition) FROM cells.version l WHERE l.territory_id = NEW.territory_id AND l.cell_id = up.cell)
        UNION ALL
        SELECT a.by_cell FROM people.administration a WHERE a.territory_id = NEW.territory_id AND a.cell_id = up.cell AND a.during && NEW.during
      ) n WHERE n.above IS NOT NULL
    )
    SELECT cell INTO seen FROM up WHERE cell = NEW.cell_id;
    IF seen IS NOT NULL THEN
      RAISE EXCEPTION 'cell % would administer itself', NEW.cell_id
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'administration_no_ring';
    END IF;
  END IF;
  RETURN coalesce(NEW, OLD);
END $$;
-- +goose StatementEnd
CREATE TRIGGER keep_administration BEFORE INSERT OR UPDATE OR DELETE ON people.administration FOR EACH ROW EXECUTE FUNCTION people.keep_administration();

-- The four that say who answers, and when that changes, follow it.
CREATE OR REPLACE FUNCTION people.accountable(territory integer, edition integer, instant timestamp with time zone, cell bigint) RETURNS TABLE(person_id bigint, name text, post text, acting boolean, holds bigint, phone_masked text, side text, rank integer, assignment_id bigint, absent bigint, absent_name text, unit text)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  -- LIMIT 1 in each step makes it one look-up by key, whatever the planner
  -- knows of the tables: right after a bulk load it knows nothing
  WITH RECURSIVE up AS (
    SELECT cell AS cell_id, 0 AS steps
    UNION ALL
    SELECT v.above, up.steps + 1
    FROM up CROSS JOIN LATERAL (
      SELECT coalesce((
        SELECT m.by_cell FROM people.administration m
        WHERE m.territory_id = territory AND m.cell_id = up.cell_id AND m.during @> instant
          AND EXISTS (SELECT FROM cells.version b WHERE b.territory_id = territory AND b.cell_id = m.by_cell
            AND b.from_edition <= edition AND (b.to_edition IS NULL OR b.to_edition > edition))
      ), (
        SELECT c.parent_id FROM cells.version c
        WHERE c.territory_id = territory AND c.cell_id = up.cell_id
          AND c.from_edition <= edition AND (c.to_edition IS NULL OR c.to_edition > edition)
        LIMIT 1)) AS above
    ) v
    WHERE v.above IS NOT NULL AND up.steps < 30
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

CREATE OR REPLACE FUNCTION people.accountables(territory integer, edition integer, instant timestamp with time zone) RETURNS TABLE(cell_id bigint, tier smallint, person_id bigint, acting boolean, holds bigint, assignment_id bigint)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  WITH RECURSIVE holder AS MATERIALIZED (
    SELECT a.cell_id, max(a.id) FILTER (WHERE a.role = 'accountable') AS own,
           (array_agg(a.id ORDER BY a.role = 'accountable', a.rank, a.id))[1] AS stand_in
    FROM people.assignment a
    WHERE a.territory_id = territory AND a.role IN ('accountable', 'deputy') AND a.layer IS NULL
      AND a.during @> instant
    GROUP BY a.cell_id
  ), place AS MATERIALIZED (
    SELECT v.cell_id, v.tier, coalesce(b.cell_id, v.parent_id) AS above
    FROM cells.of(territory, edition) v
    LEFT JOIN people.administration a ON a.territory_id = territory AND a.cell_id = v.cell_id AND a.during @> instant
    LEFT JOIN cells.of(territory, edition) b ON b.cell_id = a.by_cell
    WHERE v.parent_id IS NOT NULL
  ), down AS (
    SELECT v.cell_id, v.tier, h.own AS holder, false AS acting, h.stand_in
    FROM cells.of(territory, edition) v LEFT JOIN holder h ON h.cell_id = v.cell_id
    WHERE v.parent_id IS NULL
    UNION ALL
    SELECT v.cell_id, v.tier, coalesce(h.own, down.stand_in), h.own IS NULL, coalesce(h.stand_in, down.stand_in)
    FROM down
    JOIN place v ON v.above = down.cell_id
    LEFT JOIN holder h ON h.cell_id = v.cell_id
  )
  SELECT down.cell_id, down.tier, a.person_id, down.acting AND a.id IS NOT NULL, a.cell_id, a.id
  FROM down LEFT JOIN people.assignment a ON a.territory_id = territory AND a.id = down.holder
$$;

CREATE OR REPLACE FUNCTION people.accountables(territory integer, cells bigint[], editions integer[], instants timestamp with time zone[]) RETURNS TABLE(n bigint, person_id bigint, name text, post text, side text, rank integer, phone text, acting boolean, holds bigint, absent bigint, absent_name text, unit text)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  WITH holder AS (
    SELECT DISTINCT ON (up.n) up.n, up.uid, up.steps, a.person_id, coalesce(nullif(a.post, ''), p.post) AS post, a.side, a.rank, p.name, p.phone_masked, p.unit
    FROM people.superiors(territory, cells, editions, instants) up
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

CREATE OR REPLACE FUNCTION people.fingerprint(territory integer, instant timestamp with time zone, OUT version bigint, OUT next timestamp with time zone) RETURNS record
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT coalesce(a.version, 0) # coalesce(p.version, 0) # coalesce(l.version, 0) # coalesce(m.version, 0), least(a.next, l.next, m.next)
  FROM (SELECT bit_xor(hash_record_extended(ROW(a.id), a.xmin::text::bigint)) AS version,
               least(min(lower(during)) FILTER (WHERE lower(during) > instant),
                     min(upper(during)) FILTER (WHERE upper(during) > instant)) AS next
        FROM people.assignment a WHERE a.territory_id = territory) a,
       (SELECT bit_xor(hash_record_extended(ROW(-p.id), p.xmin::text::bigint)) AS version
        FROM people.person p WHERE p.territory_id = territory) p,
       (SELECT bit_xor(hash_record_extended(ROW(l.id, 'leave'::text), l.xmin::text::bigint)) AS version,
               least(min(lower(during)) FILTER (WHERE lower(during) > instant),
                     min(upper(during)) FILTER (WHERE upper(during) > instant)) AS next
        FROM people.leave l WHERE l.territory_id = territory) l,
       (SELECT bit_xor(hash_record_extended(ROW(m.id, 'administration'::text), m.xmin::text::bigint)) AS version,
               least(min(lower(during)) FILTER (WHERE lower(during) > instant),
                     min(upper(during)) FILTER (WHERE upper(during) > instant)) AS next
        FROM people.administration m WHERE m.territory_id = territory) m
$$;
