-- A person of whom the telephone number alone is another (person_called) has
-- changed all the same.
WITH marked AS (
  UPDATE people.person p SET batch = $2
  WHERE p.territory_id = $1 AND p.id IN (SELECT id FROM person_called) AND NOT EXISTS (SELECT FROM person_taken t WHERE t.id = p.id)
  RETURNING p.id, p.staff_no, p.name, p.phone_masked
), done AS MATERIALIZED (
  SELECT k.row, m.* FROM marked m CROSS JOIN LATERAL (SELECT k.row FROM person_known k WHERE k.id = m.id OFFSET 0) k
), kept AS (
  INSERT INTO people.sent (territory_id, person_id, batch, sent)
  SELECT $1, d.id, $2, i.sent FROM done d CROSS JOIN LATERAL (
    SELECT i.sent FROM people.intake_person i WHERE i.territory_id = $1 AND i.batch = $2 AND i.row = d.row OFFSET 0
  ) i WHERE i.sent IS NOT NULL
)
SELECT (SELECT count(*) FROM marked), coalesce((
  SELECT jsonb_agg(jsonb_build_object('row', d.row, 'op', 'changed', 'code', d.staff_no, 'name', d.name,
           'before', jsonb_build_object('phone', d.phone_masked), 'after', jsonb_build_object('phone', d.phone_masked || ' *')) ORDER BY d.row)
  FROM (SELECT * FROM done ORDER BY row LIMIT 10000) d
), '[]')
