INSERT INTO merge.move (territory_id, run_id, conflict_id, resolution, layer_cell_id, to_cell_id, area_m2, geom)
SELECT $1, $2, conflict_id, resolution, layer_cell_id, to_cell_id, area_m2, geom
FROM merge_moved
ORDER BY conflict_id
