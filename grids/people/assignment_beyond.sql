-- Rows of assignment_taken that the principal may not apply: their cell or layer
-- in territory $1 is not the principal's.
SELECT t.row, p.field, p.value, 'not-yours', 'error', t.cell_code, p.message_zh, p.message
FROM assignment_taken t
CROSS JOIN LATERAL (VALUES
  (NOT cells.reached($1, t.cell_id), 'cell_code', t.cell_code, '该网格不在您的管辖范围内,本行未导入', 'the cell lies outside what you may change; the row stays out'),
  (NOT access.layer(t.layer), 'layer', coalesce(t.layer, ''), '不属于您的条线,本行未导入', 'the layer is not yours; the row stays out')
) AS p (wrong, field, value, message_zh, message)
WHERE p.wrong AND NOT access.unbounded()
ORDER BY t.row, p.field
