-- Slivers: minor pieces that are smaller ($2, m2) or on average narrower ($3, m:
-- twice the area over the perimeter) than a tolerance.
UPDATE merge_piece p
SET sliver = true
FROM merge_leaf l, cells.territory t
WHERE p.minor AND l.cell_id = p.cell_id AND t.id = $1
  AND (p.own / l.deg * l.area_m2 < $2
    OR 2 * p.claimed / l.deg * l.area_m2 < $3 * ST_Perimeter(ST_Transform(p.geom, t.epsg)))
