-- Rows that name a unit of which there are several by that name, say since when
-- posts are held for another number of posts, or are of persons or units of
-- divisions that the principal may not edit.
SELECT i.row, n.field, n.value, n.kind, 'error', '', n.zh, n.en
FROM people.intake_person i
LEFT JOIN person_meant m ON m.row = i.row
LEFT JOIN people.person p ON p.territory_id = $1 AND p.id = m.person_id
LEFT JOIN people.unit u ON u.territory_id = $1 AND u.id = p.unit_id
LEFT JOIN person_unit t ON t.said = i.unit
LEFT JOIN people.unit v ON v.territory_id = $1 AND v.id = t.unit_id
CROSS JOIN LATERAL (
  SELECT x.field, x.value, 'ambiguous-unit' AS kind, '有多个单位叫这个名称,请写明上级:' || l.labels AS zh, 'several units have this name; write which one: ' || l.labels AS en
  FROM (SELECT 'unit' AS field, i.unit AS value UNION ALL SELECT 'post', s.unit FROM people.posts_said(i.post) s) x
  JOIN person_unit q ON q.said = x.value AND q.unit_id IS NULL AND x.value <> ''
  CROSS JOIN LATERAL (SELECT coalesce(string_agg(o.label, ', ' ORDER BY o.label), '') AS labels FROM people.unit o
    WHERE o.territory_id = $1 AND o.retired_at IS NULL AND cells.plain_name(o.name) = cells.plain_name(people.unit_said(x.value))) l
  UNION ALL
  SELECT 'post_from', i.post_from, 'bad-date', '应与职务一一对应:有 ' || c.posts || ' 个职务', 'has to give one day for each post, of which there are ' || c.posts
  FROM (SELECT count(*) AS posts FROM people.posts_said(i.post)) c
  WHERE i.post_from <> '' AND i.post <> '' AND c.posts <> array_length(string_to_array(i.post_from, '、'), 1)
  UNION ALL
  SELECT 'unit', i.unit, 'not-yours', '人员或单位不在您的辖区之内', 'the person or the unit is not within your territory'
  WHERE NOT access.within($1, coalesce(v.division, u.division, '')) OR p.id IS NOT NULL AND NOT access.within($1, coalesce(u.division, ''))
) n
WHERE i.territory_id = $1 AND i.batch = $2
ORDER BY i.row
