INSERT INTO merge_leaf (cell_id, code, geom, deg, area_m2, home, may_divide, print)
SELECT v.cell_id, v.code, v.geom, ST_Area(v.geom), v.area_m2, v.cell_id, v.tier < cardinality(t.code_lengths), md5(ST_AsBinary(v.geom))::uuid
FROM cells.leaves($1, $2) v JOIN cells.territory t ON t.id = $1
