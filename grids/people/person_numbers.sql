-- Takes the telephone numbers of a batch over. A person of whom the number alone
-- is another has changed all the same.
WITH changed AS MATERIALIZED (
  SELECT person AS id FROM people.keep_contacts($1, $2) AS person
), marked AS (
  UPDATE people.person p SET batch = $2 FROM changed c
  WHERE p.territory_id = $1 AND p.id = c.id AND NOT EXISTS (SELECT FROM person_taken t WHERE t.id = c.id)
  RETURNING p.id, p.staff_no, p.name, p.phone_masked
), kept AS (
  INSERT INTO people.sent (territory_id, person_id, batch, sent)
  SELECT DISTINCT ON (m.id) $1, m.id, $2, i.sent FROM marked m
  JOIN people.intake_person i ON i.territory_id = $1 AND i.batch = $2 AND btrim(i.staff_no) = m.staff_no
  WHERE i.sent IS NOT NULL ORDER BY m.id, i.row
)
SELECT (SELECT count(*) FROM marked), coalesce((
  SELECT jsonb_agg(jsonb_build_object('row', i.row, 'op', 'changed', 'code', m.staff_no, 'name', m.name,
           'before', jsonb_build_object('phone', m.phone_masked), 'after', jsonb_build_object('phone', m.phone_masked || ' *')) ORDER BY i.row)
  FROM marked m
  CROSS JOIN LATERAL (SELECT min(x.row) AS row FROM people.intake_person x WHERE x.territory_id = $1 AND x.batch = $2 AND btrim(x.staff_no) = m.staff_no) i
), '[]')
