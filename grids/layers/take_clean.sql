-- ST_ReducePrecision nodes and keeps polygons valid, but gives multiples of 1e-7
-- (113.00999999999999); by way of text they become the doubles nearest to seven
-- decimals, as everywhere else.
UPDATE layers.intake i
SET layer = btrim(i.layer), code = btrim(i.code), name = btrim(i.name), staff_no = btrim(i.staff_no),
  geom = CASE WHEN i.geom @ ST_MakeEnvelope(-180, -90, 180, 90, 4326)
    THEN ST_GeomFromText(ST_AsText(ST_Multi(ST_CollectionExtract(
      ST_ReducePrecision(ST_CollectionExtract(ST_MakeValid(i.geom), 3), 1e-7), 3)), 7), 4326)
    ELSE i.geom END
WHERE i.territory_id = $1 AND i.batch = $2
