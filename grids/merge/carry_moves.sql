-- The ground that would move where nothing has changed, from the run before ($2).
INSERT INTO merge_moved (conflict_id, resolution, layer_cell_id, to_cell_id, area_m2, geom)
SELECT m.conflict_id, m.resolution, m.layer_cell_id, m.to_cell_id, m.area_m2, m.geom
FROM merge.move m JOIN merge_found f ON f.id = m.conflict_id AND f.still AND NOT f.pending
WHERE m.territory_id = $1 AND m.run_id = $2
