-- Areas that are in another leaf in edition $3 than in edition $2 of territory
-- $1, one per pair of leaves, and the objects in all of them. $4 projected CRS.
WITH a AS MATERIALIZED (SELECT cell_id, from_edition, code, geom FROM cells.leaves($1, $2)),
b AS MATERIALIZED (SELECT cell_id, from_edition, code, geom FROM cells.leaves($1, $3)),
lost AS MATERIALIZED (
  SELECT * FROM a WHERE NOT EXISTS (SELECT FROM b WHERE b.cell_id = a.cell_id AND (b.from_edition = a.from_edition OR b.geom::bytea = a.geom::bytea))
), won AS MATERIALIZED (
  SELECT * FROM b WHERE NOT EXISTS (SELECT FROM a WHERE a.cell_id = b.cell_id AND (b.from_edition = a.from_edition OR b.geom::bytea = a.geom::bytea))
), piece AS MATERIALIZED (
  SELECT l.code AS from_code, w.code AS to_code, ST_Multi(x.geom) AS geom, ST_Area(ST_Transform(x.geom, $4::int)) AS area_m2
  FROM lost l JOIN won w ON l.cell_id <> w.cell_id AND l.geom && w.geom AND ST_Intersects(l.geom, w.geom),
       LATERAL (SELECT ST_CollectionExtract(CASE WHEN ST_OrderingEquals(l.geom, w.geom) THEN l.geom
                                                 ELSE ST_Intersection(l.geom, w.geom) END, 3) AS geom) x
  WHERE ST_Area(x.geom) > 1e-13 -- about a thousandth of a square metre
)
SELECT coalesce(sum(area_m2), 0),
       (SELECT count(*) FROM objects.object o WHERE o.territory_id = $1
        AND EXISTS (SELECT FROM piece p WHERE p.geom && o.geom AND ST_Intersects(p.geom, o.geom))),
       coalesce(jsonb_agg(jsonb_build_object('type', 'Feature', 'geometry', ST_AsGeoJSON(geom, 7)::jsonb,
         'properties', jsonb_build_object('from', from_code, 'to', to_code, 'area_m2', area_m2)) ORDER BY from_code, to_code), '[]')
FROM piece
