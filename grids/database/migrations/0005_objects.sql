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
  geom         geometry(Geometry, 4326),
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
  during       tstzrange NOT NULL CHECK (NOT isempty(during)),
  FOREIGN KEY (territory_id, object_id) REFERENCES objects.object (territory_id, id),
  FOREIGN KEY (territory_id, cell_id) REFERENCES cells.cell (territory_id, id),
  CONSTRAINT placement_once EXCLUDE USING gist
    (territory_id WITH =, object_id WITH =, cell_id WITH =, during WITH &&)
);
CREATE INDEX placement_cell ON objects.placement (territory_id, cell_id) WHERE upper_inf(during);
CREATE INDEX placement_object ON objects.placement (territory_id, object_id) WHERE upper_inf(during);
GRANT SELECT, INSERT, UPDATE, DELETE ON objects.placement TO unigrid_app;
