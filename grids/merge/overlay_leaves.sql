INSERT INTO merge_leaf (cell_id, code, geom, deg, area_m2)
SELECT cell_id, code, geom, ST_Area(geom), area_m2 FROM cells.leaves($1, $2)
