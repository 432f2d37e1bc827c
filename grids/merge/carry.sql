-- A conflict of the same kind, layer and cell is the one that was there before:
-- it keeps its id and what was decided. Of kinds that a cell can have several of,
-- it must be about the same, too.
WITH mine AS (
  SELECT k.id, k.kind, k.layer, k.cell_id, k.topic, row_number() OVER (PARTITION BY k.kind, k.layer, k.cell_id, k.topic ORDER BY k.area_m2 DESC, k.id) AS n
  FROM (SELECT c.*, CASE WHEN c.cell_id IS NULL OR c.kind IN ('over-capacity', 'code-clash', 'object-unplaced') THEN merge.about(c.detail) END AS topic
    FROM merge.conflict c WHERE c.territory_id = $1 AND c.run_id = $2) k
), before AS (
  SELECT k.*, row_number() OVER (PARTITION BY k.kind, k.layer, k.cell_id, k.topic ORDER BY k.area_m2 DESC, k.id) AS n
  FROM (SELECT d.*, CASE WHEN d.cell_id IS NULL OR d.kind IN ('over-capacity', 'code-clash', 'object-unplaced') THEN d.about END AS topic
    FROM merge_decided d) k
)
UPDATE merge.conflict c
SET id = b.id, version = b.version, comments = b.comments, state = b.state, resolution = b.resolution,
  settled_by = b.settled_by, settled_reason = b.settled_reason, settled_at = b.settled_at
FROM mine m
JOIN before b ON b.kind = m.kind AND b.layer IS NOT DISTINCT FROM m.layer AND b.cell_id IS NOT DISTINCT FROM m.cell_id
  AND b.topic IS NOT DISTINCT FROM m.topic AND b.n = m.n
WHERE c.territory_id = $1 AND c.run_id = $2 AND c.id = m.id
