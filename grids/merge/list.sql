SELECT c.id, c.kind, coalesce(c.layer, ''), coalesce(c.cell_id, 0), coalesce(v.code, ''), coalesce(v.name, ''), c.detail,
  ST_X(c.place), ST_Y(c.place), c.area_m2, coalesce(c.width_m, 0), c.pending, c.touches, c.people, c.objects, c.severity, c.alternatives, c.blocking, c.proposal, c.reason,
  c.state, coalesce(c.resolution, ''), coalesce(c.settled_by, ''), c.settled_reason, c.settled_at
FROM merge.conflict c
JOIN merge.run r ON r.territory_id = c.territory_id AND r.id = c.run_id
LEFT JOIN cells.version v ON v.territory_id = c.territory_id AND v.cell_id = c.cell_id
  AND v.from_edition <= r.edition AND (v.to_edition IS NULL OR v.to_edition > r.edition)
LEFT JOIN merge.conflict a ON a.territory_id = c.territory_id AND a.run_id = c.run_id AND a.id = $9
WHERE c.territory_id = $1 AND c.run_id = $2
  AND ($3 = '' OR c.kind = $3)
  AND ($4 = '' OR c.layer = $4)
  AND ($5 = '' OR c.state = $5)
  AND (NOT $6 OR c.state <> 'settled')
  AND (NOT $7 OR c.blocking)
  AND ($8 = '' OR v.code = $8)
  AND (a.id IS NULL OR (NOT c.blocking, -c.touches, -c.area_m2, c.id) > (NOT a.blocking, -a.touches, -a.area_m2, a.id))
ORDER BY c.blocking DESC, c.touches DESC, c.area_m2 DESC, c.id
LIMIT $10
