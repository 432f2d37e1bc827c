-- What resolutions of a conflict could move, but for what is still as it was: a layer's
-- line only of leaves beside which there are nothing but leaves, never a parent's, nor one that is
-- statutory or disputed. $3 edition, $4 dominant share.
INSERT INTO merge_side (conflict_id, cell_id, parent_id, layer_cell_id, way, claimed_share, area_m2, ground)
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
), piece AS (
  SELECT n.id, n.kind, n.cell_id, n.parent_id, n.area_m2, ST_Area(n.geom) AS deg, n.nested, x.layer_cell_id, x.claimed_share, x.share_of_layer_cell,
    coalesce(x.geom, n.geom) AS geom, x.overlap_share,
    row_number() OVER largest AS nth, first_value(coalesce(x.geom, n.geom)) OVER largest AS largest
  FROM line n
  JOIN merge.crosswalk x ON x.territory_id = $1 AND x.run_id = $2 AND x.cell_id = n.cell_id AND x.layer = n.layer AND x.layer_cell_id IS NOT NULL
  JOIN layers.cell c ON c.territory_id = $1 AND c.id = x.layer_cell_id
  WHERE n.kind IN ('split', 'boundary-mismatch', 'nested')
  WINDOW largest AS (PARTITION BY n.id ORDER BY x.claimed_share DESC, c.code)
), other AS (
  SELECT p.*, CASE WHEN p.overlap_share > 0 THEN merge.rest(p.geom, ARRAY[p.largest]) ELSE p.geom END AS ground
  FROM piece p
  WHERE p.kind <> 'nested' AND CASE WHEN p.nested THEN p.share_of_layer_cell < $4 ELSE p.nth > 1 END
)
SELECT id, cell_id, parent_id, layer_cell_id, 'line', claimed_share, ST_Area(ground) / deg * area_m2, ground
FROM other WHERE NOT ST_IsEmpty(ground)
UNION ALL
SELECT id, cell_id, parent_id, NULL, 'split', NULL, ground_m2, ground
FROM line WHERE kind IN ('gap', 'overlap') AND NOT ST_IsEmpty(ground) AND ground_m2 < 0.99 * area_m2
UNION ALL
SELECT id, cell_id, parent_id, layer_cell_id, 'unit', claimed_share, claimed_share * area_m2, geom
FROM piece WHERE kind = 'nested' AND share_of_layer_cell >= $4
