-- Takes away the persons in undoing_person that weren't there before and gives
-- the others back what they were.
WITH gone AS (
  DELETE FROM people.person p USING undoing_person u WHERE p.territory_id = $1 AND p.id = u.id AND u.before IS NULL
  RETURNING p.staff_no, p.name
), restored AS (
  UPDATE people.person p SET name = b.name, unit = b.unit, post = b.post, phone_masked = b.phone_masked, batch = b.batch
  FROM undoing_person u
  JOIN people.person_version b ON b.territory_id = $1 AND b.person_id = u.id AND lower(b.during) = u.before
  JOIN people.person_version f ON f.territory_id = $1 AND f.person_id = u.id AND lower(f.during) = u.first
  WHERE p.territory_id = $1 AND p.id = u.id
  RETURNING p.staff_no, b.name, jsonb_build_object('name', f.name, 'unit', f.unit, 'post', f.post, 'phone', f.phone_masked) AS now,
    jsonb_build_object('name', b.name, 'unit', b.unit, 'post', b.post, 'phone', b.phone_masked) AS again
), difference AS (
  SELECT staff_no, jsonb_build_object('op', 'retired', 'code', staff_no, 'name', name) AS difference FROM gone
  UNION ALL
  SELECT staff_no, jsonb_build_object('op', 'changed', 'code', staff_no, 'name', name) || cells.changed_fields(now, again) FROM restored
)
SELECT (SELECT count(*) FROM difference), (SELECT count(*) FROM restored),
       coalesce((SELECT jsonb_agg(difference ORDER BY staff_no) FROM (SELECT * FROM difference ORDER BY staff_no LIMIT 10000) d), '[]')
