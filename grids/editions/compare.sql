-- What is another in edition $3 than in edition $2 of territory $1, cell by
-- cell. $4 projected CRS, $5 least share of a cell's area that counts as where
-- it went, $6 instant at which people are counted.
WITH whole AS MATERIALIZED (
  SELECT coalesce(a.cell_id, b.cell_id) AS cell_id, coalesce(b.tier, a.tier) AS tier,
         a.cell_id IS NULL AS begun, b.cell_id IS NULL AS ended,
         a.code AS code_a, a.name AS name_a, a.area_m2 AS area_a, a.geom AS geom_a,
         b.code AS code_b, b.name AS name_b, b.area_m2 AS area_b, b.geom AS geom_b,
         a.geom::bytea IS DISTINCT FROM b.geom::bytea AS moved,
         (a.code, a.name) IS DISTINCT FROM (b.code, b.name) AS renamed,
         (a.parent_id, a.locked, a.disputed, a.provenance) IS DISTINCT FROM (b.parent_id, b.locked, b.disputed, b.provenance) AS other
  FROM cells.of($1, $2) a FULL JOIN cells.of($1, $3) b ON a.cell_id = b.cell_id
  WHERE a.from_edition IS DISTINCT FROM b.from_edition
), cell AS MATERIALIZED (
  -- part is NULL where no area changed, also when only vertices did
  SELECT w.*, CASE WHEN NOT ST_IsEmpty(d.part) THEN d.part END AS part
  FROM whole w,
       LATERAL (SELECT CASE WHEN begun THEN geom_b WHEN ended THEN geom_a WHEN moved THEN ST_SymDifference(geom_a, geom_b) END AS part) d
  WHERE begun OR ended OR moved OR renamed OR other
), flow AS MATERIALIZED (
  SELECT f.cell_id AS from_cell, f.code_a AS from_code, f.ended, t.cell_id AS to_cell, t.code_b AS to_code, t.begun, x.share
  FROM cell f JOIN cell t ON t.tier = f.tier AND f.geom_a && t.geom_b AND ST_Intersects(f.geom_a, t.geom_b),
       LATERAL (SELECT CASE WHEN ST_OrderingEquals(f.geom_a, t.geom_b) THEN 1
                            ELSE ST_Area(ST_Intersection(f.geom_a, t.geom_b)) / ST_Area(f.geom_a) END AS share) x
  WHERE f.moved AND t.moved AND x.share >= $5
), heir AS (
  SELECT l.from_cell, count(*) AS n,
         max((SELECT count(*) FROM flow s WHERE s.to_cell = l.to_cell)) AS sources,
         jsonb_agg(jsonb_build_object('uid', l.to_cell::text, 'code', l.to_code, 'share', l.share) ORDER BY l.share DESC, l.to_code) AS list
  FROM flow l WHERE (l.ended OR l.begun) AND l.from_cell <> l.to_cell GROUP BY l.from_cell
), source AS (
  SELECT l.to_cell,
         jsonb_agg(jsonb_build_object('uid', l.from_cell::text, 'code', l.from_code, 'share', l.share) ORDER BY l.share DESC, l.from_code) AS list
  FROM flow l WHERE (l.ended OR l.begun) AND l.from_cell <> l.to_cell GROUP BY l.to_cell
)
SELECT CASE WHEN begun THEN 'created'
            WHEN ended AND h.n > 1 THEN 'split'
            WHEN ended AND h.n = 1 AND h.sources > 1 THEN 'merged'
            WHEN ended THEN 'retired'
            WHEN part IS NOT NULL THEN 'moved'
            WHEN renamed THEN 'renamed'
            ELSE 'changed' END,
       c.cell_id::text, coalesce(code_b, code_a), coalesce(name_b, name_a), tier,
       coalesce(ST_Area(ST_Transform(part, $4::int)), 0),
       (SELECT count(*) FROM objects.object o WHERE o.territory_id = $1 AND o.geom && c.part AND ST_Intersects(c.part, o.geom)),
       (SELECT count(DISTINCT s.person_id) FROM people.assignment s WHERE s.territory_id = $1 AND s.cell_id = c.cell_id AND s.during @> $6::timestamptz),
       CASE WHEN NOT begun THEN jsonb_build_object('code', code_a, 'name', name_a, 'area_m2', area_a) END,
       CASE WHEN NOT ended THEN jsonb_build_object('code', code_b, 'name', name_b, 'area_m2', area_b) END,
       coalesce(h.list, '[]'), coalesce(s.list, '[]'),
       ARRAY[ST_XMin(e.box), ST_YMin(e.box), ST_XMax(e.box), ST_YMax(e.box)],
       renamed AND NOT begun AND NOT ended
FROM cell c
LEFT JOIN heir h ON h.from_cell = c.cell_id
LEFT JOIN source s ON s.to_cell = c.cell_id,
LATERAL (SELECT Box2D(coalesce(c.part, c.geom_b)) AS box) e
ORDER BY tier, coalesce(code_b, code_a), c.cell_id
