-- People who would be accountable for more leaves than one can be: by the roster,
-- or by what is proposed for leaves that have nobody. $3 edition, $4 the instant.
WITH run AS (
  SELECT capacity FROM merge.run WHERE territory_id = $1 AND id = $2
), post AS (
  SELECT l.cell_id, l.code, l.area_m2, v.label, v.name, a.person_id IS NOT NULL AND NOT a.acting AS own,
    CASE WHEN a.person_id IS NOT NULL AND NOT a.acting THEN p.staff_no ELSE substr(c.proposal, length('accountable:') + 1) END AS staff_no
  FROM merge_leaf l
  JOIN cells.leaves($1, $3) v ON v.cell_id = l.cell_id
  LEFT JOIN people.accountables($1, $3, $4) a ON a.cell_id = l.cell_id
  LEFT JOIN people.person p ON p.territory_id = $1 AND p.id = a.person_id
  LEFT JOIN merge_found c ON c.cell_id = l.cell_id
    AND c.kind IN ('two-accountable', 'none-accountable') AND c.proposal LIKE 'accountable:%'
), person AS (
  SELECT staff_no, count(*) AS places, (array_agg(cell_id ORDER BY code))[1] AS cell_id, (array_agg(label ORDER BY code))[1] AS label,
    sum(area_m2) AS area_m2,
    jsonb_agg(jsonb_build_object('code', code, 'name', name, 'own', own) ORDER BY code) AS cells
  FROM post WHERE staff_no IS NOT NULL
  GROUP BY staff_no
)
INSERT INTO merge_found (kind, cell_id, detail, place, area_m2, blocking, proposal, reason)
SELECT 'over-capacity', s.cell_id,
  jsonb_build_object('person', jsonb_build_object('staff_no', s.staff_no, 'name', p.name), 'places', s.places, 'capacity', run.capacity, 'cells', s.cells),
  s.label, s.area_m2, false, 'accept-load', 'over-capacity'
FROM person s
CROSS JOIN run
JOIN people.person p ON p.territory_id = $1 AND p.staff_no = s.staff_no
WHERE s.places > run.capacity
ORDER BY s.staff_no
