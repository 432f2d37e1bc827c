-- The cells of layer $3 as the base. $2 the run, whose crosswalk tells which leaf
-- holds most of each.
INSERT INTO merge_leaf (cell_id, code, geom, deg, area_m2, home, base_code, base_name, may_divide)
SELECT c.id, coalesce(v.code, ''), c.geom, ST_Area(c.geom), c.area_m2, v.cell_id, c.code, c.name, false
FROM layers.cell c
LEFT JOIN LATERAL (
  SELECT x.cell_id, v.code
  FROM merge.crosswalk x JOIN cells.of($1, $4) v ON v.cell_id = x.cell_id
  WHERE x.territory_id = $1 AND x.run_id = $2 AND x.layer_cell_id = c.id
  ORDER BY x.share_of_layer_cell DESC, v.code LIMIT 1
) v ON true
WHERE c.territory_id = $1 AND c.layer = $3
