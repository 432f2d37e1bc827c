-- Cells of edition $2 of territory $1 as features of the draft, in the order of
-- $3, with what quality figures take. $4 projected CRS.
SELECT json_build_object('type', 'Feature', 'id', v.cell_id::text, 'geometry', ST_AsGeoJSON(v.geom, 7)::json, 'properties', json_build_object(
         'uid', v.cell_id::text, 'code', v.code, 'name', v.name, 'tier', v.tier, 'parent', p.code, 'parent_uid', p.cell_id::text,
         'etag', cells.etag(v), 'locked', v.locked, 'disputed', v.disputed, 'leaf', cells.is_leaf($1, v.cell_id, $2),
         'provenance', v.provenance, 'area_m2', v.area_m2, 'compactness', m.compactness, 'objects', o.n,
         'load', coalesce(v.area_m2 / p.area_m2, 1)))
FROM unnest($3::bigint[]) WITH ORDINALITY AS asked (cell_id, n)
JOIN cells.version v ON v.territory_id = $1 AND v.cell_id = asked.cell_id
  AND v.from_edition <= $2 AND (v.to_edition IS NULL OR v.to_edition > $2)
LEFT JOIN cells.version p ON p.territory_id = $1 AND p.cell_id = v.parent_id
  AND p.from_edition <= $2 AND (p.to_edition IS NULL OR p.to_edition > $2),
LATERAL (SELECT 4 * pi() * v.area_m2 / ST_Perimeter(ST_Transform(v.geom, $4::int)) ^ 2 AS compactness) m,
LATERAL (SELECT count(*) AS n FROM objects.object o WHERE o.territory_id = $1 AND o.geom && v.geom AND ST_Intersects(v.geom, o.geom)) o
ORDER BY asked.n
