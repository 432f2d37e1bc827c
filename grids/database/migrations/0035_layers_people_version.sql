-- +goose Up
-- Layer cells and persons get versions as objects have: the table is what there
-- is now, its versions are what there was when, and only triggers write them.
CREATE TABLE layers.identity (
  territory_id int NOT NULL REFERENCES cells.territory,
  id           bigint NOT NULL,
  PRIMARY KEY (territory_id, id)
);
GRANT SELECT ON layers.identity TO unigrid_app;
INSERT INTO layers.identity (territory_id, id) SELECT territory_id, id FROM layers.cell;

CREATE TABLE layers.version (
  territory_id int NOT NULL,
  cell_id      bigint NOT NULL,
  during       tstzrange NOT NULL CHECK (NOT isempty(during) AND lower_inc(during) AND NOT upper_inc(during) AND NOT lower_inf(during)),
  layer        text NOT NULL,
  code         text NOT NULL,
  name         text NOT NULL,
  person_id    bigint,
  geom         geometry(MultiPolygon, 4326) NOT NULL,
  area_m2      double precision NOT NULL,
  provenance   text NOT NULL,
  recorded_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  recorded_by  text NOT NULL,
  FOREIGN KEY (territory_id, cell_id) REFERENCES layers.identity (territory_id, id),
  CONSTRAINT version_one_at_a_time EXCLUDE USING gist (territory_id WITH =, cell_id WITH =, during WITH &&)
);
CREATE UNIQUE INDEX version_once ON layers.version (territory_id, cell_id, lower(during));
CREATE INDEX version_code ON layers.version (territory_id, layer, code);
CREATE INDEX version_geom ON layers.version USING gist (geom);
GRANT SELECT ON layers.version TO unigrid_app;

-- Cells from before this table have one version, from the earliest instant that
-- is known of them: a merge may have seen them before their last change.
INSERT INTO layers.version (territory_id, cell_id, during, layer, code, name, person_id, geom, area_m2, provenance, recorded_at, recorded_by)
SELECT c.territory_id, c.id, tstzrange(least(c.changed_at, r.first), NULL), c.layer, c.code, c.name, c.person_id, c.geom, c.area_m2, c.provenance, c.changed_at, ''
FROM layers.cell c
LEFT JOIN (
  SELECT w.territory_id, w.layer_cell_id, min(r.created_at) AS first
  FROM (SELECT DISTINCT territory_id, run_id, layer_cell_id FROM merge.crosswalk) w
  JOIN merge.run r ON (r.territory_id, r.id) = (w.territory_id, w.run_id)
  GROUP BY 1, 2
) r ON (r.territory_id, r.layer_cell_id) = (c.territory_id, c.id);

-- Past crosswalks outlive the cells that they name.
ALTER TABLE merge.crosswalk
  DROP CONSTRAINT crosswalk_territory_id_layer_cell_id_fkey,
  ADD CONSTRAINT crosswalk_of_identity FOREIGN KEY (territory_id, layer_cell_id) REFERENCES layers.identity (territory_id, id);
ALTER TABLE merge.sliver
  DROP CONSTRAINT sliver_territory_id_layer_cell_id_fkey,
  DROP CONSTRAINT sliver_territory_id_into_layer_cell_id_fkey,
  ADD CONSTRAINT sliver_of_identity FOREIGN KEY (territory_id, layer_cell_id) REFERENCES layers.identity (territory_id, id),
  ADD CONSTRAINT sliver_into_identity FOREIGN KEY (territory_id, into_layer_cell_id) REFERENCES layers.identity (territory_id, id);
GRANT USAGE ON SEQUENCE layers.cell_id_seq TO unigrid_app;

-- +goose StatementBegin
CREATE FUNCTION layers.begin_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.changed_at <= OLD.changed_at THEN
    NEW.changed_at := clock_timestamp();
  END IF;
  IF NEW.changed_at < now() OR NEW.changed_at > clock_timestamp() THEN
    RAISE EXCEPTION 'layer cell % changes now, not at %', NEW.code, NEW.changed_at
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'layer_cell_changes_now';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER begin_version BEFORE INSERT ON layers.cell
  FOR EACH ROW EXECUTE FUNCTION layers.begin_version();
CREATE TRIGGER begin_version_anew BEFORE UPDATE ON layers.cell
  FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION layers.begin_version();

-- +goose StatementBegin
CREATE FUNCTION layers.keep_versions() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  who text := coalesce(nullif(current_setting('unigrid.name', true), ''), session_user);
  instant timestamptz := clock_timestamp();
