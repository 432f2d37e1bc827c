-- Assignments of territory $1: of cells $3, of person $4 (0: any), in role $5 and
-- for layer $6 ('': any), holding at $7, as known at $8 (NULL: now, -infinity: at
-- any time), current, planned or past ($9), at most $10 (0: all) after $11, or those numbered $12.
-- Cells have their last code up to edition $2.
SELECT a.id, a.cell_id, v.code, v.name, v.tier, a.person_id, p.staff_no, p.name, coalesce(nullif(a.post, ''), p.post), a.role, a.layer, a.side, a.rank,
       lower(a.during), upper(a.during), a.recorded_at, a.recorded_by, a.reason, upper(a.known), a.post, count(*) OVER ()
FROM people.assignment_known a
JOIN people.role r ON r.code = a.role
CROSS JOIN LATERAL (
  SELECT v.code, v.name, v.tier FROM cells.version v WHERE v.territory_id = $1 AND v.cell_id = a.cell_id
  ORDER BY v.from_edition > $2, abs(v.from_edition - $2) LIMIT 1
) v
CROSS JOIN LATERAL (
  SELECT q.staff_no, q.name, q.post FROM people.person_version q
  WHERE q.territory_id = $1 AND q.person_id = a.person_id AND lower(q.during) <= coalesce($7, now()) ORDER BY lower(q.during) DESC LIMIT 1
) p
WHERE a.territory_id = $1
  AND (a.current OR $8::timestamptz IS NOT NULL) AND ($8::timestamptz IS NULL OR $8 = '-infinity' OR a.known @> $8::timestamptz)
  AND ($3::bigint[] IS NULL OR a.cell_id = ANY ($3))
  AND ($4::bigint = 0 OR a.person_id = $4)
  AND ($5::text = '' OR a.role = $5) AND ($6::text = '' OR a.layer = $6)
  AND ($7::timestamptz IS NULL OR a.during @> $7::timestamptz)
  AND CASE $9::text WHEN 'current' THEN a.during @> now() WHEN 'planned' THEN lower(a.during) > now() WHEN 'past' THEN upper(a.during) <= now() ELSE true END
  AND ($12::bigint[] IS NULL OR a.id = ANY ($12))
ORDER BY v.code, r.rank, a.layer NULLS FIRST, a.rank, a.side = 'party' DESC NULLS LAST, lower(a.during), a.id
LIMIT nullif($10::int, 0) OFFSET $11::int
