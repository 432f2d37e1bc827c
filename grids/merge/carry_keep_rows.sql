INSERT INTO merge_decided
SELECT c.id, c.version, c.comments, c.kind, c.layer, c.cell_id, c.detail, c.area_m2, c.pending,
  c.state, c.resolution, c.settled_by, c.settled_reason, c.settled_at
FROM merge.conflict c
WHERE c.territory_id = $1 AND c.run_id = merge.latest($1, $2)