BEGIN
  IF TG_OP = 'DELETE' THEN
    UPDATE layers.version v SET during = tstzrange(lower(v.during), instant)
      FROM before b WHERE v.territory_id = b.territory_id AND v.cell_id = b.id AND upper_inf(v.during);
    RETURN NULL;
  END IF;
  IF TG_OP = 'INSERT' THEN
    INSERT INTO layers.identity (territory_id, id) SELECT territory_id, id FROM after ON CONFLICT DO NOTHING;
  ELSE
    UPDATE layers.version v SET during = tstzrange(lower(v.during), a.changed_at)
      FROM after a JOIN before b ON b.territory_id = a.territory_id AND b.id = a.id AND b.changed_at < a.changed_at
      WHERE v.territory_id = a.territory_id AND v.cell_id = a.id AND upper_inf(v.during);
  END IF;
  INSERT INTO layers.version (territory_id, cell_id, during, layer, code, name, person_id, geom, area_m2, provenance, recorded_by)
    SELECT a.territory_id, a.id, tstzrange(a.changed_at, NULL), a.layer, a.code, a.name, a.person_id, a.geom, a.area_m2, a.provenance, who
    FROM after a
    WHERE NOT EXISTS (SELECT FROM layers.version v WHERE v.territory_id = a.territory_id AND v.cell_id = a.id AND upper_inf(v.during));
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER keep_versions_of_new AFTER INSERT ON layers.cell
  REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION layers.keep_versions();
CREATE TRIGGER keep_versions_of_changed AFTER UPDATE ON layers.cell
  REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION layers.keep_versions();
CREATE TRIGGER keep_versions_of_retired AFTER DELETE ON layers.cell
  REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION layers.keep_versions();

-- A layer that is added later was not there before; those there are now always
-- were.
ALTER TABLE layers.layer ADD COLUMN created_at timestamptz NOT NULL DEFAULT '-infinity';
ALTER TABLE layers.layer ALTER COLUMN created_at SET DEFAULT clock_timestamp();

-- A person's particulars as they were in a period. What is known first holds
-- since ever: assignments may begin before the person is recorded.
ALTER TABLE people.person ADD COLUMN changed_at timestamptz NOT NULL DEFAULT clock_timestamp();
CREATE TABLE people.person_version (
  territory_id int NOT NULL,
  person_id    bigint NOT NULL,
  during       tstzrange NOT NULL CHECK (NOT isempty(during) AND lower_inc(during) AND NOT upper_inc(during)),
  name         text NOT NULL,
  unit         text NOT NULL,
  post         text NOT NULL,
  phone_masked text NOT NULL,
  recorded_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  recorded_by  text NOT NULL,
  FOREIGN KEY (territory_id, person_id) REFERENCES people.person (territory_id, id),
  CONSTRAINT person_version_one_at_a_time EXCLUDE USING gist (territory_id WITH =, person_id WITH =, during WITH &&)
);
CREATE UNIQUE INDEX person_version_once ON people.person_version (territory_id, person_id, lower(during));
GRANT SELECT ON people.person_version TO unigrid_app;
INSERT INTO people.person_version (territory_id, person_id, during, name, unit, post, phone_masked, recorded_by)
SELECT territory_id, id, tstzrange('-infinity', NULL), name, unit, post, phone_masked, '' FROM people.person;

-- +goose StatementBegin
CREATE FUNCTION people.begin_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.changed_at <= OLD.changed_at THEN
    NEW.changed_at := clock_timestamp();
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER begin_version_anew BEFORE UPDATE ON people.person
  FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION people.begin_version();

-- +goose StatementBegin
CREATE FUNCTION people.keep_versions() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  who text := coalesce(nullif(current_setting('unigrid.name', true), ''), session_user);
BEGIN
  IF TG_OP = 'UPDATE' THEN
    UPDATE people.person_version v SET during = tstzrange(lower(v.during), a.changed_at)
      FROM after a JOIN before b ON b.territory_id = a.territory_id AND b.id = a.id AND b.changed_at < a.changed_at
      WHERE v.territory_id = a.territory_id AND v.person_id = a.id AND upper_inf(v.during);
  END IF;
  INSERT INTO people.person_version (territory_id, person_id, during, name, unit, post, phone_masked, recorded_by)
    SELECT a.territory_id, a.id, tstzrange(CASE TG_OP WHEN 'INSERT' THEN '-infinity' ELSE a.changed_at END, NULL),
           a.name, a.unit, a.post, a.phone_masked, who
    FROM after a
    WHERE NOT EXISTS (SELECT FROM people.person_version v WHERE v.territory_id = a.territory_id AND v.person_id = a.id AND upper_inf(v.during));
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER keep_versions_of_new AFTER INSERT ON people.person
  REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION people.keep_versions();
