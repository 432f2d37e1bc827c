-- Rows of person_edit that can't be done: number, field, value, kind and why. A
-- person who is not in the state that the row was made for is stale.
WITH e AS (
  SELECT e.*, p.version, p.id IS NOT NULL AS there,
         coalesce(u.division, '') AS division, CASE WHEN e.unit IS NULL THEN coalesce(u.division, '') WHEN e.unit = 0 THEN '' ELSE coalesce(t.division, '') END AS to_division,
         e.unit > 0 AND t.id IS NULL AS nowhere
  FROM person_edit e
  LEFT JOIN people.person p ON p.territory_id = $1 AND p.id = e.id
  LEFT JOIN people.unit u ON u.territory_id = $1 AND u.id = p.unit_id
  LEFT JOIN people.unit t ON t.territory_id = $1 AND t.id = e.unit AND t.retired_at IS NULL
)
SELECT e.n, f.field, f.value, f.kind, f.zh, f.en
FROM e CROSS JOIN LATERAL (
  SELECT 'id' AS field, e.id::text AS value, 'not-found' AS kind, '没有这个人员,或已离职' AS zh, 'there is no such person, or not any more' AS en WHERE NOT e.there AND NOT e.fresh
  UNION ALL
  SELECT 'known', e.known::text, 'stale', '此后已被他人修改', 'changed by somebody else since' WHERE e.known <> e.version
  UNION ALL
  SELECT 'id', e.id::text, 'invalid', '同一人出现两次', 'the same person stands in two rows' WHERE NOT e.fresh AND EXISTS (SELECT FROM person_edit o WHERE o.id = e.id AND o.n < e.n)
  UNION ALL
  SELECT 'unit', e.unit::text, 'invalid', '没有这个单位', 'there is no such unit' WHERE e.nowhere
  UNION ALL
  SELECT 'posts.unit', x.unit::text, 'invalid', '没有这个单位', 'there is no such unit'
  FROM jsonb_to_recordset(e.posts) AS x (unit bigint)
  WHERE x.unit > 0 AND NOT EXISTS (SELECT FROM people.unit u WHERE u.territory_id = $1 AND u.id = x.unit AND u.retired_at IS NULL)
  UNION ALL
  SELECT 'layers', x.layer, 'invalid', '没有这个条线', 'there is no such layer'
  FROM jsonb_to_recordset(e.layers) AS x (layer text)
  WHERE NOT EXISTS (SELECT FROM layers.layer y WHERE y.territory_id = $1 AND y.code = x.layer)
  UNION ALL
  SELECT 'staff_no', e.staff_no, 'conflict', '工号已有人使用', 'somebody has this staff number' WHERE e.staff_no <> '' AND (
    EXISTS (SELECT FROM people.person q WHERE q.territory_id = $1 AND q.staff_no = e.staff_no AND q.id IS DISTINCT FROM e.id)
    OR EXISTS (SELECT FROM person_edit o WHERE o.staff_no = e.staff_no AND o.n < e.n))
  UNION ALL
  SELECT 'unit', '', 'forbidden', '不在您的辖区之内', 'not within your territory'
  WHERE NOT (access.within($1, e.to_division) AND (e.fresh OR access.within($1, e.division)))
) f
ORDER BY e.n
