-- +goose Up
CREATE SCHEMA objects;
GRANT USAGE ON SCHEMA objects TO unigrid_app;

-- Things that are mapped into cells. geom null: unlocated. located_by tells how
-- the place is known; hint_cell is the cell a person named for an unlocated one.
CREATE TABLE objects.object (
  territory_id int NOT NULL REFERENCES cells.territory,
  id           bigint GENERATED ALWAYS AS IDENTITY,
  kind         text NOT NULL CHECK (kind IN ('enterprise', 'monitor', 'water-source', 'river-reach')),
  code         text NOT NULL CHECK (code <> ''),
  name         text NOT NULL CHECK (name <> ''),
  geom         geometry(Geometry, 4326) CHECK (NOT ST_IsEmpty(geom)),
  located_by   text CHECK (located_by IN ('import', 'address', 'hand', 'gps')),
  hint_cell    bigint,
  attributes   jsonb NOT NULL DEFAULT '{}',
  provenance   text NOT NULL CHECK (provenance IN ('imported', 'demo')),
  outside_share double precision NOT NULL DEFAULT 0 CHECK (outside_share BETWEEN 0 AND 1),
  changed_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (territory_id, id),
  FOREIGN KEY (territory_id, hint_cell) REFERENCES cells.cell (territory_id, id),
  CONSTRAINT object_code_unique UNIQUE (territory_id, kind, code),
  CONSTRAINT object_located CHECK ((geom IS NULL) = (located_by IS NULL))
);
CREATE INDEX object_geom ON objects.object USING gist (geom);
GRANT SELECT, INSERT, UPDATE ON objects.object TO unigrid_app;

-- How much of an object lies in which leaf, and when that was so. The shares
-- of an object at an instant and its outside_share sum to 1.
CREATE TABLE objects.placement (
  territory_id int NOT NULL,
  object_id    bigint NOT NULL,
  cell_id      bigint NOT NULL,
  share        double precision NOT NULL CHECK (share > 0 AND share <= 1),
  during       tstzrange NOT NULL CHECK (NOT isempty(during) AND lower_inc(during) AND NOT upper_inc(during)),
  FOREIGN KEY (territory_id, object_id) REFERENCES objects.object (territory_id, id),
  FOREIGN KEY (territory_id, cell_id) REFERENCES cells.cell (territory_id, id)
);
-- Unique indexes rather than an exclusion constraint, which cost more than all
-- else in placing; objects.Check looks for periods that overlap.
CREATE UNIQUE INDEX placement_once ON objects.placement (territory_id, object_id, cell_id, lower(during));
CREATE UNIQUE INDEX placement_open ON objects.placement (territory_id, object_id, cell_id) WHERE upper_inf(during);
CREATE INDEX placement_cell ON objects.placement (territory_id, cell_id);
GRANT SELECT, INSERT, UPDATE (during), DELETE ON objects.placement TO unigrid_app;

-- Where importers put objects for this room to check and apply. geom null:
-- unlocated; cell_name is then the village that somebody named.
CREATE TABLE objects.intake (
  territory_id int NOT NULL REFERENCES cells.territory,
  batch        bigint NOT NULL,
  row          int NOT NULL,
  kind         text NOT NULL,
  code         text NOT NULL,
  name         text NOT NULL,
  geom         geometry(Geometry, 4326),
  located_by   text,
  cell_name    text,
  attributes   jsonb NOT NULL DEFAULT '{}',
  provenance   text NOT NULL CHECK (provenance IN ('imported', 'demo')),
  PRIMARY KEY (territory_id, batch, row)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON objects.intake TO unigrid_app;

-- How many objects of each kind lie, wholly or partly, in each of some cells of
-- an edition, at an instant; a cell counts what lies in its descendants, once.
CREATE FUNCTION objects.inside(territory int, edition int, instant timestamptz, wanted bigint[])
RETURNS TABLE (cell_id bigint, kind text, objects bigint)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  WITH RECURSIVE down AS (
    SELECT w AS top, w AS cell_id FROM unnest(wanted) AS w
    UNION ALL
    SELECT down.top, v.cell_id
    FROM down JOIN cells.version v ON v.territory_id = territory AND v.parent_id = down.cell_id
      AND v.from_edition <= edition AND (v.to_edition IS NULL OR v.to_edition > edition)
  )
  SELECT down.top, o.kind, count(DISTINCT o.id)
  FROM down
  JOIN objects.placement p ON p.territory_id = territory AND p.cell_id = down.cell_id AND p.during @> instant
  JOIN objects.object o ON o.territory_id = territory AND o.id = p.object_id
  GROUP BY down.top, o.kind
$$;
