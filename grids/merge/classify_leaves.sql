-- Gaps and overlaps among the unified cells themselves: ground that no leaf owns,
-- or two do.
INSERT INTO merge.conflict (territory_id, run_id, kind, cell_id, detail, place, geom, area_m2, blocking, proposal, reason)
SELECT $1::int, $2::bigint, 'overlap', p.cell_id, jsonb_build_object('cells', jsonb_build_array(
    jsonb_build_object('code', p.code), jsonb_build_object('code', p.other_code))),
  ST_PointOnSurface(g.geom), g.geom, ST_Area(g.geom) / p.deg * p.area_m2, true, 'mend-cells', 'leaf-overlap'
FROM (
  SELECT a.cell_id, a.code, a.deg, a.area_m2, a.geom, b.code AS other_code, b.geom AS other
  FROM merge_ground a JOIN merge_ground b ON b.cell_id > a.cell_id AND b.geom && a.geom
  OFFSET 0
) p
CROSS JOIN LATERAL (SELECT merge.common(p.geom, p.other) AS geom OFFSET 0) g
WHERE ST_Relate(p.geom, p.other, 'T********')
UNION ALL
SELECT $1::int, $2::bigint, 'gap', p.cell_id, '{}', ST_PointOnSurface(coalesce(nullif(g.geom, ST_Multi('SRID=4326;POLYGON EMPTY')), p.geom)), g.geom,
  abs(ST_Area(p.geom) - c.deg) / ST_Area(p.geom) * p.area_m2, true, 'mend-cells', 'leaf-gap'
FROM cells.of($1, $3) p
JOIN (SELECT parent_id, sum(ST_Area(geom)) AS deg, array_agg(geom) AS geoms FROM cells.of($1, $3) GROUP BY parent_id) c
  ON c.parent_id = p.cell_id
CROSS JOIN LATERAL (SELECT merge.rest(p.geom, c.geoms) AS geom OFFSET 0) g
WHERE abs(ST_Area(p.geom) - c.deg) > 1e-12
