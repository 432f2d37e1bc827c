-- How many of the spots fall into the territory under each system, and how far
-- outside the others lie. $1 territory, $2-$3 spots, $4 systems, $5 whether
-- their axes are exchanged, $6-$9 where their coordinates lie.
WITH place AS MATERIALIZED (
  SELECT geom, ST_Envelope(geom)::geography AS box
  FROM cells.of($1, (SELECT max(seq) FROM editions.edition WHERE territory_id = $1)) WHERE tier = 1
), spot AS (
  SELECT x, y FROM unnest($2::float8[], $3::float8[]) AS s (x, y) WHERE x <> 0 OR y <> 0
), system AS (
  SELECT * FROM unnest($4::int[], $5::bool[], $6::float8[], $7::float8[], $8::float8[], $9::float8[])
    WITH ORDINALITY AS c (epsg, swapped, west, south, east, north, n)
), trial AS MATERIALIZED (
  SELECT c.n, ST_Transform(ST_SetSRID(CASE WHEN c.swapped THEN ST_MakePoint(s.y, s.x) ELSE ST_MakePoint(s.x, s.y) END, c.epsg), 4326) AS geom
  FROM system c JOIN spot s ON CASE WHEN c.swapped
    THEN s.y BETWEEN c.west AND c.east AND s.x BETWEEN c.south AND c.north
    ELSE s.x BETWEEN c.west AND c.east AND s.y BETWEEN c.south AND c.north END
), judged AS (
  SELECT t.n, t.geom && p.geom AND ST_Intersects(p.geom, t.geom) AS inside, t.geom, p.box FROM trial t LEFT JOIN place p ON true
)
SELECT n::int, count(*)::int, count(*) FILTER (WHERE inside)::int,
       coalesce(avg(ST_Distance(box, geom::geography, false)) FILTER (WHERE NOT inside), 0) / 1000,
       coalesce(min(ST_Distance(box, geom::geography, false)) FILTER (WHERE NOT inside), 0) / 1000
FROM judged GROUP BY n
