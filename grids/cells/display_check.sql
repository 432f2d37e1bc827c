-- Where the shapes that maps show of edition $2 are no coverage, tier by tier and
-- band by band. $3: the deepest tier of each band; the last is not simplified.
--   overlap  two interiors meet
--   gap      an edge that no neighbour shares ends where the cells themselves, as
--            the last band shows them, have no such edge: not on the outside
--   differs  the last band shows another shape than the cell's own
--   invalid  a broken shape
--   missing  a published cell that the band should show
WITH shown AS MATERIALIZED (
  SELECT band, tier, cell_id, code, geom, ST_IsValid(geom) AND NOT ST_IsEmpty(geom) AS valid
  FROM cells.display WHERE territory_id = $1 AND edition = $2
), edge AS (
  SELECT s.band, s.tier, s.code, e.p, e.q
  FROM shown s CROSS JOIN LATERAL (
    SELECT v.p, lead(v.p) OVER (PARTITION BY d.path[1:2] ORDER BY d.path[3]) AS q
    FROM ST_DumpPoints(s.geom) d
    CROSS JOIN LATERAL (SELECT ARRAY[round(ST_X(d.geom) * 1e4)::bigint, round(ST_Y(d.geom) * 1e4)::bigint] AS p) v
  ) e
  WHERE e.q IS NOT NULL
), alone AS MATERIALIZED (
  -- rings on both sides of an edge may run either way
  SELECT band, tier, min(code) AS code, least(p, q) AS a, greatest(p, q) AS b
  FROM edge GROUP BY band, tier, least(p, q), greatest(p, q) HAVING count(*) <> 2
), outside AS MATERIALIZED (
  SELECT DISTINCT tier, v.p FROM alone CROSS JOIN LATERAL (VALUES (a), (b)) AS v (p)
  WHERE band = cardinality($3::smallint[]) - 1
), fault AS (
  SELECT 'overlap' AS kind, a.code, a.band, a.tier, '与 ' || b.code || ' 重叠' AS what_zh, 'overlaps ' || b.code AS what, ST_Intersection(a.geom, b.geom) AS geom
  FROM shown a CROSS JOIN LATERAL (
    SELECT d.code, d.geom FROM cells.display d
    WHERE d.territory_id = $1 AND d.edition = $2 AND d.band = a.band AND d.tier = a.tier AND d.cell_id > a.cell_id AND d.geom && a.geom
    OFFSET 0
  ) b
  WHERE a.valid AND ST_IsValid(b.geom) AND ST_Relate(a.geom, b.geom, '2********')
  UNION ALL
  SELECT 'gap', g.code, g.band, g.tier, '有一段边没有相邻网格', 'an edge has no neighbour', ST_Point(v.p[1] / 1e4::float8, v.p[2] / 1e4::float8, 3857)
  FROM alone g CROSS JOIN LATERAL (VALUES (a), (b)) AS v (p)
  WHERE NOT EXISTS (SELECT FROM outside o WHERE (o.tier, o.p) = (g.tier, v.p))
  UNION ALL
  SELECT 'differs', s.code, s.band, s.tier, '显示的图形与网格不同', 'shows another shape than the cell has', s.geom
  FROM shown s JOIN cells.of($1, $2) v ON v.cell_id = s.cell_id
  WHERE s.valid AND s.band = cardinality($3::smallint[]) - 1 AND s.geom::bytea <> ST_Transform(v.geom, 3857)::bytea
  UNION ALL
  SELECT 'invalid', s.code, s.band, s.tier, '图形无效(' || cells.fault_zh(ST_IsValidReason(s.geom)) || ')', ST_IsValidReason(s.geom), ST_Envelope(s.geom) FROM shown s WHERE NOT s.valid
  UNION ALL
  SELECT 'missing', v.code, b.n - 1, v.tier, '网格没有显示', 'a cell is not shown', ST_Transform(v.label, 3857)
  FROM cells.of($1, $2) v
  JOIN editions.edition e ON e.territory_id = $1 AND e.seq = $2 AND e.state = 'published'
  CROSS JOIN unnest($3::smallint[]) WITH ORDINALITY AS b (deepest, n)
  WHERE v.tier <= b.deepest AND NOT EXISTS (SELECT FROM shown s WHERE s.band = b.n - 1 AND s.cell_id = v.cell_id)
)
SELECT f.kind, f.code, '第 ' || f.band || ' 档、' || f.tier || ' 级:' || f.what_zh, 'band ' || f.band || ', tier ' || f.tier || ': ' || f.what, ST_X(p.place), ST_Y(p.place), coalesce(ST_Area(f.geom), 0)
FROM fault f
CROSS JOIN LATERAL (SELECT ST_Transform(ST_PointOnSurface(f.geom), 4326) AS place) p
ORDER BY f.kind, f.band, f.tier, f.code LIMIT 1000
