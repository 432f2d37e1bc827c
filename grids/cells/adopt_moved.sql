-- What snapping moved, row by row: how many vertices, how far at most in
-- metres, and where that was.
SELECT owner::int, count(*), max(d.metres),
       (array_agg(x / 1e7::float8 ORDER BY d.metres DESC))[1], (array_agg(y / 1e7::float8 ORDER BY d.metres DESC))[1]
FROM (SELECT DISTINCT owner, x, y, to_x, to_y FROM adopt_vertex WHERE (x, y) <> (to_x, to_y) AND owner > 0) v,
     LATERAL (SELECT ST_Distance(ST_Point(x / 1e7, y / 1e7, 4326)::geography, ST_Point(to_x / 1e7, to_y / 1e7, 4326)::geography) AS metres) d
GROUP BY owner ORDER BY owner
