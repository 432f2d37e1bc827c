-- Rows of assignment_taken that can't be applied, with field, value and why.
SELECT t.row, p.field, p.value, p.kind, 'error', t.cell_code, p.message, CASE WHEN p.kind = 'ambiguous' THEN t.candidates END
FROM assignment_taken t
CROSS JOIN LATERAL (VALUES
  (t.person_id IS NULL, 'staff_no', t.staff_no, 'unknown-person', 'no person has this staff number'),
  (t.cell_id IS NULL AND t.named = '', 'cell_code', t.cell_code, 'unknown-cell', 'edition ' || $1::int || ' has no cell of this code'),
  (t.cell_id IS NULL AND t.named <> '' AND t.candidates IS NULL, 'cell_name', t.named, 'unknown-cell', 'edition ' || $1::int || ' has no cell of this name'),
  (t.candidates IS NOT NULL, 'cell_name', t.named, 'ambiguous', 'several cells have this name; none was chosen: say which'),
  (t.role NOT IN ('accountable', 'joint-chief', 'deputy', 'officer', 'lead', 'supervisor', 'liaison'), 'role', t.role, 'unknown-role',
   'a role is one of accountable, joint-chief, deputy, officer, lead, supervisor, liaison'),
  (t.role = 'accountable' AND t.layer IS NOT NULL, 'layer', t.layer, 'layer-of-accountable',
   'an accountable person answers for all layers; leave the layer empty, or give the role lead'),
  (t.role = 'lead' AND t.layer IS NULL, 'layer', '', 'empty', 'a lead needs the layer that it leads'),
  (t.layer !~ '^[a-z][a-z0-9-]*$', 'layer', t.layer, 'bad-layer', 'a layer''s code is of small letters, digits and hyphens'),
  (t.side NOT IN ('party', 'government'), 'side', t.side, 'unknown-side', 'a side is party or government'),
  (t.to_at <= t.from_at, 'to_at', t.to_at::text, 'empty-period', 'the period ends before it begins (' || t.from_at || ')')
) AS p (wrong, field, value, kind, message)
WHERE p.wrong
ORDER BY t.row, p.field
