-- Which rows, with these shapes, have the area that was sent, but for a hair, in order.
-- $1 territory, $2 batch, $3 rows, $4 shapes as seen from $5, $6.
SELECT coalesce(cells.same_area(ST_Translate(ST_GeomFromEWKB(k.shape), $5::float8, $6::float8), ST_CollectionExtract(ST_Force2D(i.geom), 3)), false)
FROM unnest($3::int[], $4::bytea[]) WITH ORDINALITY k (row, shape, n)
CROSS JOIN LATERAL (SELECT i.geom FROM cells.intake i WHERE i.territory_id = $1 AND i.batch = $2 AND i.row = k.row OFFSET 0) i
ORDER BY k.n
