-- +goose Up
-- What lies in a piece of a crosswalk. Points are counted where they are, areas
-- and lines in each piece that they have a part of; where cells of a layer
-- overlap, each has what lies there. counted says whether all was located
-- (exact), or whether objects known only by their cell were divided by the
-- piece's share (estimated). population is what the layer cell's file says of it,
-- by share: null where it says nothing.
ALTER TABLE merge.crosswalk
  ADD COLUMN population double precision,
  ADD COLUMN enterprises double precision NOT NULL DEFAULT 0,
  ADD COLUMN monitors double precision NOT NULL DEFAULT 0,
  ADD COLUMN water_sources double precision NOT NULL DEFAULT 0,
  ADD COLUMN counted text NOT NULL DEFAULT 'exact' CHECK (counted IN ('exact', 'estimated'));

-- What a piece has of a river reach, by length in metres, or of an area such as a
-- water source's protection zone, and its share of the whole object. What runs
-- along a border belongs to the first of the pieces by code.
CREATE TABLE merge.stretch (
  territory_id int NOT NULL,
  run_id       bigint NOT NULL,
  crosswalk_id bigint NOT NULL,
  object_id    bigint NOT NULL,
  share        double precision NOT NULL CHECK (share > 0),
  length_m     double precision,
  area_m2      double precision,
  FOREIGN KEY (territory_id, run_id, crosswalk_id) REFERENCES merge.crosswalk (territory_id, run_id, id) ON DELETE CASCADE,
  FOREIGN KEY (territory_id, object_id) REFERENCES objects.identity (territory_id, id),
  CONSTRAINT stretch_measured CHECK ((length_m IS NULL) <> (area_m2 IS NULL))
);
CREATE UNIQUE INDEX stretch_once ON merge.stretch (territory_id, run_id, crosswalk_id, object_id);
GRANT SELECT, INSERT, DELETE ON merge.stretch TO unigrid_app;

-- The stretches of a piece, for people and programs to read.
CREATE FUNCTION merge.stretches(territory int, run bigint, piece bigint, instant timestamptz) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object('kind', o.kind, 'code', o.code, 'name', o.name,
    'length_m', round(s.length_m::numeric, 1), 'area_m2', round(s.area_m2::numeric, 1), 'share', round(s.share::numeric, 6))) ORDER BY o.kind, o.code)
  FROM merge.stretch s
  CROSS JOIN LATERAL (SELECT o.kind, o.code, o.name FROM objects.version o
    WHERE o.territory_id = territory AND o.object_id = s.object_id AND lower(o.during) <= instant ORDER BY lower(o.during) DESC LIMIT 1) o
  WHERE s.territory_id = territory AND s.run_id = run AND s.crosswalk_id = piece
$$;

-- Pieces of the overlays that the editions first..last rest on. A layer cell
-- has the code and name that the overlay saw.
DROP FUNCTION merge.features(int, int);
DROP FUNCTION merge.features(int, int, int);
CREATE FUNCTION merge.features(territory int, first int, last int)
RETURNS TABLE (id bigint, layer text, layer_cell_uid bigint, layer_cell text, layer_cell_name text, cell text, cell_uid bigint, area_m2 double precision,
  share_of_cell double precision, share_of_layer_cell double precision,
  population double precision, enterprises double precision, monitors double precision, water_sources double precision, counted text, stretches jsonb, valid_from timestamptz, valid_to timestamptz, geom geometry)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT w.id, w.layer, w.layer_cell_id, c.code, c.name, v.code, w.cell_id, w.area_m2, w.share_of_cell, w.share_of_layer_cell,
         w.population, w.enterprises, w.monitors, w.water_sources, w.counted, merge.stretches(territory, w.run_id, w.id, r.seen_at),
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
  share_of_cell double precision, share_of_layer_cell double precision,
  population double precision, enterprises double precision, monitors double precision, water_sources double precision, counted text, stretches jsonb, valid_from timestamptz, valid_to timestamptz, geom geometry)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT w.id, w.layer, w.layer_cell_id, c.code, c.name, v.code, w.cell_id, w.area_m2, w.share_of_cell, w.share_of_layer_cell,
         w.population, w.enterprises, w.monitors, w.water_sources, w.counted,
         merge.stretches(territory, w.run_id, w.id, (SELECT r.seen_at FROM merge.reigns(territory, edition, edition) r)),
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
