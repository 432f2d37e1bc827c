-- Nodes the snapped rings, cuts the plane into faces, and tells which row
-- overlaps each face most. Reads adopt_vertex, adopt_row and adopt_parent.
WITH line AS (
  SELECT ST_MakeLine(ST_Point(to_x / 1e7, to_y / 1e7, 4326) ORDER BY i) AS geom
  FROM adopt_vertex GROUP BY owner, ring
), face AS (
  SELECT d.path[1] AS n, d.geom, ST_Area(d.geom) AS area, ST_PointOnSurface(d.geom) AS inside
  FROM (SELECT ST_Polygonize(u) AS faces
        FROM (SELECT ST_UnaryUnion(ST_Collect(geom), 1e-7) AS u FROM line) united) cut,
       ST_Dump(faces) d
)
SELECT f.n, ST_AsEWKB(f.geom), ST_X(f.inside), ST_Y(f.inside),
       ST_Area(f.geom::geography), coalesce(p.cell_id, 0), coalesce(c.row, 0), coalesce(c.claims, 0)
FROM face f
LEFT JOIN LATERAL (
  SELECT cell_id FROM adopt_parent a
  WHERE a.geom && f.inside AND ST_Covers(a.geom, f.inside) ORDER BY cell_id LIMIT 1
) p ON true
LEFT JOIN LATERAL (
  SELECT o.row, count(*) FILTER (WHERE o.part > 0.5) OVER () AS claims, o.part
  FROM (
    SELECT r.row, ST_Area(r.geom) AS area, ST_Area(ST_Intersection(r.geom, f.geom)) / f.area AS part
    FROM adopt_row r
    WHERE r.geom && f.geom AND ST_Intersects(r.geom, f.geom)
      AND r.parent IS NOT DISTINCT FROM p.cell_id
  ) o
  WHERE o.part > 0.5
  ORDER BY o.area, o.row LIMIT 1
) c ON true
ORDER BY f.n
