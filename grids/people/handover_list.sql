-- Handovers of territory $1: of cells $3 (NULL: all), of person $4 on either side
-- (0: any), of number $5 (0: any), at most $6, the latest first. Cells have their
-- last code up to edition $2.
SELECT h.id, h.cell_id, v.code, v.name, h.role, h.layer, h.from_assignment, h.from_person, f.name, h.to_assignment, h.to_person, t.name,
       h.at, h.until, h.note, h.open_work, h.recorded_at, h.recorded_by
FROM people.handover h
CROSS JOIN LATERAL (
  SELECT v.code, v.name FROM cells.version v WHERE v.territory_id = $1 AND v.cell_id = h.cell_id
  ORDER BY v.from_edition > $2, abs(v.from_edition - $2) LIMIT 1
) v
CROSS JOIN LATERAL (SELECT q.name FROM people.person_version q WHERE q.territory_id = $1 AND q.person_id = h.from_person ORDER BY lower(q.during) DESC LIMIT 1) f
CROSS JOIN LATERAL (SELECT q.name FROM people.person_version q WHERE q.territory_id = $1 AND q.person_id = h.to_person ORDER BY lower(q.during) DESC LIMIT 1) t
WHERE h.territory_id = $1
  AND ($3::bigint[] IS NULL OR h.cell_id = ANY ($3))
  AND ($4::bigint = 0 OR h.from_person = $4 OR h.to_person = $4)
  AND ($5::bigint = 0 OR h.id = $5)
ORDER BY h.at DESC, h.id DESC
LIMIT $6::int
