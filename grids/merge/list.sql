-- $3 filter, $4 id of the last conflict of the page before, $5 order, $6 limit. The
-- order is by numbers a, b, c, then by the leaf's code.
WITH listed AS (
  SELECT c.*, true AS wanted FROM merge.matching($1, $2, $3) c
  UNION ALL
  SELECT c.*, false FROM merge.conflict c WHERE c.territory_id = $1 AND c.run_id = $2 AND c.id = $4
), keyed AS MATERIALIZED (
  SELECT c.id, c.wanted, v.code, v.name, k.a, k.b, k.c, CASE $5::text WHEN 'cell' THEN coalesce(v.code, '~') ELSE '' END AS d
  FROM listed c
  JOIN merge.run r ON r.territory_id = c.territory_id AND r.id = c.run_id
  LEFT JOIN cells.version v ON v.territory_id = c.territory_id AND v.cell_id = c.cell_id
    AND v.from_edition <= r.edition AND (v.to_edition IS NULL OR v.to_edition > r.edition)
  CROSS JOIN LATERAL (SELECT
    CASE $5 WHEN 'area' THEN -c.area_m2 WHEN 'width' THEN -coalesce(c.width_m, 0) WHEN 'touches' THEN -c.touches WHEN 'cell' THEN 0
      WHEN 'severity' THEN array_position(ARRAY['high', 'medium', 'low'], c.severity) ELSE (NOT c.blocking)::int END AS a,
    CASE $5 WHEN 'severity' THEN (NOT c.blocking)::int * 1e9 - c.touches WHEN 'cell' THEN 0 WHEN '' THEN -c.touches ELSE -c.area_m2 END AS b,
    CASE $5 WHEN 'cell' THEN 0 ELSE -c.area_m2 END AS c) k
), page AS MATERIALIZED (
  SELECT * FROM keyed
  WHERE wanted AND (NOT EXISTS (SELECT FROM keyed WHERE NOT wanted) OR (a, b, c, d, id) > (SELECT a, b, c, d, id FROM keyed WHERE NOT wanted))
  ORDER BY a, b, c, d, id
  LIMIT $6
)
SELECT c.id, c.kind, coalesce(c.layer, ''), coalesce(c.cell_id, 0), coalesce(p.code, ''), coalesce(p.name, ''), c.detail,
  ST_X(c.place), ST_Y(c.place), c.area_m2, coalesce(c.width_m, 0), c.pending, c.touches, c.people, c.objects, c.severity, c.alternatives, c.blocking, c.proposal, c.reason,
  c.state, coalesce(c.resolution, ''), CASE WHEN c.state = 'open' THEN '' ELSE coalesce(c.settled_by, '') END, CASE WHEN c.state <> 'open' THEN c.settled_reason END,
  c.settled_at, c.version, c.comments
FROM page p
JOIN merge.conflict c ON c.territory_id = $1 AND c.run_id = $2 AND c.id = p.id
ORDER BY p.a, p.b, p.c, p.d, p.id
