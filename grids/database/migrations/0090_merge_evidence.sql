-- +goose Up
-- What a merge was asked for: the base that layers are held against ('unified',
-- the leaves, or a layer's code), and for how many leaves one person can be
-- accountable (null: not judged).
ALTER TABLE merge.run
  ADD COLUMN base text NOT NULL DEFAULT 'unified',
  ADD COLUMN capacity int CHECK (capacity > 0);

-- A conflict's evidence: the disputed ground (null: the whole cell), how wide its
-- widest part is on average, in metres, and how many people and objects it
-- touches. A pending one (界线待定) lies along a statutory or disputed line.
ALTER TABLE merge.conflict
  ADD COLUMN geom geometry(MultiPolygon, 4326),
  ADD COLUMN width_m double precision,
  ADD COLUMN pending boolean NOT NULL DEFAULT false,
  DROP CONSTRAINT conflict_kind_check,
  ADD CONSTRAINT conflict_kind_check CHECK (kind IN ('split', 'gap', 'overlap', 'boundary-mismatch', 'two-accountable',
    'none-accountable', 'over-capacity', 'nested', 'code-clash', 'object-unplaced'));

-- The width of ground in metres: of its widest part, the width that a strip of
-- the same area and perimeter has. Exact for strips with square ends, also bent
-- ones; what is rounder than a square is as wide as half its perimeter is long, halved.
CREATE FUNCTION merge.width(ground geometry, epsg int) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
  SELECT max((s.half - sqrt(greatest(0, s.half * s.half - 4 * s.area))) / 2)
  FROM ST_Dump(ST_Transform(ground, epsg)) d
  CROSS JOIN LATERAL (SELECT ST_Perimeter(d.geom) / 2 AS half, ST_Area(d.geom) AS area) s
$$;

-- The ground that is marked as pending (界线待定) in what an edition rests on, and
-- who answers for it until the line is settled.
CREATE FUNCTION merge.pending(territory int, edition int)
RETURNS TABLE (conflict_id bigint, kind text, layer text, cell_id bigint, staff_no text, area_m2 double precision, geom geometry)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT c.id, c.kind, c.layer, c.cell_id, substr(c.resolution, length('interim:') + 1), c.area_m2, c.geom
  FROM merge.conflict c
  WHERE c.territory_id = territory AND c.run_id = merge.latest(territory, edition) AND c.pending
    AND c.state = 'settled' AND c.resolution LIKE 'interim:%'
$$;
