-- Who is displaced by edition $2 at $3: of the persons in $4 ({person, was}), and
-- of those who lost something at that instant. Who was confirmed before, and lost
-- nothing now, is not asked about again.
WITH named AS (
  SELECT (x ->> 'person')::bigint AS person_id, x -> 'was' AS was FROM jsonb_array_elements($4::jsonb) AS x
), closed AS (
  SELECT a.person_id, jsonb_agg(jsonb_build_object('cell', v.code, 'role', a.role, 'layer', a.layer) ORDER BY v.code, a.role) AS was, bool_or(a.role = 'accountable') AS chief
  FROM people.assignment a
  CROSS JOIN LATERAL (SELECT v.code FROM cells.version v WHERE v.territory_id = $1 AND v.cell_id = a.cell_id ORDER BY v.from_edition DESC LIMIT 1) v
  WHERE a.territory_id = $1 AND upper(a.during) = $3
  GROUP BY a.person_id
), concerned AS (
  SELECT person_id, coalesce(c.was, '[]') || coalesce(n.was, '[]') AS was, n.person_id IS NOT NULL OR c.chief AS chief, c.person_id IS NOT NULL AS lost
  FROM named n FULL JOIN closed c USING (person_id)
), holds AS (
  SELECT a.person_id, bool_or(a.role IN ('accountable', 'lead')) AS leads FROM people.assignment a
  WHERE a.territory_id = $1 AND a.during @> $3::timestamptz GROUP BY a.person_id
)
INSERT INTO people.displaced (territory_id, person_id, edition, was, displaced_at)
SELECT $1, c.person_id, $2, c.was, $3
FROM concerned c LEFT JOIN holds h ON h.person_id = c.person_id
WHERE (h.person_id IS NULL OR (c.chief AND NOT h.leads))
  AND (c.lost OR NOT EXISTS (SELECT FROM people.displaced d WHERE d.territory_id = $1 AND d.person_id = c.person_id AND d.confirmed_at IS NOT NULL))
ON CONFLICT DO NOTHING
