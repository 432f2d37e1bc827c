-- Geometry that will be repaired, and where it is broken; what is no polygon
-- and will be dropped from a collection is named too.
WITH broken AS (
  SELECT i.row, btrim(i.code) AS code, i.geom, ST_IsValidDetail(i.geom) AS detail
  FROM layers.intake i
  WHERE i.territory_id = $1 AND i.batch = $2 AND i.geom IS NOT NULL AND NOT ST_IsValid(i.geom)
)
SELECT row, 'repaired', 'repair', 'geometry', reason(detail), code,
  '图形无效(' || cells.fault_zh(reason(detail)) || '),已修复', 'invalid geometry was repaired: ' || reason(detail),
  ST_X(location(detail)), ST_Y(location(detail)), 0::float8
FROM broken
UNION ALL
SELECT i.row, 'not-area', 'repair', 'geometry', GeometryType(i.geom), btrim(i.code),
  '不是面的部分已舍去', 'parts that are no polygons were dropped',
  ST_X(ST_PointOnSurface(i.geom)), ST_Y(ST_PointOnSurface(i.geom)), 0::float8
FROM layers.intake i
WHERE i.territory_id = $1 AND i.batch = $2 AND GeometryType(i.geom) = 'GEOMETRYCOLLECTION'
  AND NOT ST_IsEmpty(ST_CollectionExtract(i.geom, 3))
ORDER BY 1, 2
