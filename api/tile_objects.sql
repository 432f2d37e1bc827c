-- $1 territory, $2 edition (unused: objects are dated rows), $3 z, $4 x, $5 y,
-- $6 kind. The envelope is transformed, not the table.
WITH tile AS (
  SELECT ST_TileEnvelope($3::int, $4::int, $5::int) AS bounds,
         ST_Transform(ST_TileEnvelope($3::int, $4::int, $5::int, margin => 64.0 / 4096), 4326) AS wide,
         $2::int AS unused
), object AS (
  SELECT o.code, o.name, o.kind, ST_AsMVTGeom(ST_Transform(o.geom, 3857), tile.bounds, 4096, 64, true) AS geom
  FROM tile, objects.object o
  WHERE o.territory_id = $1 AND o.kind = $6 AND o.geom && tile.wide
  ORDER BY o.code
)
SELECT coalesce((SELECT ST_AsMVT(object, objects.collection($6), 4096, 'geom') FROM object WHERE geom IS NOT NULL), '')
