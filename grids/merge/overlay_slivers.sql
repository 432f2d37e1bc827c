-- Slivers: pieces of at most a share of the leaf ($2) that are smaller ($3, m2) or
-- on average narrower ($4, m: twice the area over the perimeter) than a tolerance.
-- The largest piece of a leaf and layer is none and takes them over.
UPDATE merge_piece p
SET sliver = true, into_id = s.into_id
FROM (
  SELECT p.ctid AS row, p.into_id
  FROM (
    SELECT p.ctid, p.claimed, p.own, p.geom, l.deg, l.area_m2, p.layer_cell_id,
      row_number() OVER largest AS nth, first_value(p.layer_cell_id) OVER largest AS into_id
    FROM merge_piece p JOIN merge_leaf l ON l.cell_id = p.cell_id AND l.fresh
    LEFT JOIN layers.cell c ON c.territory_id = $1 AND c.id = p.layer_cell_id
    WINDOW largest AS (PARTITION BY p.cell_id, p.layer ORDER BY p.own DESC, c.code)
  ) p
  CROSS JOIN (SELECT epsg FROM cells.territory WHERE id = $1) t
  WHERE p.nth > 1 AND p.own <= $2 * p.deg
    AND (p.own / p.deg * p.area_m2 < $3
      OR 2 * p.claimed / p.deg * p.area_m2 < $4 * ST_Perimeter(ST_Transform(p.geom, t.epsg)))
) s
WHERE p.ctid = s.row
