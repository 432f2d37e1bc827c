-- The ground that resolutions would move. A layer's line can be adopted where
-- each piece beyond the tolerance has a sibling to go to that lies beside it and is
-- for the most part of the same layer cell: a parent's line never moves, nor one that is
-- statutory or disputed. $3 edition, $4 dominant share, $5 tolerated share.
INSERT INTO merge.move (territory_id, run_id, conflict_id, resolution, layer_cell_id, to_cell_id, area_m2, geom)
WITH leaf AS MATERIALIZED (
  SELECT v.cell_id, v.parent_id, v.geom, v.area_m2, v.locked OR v.disputed AS fixed,
    bool_and(cells.is_leaf($1, v.cell_id, $3)) OVER (PARTITION BY v.parent_id) AS all_leaves
  FROM cells.of($1, $3) v
), line AS MATERIALIZED (
  SELECT c.id, c.kind, c.layer, c.cell_id, c.geom AS ground, c.area_m2 AS ground_m2, l.parent_id, l.area_m2, l.geom,
    EXISTS (SELECT FROM merge.conflict n WHERE n.territory_id = $1 AND n.run_id = $2 AND n.kind = 'nested' AND n.layer = c.layer AND n.cell_id = c.cell_id) AS nested
  FROM merge.conflict c JOIN leaf l ON l.cell_id = c.cell_id
  WHERE c.territory_id = $1 AND c.run_id = $2 AND c.layer IS NOT NULL AND NOT c.pending AND NOT c.detail ? 'base_cell'
    AND (c.kind = 'nested' OR c.kind IN ('split', 'boundary-mismatch', 'gap', 'overlap') AND NOT l.fixed AND l.all_leaves AND l.parent_id IS NOT NULL)
), piece AS MATERIALIZED (
  SELECT n.id, n.kind, n.cell_id, n.parent_id, n.area_m2, n.nested, x.layer_cell_id, x.claimed_share, x.share_of_layer_cell,
    coalesce(x.geom, n.geom) AS geom, x.overlap_share,
    row_number() OVER largest AS nth, first_value(coalesce(x.geom, n.geom)) OVER largest AS largest
  FROM line n
  JOIN merge.crosswalk x ON x.territory_id = $1 AND x.run_id = $2 AND x.cell_id = n.cell_id AND x.layer = n.layer AND x.layer_cell_id IS NOT NULL
  JOIN layers.cell c ON c.territory_id = $1 AND c.id = x.layer_cell_id
  WHERE n.kind IN ('split', 'boundary-mismatch', 'nested')
  WINDOW largest AS (PARTITION BY n.id ORDER BY x.claimed_share DESC, c.code)
), other AS MATERIALIZED (
  SELECT p.*, CASE WHEN p.overlap_share > 0 THEN merge.rest(p.geom, ARRAY[p.largest]) ELSE p.geom END AS ground
  FROM piece p
  WHERE p.kind <> 'nested' AND CASE WHEN p.nested THEN p.share_of_layer_cell < $4 ELSE p.nth > 1 END
), place AS MATERIALIZED (
  SELECT o.*, s.cell_id AS to_cell_id,
    bool_and(s.cell_id IS NOT NULL OR o.claimed_share <= $5) OVER (PARTITION BY o.id) AS possible
  FROM other o
  LEFT JOIN LATERAL (
    SELECT x.cell_id
    FROM merge.crosswalk x JOIN leaf s ON s.cell_id = x.cell_id
    WHERE x.territory_id = $1 AND x.run_id = $2 AND x.layer_cell_id = o.layer_cell_id AND s.parent_id = o.parent_id AND s.cell_id <> o.cell_id
      AND NOT s.fixed AND x.claimed_share > 0.5 AND ST_DWithin(s.geom, o.ground, 1e-9)
    ORDER BY x.share_of_layer_cell DESC, x.cell_id LIMIT 1
  ) s ON true
  WHERE NOT ST_IsEmpty(o.ground)
)
SELECT $1::int, $2::bigint, id, 'adopt-layer-boundary', layer_cell_id, to_cell_id, ST_Area(ground) / ST_Area(l.geom) * l.area_m2, ground
FROM place JOIN leaf l USING (cell_id) WHERE possible AND to_cell_id IS NOT NULL
UNION ALL
SELECT $1, $2, id, 'split-leaf', layer_cell_id, NULL, ST_Area(ground) / ST_Area(l.geom) * l.area_m2, ground
FROM place JOIN leaf l USING (cell_id) WHERE claimed_share > $5
UNION ALL
SELECT $1, $2, id, 'split-leaf', NULL, NULL, ground_m2, ground
FROM line WHERE kind IN ('gap', 'overlap') AND NOT ST_IsEmpty(ground) AND ground_m2 < 0.99 * area_m2
UNION ALL
SELECT $1, $2, id, 'draw-unit-cells', layer_cell_id, NULL, claimed_share * area_m2, geom
FROM piece WHERE kind = 'nested' AND share_of_layer_cell >= $4
