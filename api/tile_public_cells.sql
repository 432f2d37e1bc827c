-- $1 territory, $2 edition, $3 z, $4 x, $5 y, $6 unused, $7 precision (unused: the
-- cells are generalised already). Tiers by zoom as in tile_cells.sql; labels to
-- a grid as wide as the precision.
WITH tile AS (
  SELECT ST_TileEnvelope($3::int, $4::int, $5::int) AS bounds,
         ST_Transform(ST_TileEnvelope($3::int, $4::int, $5::int, margin => 64.0 / 4096), 4326) AS wide,
         CASE WHEN $3::int <= 7 THEN 2 WHEN $3::int <= 9 THEN 3 WHEN $3::int <= 12 THEN 4 ELSE 32767 END AS deepest,
         $6::text AS unused
), shown AS MATERIALIZED (
  SELECT v.code, v.cell_id AS uid, v.name, v.tier, v.provenance, g.geom, access.generalised(v.label, $7::int) AS label
  FROM tile, cells.generalised g
  JOIN cells.version v ON v.territory_id = g.territory_id AND v.cell_id = g.cell_id AND v.from_edition <= $2 AND (v.to_edition IS NULL OR v.to_edition > $2)
  WHERE g.territory_id = $1 AND g.edition = $2 AND g.geom && tile.wide AND v.tier <= tile.deepest
), cell AS (
  SELECT s.code, s.uid, s.name, s.tier, s.provenance, ST_AsMVTGeom(ST_Transform(s.geom, 3857), tile.bounds, 4096, 64, true) AS geom
  FROM tile, shown s ORDER BY s.tier DESC, s.code
), label AS (
  SELECT s.code, s.uid, s.name, s.tier, s.provenance, ST_AsMVTGeom(ST_Transform(s.label, 3857), tile.bounds, 4096, 0, true) AS geom
  FROM tile, shown s WHERE ST_Intersects(ST_Transform(s.label, 3857), tile.bounds) ORDER BY s.tier, s.code
)
SELECT coalesce((SELECT ST_AsMVT(cell, 'cells', 4096, 'geom') FROM cell WHERE geom IS NOT NULL), '')
    || coalesce((SELECT ST_AsMVT(label, 'labels', 4096, 'geom') FROM label WHERE geom IS NOT NULL), '')
