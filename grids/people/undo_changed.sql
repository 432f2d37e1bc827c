-- Cells whose roles are held otherwise than when the batch was done.
WITH differing AS (
  (SELECT cell_id, role, person_id, layer, post, side, rank, during FROM undoing_hold WHERE which = 'now'
   EXCEPT ALL SELECT cell_id, role, person_id, layer, post, side, rank, during FROM undoing_hold WHERE which = 'after')
  UNION ALL
  (SELECT cell_id, role, person_id, layer, post, side, rank, during FROM undoing_hold WHERE which = 'after'
   EXCEPT ALL SELECT cell_id, role, person_id, layer, post, side, rank, during FROM undoing_hold WHERE which = 'now')
)
SELECT count(*), coalesce((array_agg(code ORDER BY code))[1:20], '{}')
FROM (SELECT DISTINCT cell_id FROM differing) d
LEFT JOIN LATERAL (
  SELECT v.code FROM cells.version v WHERE v.territory_id = $1 AND v.cell_id = d.cell_id AND v.from_edition <= $2 ORDER BY v.from_edition DESC LIMIT 1
) v ON true
