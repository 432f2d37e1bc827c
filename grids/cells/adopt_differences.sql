-- How the cells in adopt_change differ from what they will be, by row; row 0 is
-- retired. $1 territory, $2 batch, $3 edition, $4 the file says that boundaries
-- are statutory, $5 how many at most.
SELECT c.row, CASE WHEN c.row = 0 THEN 'retired' ELSE 'changed' END, v.code, coalesce(i.name, v.name),
       coalesce(f.fields -> 'before', '{}'), coalesce(f.fields -> 'after', '{}')
FROM (SELECT * FROM adopt_change ORDER BY row, cell_id LIMIT $5) c
CROSS JOIN LATERAL (
  SELECT v.* FROM cells.version v
  WHERE v.territory_id = $1 AND v.cell_id = c.cell_id AND v.from_edition <= $3 AND (v.to_edition IS NULL OR v.to_edition > $3) OFFSET 0
) v
LEFT JOIN LATERAL (SELECT i.* FROM cells.intake i WHERE i.territory_id = $1 AND i.batch = $2 AND i.row = c.row OFFSET 0) i ON true
LEFT JOIN LATERAL (SELECT s.* FROM cells.sent s WHERE s.territory_id = $1 AND s.cell_id = c.cell_id AND s.batch = v.batch OFFSET 0) s ON true
LEFT JOIN LATERAL (
  SELECT cells.changed_fields(
    coalesce(s.sent, '{}') || jsonb_build_object('name', v.name, 'provenance', v.provenance, 'locked', v.locked),
    coalesce(i.sent, s.sent, '{}') || jsonb_build_object('name', i.name, 'provenance', i.provenance, 'locked', v.locked OR $4,
      'geometry', CASE WHEN c.geom IS NOT NULL THEN cells.changed_shape(v.geom, c.geom) END)) AS fields
  WHERE c.row > 0
) f ON true
ORDER BY c.row, v.code