CREATE TRIGGER keep_versions_of_changed AFTER UPDATE ON people.person
  REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION people.keep_versions();

-- Versions of layer cells in force at some time from since (-infinity: ever) to
-- instant.
DROP FUNCTION layers.features(int);
CREATE FUNCTION layers.features(territory int, since timestamptz, instant timestamptz)
RETURNS TABLE (uid bigint, layer text, code text, name text, person_id bigint, person text, area_m2 double precision, provenance text,
  valid_from timestamptz, valid_to timestamptz, geom geometry)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT c.cell_id, c.layer, c.code, c.name, p.person_id, p.name, c.area_m2, c.provenance, lower(c.during), upper(c.during), c.geom
  FROM layers.version c
  LEFT JOIN people.person_version p ON p.territory_id = c.territory_id AND p.person_id = c.person_id
    AND p.during @> CASE WHEN c.during @> instant THEN instant ELSE upper(c.during) - interval '1 microsecond' END
  WHERE c.territory_id = territory AND c.during && tstzrange(least(since, instant), instant, '[]')
$$;

-- A layer cell as it was at an instant, one look-up by key.
CREATE FUNCTION layers.seen(territory int, cell bigint, instant timestamptz) RETURNS SETOF layers.version
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT * FROM layers.version c
  WHERE c.territory_id = territory AND c.cell_id = cell AND lower(c.during) <= instant
  ORDER BY lower(c.during) DESC LIMIT 1
$$;

-- Which run each published edition of first..last rests on: the run that holds
-- from edition since to edition until of these, and its times.
CREATE FUNCTION merge.reigns(territory int, first int, last int)
RETURNS TABLE (run_id bigint, seen_at timestamptz, since int, until int, valid_from timestamptz, valid_to timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT r.id, r.created_at, greatest(first, min(f.seq)), least(last, max(f.seq)), min(f.effective),
         (array_agg(f.until ORDER BY f.seq DESC))[1]
  FROM (
    SELECT e.seq, e.effective, lead(e.effective) OVER (ORDER BY e.seq) AS until, merge.latest(territory, e.seq) AS run_id
    FROM editions.edition e WHERE e.territory_id = territory AND e.state = 'published'
  ) f
  JOIN merge.run r ON r.territory_id = territory AND r.id = f.run_id
  GROUP BY r.id, r.created_at
  HAVING min(f.seq) <= last AND max(f.seq) >= first
$$;

-- Pieces of the overlays that the editions first..last rest on. A layer cell
-- has the code and name that the overlay saw.
DROP FUNCTION merge.features(int, int);
CREATE FUNCTION merge.features(territory int, first int, last int)
RETURNS TABLE (id bigint, layer text, layer_cell_uid bigint, layer_cell text, layer_cell_name text, cell text, cell_uid bigint, area_m2 double precision,
  share_of_cell double precision, share_of_layer_cell double precision, valid_from timestamptz, valid_to timestamptz, geom geometry)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT w.id, w.layer, w.layer_cell_id, c.code, c.name, v.code, w.cell_id, w.area_m2, w.share_of_cell, w.share_of_layer_cell,
         greatest(r.valid_from, b.effective), least(r.valid_to, e.effective), coalesce(w.geom, v.geom)
  FROM merge.reigns(territory, first, last) r
  JOIN merge.crosswalk w ON w.territory_id = territory AND w.run_id = r.run_id
  JOIN cells.version v ON v.territory_id = territory AND v.cell_id = w.cell_id
    AND v.from_edition <= r.until AND (v.to_edition IS NULL OR v.to_edition > r.since)
  JOIN editions.edition b ON b.territory_id = territory AND b.seq = v.from_edition
  LEFT JOIN editions.edition e ON e.territory_id = territory AND e.seq = v.to_edition
  LEFT JOIN LATERAL layers.seen(territory, w.layer_cell_id, r.seen_at) c ON true
$$;

-- The same for the one run that an edition rests on, in the order of its pieces.
CREATE FUNCTION merge.features(territory int, edition int)
RETURNS TABLE (id bigint, layer text, layer_cell_uid bigint, layer_cell text, layer_cell_name text, cell text, cell_uid bigint, area_m2 double precision,
  share_of_cell double precision, share_of_layer_cell double precision, valid_from timestamptz, valid_to timestamptz, geom geometry)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT w.id, w.layer, w.layer_cell_id, c.code, c.name, v.code, w.cell_id, w.area_m2, w.share_of_cell, w.share_of_layer_cell,
         greatest((SELECT r.valid_from FROM merge.reigns(territory, edition, edition) r), b.effective),
         least((SELECT r.valid_to FROM merge.reigns(territory, edition, edition) r), e.effective), coalesce(w.geom, v.geom)
  FROM merge.crosswalk w
  JOIN cells.version v ON v.territory_id = territory AND v.cell_id = w.cell_id
    AND v.from_edition <= edition AND (v.to_edition IS NULL OR v.to_edition > edition)
  JOIN editions.edition b ON b.territory_id = territory AND b.seq = v.from_edition
  LEFT JOIN editions.edition e ON e.territory_id = territory AND e.seq = v.to_edition
  LEFT JOIN LATERAL layers.seen(territory, w.layer_cell_id, (SELECT r.seen_at FROM merge.reigns(territory, edition, edition) r)) c ON true
  WHERE w.territory_id = territory AND w.run_id = merge.latest(territory, edition)
$$;

-- Who answers, leads and presides, with the particulars of then.
CREATE OR REPLACE FUNCTION people.accountable(territory int, edition int, instant timestamptz, cell bigint)
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
    SELECT q.name, q.post, q.phone_masked FROM people.person_version q
    WHERE q.territory_id = territory AND q.person_id = h.person_id AND lower(q.during) <= instant
    ORDER BY lower(q.during) DESC LIMIT 1
  ) p
