WITH run AS (
  SELECT edition, layers FROM merge.run WHERE territory_id = $1 AND id = $2
), piece AS (
  SELECT * FROM merge.crosswalk WHERE territory_id = $1 AND run_id = $2
), leaf AS (
  SELECT l.cell_id, l.code, l.label, l.area_m2, y.layer
  FROM run CROSS JOIN cells.leaves($1, run.edition) l CROSS JOIN unnest(run.layers) AS y (layer)
)
SELECT 'shares', l.code, 'layer', l.layer, '网格的份额之和不为 1', 'shares of the leaf do not sum to 1',
  ST_X(l.label), ST_Y(l.label), abs(coalesce(sum(p.share_of_cell), 0) - 1)
FROM leaf l LEFT JOIN piece p USING (cell_id, layer)
GROUP BY l.code, l.layer, l.label
UNION ALL
SELECT 'areas', l.code, 'layer', l.layer, '各块面积之和与网格不符', 'areas of the pieces do not sum to the leaf''s',
  ST_X(l.label), ST_Y(l.label), abs(coalesce(sum(p.area_m2), 0) / l.area_m2 - 1)
FROM leaf l LEFT JOIN piece p USING (cell_id, layer)
GROUP BY l.code, l.layer, l.label, l.area_m2
UNION ALL
SELECT 'layer-cell-shares', c.code, 'layer', c.layer, '条线网格的份额之和大于 1', 'shares of the layer cell sum to more than 1',
  ST_X(ST_Centroid(c.geom)), ST_Y(ST_Centroid(c.geom)), greatest(0, s.share - 1)
FROM (SELECT layer_cell_id, sum(share_of_layer_cell) AS share FROM piece GROUP BY layer_cell_id) s
JOIN layers.cell c ON c.territory_id = $1 AND c.id = s.layer_cell_id
UNION ALL
SELECT 'stray', coalesce(v.code, ''), 'layer', p.layer, '这一块不属于本版任何网格', 'a piece belongs to no leaf of the edition', NULL, NULL, p.share_of_cell
FROM piece p
LEFT JOIN cells.version v ON v.territory_id = $1 AND v.cell_id = p.cell_id AND v.from_edition <= (SELECT edition FROM run)
  AND (v.to_edition IS NULL OR v.to_edition > (SELECT edition FROM run))
WHERE NOT EXISTS (SELECT FROM leaf l WHERE l.cell_id = p.cell_id AND l.layer = p.layer)
