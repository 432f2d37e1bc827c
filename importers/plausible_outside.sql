-- Spots far outside the territory, the farthest first: row, degrees, kilometres
-- from its (coarsened) boundary. $1 territory, $2 rows, $3-$4 spots in the
-- file's coordinates, $5 their system, $6 kilometres that are far.
WITH place AS MATERIALIZED (
  SELECT geom, ST_SimplifyPreserveTopology(geom, 0.002)::geography AS coarse
  FROM cells.of($1, (SELECT max(seq) FROM editions.edition WHERE territory_id = $1)) WHERE tier = 1
), spot AS MATERIALIZED (
  SELECT row, ST_Transform(ST_SetSRID(ST_MakePoint(x, y), $5), 4326) AS geom
  FROM unnest($2::int[], $3::float8[], $4::float8[]) AS s (row, x, y)
), outside AS (
  SELECT s.row, s.geom, ST_Distance(p.coarse, s.geom::geography, false) / 1000 AS km
  FROM spot s, place p WHERE NOT (s.geom && p.geom AND ST_Intersects(p.geom, s.geom))
)
SELECT row, ST_X(geom), ST_Y(geom), km FROM outside WHERE km > $6 ORDER BY km DESC, row
