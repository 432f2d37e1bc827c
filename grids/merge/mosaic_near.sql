-- The cells of layers ($2) whose boxes meet those of leaves ($3), by code, so that
-- the outcome is the same whatever their numbers are.
SELECT c.layer, c.id, ST_AsBinary(c.geom, 'NDR')
FROM layers.cell c
WHERE c.territory_id = $1 AND c.layer = ANY ($2::text[])
  AND c.id IN (SELECT n.id FROM merge_leaf l JOIN layers.cell n ON n.geom && l.geom WHERE l.cell_id = ANY ($3::bigint[]))
ORDER BY c.layer, c.code
