-- Leaves and layers that were left to the database, layer cell by layer cell, so
-- that PostGIS keeps each prepared.
INSERT INTO merge_piece (layer, layer_cell_id, cell_id, geom, whole, claimed, own)
SELECT p.layer, p.layer_cell_id, p.cell_id, p.geom, p.whole, p.deg, p.deg
FROM layers.cell c
CROSS JOIN LATERAL (
  SELECT l.cell_id, l.geom, l.deg, ST_Covers(c.geom, l.geom) AS whole
  FROM merge_left_leaf l
  WHERE l.geom && c.geom AND ST_Intersects(c.geom, l.geom)
    AND EXISTS (SELECT FROM merge_left m WHERE m.cell_id = l.cell_id AND m.layer = c.layer)
  OFFSET 0
) l
CROSS JOIN LATERAL (
  SELECT CASE WHEN l.whole THEN l.geom ELSE merge.common(c.geom, l.geom) END AS geom OFFSET 0
) g
CROSS JOIN LATERAL (
  SELECT c.layer, c.id AS layer_cell_id, l.cell_id, g.geom, l.whole,
    CASE WHEN l.whole THEN l.deg ELSE ST_Area(g.geom) END AS deg
) p
WHERE c.territory_id = $1 AND c.layer = ANY ($2::text[]) AND p.deg > 0
