-- Nodes each cluster of rows, with the segments of its parent's boundary that
-- they don't meet, cuts it into faces, and says whose each face is: the
-- fastest row's (hold), else the smaller one's of those that cover it, which
-- it is the larger part of. Reads clean_member and clean_parent. $1 clusters
-- with a border, $2 the parent of each, $3 its segments.
WITH border AS (
  SELECT b.cluster, ST_SetSRID(ST_GeomFromEWKB(b.line), 4326) AS line, p.geom AS parent
  FROM unnest($1::bigint[], $2::bigint[], $3::bytea[]) b (cluster, cell_id, line)
  JOIN clean_parent p USING (cell_id)
), line AS (
  SELECT cluster, ST_Boundary(geom) AS geom FROM clean_member
  UNION ALL
  SELECT cluster, line FROM border
), face AS MATERIALIZED (
  SELECT cut.cluster, d.path[1] AS n, d.geom, ST_PointOnSurface(d.geom) AS inside
  FROM (SELECT cluster, ST_Polygonize(u) AS faces
        FROM (SELECT cluster, ST_UnaryUnion(ST_Collect(geom), 1e-7) AS u FROM line GROUP BY cluster) noded
        GROUP BY cluster) cut,
       ST_Dump(faces) d
)
SELECT f.cluster, ST_AsEWKB(f.geom), o.i
FROM face f
CROSS JOIN LATERAL (
  SELECT m.i FROM clean_member m
  WHERE m.valid && f.inside AND m.cluster = f.cluster AND ST_Covers(m.valid, f.inside)
  ORDER BY m.hold DESC, ST_Area(m.valid), m.i LIMIT 1
) o
WHERE NOT EXISTS (SELECT FROM border b WHERE b.cluster = f.cluster AND NOT ST_Covers(b.parent, f.inside))
ORDER BY f.cluster, f.n
