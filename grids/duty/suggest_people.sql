-- $1 territory, $2 edition, $3 instant, $4 cell, $5 role, $6 the territory's CRS, $7 people asked about (NULL: all at
-- home in the cell or below it), $8 people who hold cells that are looked at.
-- At home: in the lowest cell that they serve, else in the division of their unit.
WITH division AS (
  SELECT p.id AS person_id, v.cell_id, v.code, v.tier, v.label
  FROM people.person p
  JOIN people.unit u ON u.territory_id = p.territory_id AND u.id = p.unit_id
  JOIN cells.of($1, $2) v ON v.code = coalesce(nullif(u.division, ''), (SELECT t.code FROM cells.territory t WHERE t.id = $1))
  WHERE p.territory_id = $1
), home AS (
  SELECT p.id AS person_id, p.staff_no, p.name, p.unit, p.post, coalesce(h.cell_id, d.cell_id) AS cell_id,
         coalesce(h.code, d.code) AS code, coalesce(h.label, d.label) AS label
  FROM people.person p
  LEFT JOIN duty.homes($1, $2, $3) h ON h.person_id = p.id
  LEFT JOIN division d ON d.person_id = p.id
  WHERE p.territory_id = $1
), load AS (
  SELECT a.person_id, count(DISTINCT a.cell_id)::int AS n
  FROM people.assignment a JOIN cells.of($1, $2) v ON v.cell_id = a.cell_id
  WHERE a.territory_id = $1 AND a.role = $5 AND a.during @> $3::timestamptz
  GROUP BY a.person_id
)
SELECT h.person_id, h.staff_no, h.name, h.unit, h.post, coalesce(h.code, ''), coalesce(v.tier, 0),
       coalesce(ST_X(p.at), 0), coalesce(ST_Y(p.at), 0), coalesce(l.n, 0), coalesce(access.within($1, h.code), false)
FROM home h
LEFT JOIN cells.of($1, $2) v ON v.cell_id = h.cell_id
CROSS JOIN LATERAL ST_Transform(h.label, $6::int) AS p (at)
LEFT JOIN load l ON l.person_id = h.person_id
WHERE h.person_id = ANY ($8::bigint[])
   OR CASE WHEN $7::bigint[] IS NOT NULL THEN h.person_id = ANY ($7)
      ELSE h.cell_id IN (SELECT b.cell_id FROM duty.below($1, $2, $4) b) END
ORDER BY h.person_id
