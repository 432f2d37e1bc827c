-- How much a conflict touches, and what each way to settle it would come to. $2
-- edition, $3 the instant. Of people those count who answer for all layers: leads
-- and officers of one are written by publishing a merge, which must not make
-- conflicts severer or touch more.
WITH who AS MATERIALIZED (
  SELECT cell_id, person_id FROM people.accountables($1, $2, $3)
), held AS MATERIALIZED (
  SELECT c.id, count(DISTINCT o.id) AS objects, bool_or(o.kind IN ('water-source', 'monitor')) AS sensitive
  FROM merge_found c
  JOIN cells.of($1, $2) v ON v.cell_id = c.cell_id
  CROSS JOIN LATERAL (SELECT coalesce(c.geom, v.geom) AS geom OFFSET 0) g
  JOIN objects.object o ON o.territory_id = $1 AND o.geom && g.geom AND ST_Intersects(o.geom, g.geom)
  GROUP BY c.id
), named AS (
  SELECT a.cell_id, count(DISTINCT a.person_id) AS people
  FROM people.assignment a
  WHERE a.territory_id = $1 AND a.layer IS NULL AND a.during @> $3::timestamptz
  GROUP BY a.cell_id
), placed AS (
  SELECT cell_id, count(*) AS objects FROM objects.placement WHERE territory_id = $1 AND upper_inf(during) GROUP BY cell_id
), moved AS MATERIALIZED (
  SELECT m.conflict_id, m.resolution, 1 + count(DISTINCT m.to_cell_id) + count(*) FILTER (WHERE m.to_cell_id IS NULL) AS cells,
    sum(m.area_m2) AS area_m2
  FROM merge_moved m
  GROUP BY m.conflict_id, m.resolution
), affected AS (
  SELECT m.conflict_id, m.resolution, count(DISTINCT w.person_id) AS people
  FROM (
    SELECT m.conflict_id, m.resolution, m.to_cell_id AS cell_id FROM merge_moved m
    UNION ALL SELECT m.conflict_id, m.resolution, c.cell_id FROM moved m JOIN merge_found c ON c.id = m.conflict_id
  ) m
  JOIN who w ON w.cell_id = m.cell_id
  GROUP BY m.conflict_id, m.resolution
), carried AS (
  SELECT m.conflict_id, m.resolution, count(DISTINCT o.id) AS objects
  FROM merge_moved m JOIN objects.object o ON o.territory_id = $1 AND o.geom && m.geom AND ST_Intersects(o.geom, m.geom)
  GROUP BY m.conflict_id, m.resolution
), ways AS (
  SELECT m.conflict_id AS id, m.resolution, m.cells, coalesce(o.objects, 0) AS objects, m.area_m2, coalesce(a.people, 0) AS people
  FROM moved m LEFT JOIN carried o USING (conflict_id, resolution) LEFT JOIN affected a USING (conflict_id, resolution)
  UNION ALL
  SELECT c.id, CASE WHEN c.pending THEN 'interim-accountable' ELSE 'keep-base-boundary' END, 0, 0, 0, 0
  FROM merge_found c
  WHERE c.kind IN ('split', 'boundary-mismatch', 'gap', 'overlap', 'nested') AND c.proposal <> 'mend-cells'
  UNION ALL -- who would answer: everything in the leaf gets another person, unless it stays as it is
  SELECT c.id, 'accountable:' || p.staff_no, CASE WHEN p.own THEN 0 ELSE 1 END, CASE WHEN p.own THEN 0 ELSE coalesce(h.objects, 0) END, 0,
    CASE WHEN p.own THEN 0 WHEN c.detail -> 'own' = 'null' THEN 1 ELSE 2 END
  FROM merge_found c
  LEFT JOIN held h ON h.id = c.id
  CROSS JOIN LATERAL (
    SELECT n ->> 'staff_no' AS staff_no, bool_or(own) AS own
    FROM (SELECT n, false AS own FROM jsonb_array_elements(c.detail -> 'named') n
      UNION ALL SELECT c.detail -> 'own', true WHERE c.detail -> 'own' <> 'null') s
    GROUP BY 1
  ) p
  WHERE c.kind IN ('two-accountable', 'none-accountable')
  UNION ALL
  SELECT c.id, 'accept-acting', 0, 0, 0, 0
  FROM merge_found c
  WHERE c.kind IN ('two-accountable', 'none-accountable') AND c.detail -> 'acting' <> 'null'
), list AS (
  SELECT id, jsonb_agg(jsonb_build_object('resolution', resolution, 'cells', cells, 'objects', objects, 'people', people,
    'area_m2', round(area_m2::numeric, 1)) ORDER BY cells, objects, resolution) AS alternatives
  FROM ways GROUP BY id
)
UPDATE merge_found c
SET alternatives = coalesce(a.alternatives, '[]'), objects = coalesce(h.objects, 0), people = coalesce(n.people, 0),
  touches = coalesce(n.people, 0) + coalesce(p.objects, 0),
  severity = CASE WHEN c.blocking OR h.sensitive THEN 'high' WHEN h.objects > 0 OR n.people > 1 THEN 'medium' ELSE 'low' END
FROM merge_found k
LEFT JOIN list a ON a.id = k.id
LEFT JOIN held h ON h.id = k.id
LEFT JOIN named n ON n.cell_id = k.cell_id
LEFT JOIN placed p ON p.cell_id = k.cell_id
WHERE c.id = k.id
