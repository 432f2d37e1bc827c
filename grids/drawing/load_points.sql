-- Places and weights of a kind of object inside an area: 1 each, or a numeric
-- attribute of theirs. $1 territory, $2 kind, $3 attribute or '', $4 area.
SELECT ST_X(p.at), ST_Y(p.at), p.weight
FROM (
  SELECT ST_PointOnSurface(o.geom) AS at, o.code,
         CASE WHEN $3 = '' THEN 1
              WHEN o.attributes ->> $3 ~ '^\s*[0-9]+(\.[0-9]+)?\s*$' THEN (o.attributes ->> $3)::double precision
              ELSE 0 END AS weight
  FROM objects.object o
  WHERE o.territory_id = $1 AND o.kind = $2 AND o.geom && $4::geometry
) p
WHERE p.weight > 0 AND ST_Intersects(p.at, $4::geometry)
ORDER BY p.code
