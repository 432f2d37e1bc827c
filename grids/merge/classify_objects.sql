-- Located objects that a leaf holds but that are placed in none.
INSERT INTO merge_found (kind, cell_id, detail, place, blocking, proposal, reason)
SELECT DISTINCT ON (o.id) 'object-unplaced', o.cell_id,
  jsonb_build_object('object', jsonb_build_object('id', o.id, 'kind', o.kind, 'code', o.code, 'name', o.name)),
  ST_PointOnSurface(o.geom), true, 'place-object', 'object-unplaced'
FROM (
  SELECT o.id, o.kind, o.code, o.name, o.geom, l.cell_id, l.code AS leaf_code, l.geom AS leaf
  FROM objects.object o JOIN merge_ground l ON l.geom && o.geom
  WHERE o.territory_id = $1 AND o.geom IS NOT NULL
    AND NOT EXISTS (SELECT FROM objects.placement p WHERE p.territory_id = $1 AND p.object_id = o.id AND upper_inf(p.during))
  OFFSET 0
) o
WHERE ST_Intersects(o.leaf, o.geom)
  AND (ST_Dimension(o.geom) = 0 OR ST_Dimension(ST_Intersection(o.leaf, o.geom)) = ST_Dimension(o.geom))
ORDER BY o.id, o.leaf_code
