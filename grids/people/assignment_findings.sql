-- Rows of assignment_taken that can't be applied, with field, value and why.
SELECT t.row, p.field, p.value, p.kind, 'error', t.cell_code, p.message_zh, p.message, CASE WHEN p.kind = 'ambiguous' THEN t.candidates END
FROM assignment_taken t
CROSS JOIN LATERAL (VALUES
  (t.person_id IS NULL, 'staff_no', t.staff_no, 'unknown-person', '没有这个工号的人', 'no person has this staff number'),
  (t.cell_id IS NULL AND t.named = '', 'cell_code', t.cell_code, 'unknown-cell', '第 ' || $1::int || ' 版没有这个代码的网格', 'edition ' || $1::int || ' has no cell of this code'),
  (t.cell_id IS NULL AND t.named <> '' AND t.candidates IS NULL, 'cell_name', t.named, 'unknown-cell', '第 ' || $1::int || ' 版没有这个名称的网格', 'edition ' || $1::int || ' has no cell of this name'),
  (t.candidates IS NOT NULL, 'cell_name', t.named, 'ambiguous', '有几个网格同名,未选,请指明', 'several cells have this name; none was chosen: say which'),
  (NOT EXISTS (SELECT FROM people.role r WHERE r.code = t.role), 'role', t.role, 'unknown-role',
   '角色应为其中之一:' || (SELECT string_agg(r.zh, '、' ORDER BY r.rank) FROM people.role r),
   'a role is one of ' || (SELECT string_agg(r.code, ', ' ORDER BY r.rank) FROM people.role r)),
  (t.role = 'accountable' AND t.layer IS NOT NULL, 'layer', t.layer, 'layer-of-accountable',
   '责任人对所有条线负责,条线应留空,或把角色改为条线负责人', 'an accountable person answers for all layers; leave the layer empty, or give the role lead'),
  (t.role = 'lead' AND t.layer IS NULL, 'layer', '', 'empty', '条线负责人要写明条线', 'a lead needs the layer that it leads'),
  (t.layer !~ '^[a-z][a-z0-9-]*$', 'layer', t.layer, 'bad-layer', '条线代码只能用小写字母、数字和连字符', 'a layer''s code is of small letters, digits and hyphens'),
  (t.side NOT IN ('party', 'government'), 'side', t.side, 'unknown-side', '应为党委或政府', 'a side is party or government'),
  (t.to_at <= t.from_at, 'to_at', t.to_at::text, 'empty-period', '任期结束早于开始(' || t.from_at || ')', 'the period ends before it begins (' || t.from_at || ')')
) AS p (wrong, field, value, kind, message_zh, message)
WHERE p.wrong
ORDER BY t.row, p.field
