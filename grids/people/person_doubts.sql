-- Rows of person_meant of which it isn't clear whom they mean. One number that is
-- given twice is looked at elsewhere.
SELECT i.row, f.field, f.value, f.kind, 'error', '', f.message, f.candidates
FROM person_meant m
JOIN people.intake_person i ON i.territory_id = $1 AND i.batch = $2 AND i.row = m.row
LEFT JOIN (
  SELECT o.row, string_agg(x.row::text, ', ' ORDER BY x.row) AS others
  FROM person_meant o JOIN person_meant x ON x.same = o.same AND x.row <> o.row
  JOIN people.intake_person oi ON oi.territory_id = $1 AND oi.batch = $2 AND oi.row = o.row
  JOIN people.intake_person xi ON xi.territory_id = $1 AND xi.batch = $2 AND xi.row = x.row
  WHERE btrim(oi.staff_no) = '' OR btrim(oi.staff_no) <> btrim(xi.staff_no)
  GROUP BY o.row
) twin ON twin.row = m.row
CROSS JOIN LATERAL (
  SELECT 'choice' AS field, i.choice AS value, 'unknown-person' AS kind, 'nobody has this staff number; answer with one of a person, or with new' AS message, NULL::jsonb AS candidates
  WHERE m.meant = 'unknown'
  UNION ALL
  SELECT 'name', i.name, 'ambiguous',
         CASE WHEN btrim(i.staff_no) <> '' THEN 'a person of this name, unit and telephone has another staff number: say whether it is the same or a new one'
              ELSE 'there are persons of this name: say which one it is, or that it is a new one' END, m.candidates
  WHERE m.meant = 'question'
  UNION ALL
  SELECT 'name', i.name, 'duplicate', 'the same person stands in row ' || twin.others, NULL
  WHERE twin.others IS NOT NULL
) f
ORDER BY i.row
