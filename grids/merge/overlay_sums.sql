-- Leaves whose shares in a layer don't add up to 1 within 1e-9.
SELECT l.code, y.layer, coalesce(sum(p.own), 0) / l.deg AS sum
FROM merge_leaf l
CROSS JOIN unnest($1::text[]) AS y (layer)
LEFT JOIN merge_piece p ON p.cell_id = l.cell_id AND p.layer = y.layer
GROUP BY l.code, y.layer, l.deg
HAVING NOT abs(coalesce(sum(p.own), 0) / l.deg - 1) <= 1e-9
ORDER BY abs(coalesce(sum(p.own), 0) / l.deg - 1) DESC
LIMIT 20
