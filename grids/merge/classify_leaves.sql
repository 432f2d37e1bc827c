-- Gaps and overlaps among the unified cells themselves: ground that no leaf owns,
-- or two do. Leaves that are not fresh don't overlap each other: a run that found
-- such is none to begin with. $2 the edition.
INSERT INTO merge_found (kind, cell_id, detail, place, geom, area_m2, blocking, proposal, reason)
SELECT 'overlap', a.cell_id, jsonb_build_object('cells', jsonb_build_array(
    jsonb_build_object('code', a.code), jsonb_build_object('code', b.code))),
  ST_PointOnSurface(g.geom), g.geom, ST_Area(g.geom) / a.deg * a.area_m2, true, 'mend-cells', 'leaf-overlap'
FROM (
  SELECT least(p.cell_id, p.other_id) AS a_id, greatest(p.cell_id, p.other_id) AS b_id
  FROM (
    SELECT a.cell_id, a.geom, b.cell_id AS other_id, b.geom AS other
    FROM merge_ground a JOIN merge_ground b ON b.geom && a.geom AND (b.cell_id > a.cell_id OR b.cell_id < a.cell_id AND NOT b.fresh)
    WHERE a.fresh
    OFFSET 0
  ) p
  WHERE ST_Relate(p.geom, p.other, 'T********')
  OFFSET 0
) p
JOIN merge_ground a ON a.cell_id = p.a_id
JOIN merge_ground b ON b.cell_id = p.b_id
CROSS JOIN LATERAL (SELECT merge.common(a.geom, b.geom) AS geom OFFSET 0) g
UNION ALL
SELECT 'gap', p.cell_id, '{}', ST_PointOnSurface(coalesce(nullif(g.geom, ST_Multi('SRID=4326;POLYGON EMPTY')), p.geom)), g.geom,
  abs(ST_Area(p.geom) - c.deg) / ST_Area(p.geom) * p.area_m2, true, 'mend-cells', 'leaf-gap'
FROM cells.of($1, $2) p
JOIN (SELECT parent_id, sum(ST_Area(geom)) AS deg, array_agg(geom) AS geoms FROM cells.of($1, $2) GROUP BY parent_id) c
  ON c.parent_id = p.cell_id
CROSS JOIN LATERAL (SELECT merge.rest(p.geom, c.geoms) AS geom OFFSET 0) g
WHERE abs(ST_Area(p.geom) - c.deg) > 1e-12
