-- $1 territory, $2 edition (unused: layers are as imported), $3 z, $4 x, $5 y,
-- $6 layer, '' for all. The envelope is transformed, not the table.
WITH tile AS (
  SELECT ST_TileEnvelope($3::int, $4::int, $5::int) AS bounds,
         ST_Transform(ST_TileEnvelope($3::int, $4::int, $5::int, margin => 64.0 / 4096), 4326) AS wide,
         $2::int AS unused
), cell AS (
  SELECT c.code, c.name, c.layer, ST_AsMVTGeom(ST_Transform(c.geom, 3857), tile.bounds, 4096, 64, true) AS geom
  FROM tile, layers.cell c
  WHERE c.territory_id = $1 AND ($6 = '' OR c.layer = $6) AND c.geom && tile.wide
  ORDER BY c.layer, c.code
)
SELECT coalesce((SELECT ST_AsMVT(cell, 'layer-cells', 4096, 'geom') FROM cell WHERE geom IS NOT NULL), '')
