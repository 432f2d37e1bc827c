-- The locked or disputed cells among those that get new shapes, and how far each would
-- move: place, area and metres (corners of what differs from either boundary,
-- in the projected CRS). $1 territory, $2 edition, $3 cells, $4 shapes, $5 EPSG.
SELECT v.code, v.locked, coalesce(ST_X(m.inside), 0), coalesce(ST_Y(m.inside), 0), ST_Area(ST_Transform(d.geom, $5::int)),
       coalesce((SELECT max(greatest(ST_Distance(ST_Transform(p.geom, $5::int), ST_Transform(ST_Boundary(v.geom), $5::int)),
                                     ST_Distance(ST_Transform(p.geom, $5::int), ST_Transform(ST_Boundary(n.geom), $5::int))))
                 FROM ST_DumpPoints(d.geom) p), 0),
       ST_AsEWKB(ST_Multi(d.geom))
FROM cells.of($1, $2) v
JOIN (SELECT u.cell_id, ST_GeomFromEWKB(u.shape) AS geom FROM unnest($3::bigint[], $4::bytea[]) u (cell_id, shape)) n USING (cell_id)
CROSS JOIN LATERAL (SELECT ST_Multi(ST_CollectionExtract(ST_SymDifference(v.geom, n.geom), 3)) AS geom) d
CROSS JOIN LATERAL (SELECT CASE WHEN ST_IsEmpty(d.geom) THEN NULL ELSE ST_PointOnSurface(d.geom) END AS inside) m
WHERE v.locked OR v.disputed
ORDER BY v.code
