-- $1 territory, $2 edition, $3 instant, $4 cell, $5 role (accountable or officer), $6 the territory's CRS.
-- Cells that lack somebody, and those of people who hold too many: how many they
-- want, who may give one up (with the assignments), who stays.
WITH load AS (
  SELECT a.person_id, count(DISTINCT a.cell_id) AS n
  FROM people.assignment a JOIN cells.of($1, $2) v ON v.cell_id = a.cell_id
  WHERE a.territory_id = $1 AND a.role = $5 AND a.during @> $3::timestamptz
  GROUP BY a.person_id
), held AS (
  SELECT a.cell_id, a.person_id, min(a.id) AS id,
         l.n > (SELECT CASE $5 WHEN 'accountable' THEN s.most_cells ELSE s.most_rounds END FROM duty.settings($1) s) AS over
  FROM people.assignment a JOIN load l ON l.person_id = a.person_id
  WHERE a.territory_id = $1 AND a.role = $5 AND a.during @> $3::timestamptz
  GROUP BY a.cell_id, a.person_id, l.n
)
SELECT b.code, b.name, b.tier, ST_X(b.label), ST_Y(b.label), ST_X(p.at), ST_Y(p.at),
       (count(h.person_id) FILTER (WHERE h.over)
         + greatest(CASE $5 WHEN 'accountable' THEN 1 ELSE (SELECT s.least_officers FROM duty.settings($1) s) END - count(h.person_id), 0))::int,
       coalesce(array_agg(h.person_id ORDER BY h.person_id) FILTER (WHERE h.over), '{}'),
       coalesce(array_agg(h.id ORDER BY h.person_id) FILTER (WHERE h.over), '{}'),
       coalesce(array_agg(h.person_id ORDER BY h.person_id) FILTER (WHERE NOT h.over), '{}')
FROM duty.below($1, $2, $4) b
CROSS JOIN LATERAL ST_Transform(b.label, $6::int) AS p (at)
LEFT JOIN held h ON h.cell_id = b.cell_id
WHERE $5 = 'accountable' OR b.leaf
GROUP BY b.cell_id, b.code, b.name, b.tier, b.label, p.at
HAVING count(h.person_id) FILTER (WHERE h.over) > 0
    OR count(h.person_id) < CASE $5 WHEN 'accountable' THEN 1 ELSE (SELECT s.least_officers FROM duty.settings($1) s) END
ORDER BY b.code USING ~<~
