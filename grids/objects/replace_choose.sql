-- Objects that touch a leaf that edition $2 made, changed, or took away.
INSERT INTO placing_id (id)
WITH changed AS MATERIALIZED (
  SELECT v.cell_id, v.geom FROM cells.leaves($1, $2) v
  WHERE NOT EXISTS (SELECT FROM cells.leaves($1, $2 - 1) b WHERE b.cell_id = v.cell_id AND b.from_edition = v.from_edition)
  UNION ALL
  SELECT b.cell_id, b.geom FROM cells.leaves($1, $2 - 1) b
  WHERE NOT EXISTS (SELECT FROM cells.leaves($1, $2) v WHERE v.cell_id = b.cell_id AND v.from_edition = b.from_edition)
)
SELECT o.id FROM changed c JOIN objects.object o ON o.territory_id = $1 AND ST_Intersects(c.geom, o.geom)
UNION
SELECT p.object_id FROM changed c
JOIN objects.placement p ON p.territory_id = $1 AND p.cell_id = c.cell_id AND upper_inf(p.during)
