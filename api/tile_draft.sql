-- $1 territory, $2 its newest state (the draft, if one is open), $3 newest
-- published edition, $4 z, $5 x, $6 y. As tile_cells.sql; what the draft has
-- another than the edition is simplified cell by cell, and changed says so.
WITH tile AS (
  SELECT ST_TileEnvelope($4::int, $5::int, $6::int) AS bounds,
         ST_TileEnvelope($4::int, $5::int, $6::int, margin => 64.0 / 4096) AS wide,
         CASE WHEN $4::int <= 9 THEN 0 WHEN $4::int <= 12 THEN 1 ELSE 2 END AS band,
         CASE WHEN $4::int <= 9 THEN 100 WHEN $4::int <= 12 THEN 12 ELSE 0 END AS tolerance,
         CASE WHEN $4::int <= 7 THEN 2 WHEN $4::int <= 9 THEN 3 WHEN $4::int <= 12 THEN 4 ELSE 32767 END AS deepest
), shown AS MATERIALIZED (
  SELECT d.code, d.cell_id AS uid, d.name, d.tier, d.provenance, false AS changed, d.geom, d.label
  FROM tile, cells.display d
  WHERE d.territory_id = $1 AND d.edition = $3 AND d.band = tile.band AND d.tier <= tile.deepest AND d.geom && tile.wide
    AND EXISTS (SELECT FROM cells.of($1, $2) v WHERE v.cell_id = d.cell_id AND v.from_edition <= $3)
  UNION ALL
  SELECT v.code, v.cell_id, v.name, v.tier, v.provenance, b.geom IS NULL OR b.geom::bytea <> v.geom::bytea,
         ST_SimplifyPreserveTopology(ST_Transform(v.geom, 3857), tile.tolerance), ST_Transform(v.label, 3857)
  FROM tile, cells.of($1, $2) v LEFT JOIN cells.of($1, $3) b ON b.cell_id = v.cell_id
  WHERE v.from_edition > $3 AND v.tier <= tile.deepest AND v.geom && ST_Transform(tile.wide, 4326)
), cell AS (
  SELECT s.code, s.uid, s.name, s.tier, s.provenance, s.changed, ST_AsMVTGeom(s.geom, tile.bounds, 4096, 64, true) AS geom
  FROM tile, shown s ORDER BY s.tier DESC, s.code
), label AS (
  SELECT s.code, s.uid, s.name, s.tier, s.provenance, s.changed, ST_AsMVTGeom(s.label, tile.bounds, 4096, 0, true) AS geom
  FROM tile, shown s WHERE ST_Intersects(s.label, tile.bounds) ORDER BY s.tier, s.code
)
SELECT coalesce((SELECT ST_AsMVT(cell, 'cells', 4096, 'geom') FROM cell WHERE geom IS NOT NULL), '')
    || coalesce((SELECT ST_AsMVT(label, 'labels', 4096, 'geom') FROM label WHERE geom IS NOT NULL), '')
