UPDATE merge.conflict c
SET width_m = merge.width(c.geom, t.epsg)
FROM cells.territory t
WHERE t.id = $1 AND c.territory_id = $1 AND c.run_id = $2 AND c.geom IS NOT NULL
