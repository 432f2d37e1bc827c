-- Who administers cells of territory $1 where that isn't their parent: of cells
-- $3 (NULL: all), and those administered by them, at $4 (NULL: at any time), or
-- number $5 alone (0: any). Cells have their last code up to edition $2.
SELECT a.id, a.cell_id, c.code, c.name, a.by_cell, b.code, b.name, a.by_unit, u.name, lower(a.during), upper(a.during), a.reason, a.recorded_at, a.recorded_by
FROM people.administration a
CROSS JOIN LATERAL (
  SELECT v.code, v.name FROM cells.version v WHERE v.territory_id = $1 AND v.cell_id = a.cell_id ORDER BY v.from_edition > $2, abs(v.from_edition - $2) LIMIT 1
) c
CROSS JOIN LATERAL (
  SELECT v.code, v.name FROM cells.version v WHERE v.territory_id = $1 AND v.cell_id = a.by_cell ORDER BY v.from_edition > $2, abs(v.from_edition - $2) LIMIT 1
) b
LEFT JOIN people.unit u ON u.territory_id = $1 AND u.id = a.by_unit
WHERE a.territory_id = $1
  AND ($3::bigint[] IS NULL OR a.cell_id = ANY ($3) OR a.by_cell = ANY ($3))
  AND ($4::timestamptz IS NULL OR a.during @> $4::timestamptz)
  AND ($5::bigint = 0 OR a.id = $5)
ORDER BY c.code USING ~<~, lower(a.during), a.id
