-- Areas, such as protection zones: the share in degrees, in square metres of the
-- object's own.
INSERT INTO merge_stretch (layer, layer_cell_id, cell_id, object_id, kind, share, area_m2)
SELECT s.layer, s.layer_cell_id, s.cell_id, s.id, s.kind, s.share, s.share * ST_Area(ST_Transform(s.geom, t.epsg))
FROM (
  SELECT p.layer, CASE WHEN p.sliver THEN p.into_id ELSE p.layer_cell_id END AS layer_cell_id, p.cell_id, o.id, o.kind, o.geom,
    sum(ST_Area(merge.common(coalesce(p.geom, l.geom), o.geom)) / ST_Area(o.geom)) AS share
  FROM merge_leaf l
  JOIN objects.object o ON o.geom && l.geom AND ST_Intersects(l.geom, o.geom)
  JOIN merge_piece p ON p.cell_id = l.cell_id AND (p.whole OR ST_Intersects(p.geom, o.geom))
  WHERE o.territory_id = $1 AND ST_Dimension(o.geom) = 2
  GROUP BY p.layer, 2, p.cell_id, o.id, o.kind, o.geom
) s
CROSS JOIN (SELECT epsg FROM cells.territory WHERE id = $1) t
WHERE s.share > 1e-9
