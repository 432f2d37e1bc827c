-- Questions of territory $1: of cells $3 (NULL: all), open ($4 'open'), answered or
-- all of them, or number $7 alone (0: any), at most $5 after $6. Cells have their
-- last code up to edition $2.
SELECT q.id, q.edition, q.kind, q.cell_id, v.code, v.name, q.role, q.layer, q.ruled, q.ruled_person, r.name,
       (SELECT json_agg(json_build_object('person', c.person, 'name', p.name, 'staff_no', p.staff_no, 'post', p.post, 'role', c.role,
                 'cell', f.code, 'cell_name', f.name, 'share', c.share) ORDER BY c.n)
        FROM (SELECT (x ->> 'person')::bigint AS person, x ->> 'role' AS role, (x ->> 'cell')::bigint AS cell, (x ->> 'share')::float8 AS share, n
              FROM jsonb_array_elements(q.candidates) WITH ORDINALITY AS e (x, n)) c
        CROSS JOIN LATERAL (SELECT b.name, b.staff_no, b.post FROM people.person_version b
          WHERE b.territory_id = $1 AND b.person_id = c.person ORDER BY lower(b.during) DESC LIMIT 1) p
        CROSS JOIN LATERAL (SELECT b.code, b.name FROM cells.version b
          WHERE b.territory_id = $1 AND b.cell_id = c.cell ORDER BY b.from_edition DESC LIMIT 1) f),
       q.asked_at, q.answered_at, q.answered_by, q.answer, q.answer_person, a.name, q.reason, count(*) OVER ()
FROM people.question q
CROSS JOIN LATERAL (
  SELECT v.code, v.name FROM cells.version v WHERE v.territory_id = $1 AND v.cell_id = q.cell_id
  ORDER BY v.from_edition > $2, abs(v.from_edition - $2) LIMIT 1
) v
LEFT JOIN LATERAL (SELECT b.name FROM people.person_version b WHERE b.territory_id = $1 AND b.person_id = q.ruled_person ORDER BY lower(b.during) DESC LIMIT 1) r ON true
LEFT JOIN LATERAL (SELECT b.name FROM people.person_version b WHERE b.territory_id = $1 AND b.person_id = q.answer_person ORDER BY lower(b.during) DESC LIMIT 1) a ON true
WHERE q.territory_id = $1
  AND ($3::bigint[] IS NULL OR q.cell_id = ANY ($3))
  AND CASE $4::text WHEN 'open' THEN q.answered_at IS NULL WHEN 'answered' THEN q.answered_at IS NOT NULL ELSE true END
  AND ($7::bigint = 0 OR q.id = $7)
ORDER BY q.answered_at DESC NULLS FIRST, q.edition DESC, v.code, (SELECT r.rank FROM people.role r WHERE r.code = q.role), q.layer NULLS FIRST, q.id
LIMIT $5::int OFFSET $6::int
