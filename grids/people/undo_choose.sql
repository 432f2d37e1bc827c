-- What a batch made of persons: the version that it opened (first) and the one
-- that it closed (before: where that begins; NULL, there was none). changed: the
-- person is now another than that version, or gone; held: one that would go holds
-- an assignment, now or later, or leads a layer's cell.
INSERT INTO undoing_person (id, staff_no, changed, held, first, before)
SELECT f.person_id, f.staff_no,
       p.id IS NULL OR p.batch IS DISTINCT FROM $2::bigint
         OR (p.staff_no, p.name, p.unit, p.post, p.phone_masked) <> (f.staff_no, f.name, f.unit, f.post, f.phone_masked),
       b.person_id IS NULL AND (
         EXISTS (SELECT FROM people.assignment a WHERE a.territory_id = $1 AND a.person_id = f.person_id AND a.during && tstzrange(clock_timestamp(), NULL))
         OR EXISTS (SELECT FROM layers.cell c WHERE c.territory_id = $1 AND c.person_id = f.person_id)),
       lower(f.during), lower(b.during)
FROM (
  SELECT DISTINCT ON (v.person_id) v.* FROM people.person_version v
  WHERE v.territory_id = $1 AND v.batch = $2 ORDER BY v.person_id, lower(v.during)
) f
LEFT JOIN people.person p ON p.territory_id = $1 AND p.id = f.person_id
LEFT JOIN people.person_version b ON b.territory_id = $1 AND b.person_id = f.person_id AND upper(b.during) = lower(f.during)
