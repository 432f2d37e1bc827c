UPDATE merge_found c
SET width_m = merge.width(c.geom, t.epsg)
FROM cells.territory t
WHERE t.id = $1 AND c.geom IS NOT NULL AND c.width_m IS NULL
