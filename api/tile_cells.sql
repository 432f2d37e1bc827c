-- $1 territory, $2 edition, $3 z, $4 x, $5 y, $6 unused. Upper tiers at low
-- zoom, simplified by band; points of labels only in the tile that holds them.
WITH tile AS (
  SELECT ST_TileEnvelope($3::int, $4::int, $5::int) AS bounds,
         ST_TileEnvelope($3::int, $4::int, $5::int, margin => 64.0 / 4096) AS wide,
         CASE WHEN $3::int <= 9 THEN 0 WHEN $3::int <= 12 THEN 1 ELSE 2 END AS band,
         CASE WHEN $3::int <= 7 THEN 2 WHEN $3::int <= 9 THEN 3 WHEN $3::int <= 12 THEN 4 ELSE 32767 END AS deepest,
         $6::text AS unused
), cell AS (
  SELECT d.code, d.cell_id AS uid, d.name, d.tier, d.provenance,
         ST_AsMVTGeom(d.geom, tile.bounds, 4096, 64, true) AS geom
  FROM tile, cells.display d
  WHERE d.territory_id = $1 AND d.edition = $2 AND d.band = tile.band AND d.tier <= tile.deepest
    AND d.geom && tile.wide
  ORDER BY d.tier DESC, d.code
), label AS (
  SELECT d.code, d.cell_id AS uid, d.name, d.tier, d.provenance,
         ST_AsMVTGeom(d.label, tile.bounds, 4096, 0, true) AS geom
  FROM tile, cells.display d
  WHERE d.territory_id = $1 AND d.edition = $2 AND d.band = tile.band AND d.tier <= tile.deepest
    AND d.geom && tile.bounds AND ST_Intersects(d.label, tile.bounds)
  ORDER BY d.tier, d.code
)
SELECT coalesce((SELECT ST_AsMVT(cell, 'cells', 4096, 'geom') FROM cell WHERE geom IS NOT NULL), '')
    || coalesce((SELECT ST_AsMVT(label, 'labels', 4096, 'geom') FROM label WHERE geom IS NOT NULL), '')
