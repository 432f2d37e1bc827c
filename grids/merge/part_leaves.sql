-- Leaves that are what the run before ($2) saw, and that no layer cell touches
-- which was changed, came or went since: they need not be merged again. $3 layers.
WITH changed AS MATERIALIZED (
  SELECT y.geom FROM layers.version y JOIN merge.run r ON r.territory_id = $1 AND r.id = $2
  WHERE y.territory_id = $1 AND y.layer = ANY ($3::text[]) AND (lower(y.during) > r.created_at OR upper(y.during) > r.created_at)
)
UPDATE merge_leaf l
SET fresh = false
FROM merge.seen_leaf s
WHERE s.territory_id = $1 AND s.run_id = $2 AND s.cell_id = l.cell_id AND s.print = l.print
  AND NOT EXISTS (SELECT FROM changed c WHERE c.geom && l.geom AND ST_Intersects(c.geom, l.geom))
  AND NOT EXISTS (SELECT FROM merge.sliver v WHERE v.territory_id = $1 AND v.run_id = $2 AND v.cell_id = l.cell_id AND v.geom IS NULL)
