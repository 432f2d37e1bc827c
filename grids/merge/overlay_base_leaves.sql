-- The cells of layer $3 as the base. $2 the run, whose crosswalk tells which leaf
-- holds most of each, $4 the edition.
SELECT id, 0 AS from_edition, leaf_code, area_m2, home, code, name, false AS may_divide, '' AS standing, NULL::uuid AS print, ST_AsBinary(geom, 'NDR')
FROM (
  SELECT c.id, coalesce(v.code, '') AS leaf_code, c.geom, c.area_m2, v.cell_id AS home, c.code, c.name
  FROM layers.cell c
  LEFT JOIN LATERAL (
    SELECT x.cell_id, v.code
    FROM merge.crosswalk x JOIN cells.of($1, $4) v ON v.cell_id = x.cell_id
    WHERE x.territory_id = $1 AND x.run_id = $2 AND x.layer_cell_id = c.id
    ORDER BY x.share_of_layer_cell DESC, v.code LIMIT 1
  ) v ON true
  WHERE c.territory_id = $1 AND c.layer = $3
  ORDER BY c.geom, c.code
  OFFSET 0
) c
