-- Rows of assignment_taken whose cell is not $3 (of code $4) or below it in
-- edition $2 of territory $1.
SELECT t.row, 'cell_code', t.cell_code, 'outside', 'error', t.cell_code,
       '该网格不在 ' || $4::text || ' 之内', 'this cell is not in ' || $4::text
FROM assignment_taken t
WHERE t.cell_id NOT IN (SELECT d.uid FROM cells.descendants($1, ARRAY[$3::bigint], ARRAY[$2::int]) d)
ORDER BY t.row
