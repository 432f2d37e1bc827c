-- Rows of person_meant of which it isn't clear whom they mean. One number that is
-- given twice is looked at elsewhere.
WITH given AS MATERIALIZED (
  SELECT m.*, i.name, btrim(i.staff_no) AS said, i.choice, count(*) OVER (PARTITION BY m.same) AS n
  FROM person_meant m
  CROSS JOIN LATERAL (SELECT i.name, i.staff_no, i.choice FROM people.intake_person i WHERE i.territory_id = $1 AND i.batch = $2 AND i.row = m.row OFFSET 0) i
), twin AS (
  SELECT o.row, string_agg(x.row::text, ', ' ORDER BY x.row) AS others
  FROM given o CROSS JOIN LATERAL (SELECT w.row, w.staff_no FROM person_meant w WHERE w.same = o.same AND w.row <> o.row OFFSET 0) x
  CROSS JOIN LATERAL (SELECT btrim(i.staff_no) AS said FROM people.intake_person i WHERE i.territory_id = $1 AND i.batch = $2 AND i.row = x.row OFFSET 0) i
  WHERE o.n > 1 AND o.same IS NOT NULL AND (o.said = '' OR o.said <> i.said)
  GROUP BY o.row
)
SELECT m.row, f.field, f.value, f.kind, 'error', '', f.message_zh, f.message, f.candidates
FROM given m
LEFT JOIN twin t ON t.row = m.row
CROSS JOIN LATERAL (
  SELECT 'choice' AS field, m.choice AS value, 'unknown-person' AS kind, '没有这个工号,请填某人的工号,或填 new 表示新人' AS message_zh, 'nobody has this staff number; answer with one of a person, or with new' AS message, NULL::jsonb AS candidates
  WHERE m.meant = 'unknown'
  UNION ALL
  SELECT 'name', m.name, 'ambiguous',
         CASE WHEN m.said <> '' THEN '姓名、单位、电话相同的人工号不同,请指明是同一人还是新人' ELSE '有同名的人,请指明是哪一位,或是新人' END,
         CASE WHEN m.said <> '' THEN 'a person of this name, unit and telephone has another staff number: say whether it is the same or a new one'
              ELSE 'there are persons of this name: say which one it is, or that it is a new one' END, m.candidates
  WHERE m.meant = 'question'
  UNION ALL
  SELECT 'name', m.name, 'duplicate', '与第 ' || t.others || ' 行是同一人', 'the same person stands in row ' || t.others, NULL
  WHERE t.others IS NOT NULL
) f
ORDER BY m.row
