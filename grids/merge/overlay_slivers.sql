-- Slivers: pieces of at most a share of the leaf ($3) that are smaller ($4, m2) or
-- on average narrower ($5, m: twice the area over the perimeter) than a tolerance.
-- The largest piece of a leaf and layer is none and takes them over.
INSERT INTO merge.sliver (territory_id, run_id, layer, layer_cell_id, cell_id, into_layer_cell_id, share_of_cell, area_m2, place)
SELECT $1, $2, p.layer, p.layer_cell_id, p.cell_id, p.into_layer_cell_id, p.own / p.deg, p.own / p.deg * p.area_m2,
  ST_PointOnSurface(p.geom)
FROM (
  SELECT p.*, l.deg, l.area_m2,
    row_number() OVER largest AS nth, first_value(p.layer_cell_id) OVER largest AS into_layer_cell_id
  FROM merge_piece p JOIN merge_leaf l ON l.cell_id = p.cell_id
  LEFT JOIN layers.cell c ON c.territory_id = $1 AND c.id = p.layer_cell_id
  WINDOW largest AS (PARTITION BY p.cell_id, p.layer ORDER BY p.own DESC, c.code)
) p
CROSS JOIN (SELECT epsg FROM cells.territory WHERE id = $1) t
WHERE p.nth > 1 AND p.own <= $3 * p.deg
  AND (p.own / p.deg * p.area_m2 < $4
    OR 2 * p.claimed / p.deg * p.area_m2 < $5 * ST_Perimeter(ST_Transform(p.geom, t.epsg)))
