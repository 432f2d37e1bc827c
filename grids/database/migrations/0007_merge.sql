-- +goose Up
CREATE SCHEMA merge;
GRANT USAGE ON SCHEMA merge TO unigrid_app;

-- One overlay of layers with the leaves of an edition. rules are those by
-- which it was settled last.
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
GRANT SELECT, INSERT, UPDATE, DELETE ON merge.run TO unigrid_app;

-- The newest run of an edition or, when it has none, of the editions before
-- it; NULL when there is none.
CREATE FUNCTION merge.latest(territory int, edition int) RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT r.id FROM merge.run r
  WHERE r.territory_id = territory AND r.edition <= latest.edition
  ORDER BY r.edition DESC, r.id DESC LIMIT 1
$$;

-- How a layer's cells and the unified leaves overlap: one piece per leaf and
-- layer cell, and one with layer_cell_id null for what no cell of the layer
-- covers. Shares are of area in degrees; area_m2 = share_of_cell x the leaf's
-- area_m2. A cell that a draft takes back takes its rows along; the run is stale
-- then. Where cells of one layer overlap, the share of the face is divided
-- among those that claim it, so that shares of a leaf and layer sum to 1.
--   claimed_share   of the leaf, that the piece's geometry covers, undivided
--   overlap_share   part of share_of_cell that other cells of the layer claim too
--   absorbed_share  part of share_of_cell that was taken over from slivers
-- share_of_layer_cell = what is divided, without what was absorbed, of the
-- layer cell's area. geom null: the piece is the whole leaf.
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
  claimed_share       double precision NOT NULL,
  overlap_share       double precision NOT NULL DEFAULT 0,
  absorbed_share      double precision NOT NULL DEFAULT 0,
  geom                geometry(MultiPolygon, 4326),
  PRIMARY KEY (territory_id, run_id, id),
  FOREIGN KEY (territory_id, run_id) REFERENCES merge.run (territory_id, id) ON DELETE CASCADE,
  FOREIGN KEY (territory_id, layer_cell_id) REFERENCES layers.cell (territory_id, id),
  FOREIGN KEY (territory_id, cell_id) REFERENCES cells.cell (territory_id, id) ON DELETE CASCADE,
  CONSTRAINT crosswalk_layer_cell_share CHECK ((layer_cell_id IS NULL) = (share_of_layer_cell IS NULL))
);
CREATE INDEX crosswalk_cell ON merge.crosswalk (territory_id, cell_id);
CREATE INDEX crosswalk_layer_cell ON merge.crosswalk (territory_id, layer_cell_id);
GRANT SELECT, INSERT, DELETE ON merge.crosswalk TO unigrid_app;

-- Pieces too small or too narrow to mean anything, and the piece of the same
-- leaf and layer that took their share over.
CREATE TABLE merge.sliver (
  territory_id       int NOT NULL,
  run_id             bigint NOT NULL,
  id                 bigint GENERATED ALWAYS AS IDENTITY,
  layer              text NOT NULL,
  layer_cell_id      bigint,
  cell_id            bigint NOT NULL,
  into_layer_cell_id bigint,
  share_of_cell      double precision NOT NULL,
  area_m2            double precision NOT NULL,
  place              geometry(Point, 4326) NOT NULL,
  PRIMARY KEY (territory_id, run_id, id),
  FOREIGN KEY (territory_id, run_id) REFERENCES merge.run (territory_id, id) ON DELETE CASCADE,
  FOREIGN KEY (territory_id, layer_cell_id) REFERENCES layers.cell (territory_id, id),
  FOREIGN KEY (territory_id, into_layer_cell_id) REFERENCES layers.cell (territory_id, id),
  FOREIGN KEY (territory_id, cell_id) REFERENCES cells.cell (territory_id, id) ON DELETE CASCADE
);
GRANT SELECT, INSERT, DELETE ON merge.sliver TO unigrid_app;

