-- Conflicts of lines in leaves that are as they were, from the run before ($2), as
-- they were decided. Whether their ground is pending is judged anew, and so is what
-- would move where a sibling has changed. $3 the edition.
WITH leaf AS (
  SELECT l.cell_id, bool_and(NOT l.fresh) OVER (PARTITION BY v.parent_id) AS still
  FROM merge_leaf l JOIN cells.leaves($1, $3) v ON v.cell_id = l.cell_id
)
INSERT INTO merge_found (id, kept, still, kind, layer, cell_id, detail, place, geom, area_m2, width_m, blocking, proposal, reason,
  version, comments, state, resolution, settled_by, settled_reason, settled_at)
SELECT c.id, true, l.still AND NOT c.pending, c.kind, c.layer, c.cell_id, c.detail - 'line' - 'interim', c.place, c.geom, c.area_m2, c.width_m, c.blocking,
  CASE WHEN c.pending THEN 'keep-base-boundary' ELSE c.proposal END,
  CASE WHEN NOT c.pending THEN c.reason WHEN c.kind = 'gap' THEN 'gap-part' ELSE c.kind END,
  c.version, c.comments, c.state, c.resolution, c.settled_by, c.settled_reason, c.settled_at
FROM merge.conflict c JOIN merge_leaf f ON f.cell_id = c.cell_id AND NOT f.fresh JOIN leaf l ON l.cell_id = c.cell_id
WHERE c.territory_id = $1 AND c.run_id = $2 AND c.layer IS NOT NULL AND c.kind IN ('split', 'boundary-mismatch', 'gap', 'overlap', 'nested')
