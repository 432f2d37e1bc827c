-- In what was left to the database: what no cell of the layer covers, where that is more than 1e-10 of the leaf.
INSERT INTO merge_piece (layer, layer_cell_id, cell_id, geom, whole, claimed, own)
SELECT g.layer, NULL, g.cell_id, g.geom, g.whole, g.deg, g.deg
FROM (
  SELECT y.layer, l.cell_id, r.geom, p.parts IS NULL AS whole, ST_Area(r.geom) AS deg
  FROM merge_left y JOIN merge_left_leaf l ON l.cell_id = y.cell_id
  CROSS JOIN LATERAL (
    SELECT array_agg(p.geom) AS parts, coalesce(sum(p.own), 0) AS deg
    FROM merge_piece p WHERE p.cell_id = l.cell_id AND p.layer = y.layer
  ) p
  CROSS JOIN LATERAL (SELECT merge.rest(l.geom, p.parts) AS geom OFFSET 0) r
  WHERE p.deg < l.deg * (1 - 1e-10)
) g
WHERE g.deg > 0