-- Whom each layer names for a leaf: the person (null: nobody) of the layer cell
-- that has the largest share of it, if that is more than above.
CREATE FUNCTION merge.named(territory int, run bigint, above double precision)
RETURNS TABLE (cell_id bigint, layer text, layer_cell_id bigint, share double precision, person_id bigint)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT DISTINCT ON (x.cell_id, x.layer) x.cell_id, x.layer, x.layer_cell_id, x.share_of_cell, c.person_id
  FROM merge.crosswalk x
  JOIN layers.cell c ON c.territory_id = x.territory_id AND c.id = x.layer_cell_id
  WHERE x.territory_id = territory AND x.run_id = run AND x.share_of_cell > above
  ORDER BY x.cell_id, x.layer, x.share_of_cell DESC, c.code
$$;

-- Places where the layers disagree, each with a proposal and, once settled, by
-- which rule or person. reason names a text of package merge; settled_reason is
-- what the rule or person gave, {"zh":…,"en":…}.
CREATE TABLE merge.conflict (
  territory_id   int NOT NULL,
  run_id         bigint NOT NULL,
  id             bigint GENERATED ALWAYS AS IDENTITY,
  kind           text NOT NULL CHECK (kind IN ('split', 'gap', 'overlap', 'boundary-mismatch', 'two-accountable', 'none-accountable', 'code-clash', 'object-unplaced')),
  layer          text,
  cell_id        bigint,
  detail         jsonb NOT NULL DEFAULT '{}',
  place          geometry(Point, 4326),
  area_m2        double precision NOT NULL DEFAULT 0,
  touches        int NOT NULL DEFAULT 0,
  blocking       boolean NOT NULL,
  proposal       text NOT NULL,
  reason         text NOT NULL,
  state          text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'settled', 'deferred')),
  resolution     text,
  settled_by     text,
  settled_reason jsonb,
  settled_at     timestamptz,
  PRIMARY KEY (territory_id, run_id, id),
  FOREIGN KEY (territory_id, run_id) REFERENCES merge.run (territory_id, id) ON DELETE CASCADE,
  FOREIGN KEY (territory_id, cell_id) REFERENCES cells.cell (territory_id, id) ON DELETE CASCADE,
  CONSTRAINT conflict_settled CHECK ((state = 'settled') = (resolution IS NOT NULL AND settled_by IS NOT NULL))
);
CREATE INDEX conflict_order ON merge.conflict (territory_id, run_id, blocking DESC, touches DESC, area_m2 DESC, id);
GRANT SELECT, INSERT, UPDATE, DELETE ON merge.conflict TO unigrid_app;

-- What a and b have in common, as polygons; on no lattice. GEOS 3.11 can still
-- fail on nearly coincident edges: then once more on a lattice of 1e-12 degrees.
-- +goose StatementBegin
CREATE FUNCTION merge.common(a geometry, b geometry) RETURNS geometry LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
  RETURN ST_Multi(ST_CollectionExtract(ST_Intersection(a, b), 3));
EXCEPTION WHEN internal_error THEN
  RETURN ST_Multi(ST_CollectionExtract(ST_Intersection(ST_MakeValid(a), ST_MakeValid(b), 1e-12), 3));
END $$;
-- +goose StatementEnd

-- What is left of a without the parts, likewise; a itself without any.
-- +goose StatementBegin
CREATE FUNCTION merge.rest(a geometry, parts geometry[]) RETURNS geometry LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  IF coalesce(cardinality(parts), 0) = 0 THEN
    RETURN a;
  END IF;
  RETURN ST_Multi(ST_CollectionExtract(ST_Difference(a, ST_Union(parts)), 3));
EXCEPTION WHEN internal_error THEN
  RETURN ST_Multi(ST_CollectionExtract(ST_Difference(ST_MakeValid(a),
    (SELECT ST_UnaryUnion(ST_Collect(ST_MakeValid(part)), 1e-12) FROM unnest(parts) AS part), 1e-12), 3));
END $$;
-- +goose StatementEnd
