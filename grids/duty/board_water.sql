-- $1 territory, $2 edition, $3 instant, $4 cells: the rivers around each.
WITH own AS (
  SELECT v.cell_id,
         ST_SetSRID(ST_Expand(v.geom::box2d, 0.85 * greatest(ST_XMax(v.geom) - ST_XMin(v.geom), ST_YMax(v.geom) - ST_YMin(v.geom)))::geometry, 4326) AS box
  FROM cells.of($1, $2) v WHERE v.cell_id = ANY ($4::bigint[])
)
SELECT o.cell_id, ST_AsEWKB(part.geom)
FROM own o
JOIN objects.at($1, $3) r ON r.kind = 'river-reach' AND r.geom && o.box
CROSS JOIN LATERAL ST_Dump(ST_ClipByBox2D(r.geom, o.box::box2d)) AS part
WHERE GeometryType(part.geom) = 'LINESTRING'
ORDER BY o.cell_id, r.code, part.path
