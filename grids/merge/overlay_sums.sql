-- What the database cut, or a run before: leaves whose shares in a layer don't add
-- up to 1 within 1e-9. $1 layers.
SELECT l.code, y.layer, coalesce(sum(p.own), 0) / l.deg AS sum
FROM (
  SELECT cell_id, layer FROM merge_left
  UNION ALL
  SELECT l.cell_id, y.layer FROM merge_leaf l CROSS JOIN unnest($1::text[]) AS y (layer) WHERE NOT l.fresh
) y
JOIN merge_leaf l ON l.cell_id = y.cell_id
LEFT JOIN merge_piece p ON p.cell_id = y.cell_id AND p.layer = y.layer
GROUP BY l.code, y.layer, l.deg
HAVING NOT abs(coalesce(sum(p.own), 0) / l.deg - 1) <= 1e-9
ORDER BY abs(coalesce(sum(p.own), 0) / l.deg - 1) DESC
LIMIT 20
