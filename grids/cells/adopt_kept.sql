-- Which rows of clean_after have the area that was sent, but for a hair, in order of
-- their numbers. $1 territory, $2 batch, $3 and $4 clean_after's origin.
SELECT c.geom IS NOT NULL AND coalesce(cells.same_area(ST_Translate(c.geom, $3::float8, $4::float8), ST_CollectionExtract(ST_Force2D(i.geom), 3)), false)
FROM clean_after c
CROSS JOIN LATERAL (SELECT i.geom FROM cells.intake i WHERE i.territory_id = $1 AND i.batch = $2 AND i.row = c.i OFFSET 0) i
ORDER BY c.i
