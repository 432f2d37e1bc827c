-- Rows of adopt_change whose new area is the old one, but for a hair.
SELECT c.row FROM adopt_change c
CROSS JOIN LATERAL (
  SELECT v.geom FROM cells.version v
  WHERE v.territory_id = $1 AND v.cell_id = c.cell_id AND v.from_edition <= $2 AND (v.to_edition IS NULL OR v.to_edition > $2) OFFSET 0
) v
WHERE c.geom IS NOT NULL AND cells.same_area(v.geom, c.geom)
