-- How good those of the cells $3 are, in edition $2 of territory $1, that are
-- leaves and were drawn or changed: by area among their siblings, and how many
-- river reaches run through them instead of along their borders. $4 projected CRS.
SELECT jsonb_build_object('code', v.code, 'area_m2', v.area_m2, 'deviation', v.area_m2 / s.mean - 1,
         'compactness', 4 * pi() * v.area_m2 / ST_Perimeter(ST_Transform(v.geom, $4::int)) ^ 2,
         'parts', ST_NumGeometries(v.geom), 'barriers_crossed', b.n)
FROM unnest($3::bigint[]) WITH ORDINALITY AS asked (cell_id, n)
JOIN cells.version v ON v.territory_id = $1 AND v.cell_id = asked.cell_id
  AND v.from_edition <= $2 AND (v.to_edition IS NULL OR v.to_edition > $2),
LATERAL (
  SELECT avg(c.area_m2) AS mean FROM cells.version c
  WHERE c.territory_id = $1 AND c.parent_id = v.parent_id AND c.from_edition <= $2 AND (c.to_edition IS NULL OR c.to_edition > $2)) s,
LATERAL (
  SELECT count(*) AS n FROM objects.object o
  WHERE o.territory_id = $1 AND o.kind = 'river-reach' AND o.geom && v.geom AND ST_Crosses(o.geom, v.geom)) b
WHERE s.mean IS NOT NULL AND cells.is_leaf($1, v.cell_id, $2)
ORDER BY asked.n
