-- The cells of layers ($2) whose boxes meet one of some boxes ($3 to $6: west,
-- south, east, north), by code, so that the outcome is the same whatever their
-- numbers are.
SELECT layer, id, ST_AsBinary(geom, 'NDR')
FROM (
  SELECT c.layer, c.id, c.geom
  FROM layers.cell c
  WHERE c.territory_id = $1 AND c.layer = ANY ($2::text[]) AND c.id IN (
    SELECT n.id
    FROM unnest($3::float8[], $4::float8[], $5::float8[], $6::float8[]) AS b (west, south, east, north)
    JOIN layers.cell n ON n.geom && ST_MakeEnvelope(b.west, b.south, b.east, b.north, 4326)
  )
  ORDER BY c.layer, c.code
  OFFSET 0
) c
