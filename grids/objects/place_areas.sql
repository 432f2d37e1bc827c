-- Polygons into leaves by area in degrees.
INSERT INTO placing_share (object_id, cell_id, share)
WITH leaf AS MATERIALIZED (
  SELECT v.cell_id, v.geom FROM cells.leaves($1, $2) v
  WHERE v.geom && (SELECT ST_SetSRID(ST_Extent(geom)::geometry, 4326) FROM placing_object WHERE dim = 2)
), part AS (
  SELECT o.id, l.cell_id, CASE WHEN ST_Covers(l.geom, o.geom) THEN 1
         ELSE ST_Area(ST_Intersection(l.geom, o.geom)) / ST_Area(o.geom) END AS share
  FROM leaf l JOIN placing_object o ON o.dim = 2 AND ST_Intersects(l.geom, o.geom)
)
SELECT id, cell_id, share FROM part WHERE share > 0
