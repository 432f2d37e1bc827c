-- Points into leaves: exactly one each, on a shared border the smallest code. Of
-- several points of one object each counts the same.
INSERT INTO placing_share (object_id, cell_id, share)
WITH leaf AS MATERIALIZED (
  SELECT v.cell_id, v.code, v.geom FROM cells.leaves($1, $2) v
  WHERE v.geom && (SELECT ST_SetSRID(ST_Extent(geom)::geometry, 4326) FROM placing_point)
), hit AS (
  SELECT DISTINCT ON (p.n) p.object_id, l.cell_id, p.weight
  FROM leaf l JOIN placing_point p ON ST_Covers(l.geom, p.geom)
  ORDER BY p.n, l.code
)
SELECT object_id, cell_id, sum(weight) FROM hit GROUP BY object_id, cell_id
