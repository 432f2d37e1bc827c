-- Staged geometries on the map: $3 column of the name, $4 to $7 bounds.
SELECT row, name, ST_AsEWKB(geom), rejected
FROM (
  SELECT r.row, coalesce(r.attributes ->> $3, '') AS name, staging.lonlat(r.geom) AS geom,
         EXISTS (SELECT FROM staging.finding f
                 WHERE f.territory_id = r.territory_id AND f.batch = r.batch AND f.row = r.row AND f.severity = 'error') AS rejected
  FROM staging.row r
  WHERE r.territory_id = $1 AND r.batch = $2 AND r.geom IS NOT NULL
) s
WHERE geom && ST_MakeEnvelope($4, $5, $6, $7, 4326)
ORDER BY rejected DESC, row
LIMIT $8
