-- How the cells in adopt_change differ from what they will be, by row; row 0 is
-- retired. $1 territory, $2 batch, $3 edition, $4 the file says that boundaries
-- are statutory, $5 how many at most.
SELECT c.row, CASE WHEN c.row = 0 THEN 'retired' ELSE 'changed' END, v.code, coalesce(i.name, v.name),
       coalesce(f.fields -> 'before', '{}'), coalesce(f.fields -> 'after', '{}')
FROM (SELECT * FROM adopt_change ORDER BY row, cell_id LIMIT $5) c
JOIN cells.of($1, $3) v USING (cell_id)
LEFT JOIN cells.intake i ON i.territory_id = $1 AND i.batch = $2 AND i.row = c.row
LEFT JOIN cells.sent s ON s.territory_id = $1 AND s.cell_id = c.cell_id AND s.batch = v.batch
LEFT JOIN LATERAL (
  SELECT cells.changed_fields(
    coalesce(s.sent, '{}') || jsonb_build_object('name', v.name, 'provenance', v.provenance, 'locked', v.locked),
    coalesce(i.sent, s.sent, '{}') || jsonb_build_object('name', i.name, 'provenance', i.provenance, 'locked', v.locked OR $4,
      'geometry', CASE WHEN c.geom IS NOT NULL THEN cells.changed_shape(v.geom, c.geom) END)) AS fields
  WHERE c.row > 0
) f ON true
ORDER BY c.row, v.code
