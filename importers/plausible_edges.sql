-- How many corners of staged lines and polygons lie within about 10 m of the
-- boundary of a leaf under each hypothesis, and how far these spread in
-- degrees. $1 territory, $2 hypotheses, $3-$4 degrees.
SELECT h, count(*)::int, coalesce(max(ST_X(geom)) - min(ST_X(geom)) + max(ST_Y(geom)) - min(ST_Y(geom)), 0)
FROM (SELECT h, ST_SetSRID(ST_MakePoint(lon, lat), 4326) AS geom FROM unnest($2::int[], $3::float8[], $4::float8[]) AS u (h, lon, lat)) s,
     (SELECT max(seq) AS seq FROM editions.edition WHERE territory_id = $1) e
WHERE EXISTS (
  SELECT FROM cells.version v
  WHERE v.territory_id = $1 AND v.from_edition <= e.seq AND (v.to_edition IS NULL OR v.to_edition > e.seq)
    AND v.geom && ST_Expand(s.geom, 0.0001) AND cells.is_leaf($1, v.cell_id, e.seq)
    AND ST_DWithin(ST_Boundary(v.geom), s.geom, 0.0001))
GROUP BY h
