-- $1 territory, $2 edition, $3 instant, $4 cell, $5 figure, $6 offset, $7 limit
SELECT count(*) OVER ()::int, jsonb_build_object('code', c.code, 'name', c.name, 'tier', c.tier, 'lon', ST_X(c.label), 'lat', ST_Y(c.label)), NULL::jsonb, NULL::timestamptz, NULL::int, NULL::int, u.officers, NULL::jsonb
FROM duty.understaffed($1, $2, $3, $4) u
JOIN cells.of($1, $2) c ON c.cell_id = u.cell_id
WHERE $5 = 'understaffed'
ORDER BY u.officers, c.code USING ~<~
OFFSET $6 LIMIT $7
