-- A conflict that is what it was stays as it was decided: about the same, and
-- its ground no more than a hundredth larger or smaller. A line that can't move
-- any more is open again.
UPDATE merge.conflict c
SET state = d.state, resolution = d.resolution, settled_by = d.settled_by, settled_reason = d.settled_reason, settled_at = d.settled_at
FROM merge_decided d
WHERE c.territory_id = $1 AND c.run_id = $2 AND d.kind = c.kind AND d.layer IS NOT DISTINCT FROM c.layer AND d.cell_id IS NOT DISTINCT FROM c.cell_id
  AND d.about = merge.about(c.detail) AND d.pending = c.pending
  AND abs(c.area_m2 - d.area_m2) <= 0.01 * greatest(c.area_m2, d.area_m2)
  AND (d.resolution IS NULL OR d.resolution NOT IN ('adopt-layer-boundary', 'split-leaf', 'draw-unit-cells')
    OR c.alternatives @> jsonb_build_array(jsonb_build_object('resolution', d.resolution)))
