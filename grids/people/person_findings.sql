-- Rows of a batch that can't be taken, with field, value and why.
WITH incoming AS (
  SELECT i.row, i.staff_no, i.name, first_value(i.row) OVER same AS first_row,
         (i.name, i.unit, i.post, i.phone_masked) IS DISTINCT FROM
         (first_value(i.name) OVER same, first_value(i.unit) OVER same, first_value(i.post) OVER same, first_value(i.phone_masked) OVER same) AS differs
  FROM people.intake_person i
  WHERE i.territory_id = $1 AND i.batch = $2
  WINDOW same AS (PARTITION BY btrim(i.staff_no, E' \t\u3000') ORDER BY i.row)
)
SELECT i.row, p.field, p.value, p.kind, 'error', '', p.message_zh, p.message
FROM incoming i
CROSS JOIN LATERAL (VALUES
  (btrim(i.name, E' \t\u3000') = '', 'name', i.name, 'empty', '缺少姓名,请补上', 'a person needs a name'),
  (btrim(i.staff_no, E' \t\u3000') <> '' AND i.row <> i.first_row AND i.differs, 'staff_no', i.staff_no, 'duplicate',
   '第 ' || i.first_row || ' 行的工号相同而内容不同,请删去其一', 'row ' || i.first_row || ' gives the same staff number with other particulars')
) AS p (wrong, field, value, kind, message_zh, message)
WHERE p.wrong
ORDER BY i.row, p.field
