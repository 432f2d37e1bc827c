-- Leaves for which more than one person is named, or nobody of their own. $4 the
-- instant, $5 the share of a leaf from which a layer cell's person counts.
WITH named AS (
  SELECT n.cell_id, n.layer, n.share, n.person_id, p.staff_no, p.name, c.code AS layer_cell
  FROM merge.named($1, $2, $5) n
  JOIN layers.cell c ON c.territory_id = $1 AND c.id = n.layer_cell_id
  JOIN people.person p ON p.territory_id = $1 AND p.id = n.person_id
), most AS (
  SELECT DISTINCT ON (cell_id) cell_id, staff_no
  FROM named
  GROUP BY cell_id, staff_no
  ORDER BY cell_id, count(*) DESC, sum(share) DESC, staff_no
), list AS (
  SELECT n.cell_id, array_agg(DISTINCT n.person_id) AS persons,
    jsonb_agg(jsonb_build_object('layer', n.layer, 'layer_cell', n.layer_cell, 'share', round(n.share::numeric, 6),
      'staff_no', n.staff_no, 'name', n.name) ORDER BY n.layer) AS named
  FROM named n
  GROUP BY n.cell_id
), leaf AS (
  SELECT l.cell_id, v.label, l.code, l.area_m2, s.named, m.staff_no AS most_named,
    cardinality(coalesce(s.persons, '{}')) AS layer_persons,
    a.person_id IS NOT NULL AND NOT a.acting AS has_own,
    a.person_id = ALL (coalesce(s.persons, '{}')) AS agreed,
    p.staff_no, CASE WHEN p.id IS NOT NULL THEN jsonb_build_object('staff_no', p.staff_no, 'name', p.name) END AS person
  FROM merge_leaf l
  JOIN cells.leaves($1, $3) v ON v.cell_id = l.cell_id
  LEFT JOIN list s ON s.cell_id = l.cell_id
  LEFT JOIN most m ON m.cell_id = l.cell_id
  LEFT JOIN people.accountables($1, $3, $4) a ON a.cell_id = l.cell_id
  LEFT JOIN people.person p ON p.territory_id = $1 AND p.id = a.person_id
)
INSERT INTO merge_found (kind, cell_id, detail, place, area_m2, blocking, proposal, reason)
SELECT k.kind, f.cell_id,
  jsonb_build_object('own', CASE WHEN f.has_own THEN f.person END, 'acting', CASE WHEN NOT f.has_own THEN f.person END,
    'named', coalesce(f.named, '[]'), 'most_named', f.most_named),
  f.label, f.area_m2, true, k.proposal, k.reason
FROM leaf f
CROSS JOIN LATERAL (
  SELECT 'two-accountable' AS kind, 'accountable:' || f.staff_no AS proposal, 'two-roster' AS reason
  WHERE f.has_own AND NOT f.agreed
  UNION ALL
  SELECT 'two-accountable', 'accountable:' || f.most_named, 'two-most-named'
  WHERE NOT f.has_own AND f.layer_persons > 1
  UNION ALL
  SELECT 'none-accountable', 'accountable:' || f.most_named, 'none-named'
  WHERE NOT f.has_own AND f.layer_persons = 1
  UNION ALL
  SELECT 'none-accountable', CASE WHEN f.person IS NULL THEN 'appoint' ELSE 'accept-acting' END,
    CASE WHEN f.person IS NULL THEN 'none-nobody' ELSE 'none-acting' END
  WHERE NOT f.has_own AND f.layer_persons = 0
) k
ORDER BY f.code
