-- What was decided holds while the conflict is about the same people and cells,
-- its ground no more than a hundredth larger or smaller, and the line can move if
-- it was to. Else it is open again, and its history says so.
UPDATE merge.conflict c
SET state = 'open', resolution = NULL, settled_by = 'merge', settled_at = NULL, settled_reason = $3
FROM merge_decided d
WHERE c.territory_id = $1 AND c.run_id = $2 AND d.id = c.id AND c.state <> 'open'
  AND NOT ((d.detail = c.detail OR merge.about(d.detail) = merge.about(c.detail)) AND d.pending = c.pending
    AND abs(c.area_m2 - d.area_m2) <= 0.01 * greatest(c.area_m2, d.area_m2)
    AND (d.resolution IS NULL OR d.resolution NOT IN ('adopt-layer-boundary', 'split-leaf', 'draw-unit-cells')
      OR c.alternatives @> jsonb_build_array(jsonb_build_object('resolution', d.resolution))))
