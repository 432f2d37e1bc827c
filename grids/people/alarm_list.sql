-- Alarms of territory $1, of cells $4 (NULL: any), open ones alone ($3) or all; cells have their last code
-- up to edition $2.
SELECT a.id, a.kind, a.cell_id, v.code, v.name, a.since, a.raised_at, a.ended_at, a.seen_at, a.seen_by, a.note
FROM people.alarm a
CROSS JOIN LATERAL (
  SELECT v.code, v.name FROM cells.version v WHERE v.territory_id = $1 AND v.cell_id = a.cell_id
  ORDER BY v.from_edition > $2, abs(v.from_edition - $2) LIMIT 1
) v
WHERE a.territory_id = $1 AND (NOT $3 OR a.ended_at IS NULL) AND ($4::bigint[] IS NULL OR a.cell_id = ANY ($4))
ORDER BY a.ended_at IS NOT NULL, a.since, v.code
LIMIT 10000
