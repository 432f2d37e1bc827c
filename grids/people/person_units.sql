-- Rows that name a unit of which there are several by that name.
SELECT i.row, n.field, n.value, 'ambiguous-unit', 'error', '',
       '有多个单位叫这个名称,请写明上级:' || n.labels, 'several units have this name; write which one: ' || n.labels
FROM people.intake_person i
CROSS JOIN LATERAL (
  SELECT x.field, x.value, (SELECT coalesce(string_agg(u.label, ', ' ORDER BY u.label), '') FROM people.unit u
           WHERE u.territory_id = $1 AND u.retired_at IS NULL AND cells.plain_name(u.name) = cells.plain_name(people.unit_said(x.value))) AS labels
  FROM (SELECT 'unit' AS field, i.unit AS value UNION ALL SELECT 'post', s.unit FROM people.posts_said(i.post) s) x
  JOIN person_unit p ON p.said = x.value AND p.unit_id IS NULL AND x.value <> ''
) n
WHERE i.territory_id = $1 AND i.batch = $2
ORDER BY i.row
