-- $1 territory, $2 edition, $3 instant, $4 cell, $5 figure, $6 offset, $7 limit
SELECT count(*) OVER ()::int,
       jsonb_build_object('code', c.code, 'name', c.name, 'tier', c.tier, 'lon', ST_X(c.label), 'lat', ST_Y(c.label)),
       CASE WHEN p.person_id IS NOT NULL THEN jsonb_build_object('id', p.person_id, 'staff_no', p.staff_no, 'name', p.name, 'unit', p.unit, 'post', p.post) END,
       v.since, floor(extract(epoch FROM $3::timestamptz - v.since) / 86400)::int, v.steps, NULL::int, NULL::jsonb
FROM duty.vacant($1, $2, $3, $4) v
JOIN cells.of($1, $2) c ON c.cell_id = v.cell_id
LEFT JOIN people.person_version p ON p.territory_id = $1 AND p.person_id = v.person_id AND p.during @> $3::timestamptz
WHERE $5 = 'vacancies' OR v.person_id IS NOT NULL
ORDER BY CASE WHEN $5 = 'acting' THEN -v.steps END, v.since, c.tier, c.code USING ~<~
OFFSET $6 LIMIT $7
