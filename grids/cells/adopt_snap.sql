-- Finds for every vertex of the batch and its parents where it goes when
-- vertices within the tolerance become one place: a parent's vertex stays, else
-- the place that most rings have wins. Reads temporary tables adopt_row (row,
-- parent, geom) and adopt_parent (cell_id, geom); fills adopt_vertex. $1
-- tolerance in degrees.
INSERT INTO adopt_vertex (owner, ring, i, x, y, to_x, to_y)
WITH source AS (
  SELECT row::bigint AS owner, false AS fixed, geom FROM adopt_row
  UNION ALL
  SELECT -cell_id, true, geom FROM adopt_parent
), vertex AS (
  SELECT owner, fixed, p.path[1:2] AS ring, p.path[3] AS i,
         round(ST_X(p.geom) * 1e7)::bigint AS x, round(ST_Y(p.geom) * 1e7)::bigint AS y
  FROM source, ST_DumpPoints(ST_Multi(geom)) p
), place AS (
  SELECT x, y, bool_or(fixed) AS fixed, count(*) AS n,
         ST_ClusterDBSCAN(ST_Point(x / 1e7, y / 1e7, 4326), $1, 1) OVER () AS cluster
  FROM vertex GROUP BY x, y
), moved AS (
  SELECT x, y,
         CASE WHEN fixed THEN x ELSE first_value(x) OVER w END AS to_x,
         CASE WHEN fixed THEN y ELSE first_value(y) OVER w END AS to_y
  FROM place WINDOW w AS (PARTITION BY cluster ORDER BY fixed DESC, n DESC, x, y)
)
SELECT owner, ring, i, x, y, to_x, to_y FROM vertex JOIN moved USING (x, y)
