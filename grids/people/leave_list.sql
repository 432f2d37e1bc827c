-- Leaves of territory $1 of person $3 (0: all), current, planned or past ($4), or
-- the one numbered $5; with the cells that the person answers for meanwhile.
-- Cells have their last code up to edition $2.
SELECT l.id, l.person_id, n.name, lower(l.during), upper(l.during), l.stand_in, s.name, l.reason, l.recorded_at, l.recorded_by, coalesce(c.list, '[]')
FROM people.leave l
CROSS JOIN LATERAL (SELECT q.name FROM people.person_version q WHERE q.territory_id = $1 AND q.person_id = l.person_id ORDER BY lower(q.during) DESC LIMIT 1) n
CROSS JOIN LATERAL (SELECT q.name FROM people.person_version q WHERE q.territory_id = $1 AND q.person_id = l.stand_in ORDER BY lower(q.during) DESC LIMIT 1) s
LEFT JOIN LATERAL (
  SELECT jsonb_agg(jsonb_build_object('cell', v.code, 'cell_name', v.name, 'role', a.role, 'stand_in', coalesce(x.stand_in, l.stand_in),
           'stand_in_name', coalesce(o.name, s.name)) ORDER BY v.code, a.role) AS list
  FROM people.assignment a
  CROSS JOIN LATERAL (
    SELECT v.code, v.name FROM cells.version v WHERE v.territory_id = $1 AND v.cell_id = a.cell_id
    ORDER BY v.from_edition > $2, abs(v.from_edition - $2) LIMIT 1
  ) v
  LEFT JOIN people.leave_cell x ON x.territory_id = $1 AND x.leave_id = l.id AND x.cell_id = a.cell_id
  LEFT JOIN LATERAL (SELECT q.name FROM people.person_version q WHERE q.territory_id = $1 AND q.person_id = x.stand_in ORDER BY lower(q.during) DESC LIMIT 1) o ON true
  WHERE a.territory_id = $1 AND a.person_id = l.person_id AND a.during && l.during AND (a.role = 'accountable' OR (a.role = 'deputy' AND a.layer IS NULL))
) c ON true
WHERE l.territory_id = $1
  AND ($3::bigint = 0 OR l.person_id = $3)
  AND CASE $4::text WHEN 'current' THEN l.during @> now() WHEN 'planned' THEN lower(l.during) > now() WHEN 'past' THEN upper(l.during) <= now() ELSE true END
  AND ($5::bigint = 0 OR l.id = $5)
ORDER BY lower(l.during) DESC, l.id DESC
