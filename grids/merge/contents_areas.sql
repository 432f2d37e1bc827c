-- Areas, such as protection zones: the share in degrees, in square metres of the
-- object's own.
INSERT INTO merge_stretch (layer, layer_cell_id, cell_id, object_id, kind, share, area_m2)
SELECT s.layer, s.layer_cell_id, s.cell_id, s.id, s.kind, s.share, s.share * ST_Area(ST_Transform(s.geom, t.epsg))
FROM (
  SELECT p.layer, CASE WHEN p.sliver THEN p.into_id ELSE p.layer_cell_id END AS layer_cell_id, p.cell_id, o.id, o.kind, o.geom,
    sum(ST_Area(merge.common(coalesce(p.geom, o.leaf), o.geom)) / ST_Area(o.geom)) AS share
  FROM (
    SELECT o.id, o.kind, o.geom, l.cell_id, l.geom AS leaf
    FROM merge_ground l JOIN objects.object o ON o.geom && l.geom
    WHERE o.territory_id = $1 AND ST_Dimension(o.geom) = 2
    OFFSET 0
  ) o
  JOIN merge_piece p ON p.cell_id = o.cell_id AND (p.whole OR ST_Intersects(p.geom, o.geom))
  WHERE ST_Intersects(o.leaf, o.geom)
  GROUP BY p.layer, 2, p.cell_id, o.id, o.kind, o.geom
) s
CROSS JOIN (SELECT epsg FROM cells.territory WHERE id = $1) t
WHERE s.share > 1e-9
