-- Their pieces, from the run before ($2). Slivers are marked as they are put in:
-- of a table that was updated before its index was made, PostgreSQL doesn't use
-- the index in the same transaction.
INSERT INTO merge_piece (layer, layer_cell_id, cell_id, geom, whole, claimed, own, overlap, sliver, into_id)
SELECT x.layer, x.layer_cell_id, x.cell_id, x.geom, x.geom IS NULL, x.claimed_share * l.deg,
  (x.share_of_cell - x.absorbed_share) * l.deg, x.overlap_share * l.deg, false, NULL
FROM merge.crosswalk x JOIN merge_leaf l ON l.cell_id = x.cell_id AND NOT l.fresh
WHERE x.territory_id = $1 AND x.run_id = $2
UNION ALL
SELECT v.layer, v.layer_cell_id, v.cell_id, v.geom, false, coalesce(v.claimed_share, v.share_of_cell) * l.deg, v.share_of_cell * l.deg, 0, true, v.into_layer_cell_id
FROM merge.sliver v JOIN merge_leaf l ON l.cell_id = v.cell_id AND NOT l.fresh
WHERE v.territory_id = $1 AND v.run_id = $2
