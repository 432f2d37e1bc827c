INSERT INTO merge.conflict (territory_id, run_id, id, kind, layer, cell_id, detail, place, geom, area_m2, width_m, pending, blocking, proposal, reason,
  touches, people, objects, severity, alternatives, version, comments, state, resolution, settled_by, settled_reason, settled_at)
SELECT $1, $2, id, kind, layer, cell_id, detail, place, geom, area_m2, width_m, pending, blocking, proposal, reason,
  touches, people, objects, severity, alternatives, version, comments, state, resolution, settled_by, settled_reason, settled_at
FROM merge_found
ORDER BY id
