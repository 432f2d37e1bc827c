INSERT INTO merge.stretch (territory_id, run_id, crosswalk_id, object_id, share, length_m, area_m2)
SELECT $1, $2, x.id, s.object_id, s.share, s.length_m, s.area_m2
FROM merge_stretch s
JOIN merge.crosswalk x ON x.territory_id = $1 AND x.run_id = $2 AND x.cell_id = s.cell_id AND x.layer = s.layer
  AND coalesce(x.layer_cell_id, 0) = coalesce(s.layer_cell_id, 0)
