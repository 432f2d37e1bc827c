-- Whether the children of every cell partition it exactly, told by the
-- directed segments of their rings alone. $1 territory, $2 edition, $3 only
-- cells that the edition changed, or of which it changed a child, with all
-- their children; other cells in question count as nobody's children.
WITH touched AS MATERIALIZED (
  SELECT DISTINCT unnest(ARRAY[cell_id, parent_id]) AS cell_id FROM cells.version
  WHERE $3 AND territory_id = $1 AND (from_edition = $2 OR to_edition = $2)
), cell AS MATERIALIZED (
  SELECT v.cell_id, v.code, v.tier, CASE WHEN NOT $3 OR p.cell_id IS NOT NULL THEN v.parent_id END AS parent_id,
         ST_ForcePolygonCCW(v.geom) AS geom
  FROM cells.of($1, $2) v
  LEFT JOIN touched t ON t.cell_id = v.cell_id
  LEFT JOIN touched p ON p.cell_id = v.parent_id
  WHERE NOT $3 OR t.cell_id IS NOT NULL OR p.cell_id IS NOT NULL
), point AS (
  SELECT c.cell_id, c.code, c.parent_id, p.path[1:2] AS ring, p.path[3] AS i,
         round(ST_X(p.geom) * 1e7)::bigint AS x, round(ST_Y(p.geom) * 1e7)::bigint AS y
  FROM cell c, ST_DumpPoints(c.geom) p
), segment AS MATERIALIZED (
  SELECT cell_id, code, parent_id, x AS x1, y AS y1,
         lead(x) OVER w AS x2, lead(y) OVER w AS y2
  FROM point WINDOW w AS (PARTITION BY cell_id, ring ORDER BY i)
), twice AS (
  SELECT min(code) AS code, 'overlap' AS kind, x1, y1, x2, y2
  FROM segment WHERE x2 IS NOT NULL AND parent_id IS NOT NULL
  GROUP BY parent_id, x1, y1, x2, y2 HAVING count(*) > 1
), leftover AS (
  SELECT s.code, s.parent_id, s.x1, s.y1, s.x2, s.y2
  FROM segment s
  WHERE s.x2 IS NOT NULL AND s.parent_id IS NOT NULL AND NOT EXISTS (
    SELECT FROM segment o WHERE o.parent_id = s.parent_id
      AND (o.x1, o.y1, o.x2, o.y2) = (s.x2, s.y2, s.x1, s.y1))
), outer_boundary AS (
  SELECT s.code, s.cell_id, s.x1, s.y1, s.x2, s.y2 FROM segment s
  WHERE s.x2 IS NOT NULL AND EXISTS (SELECT FROM cell c WHERE c.parent_id = s.cell_id)
), differs AS (
  SELECT coalesce(l.code, b.code) AS code,
         CASE WHEN b.cell_id IS NULL THEN 'not-on-parent' ELSE 'parent-uncovered' END AS kind,
         coalesce(l.x1, b.x1) AS x1, coalesce(l.y1, b.y1) AS y1
  FROM leftover l FULL JOIN outer_boundary b
    ON (b.cell_id, b.x1, b.y1, b.x2, b.y2) = (l.parent_id, l.x1, l.y1, l.x2, l.y2)
  WHERE l.code IS NULL OR b.cell_id IS NULL
)
SELECT kind, code, x1 / 1e7::float8 AS lon, y1 / 1e7::float8 AS lat, 0::float8 AS area_m2 FROM twice
UNION ALL
SELECT kind, code, x1 / 1e7::float8, y1 / 1e7::float8, 0 FROM differs
UNION ALL
-- interiors that meet, anywhere in a tier
SELECT 'overlap', a.code || ' ' || b.code, ST_X(ST_PointOnSurface(i.geom)), ST_Y(ST_PointOnSurface(i.geom)), ST_Area(i.geom::geography)
FROM cell a JOIN cell b ON a.tier = b.tier AND a.code < b.code AND a.geom && b.geom AND ST_Relate(a.geom, b.geom, 'T********'),
     LATERAL (SELECT ST_Intersection(a.geom, b.geom) AS geom) i
UNION ALL
-- children that reach out of their parent
SELECT 'outside-parent', c.code, ST_X(ST_PointOnSurface(c.geom)), ST_Y(ST_PointOnSurface(c.geom)), 0
FROM cell c JOIN cell p ON p.cell_id = c.parent_id WHERE ST_Relate(c.geom, p.geom, '**T******')
UNION ALL
-- areas that don't add up
SELECT 'area', p.code, ST_X(ST_PointOnSurface(p.geom)), ST_Y(ST_PointOnSurface(p.geom)), (ST_Area(p.geom) - s.area) * 1.1e10
FROM cell p JOIN (SELECT parent_id, sum(ST_Area(geom)) AS area FROM cell GROUP BY parent_id) s ON s.parent_id = p.cell_id
WHERE abs(ST_Area(p.geom) - s.area) > 1e-12
UNION ALL
SELECT 'invalid', code, ST_X(ST_PointOnSurface(geom)), ST_Y(ST_PointOnSurface(geom)), 0 FROM cell WHERE NOT ST_IsValid(geom)
UNION ALL
SELECT 'off-lattice', code, ST_X(ST_PointOnSurface(geom)), ST_Y(ST_PointOnSurface(geom)), 0 FROM cell
WHERE NOT ST_OrderingEquals(geom, ST_SnapToGrid(geom, 1e-7)) AND EXISTS (
  SELECT FROM ST_DumpPoints(geom) p WHERE abs(ST_X(p.geom) * 1e7 - round(ST_X(p.geom) * 1e7)) > 1e-4
     OR abs(ST_Y(p.geom) * 1e7 - round(ST_Y(p.geom) * 1e7)) > 1e-4)
ORDER BY 1, 2
LIMIT 1000
