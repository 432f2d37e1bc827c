-- +goose Up
CREATE SCHEMA merge;
GRANT USAGE ON SCHEMA merge TO unigrid_app;

-- One overlay of layers with the leaves of an edition.
CREATE TABLE merge.run (
  territory_id int NOT NULL REFERENCES cells.territory,
  id           bigint GENERATED ALWAYS AS IDENTITY,
  edition      int NOT NULL,
  layers       text[] NOT NULL,
  rules        jsonb NOT NULL DEFAULT '[]',
  created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  created_by   text NOT NULL,
  PRIMARY KEY (territory_id, id),
  FOREIGN KEY (territory_id, edition) REFERENCES editions.edition (territory_id, seq)
);
GRANT SELECT, INSERT, DELETE ON merge.run TO unigrid_app;

-- How a layer's cells and the unified leaves overlap. layer_cell_id null: the
-- part of the leaf that no cell of the layer covers. Shares are of area in
-- degrees; area_m2 = share_of_cell x the leaf's area_m2. claims > 1: this
-- piece lies in a face that several cells of the same layer claim, and its
-- share is the face's divided among them, so that shares of a leaf and layer
-- sum to 1.
CREATE TABLE merge.crosswalk (
  territory_id        int NOT NULL,
  run_id              bigint NOT NULL,
  id                  bigint GENERATED ALWAYS AS IDENTITY,
  layer               text NOT NULL,
  layer_cell_id       bigint,
  cell_id             bigint NOT NULL,
  area_m2             double precision NOT NULL CHECK (area_m2 >= 0),
  share_of_cell       double precision NOT NULL CHECK (share_of_cell >= 0),
  share_of_layer_cell double precision,
  overlap_share       double precision NOT NULL DEFAULT 0,
  PRIMARY KEY (territory_id, run_id, id),
  FOREIGN KEY (territory_id, run_id) REFERENCES merge.run (territory_id, id) ON DELETE CASCADE,
  FOREIGN KEY (territory_id, layer_cell_id) REFERENCES layers.cell (territory_id, id),
  FOREIGN KEY (territory_id, cell_id) REFERENCES cells.cell (territory_id, id)
);
CREATE INDEX crosswalk_cell ON merge.crosswalk (territory_id, cell_id);
GRANT SELECT, INSERT, DELETE ON merge.crosswalk TO unigrid_app;

-- Places where the layers disagree, each with a proposal and, once settled,
-- by which rule or person.
CREATE TABLE merge.conflict (
  territory_id int NOT NULL,
  run_id       bigint NOT NULL,
  id           bigint GENERATED ALWAYS AS IDENTITY,
  kind         text NOT NULL CHECK (kind IN ('split', 'gap', 'overlap', 'boundary-mismatch', 'two-accountable', 'none-accountable', 'code-clash', 'object-unplaced')),
  layer        text,
  cell_id      bigint,
  detail       jsonb NOT NULL DEFAULT '{}',
  place        geometry(Point, 4326),
  area_m2      double precision NOT NULL DEFAULT 0,
  touches      int NOT NULL DEFAULT 0,
  blocking     boolean NOT NULL,
  proposal     text NOT NULL,
  reason       text NOT NULL,
  state        text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'settled', 'deferred')),
  resolution   text,
  settled_by   text,
  PRIMARY KEY (territory_id, run_id, id),
  FOREIGN KEY (territory_id, run_id) REFERENCES merge.run (territory_id, id) ON DELETE CASCADE,
  CONSTRAINT conflict_settled CHECK ((state = 'settled') = (resolution IS NOT NULL AND settled_by IS NOT NULL))
);
GRANT SELECT, INSERT, UPDATE, DELETE ON merge.conflict TO unigrid_app;
