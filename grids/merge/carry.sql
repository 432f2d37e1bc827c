-- A conflict of the same kind, layer and cell is the one that was there before:
-- it keeps its id and what was decided. Of kinds that a cell can have several of,
-- it must be about the same, too.
WITH mine AS (
  SELECT k.id, k.same, row_number() OVER (PARTITION BY k.same ORDER BY k.area_m2 DESC, k.id) AS n
  FROM (SELECT c.id, c.area_m2, jsonb_build_array(c.kind, c.layer, c.cell_id, CASE WHEN c.cell_id IS NULL OR c.kind IN ('over-capacity', 'code-clash', 'object-unplaced') THEN merge.about(c.detail) END) AS same
    FROM merge_found c WHERE NOT c.kept) k
), before AS (
  SELECT k.*, row_number() OVER (PARTITION BY k.same ORDER BY k.area_m2 DESC, k.id) AS n
  FROM (SELECT d.*, jsonb_build_array(d.kind, d.layer, d.cell_id, CASE WHEN d.cell_id IS NULL OR d.kind IN ('over-capacity', 'code-clash', 'object-unplaced') THEN merge.about(d.detail) END) AS same
    FROM merge_decided d) k
)
UPDATE merge_found c
SET id = b.id, version = b.version, comments = b.comments, state = b.state, resolution = b.resolution,
  settled_by = b.settled_by, settled_reason = b.settled_reason, settled_at = b.settled_at
FROM mine m
JOIN before b USING (same, n)
WHERE c.id = m.id AND NOT c.kept
