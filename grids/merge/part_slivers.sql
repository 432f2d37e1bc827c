UPDATE merge_piece p
SET sliver = true, into_id = v.into_layer_cell_id
FROM merge.sliver v
JOIN merge_leaf l ON l.cell_id = v.cell_id AND NOT l.fresh
WHERE v.territory_id = $1 AND v.run_id = $2 AND p.cell_id = v.cell_id AND p.layer = v.layer
  AND p.layer_cell_id IS NOT DISTINCT FROM v.layer_cell_id
