-- The ground that resolutions would move, but for what is still as it was. A layer's
-- line can be adopted where each piece beyond the tolerance has a sibling to go to
-- that lies beside it and is for the most part of the same layer cell: a parent's line
-- never moves, nor one that is statutory or disputed. $3 edition, $4 dominant share,
-- $5 tolerated share.
INSERT INTO merge_moved (conflict_id, resolution, layer_cell_id, to_cell_id, area_m2, geom)
WITH cell AS MATERIALIZED (
  SELECT cell_id, parent_id, geom, area_m2, locked OR disputed AS fixed FROM cells.of($1, $3)
), leaf AS MATERIALIZED (
  SELECT v.*, bool_and(c.parent_id IS NULL) OVER (PARTITION BY v.parent_id) AS all_leaves
  FROM cell v LEFT JOIN (SELECT DISTINCT parent_id FROM cell) c ON c.parent_id = v.cell_id
), line AS MATERIALIZED (
  SELECT c.id, c.kind, c.layer, c.cell_id, c.geom AS ground, c.area_m2 AS ground_m2, l.parent_id, l.area_m2, l.geom, n.cell_id IS NOT NULL AS nested
  FROM merge_found c JOIN leaf l ON l.cell_id = c.cell_id
  LEFT JOIN (SELECT DISTINCT layer, cell_id FROM merge_found WHERE kind = 'nested') n ON n.layer = c.layer AND n.cell_id = c.cell_id
  WHERE NOT c.still AND c.layer IS NOT NULL AND NOT c.pending AND NOT c.detail ? 'base_cell'
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
), home AS MATERIALIZED ( -- leaves that are for the most part of a layer cell
  SELECT x.layer_cell_id, x.cell_id, x.share_of_layer_cell, s.parent_id, s.geom
  FROM merge.crosswalk x JOIN leaf s ON s.cell_id = x.cell_id
  WHERE x.territory_id = $1 AND x.run_id = $2 AND x.layer_cell_id IS NOT NULL AND x.claimed_share > 0.5 AND NOT s.fixed
    AND s.parent_id IN (SELECT parent_id FROM line)
), beside AS MATERIALIZED (
  SELECT DISTINCT ON (id, layer_cell_id) id, layer_cell_id, to_cell_id
  FROM (
    SELECT o.id, o.layer_cell_id, o.ground, h.cell_id AS to_cell_id, h.share_of_layer_cell, h.geom
    FROM other o
    JOIN home h ON h.layer_cell_id = o.layer_cell_id AND h.parent_id = o.parent_id AND h.cell_id <> o.cell_id AND h.geom && ST_Expand(o.ground, 1e-9)
    OFFSET 0
  ) s
  WHERE ST_DWithin(geom, ground, 1e-9)
  ORDER BY id, layer_cell_id, share_of_layer_cell DESC, to_cell_id
), place AS MATERIALIZED (
  SELECT o.*, s.to_cell_id,
    bool_and(s.to_cell_id IS NOT NULL OR o.claimed_share <= $5) OVER (PARTITION BY o.id) AS possible
  FROM other o
  LEFT JOIN beside s USING (id, layer_cell_id)
  WHERE NOT ST_IsEmpty(o.ground)
)
SELECT id, 'adopt-layer-boundary', layer_cell_id, to_cell_id, ST_Area(ground) / ST_Area(l.geom) * l.area_m2, ground
FROM place JOIN leaf l USING (cell_id) WHERE possible AND to_cell_id IS NOT NULL
UNION ALL
SELECT id, 'split-leaf', layer_cell_id, NULL, ST_Area(ground) / ST_Area(l.geom) * l.area_m2, ground
FROM place JOIN leaf l USING (cell_id) WHERE claimed_share > $5
UNION ALL
SELECT id, 'split-leaf', NULL, NULL, ground_m2, ground
FROM line WHERE kind IN ('gap', 'overlap') AND NOT ST_IsEmpty(ground) AND ground_m2 < 0.99 * area_m2
UNION ALL
SELECT id, 'draw-unit-cells', layer_cell_id, NULL, claimed_share * area_m2, geom
FROM piece WHERE kind = 'nested' AND share_of_layer_cell >= $4
