INSERT INTO merge.sliver (territory_id, run_id, layer, layer_cell_id, cell_id, into_layer_cell_id, share_of_cell, claimed_share, area_m2, place, geom)
SELECT $1, $2, p.layer, p.layer_cell_id, p.cell_id, p.into_id, p.own / l.deg, p.claimed / l.deg, p.own / l.deg * l.area_m2, ST_PointOnSurface(p.geom), p.geom
FROM merge_piece p JOIN merge_leaf l ON l.cell_id = p.cell_id
WHERE p.sliver
