-- Rows of assignment_taken that speak of the same cell and period: of two
-- accountable ones both are findings, of others the later (the same person in
-- the same role twice).
SELECT t.row, CASE WHEN t.role = 'accountable' THEN 'cell_code' ELSE 'staff_no' END,
       CASE WHEN t.role = 'accountable' THEN t.cell_code ELSE t.staff_no END,
       CASE WHEN t.role = 'accountable' THEN 'two-accountable' ELSE 'duplicate' END, 'error', t.cell_code,
       CASE WHEN t.role = 'accountable' THEN '一个网格只能有一位责任人,另见第 ' ELSE '同一人在同一网格的同一角色已写在第 ' END
         || string_agg(o.row::text, '、' ORDER BY o.row) || ' 行',
       CASE WHEN t.role = 'accountable' THEN 'exactly one person is accountable for a cell; so say row '
            ELSE 'the same person and role for the same cell stand in row ' END
         || string_agg(o.row::text, ', ' ORDER BY o.row)
FROM assignment_taken t
JOIN assignment_taken o ON o.cell_id = t.cell_id AND o.role = t.role AND o.row <> t.row
  AND tstzrange(o.from_at, o.to_at) && tstzrange(t.from_at, t.to_at)
  AND (t.role = 'accountable' OR (o.person_id = t.person_id AND o.layer IS NOT DISTINCT FROM t.layer AND o.row < t.row))
GROUP BY t.row, t.role, t.cell_code, t.staff_no
ORDER BY t.row
