-- Brings into person_known whom the rows of a batch are, one for each person: the
-- id (one who was there before has that of then), whether the person is there,
-- and whether the same was sent before.
INSERT INTO person_known (row, id, staff_no, there, sent_before)
SELECT i.row, coalesce(p.id, past.id, nextval('people.person_id_seq')), i.staff_no, p.id IS NOT NULL,
       i.sent IS NULL OR (s.batch IS NOT NULL AND s.sent IS NOT DISTINCT FROM i.sent)
FROM (
  SELECT DISTINCT ON (btrim(i.staff_no)) i.row, btrim(i.staff_no) AS staff_no, i.sent
  FROM people.intake_person i
  WHERE i.territory_id = $1 AND i.batch = $2
  ORDER BY btrim(i.staff_no), i.row
) i
LEFT JOIN LATERAL (SELECT * FROM people.person p WHERE p.territory_id = $1 AND p.staff_no = i.staff_no OFFSET 0) p ON true
LEFT JOIN LATERAL (SELECT * FROM people.sent s WHERE s.territory_id = $1 AND s.person_id = p.id AND s.batch = p.batch OFFSET 0) s ON true
LEFT JOIN LATERAL (
  SELECT v.person_id AS id FROM people.person_version v
  WHERE p.id IS NULL AND v.territory_id = $1 AND v.staff_no = i.staff_no ORDER BY lower(v.during) DESC LIMIT 1
) past ON true