$$;

CREATE OR REPLACE FUNCTION people.accountables(territory int, cells bigint[], editions int[], instants timestamptz[])
RETURNS TABLE (n bigint, person_id bigint, name text, post text, side text, rank int, phone text, acting boolean, holds bigint)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT DISTINCT ON (up.n) up.n, a.person_id, p.name, coalesce(nullif(a.post, ''), p.post), a.side, a.rank, p.phone_masked, up.steps > 0, up.uid
  FROM cells.ancestors(territory, cells, editions) up
  JOIN people.assignment a ON a.territory_id = territory AND a.cell_id = up.uid AND a.during @> instants[up.n]
    AND (a.role = 'accountable' OR (a.role = 'deputy' AND a.layer IS NULL AND up.steps > 0))
  JOIN people.person_version p ON p.territory_id = territory AND p.person_id = a.person_id AND p.during @> instants[up.n]
  ORDER BY up.n, up.steps, a.role = 'accountable', a.rank, a.id
$$;

CREATE OR REPLACE FUNCTION people.chiefs(territory int, cells bigint[], instants timestamptz[])
RETURNS TABLE (n bigint, person_id bigint, name text, post text, side text, rank int, accountable boolean)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT g.n, a.person_id, p.name, coalesce(nullif(a.post, ''), p.post), a.side, a.rank, a.role = 'accountable'
  FROM unnest(cells, instants) WITH ORDINALITY AS g (cell, instant, n)
  JOIN people.assignment a ON a.territory_id = territory AND a.cell_id = g.cell AND a.during @> g.instant
    AND a.role IN ('accountable', 'joint-chief')
  JOIN people.person_version p ON p.territory_id = territory AND p.person_id = a.person_id AND p.during @> g.instant
$$;

CREATE OR REPLACE FUNCTION people.leads(territory int, cells bigint[], instants timestamptz[])
RETURNS TABLE (n bigint, layer text, person_id bigint, name text, post text)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT DISTINCT ON (g.n, a.layer) g.n, a.layer, a.person_id, p.name, coalesce(nullif(a.post, ''), p.post)
  FROM unnest(cells, instants) WITH ORDINALITY AS g (cell, instant, n)
  JOIN people.assignment a ON a.territory_id = territory AND a.cell_id = g.cell AND a.during @> g.instant AND a.role = 'lead'
  JOIN people.person_version p ON p.territory_id = territory AND p.person_id = a.person_id AND p.during @> g.instant
  ORDER BY g.n, a.layer, a.rank, a.id
$$;

CREATE OR REPLACE FUNCTION cells.refresh_statistics() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
  ANALYZE cells.version, cells.display, editions.edition, people.person, people.person_version, people.assignment,
          objects.object, objects.version, objects.placement, layers.cell, layers.version
$$;
