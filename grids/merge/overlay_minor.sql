-- In what was left to the database: pieces of at most a share of the leaf ($2). The
-- largest piece of a leaf and layer is none, and takes over those that are slivers.
UPDATE merge_piece p
SET minor = true, into_id = s.into_id
FROM (
  SELECT p.ctid AS row, p.into_id
  FROM (
    SELECT p.ctid, p.own, l.deg, row_number() OVER largest AS nth, first_value(p.layer_cell_id) OVER largest AS into_id
    FROM merge_left m JOIN merge_piece p ON p.cell_id = m.cell_id AND p.layer = m.layer JOIN merge_leaf l ON l.cell_id = m.cell_id
    LEFT JOIN layers.cell c ON c.territory_id = $1 AND c.id = p.layer_cell_id
    WINDOW largest AS (PARTITION BY p.cell_id, p.layer ORDER BY p.own DESC, c.code)
  ) p
  WHERE p.nth > 1 AND p.own <= $2 * p.deg
) s
WHERE p.ctid = s.row
