-- In what was left to the database: where cells of one layer overlap each other within a leaf (by more than 1e-10
-- of it): the faces that their edges make, and who claims each.
WITH clash AS (
  SELECT DISTINCT a.layer, a.cell_id
  FROM merge_piece a
  JOIN merge_piece b ON b.cell_id = a.cell_id AND b.layer = a.layer AND b.layer_cell_id > a.layer_cell_id AND b.geom && a.geom
  JOIN merge_left m ON m.cell_id = a.cell_id AND m.layer = a.layer
  JOIN merge_leaf l ON l.cell_id = a.cell_id
  WHERE CASE WHEN a.whole OR b.whole THEN least(a.claimed, b.claimed)
    ELSE ST_Area(merge.common(a.geom, b.geom)) END > 1e-10 * l.deg
), face AS (
  SELECT n.layer, n.cell_id, d.geom
  FROM (
    SELECT layer, cell_id, ST_UnaryUnion(ST_Collect(ST_Boundary(geom))) AS lines
    FROM merge_piece JOIN clash USING (layer, cell_id)
    GROUP BY layer, cell_id
  ) n
  CROSS JOIN LATERAL ST_Dump(ST_Polygonize(ARRAY[n.lines])) d
)
INSERT INTO merge_face (layer, cell_id, geom, deg, claimants)
SELECT f.layer, f.cell_id, f.geom, ST_Area(f.geom), c.claimants
FROM face f
CROSS JOIN LATERAL (
  SELECT array_agg(p.layer_cell_id ORDER BY p.layer_cell_id) AS claimants
  FROM merge_piece p
  WHERE p.layer = f.layer AND p.cell_id = f.cell_id AND ST_Intersects(p.geom, ST_PointOnSurface(f.geom))
) c
WHERE c.claimants IS NOT NULL
