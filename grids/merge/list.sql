-- $3 filter, $4 id of the last conflict of the page before, $5 order, $6 limit. The
-- order is by numbers a, b, c, then by the leaf's code.
WITH matched AS MATERIALIZED (
  SELECT m.id FROM merge.matching($1, $2, $3) m
), chosen AS MATERIALIZED (
  SELECT c.*, v.code, v.name, k.a, k.b, k.c, CASE $5::text WHEN 'cell' THEN coalesce(v.code, '~') ELSE '' END AS d
  FROM merge.conflict c
  JOIN merge.run r ON r.territory_id = c.territory_id AND r.id = c.run_id
  LEFT JOIN cells.version v ON v.territory_id = c.territory_id AND v.cell_id = c.cell_id
    AND v.from_edition <= r.edition AND (v.to_edition IS NULL OR v.to_edition > r.edition)
  CROSS JOIN LATERAL (SELECT
    CASE $5 WHEN 'area' THEN -c.area_m2 WHEN 'width' THEN -coalesce(c.width_m, 0) WHEN 'touches' THEN -c.touches WHEN 'cell' THEN 0
      WHEN 'severity' THEN array_position(ARRAY['high', 'medium', 'low'], c.severity) ELSE (NOT c.blocking)::int END AS a,
    CASE $5 WHEN 'severity' THEN (NOT c.blocking)::int * 1e9 - c.touches WHEN 'cell' THEN 0 WHEN '' THEN -c.touches ELSE -c.area_m2 END AS b,
    CASE $5 WHEN 'cell' THEN 0 ELSE -c.area_m2 END AS c) k
  WHERE c.territory_id = $1 AND c.run_id = $2 AND (c.id = $4 OR c.id IN (SELECT id FROM matched))
)
SELECT c.id, c.kind, coalesce(c.layer, ''), coalesce(c.cell_id, 0), coalesce(c.code, ''), coalesce(c.name, ''), c.detail,
  ST_X(c.place), ST_Y(c.place), c.area_m2, coalesce(c.width_m, 0), c.pending, c.touches, c.people, c.objects, c.severity, c.alternatives, c.blocking, c.proposal, c.reason,
  c.state, coalesce(c.resolution, ''), CASE WHEN c.state = 'open' THEN '' ELSE coalesce(c.settled_by, '') END, CASE WHEN c.state <> 'open' THEN c.settled_reason END,
  c.settled_at, c.version, c.comments
FROM chosen c
LEFT JOIN chosen p ON p.id = $4
WHERE c.id IN (SELECT id FROM matched)
  AND (p.id IS NULL OR (c.a, c.b, c.c, c.d, c.id) > (p.a, p.b, p.c, p.d, p.id))
ORDER BY c.a, c.b, c.c, c.d, c.id
LIMIT $6
