-- Inserts and updates persons of a batch, notes which in person_taken, and
-- counts rows that changed something and rows that did not. One who was there
-- comes back with the identity of then. Telephone numbers differ by their masks
-- here. The first ten thousand differences are given.
WITH incoming AS (
  SELECT DISTINCT ON (btrim(i.staff_no)) i.row, btrim(i.staff_no) AS staff_no, btrim(i.name, E' \t\u3000') AS name, btrim(i.unit) AS unit,
         btrim(i.post) AS post, i.phone_masked, i.provenance, i.sent
  FROM people.intake_person i
  WHERE i.territory_id = $1 AND i.batch = $2
  ORDER BY btrim(i.staff_no), i.row
), known AS (
  SELECT i.*, p.id AS there, i.sent IS NULL OR (s.batch IS NOT NULL AND s.sent IS NOT DISTINCT FROM i.sent) AS sent_before
  FROM incoming i
  LEFT JOIN people.person p ON p.territory_id = $1 AND p.staff_no = i.staff_no
  LEFT JOIN people.sent s ON s.territory_id = $1 AND s.person_id = p.id AND s.batch = p.batch
), saved AS (
  INSERT INTO people.person AS p (territory_id, id, staff_no, name, unit, post, phone_masked, provenance, batch)
  OVERRIDING SYSTEM VALUE
  SELECT $1, coalesce(k.there, past.id, nextval('people.person_id_seq')), k.staff_no, k.name, k.unit, k.post, k.phone_masked, k.provenance,
         CASE WHEN k.there IS NULL OR NOT k.sent_before THEN $2::bigint END
  FROM known k LEFT JOIN LATERAL (
    SELECT v.person_id AS id FROM people.person_version v
    WHERE k.there IS NULL AND v.territory_id = $1 AND v.staff_no = k.staff_no ORDER BY lower(v.during) DESC LIMIT 1
  ) past ON true
  ON CONFLICT ON CONSTRAINT person_staff_no_unique DO UPDATE SET
    name = EXCLUDED.name,
    unit = coalesce(nullif(EXCLUDED.unit, ''), p.unit),
    post = coalesce(nullif(EXCLUDED.post, ''), p.post),
    phone_masked = coalesce(nullif(EXCLUDED.phone_masked, ''), p.phone_masked),
    provenance = EXCLUDED.provenance, batch = $2
  WHERE EXCLUDED.batch IS NOT NULL -- sent otherwise than before
    OR (p.name, p.unit, p.post, p.phone_masked, p.provenance) IS DISTINCT FROM
    (EXCLUDED.name, coalesce(nullif(EXCLUDED.unit, ''), p.unit), coalesce(nullif(EXCLUDED.post, ''), p.post),
     coalesce(nullif(EXCLUDED.phone_masked, ''), p.phone_masked), EXCLUDED.provenance)
  RETURNING id, staff_no
), noted AS (
  INSERT INTO person_taken SELECT id FROM saved
), kept AS (
  INSERT INTO people.sent (territory_id, person_id, batch, sent)
  SELECT $1, s.id, $2, k.sent FROM saved s JOIN known k USING (staff_no) WHERE k.sent IS NOT NULL
), difference AS (
  SELECT k.row, jsonb_build_object('row', k.row, 'op', CASE WHEN k.there IS NULL THEN 'created' ELSE 'changed' END, 'code', k.staff_no, 'name', k.name)
         || coalesce(f.fields, '{}') AS difference
  FROM (SELECT row FROM saved JOIN known USING (staff_no) ORDER BY row LIMIT 10000) d
  JOIN known k USING (row)
  LEFT JOIN people.person p ON p.territory_id = $1 AND p.id = k.there
  LEFT JOIN people.sent s ON s.territory_id = $1 AND s.person_id = p.id AND s.batch = p.batch
  LEFT JOIN LATERAL (
    SELECT cells.changed_fields(
      coalesce(s.sent, '{}') || jsonb_build_object('name', p.name, 'unit', p.unit, 'post', p.post, 'phone', p.phone_masked, 'provenance', p.provenance),
      coalesce(k.sent, s.sent, '{}') || jsonb_build_object('name', k.name, 'unit', coalesce(nullif(k.unit, ''), p.unit), 'post', coalesce(nullif(k.post, ''), p.post),
        'phone', coalesce(nullif(k.phone_masked, ''), p.phone_masked), 'provenance', k.provenance)) AS fields
    WHERE p.id IS NOT NULL
  ) f ON true
)
SELECT (SELECT count(*) FROM saved), (SELECT count(*) FROM people.intake_person WHERE territory_id = $1 AND batch = $2) - (SELECT count(*) FROM saved),
       (SELECT count(*) FROM saved JOIN known USING (staff_no) WHERE there IS NULL),
       coalesce((SELECT jsonb_agg(difference ORDER BY row) FROM difference), '[]')
