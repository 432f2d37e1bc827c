-- How much a conflict touches, and what each way to settle it would come to. $3
-- edition, $4 the instant. Of people those count who answer for all layers: leads
-- and officers of one are written by publishing a merge, which must not make
-- conflicts severer.
WITH who AS MATERIALIZED (
  SELECT cell_id, person_id FROM people.accountables($1, $3, $4)
), held AS MATERIALIZED (
  SELECT c.id, count(DISTINCT o.id) AS objects, bool_or(o.kind IN ('water-source', 'monitor')) AS sensitive
  FROM merge.conflict c
  JOIN cells.of($1, $3) v ON v.cell_id = c.cell_id
  CROSS JOIN LATERAL (SELECT coalesce(c.geom, v.geom) AS geom OFFSET 0) g
  JOIN objects.object o ON o.territory_id = $1 AND o.geom && g.geom AND ST_Intersects(o.geom, g.geom)
  WHERE c.territory_id = $1 AND c.run_id = $2
  GROUP BY c.id
), named AS (
  SELECT a.cell_id, count(DISTINCT a.person_id) AS people
  FROM people.assignment a
  WHERE a.territory_id = $1 AND a.layer IS NULL AND a.during @> $4::timestamptz
  GROUP BY a.cell_id
), moved AS (
  SELECT m.conflict_id, m.resolution, 1 + count(DISTINCT m.to_cell_id) + count(*) FILTER (WHERE m.to_cell_id IS NULL) AS cells,
    sum(m.area_m2) AS area_m2,
    array_agg(DISTINCT c.cell_id) || array_agg(DISTINCT m.to_cell_id) AS leaves
  FROM merge.move m JOIN merge.conflict c ON c.territory_id = $1 AND c.run_id = $2 AND c.id = m.conflict_id
  WHERE m.territory_id = $1 AND m.run_id = $2
  GROUP BY m.conflict_id, m.resolution
), carried AS (
  SELECT m.conflict_id, m.resolution, count(DISTINCT o.id) AS objects
  FROM merge.move m JOIN objects.object o ON o.territory_id = $1 AND o.geom && m.geom AND ST_Intersects(o.geom, m.geom)
  WHERE m.territory_id = $1 AND m.run_id = $2
  GROUP BY m.conflict_id, m.resolution
), ways AS (
  SELECT m.conflict_id AS id, m.resolution, m.cells, coalesce(o.objects, 0) AS objects, m.area_m2,
    (SELECT count(DISTINCT w.person_id) FROM who w WHERE w.cell_id = ANY (m.leaves)) AS people
  FROM moved m LEFT JOIN carried o USING (conflict_id, resolution)
  UNION ALL
  SELECT c.id, CASE WHEN c.pending THEN 'interim-accountable' ELSE 'keep-base-boundary' END, 0, 0, 0, 0
  FROM merge.conflict c
  WHERE c.territory_id = $1 AND c.run_id = $2 AND c.kind IN ('split', 'boundary-mismatch', 'gap', 'overlap', 'nested') AND c.proposal <> 'mend-cells'
  UNION ALL -- who would answer: everything in the leaf gets another person, unless it stays as it is
  SELECT c.id, 'accountable:' || p.staff_no, CASE WHEN p.own THEN 0 ELSE 1 END, CASE WHEN p.own THEN 0 ELSE coalesce(h.objects, 0) END, 0,
    CASE WHEN p.own THEN 0 WHEN c.detail -> 'own' = 'null' THEN 1 ELSE 2 END
  FROM merge.conflict c
  LEFT JOIN held h ON h.id = c.id
  CROSS JOIN LATERAL (
    SELECT n ->> 'staff_no' AS staff_no, bool_or(own) AS own
    FROM (SELECT n, false AS own FROM jsonb_array_elements(c.detail -> 'named') n
      UNION ALL SELECT c.detail -> 'own', true WHERE c.detail -> 'own' <> 'null') s
    GROUP BY 1
  ) p
  WHERE c.territory_id = $1 AND c.run_id = $2 AND c.kind IN ('two-accountable', 'none-accountable')
  UNION ALL
  SELECT c.id, 'accept-acting', 0, 0, 0, 0
  FROM merge.conflict c
  WHERE c.territory_id = $1 AND c.run_id = $2 AND c.kind IN ('two-accountable', 'none-accountable') AND c.detail -> 'acting' <> 'null'
), list AS (
  SELECT id, jsonb_agg(jsonb_build_object('resolution', resolution, 'cells', cells, 'objects', objects, 'people', people,
    'area_m2', round(area_m2::numeric, 1)) ORDER BY cells, objects, resolution) AS alternatives
  FROM ways GROUP BY id
)
UPDATE merge.conflict c
SET alternatives = coalesce(a.alternatives, '[]'), objects = coalesce(h.objects, 0), people = coalesce(n.people, 0),
  severity = CASE WHEN c.blocking OR h.sensitive THEN 'high' WHEN h.objects > 0 OR n.people > 1 THEN 'medium' ELSE 'low' END
FROM merge.conflict k
LEFT JOIN list a ON a.id = k.id
LEFT JOIN held h ON h.id = k.id
LEFT JOIN named n ON n.cell_id = k.cell_id
WHERE k.territory_id = $1 AND k.run_id = $2 AND c.territory_id = $1 AND c.run_id = $2 AND c.id = k.id
