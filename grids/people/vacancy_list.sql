-- Vacancies of edition $2 of territory $1 at $3 among the cells $4 (NULL: all),
-- oldest first, at most $5 after $6.
SELECT w.cell_id, w.code, w.name, w.tier, w.since, l.name, w.stand_in, s.name, h.code, h.name, w.up, w.far, n.name, w.next_from, count(*) OVER ()
FROM people.vacancies($1, $2, $3) w
LEFT JOIN cells.of($1, $2) h ON h.cell_id = w.holds
LEFT JOIN LATERAL (SELECT q.name FROM people.person_version q WHERE q.territory_id = $1 AND q.person_id = w.last_person ORDER BY lower(q.during) DESC LIMIT 1) l ON true
LEFT JOIN LATERAL (SELECT q.name FROM people.person_version q WHERE q.territory_id = $1 AND q.person_id = w.stand_in ORDER BY lower(q.during) DESC LIMIT 1) s ON true
LEFT JOIN LATERAL (SELECT q.name FROM people.person_version q WHERE q.territory_id = $1 AND q.person_id = w.next_person ORDER BY lower(q.during) DESC LIMIT 1) n ON true
WHERE $4::bigint[] IS NULL OR w.cell_id = ANY ($4)
ORDER BY w.since, w.code
LIMIT $5::int OFFSET $6::int
