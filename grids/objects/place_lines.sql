-- Lines into leaves by length in metres. What runs along a shared border is cut
-- off from all but the smallest code. Lengths are taken with vertices at most
-- 0.001 degrees apart: what is straight in degrees is not straight in metres, and
-- the pieces of a long segment would not add up to it.
INSERT INTO placing_share (object_id, cell_id, share)
WITH leaf AS MATERIALIZED (
  SELECT v.cell_id, v.code, v.geom FROM cells.leaves($1, $2) v
  WHERE v.geom && (SELECT ST_SetSRID(ST_Extent(geom)::geometry, 4326) FROM placing_object WHERE dim = 1)
), territory AS (
  SELECT epsg FROM cells.territory WHERE id = $1
), piece AS MATERIALIZED (
  SELECT o.id, l.cell_id, l.code, ST_CollectionExtract(ST_Intersection(l.geom, o.geom), 2) AS geom
  FROM leaf l JOIN placing_object o ON o.dim = 1 AND ST_Intersects(l.geom, o.geom)
), taken AS (
  SELECT p.id, p.cell_id, ST_CollectionExtract(ST_Intersection(p.geom, ST_Union(q.geom)), 2) AS geom
  FROM piece p JOIN piece q ON q.id = p.id AND q.code < p.code AND ST_Intersects(p.geom, q.geom)
  GROUP BY p.id, p.cell_id, p.geom
), measured AS (
  SELECT p.id, p.cell_id, ST_Length(ST_Transform(ST_Segmentize(p.geom, 0.001), t.epsg))
         - coalesce(ST_Length(ST_Transform(ST_Segmentize(k.geom, 0.001), t.epsg)), 0) AS metres
  FROM territory t CROSS JOIN piece p LEFT JOIN taken k ON k.id = p.id AND k.cell_id = p.cell_id
)
SELECT m.id, m.cell_id, m.metres / ST_Length(ST_Transform(ST_Segmentize(o.geom, 0.001), t.epsg))
FROM territory t CROSS JOIN measured m JOIN placing_object o ON o.id = m.id
WHERE m.metres > 0
