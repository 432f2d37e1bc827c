-- Notes whose lines were drawn: those of redraw_siblings.sql and redraw_units.sql.
UPDATE merge.conflict c
SET drawn_at = clock_timestamp()
FROM (
  SELECT DISTINCT ON (c.cell_id, c.resolution = 'draw-unit-cells') c.id
  FROM merge.conflict c JOIN layers.layer y ON y.territory_id = $1 AND y.code = c.layer
  WHERE c.territory_id = $1 AND c.run_id = $2 AND c.state = 'settled'
    AND (c.resolution IN ('adopt-layer-boundary', 'split-leaf') OR c.resolution = 'draw-unit-cells' AND NOT (c.cell_id = ANY ($3::bigint[])))
  ORDER BY c.cell_id, c.resolution = 'draw-unit-cells', y.rank, y.code, c.id
) d
WHERE c.territory_id = $1 AND c.run_id = $2 AND c.id = d.id
