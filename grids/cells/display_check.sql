-- Where the shapes that maps show of edition $2 are no coverage, tier by tier and
-- band by band. $3: the deepest tier of each band.
--   overlap  two interiors meet, or the areas sum to more than the union's
--   gap      the union has a hole that the union of the cells themselves has not
--   invalid  a broken shape
--   missing  a published cell that the band should show
WITH shown AS MATERIALIZED (
  SELECT band, tier, cell_id, code, geom FROM cells.display WHERE territory_id = $1 AND edition = $2
), united AS MATERIALIZED (
  SELECT band, tier, ST_UnaryUnion(ST_Collect(geom)) AS geom, sum(ST_Area(geom)) AS area FROM shown WHERE ST_IsValid(geom) GROUP BY band, tier
), hole AS (
  SELECT u.band, u.tier, ST_MakePolygon(ST_ExteriorRing(r.geom)) AS geom
  FROM united u CROSS JOIN LATERAL ST_Dump(u.geom) p CROSS JOIN LATERAL ST_DumpRings(p.geom) r WHERE r.path[1] > 0
), own AS MATERIALIZED (
  SELECT v.tier, ST_NumInteriorRings(d.geom) AS holes, d.geom
  FROM (SELECT tier, ST_UnaryUnion(ST_Collect(geom)) AS geom FROM cells.of($1, $2) GROUP BY tier) v
  CROSS JOIN LATERAL ST_Dump(v.geom) d
), gap AS (
  -- of more holes than the cells have, the smallest are the gaps
  SELECT h.band, h.tier, h.geom
  FROM (SELECT *, row_number() OVER (PARTITION BY band, tier ORDER BY ST_Area(geom) DESC) AS n FROM hole) h
  WHERE h.n > (SELECT coalesce(sum(o.holes), 0) FROM own o WHERE o.tier = h.tier)
), fault AS (
  SELECT 'overlap' AS kind, a.code, a.band, a.tier, 'overlaps ' || b.code AS what, ST_Intersection(a.geom, b.geom) AS geom
  FROM shown a JOIN shown b ON b.band = a.band AND b.tier = a.tier AND b.cell_id > a.cell_id AND b.geom && a.geom
  WHERE ST_IsValid(a.geom) AND ST_IsValid(b.geom) AND ST_Relate(a.geom, b.geom, '2********')
  UNION ALL
  SELECT 'overlap', '', u.band, u.tier, 'areas sum to ' || u.area - ST_Area(u.geom) || ' square metres more than they cover', NULL
  FROM united u WHERE u.area > ST_Area(u.geom) * (1 + 1e-9)
  UNION ALL
  SELECT 'gap', '', g.band, g.tier, 'a gap opens between cells', g.geom FROM gap g
  UNION ALL
  SELECT 'invalid', s.code, s.band, s.tier, ST_IsValidReason(s.geom), ST_Envelope(s.geom) FROM shown s WHERE NOT ST_IsValid(s.geom) OR ST_IsEmpty(s.geom)
  UNION ALL
  SELECT 'missing', v.code, b.n - 1, v.tier, 'a cell is not shown', ST_Transform(v.label, 3857)
  FROM cells.of($1, $2) v
  JOIN editions.edition e ON e.territory_id = $1 AND e.seq = $2 AND e.state = 'published'
  CROSS JOIN unnest($3::smallint[]) WITH ORDINALITY AS b (deepest, n)
  WHERE v.tier <= b.deepest AND NOT EXISTS (SELECT FROM shown s WHERE s.band = b.n - 1 AND s.cell_id = v.cell_id)
)
SELECT f.kind, f.code, 'band ' || f.band || ', tier ' || f.tier || ': ' || f.what, ST_X(p.place), ST_Y(p.place), coalesce(ST_Area(f.geom), 0)
FROM fault f
CROSS JOIN LATERAL (SELECT ST_Transform(ST_PointOnSurface(f.geom), 4326) AS place) p
ORDER BY f.kind, f.band, f.tier, f.code LIMIT 1000
