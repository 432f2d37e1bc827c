-- +goose Up
CREATE SCHEMA layers;
GRANT USAGE ON SCHEMA layers TO unigrid_app;

CREATE TABLE layers.layer (
  territory_id int NOT NULL REFERENCES cells.territory,
  code         text NOT NULL CHECK (code ~ '^[a-z][a-z0-9-]*$'),
  name_zh      text NOT NULL,
  name_en      text NOT NULL,
  rank         int NOT NULL DEFAULT 0,
  PRIMARY KEY (territory_id, code)
);
GRANT SELECT, INSERT, UPDATE ON layers.layer TO unigrid_app;

-- A polygon of a department's own grid, as imported, with who it names.
-- Geometry is EPSG:4326 on a lattice of 1e-7 degrees.
CREATE TABLE layers.cell (
  territory_id int NOT NULL,
  id           bigint GENERATED ALWAYS AS IDENTITY,
  layer        text NOT NULL,
  code         text NOT NULL CHECK (code <> ''),
  name         text NOT NULL,
  person_id    bigint,
  geom         geometry(MultiPolygon, 4326) NOT NULL,
  area_m2      double precision NOT NULL,
  provenance   text NOT NULL CHECK (provenance IN ('imported', 'demo')),
  changed_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (territory_id, id),
  FOREIGN KEY (territory_id, layer) REFERENCES layers.layer (territory_id, code),
  FOREIGN KEY (territory_id, person_id) REFERENCES people.person (territory_id, id),
  CONSTRAINT layer_cell_code_unique UNIQUE (territory_id, layer, code)
);
CREATE INDEX cell_geom ON layers.cell USING gist (geom);
GRANT SELECT, INSERT, UPDATE, DELETE ON layers.cell TO unigrid_app;

-- Where importers put layer cells for this room to check and apply; batch comes
-- from the sequence cells.batch.
CREATE TABLE layers.intake (
  territory_id int NOT NULL REFERENCES cells.territory,
  batch        bigint NOT NULL,
  row          int NOT NULL,
  layer        text NOT NULL,
  code         text NOT NULL,
  name         text NOT NULL DEFAULT '',
  staff_no     text NOT NULL DEFAULT '',
  geom         geometry(Geometry, 4326),
  provenance   text NOT NULL CHECK (provenance IN ('imported', 'demo')),
  PRIMARY KEY (territory_id, batch, row)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON layers.intake TO unigrid_app;
