-- Inserts and updates persons of a batch, notes which in person_taken, and
-- counts rows that changed something and rows that did not.
WITH incoming AS (
  SELECT DISTINCT ON (btrim(staff_no)) btrim(staff_no) AS staff_no, btrim(name) AS name, btrim(unit) AS unit,
         btrim(post) AS post, phone_masked, provenance
  FROM people.intake_person
  WHERE territory_id = $1 AND batch = $2
  ORDER BY btrim(staff_no), row
), saved AS (
  INSERT INTO people.person AS p (territory_id, staff_no, name, unit, post, phone_masked, provenance)
  SELECT $1, staff_no, name, unit, post, phone_masked, provenance FROM incoming
  ON CONFLICT ON CONSTRAINT person_staff_no_unique DO UPDATE SET
    name = EXCLUDED.name,
    unit = coalesce(nullif(EXCLUDED.unit, ''), p.unit),
    post = coalesce(nullif(EXCLUDED.post, ''), p.post),
    phone_masked = coalesce(nullif(EXCLUDED.phone_masked, ''), p.phone_masked),
    provenance = EXCLUDED.provenance
  WHERE (p.name, p.unit, p.post, p.phone_masked, p.provenance) IS DISTINCT FROM
    (EXCLUDED.name, coalesce(nullif(EXCLUDED.unit, ''), p.unit), coalesce(nullif(EXCLUDED.post, ''), p.post),
     coalesce(nullif(EXCLUDED.phone_masked, ''), p.phone_masked), EXCLUDED.provenance)
  RETURNING id
), noted AS (
  INSERT INTO person_taken SELECT id FROM saved
)
SELECT count(*), (SELECT count(*) FROM people.intake_person WHERE territory_id = $1 AND batch = $2) - count(*)
FROM saved
