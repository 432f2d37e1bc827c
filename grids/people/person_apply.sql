-- Inserts and updates the persons in person_known, notes which in person_taken,
-- keeps what was sent for them, and counts rows that changed something and rows
-- that did not. Telephone numbers differ by their masks here. The first ten
-- thousand differences are given.
WITH saved AS (
  INSERT INTO people.person AS p (territory_id, id, staff_no, name, unit, post, phone_masked, provenance, batch)
  OVERRIDING SYSTEM VALUE
  SELECT $1, k.id, k.staff_no, i.name, i.unit, i.post, i.phone_masked, i.provenance, CASE WHEN NOT k.there OR NOT k.sent_before THEN $2::bigint END
  FROM person_known k CROSS JOIN LATERAL (
    SELECT i.row, btrim(i.name, E' \t\u3000') AS name, btrim(i.unit) AS unit, btrim(i.post) AS post, i.phone_masked, i.provenance, i.sent
    FROM people.intake_person i WHERE i.territory_id = $1 AND i.batch = $2 AND i.row = k.row OFFSET 0
  ) i
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
  RETURNING id
), noted AS (
  INSERT INTO person_taken SELECT id FROM saved
), done AS MATERIALIZED (
  SELECT k.* FROM person_known k WHERE k.id IN (SELECT id FROM saved)
), kept AS (
  INSERT INTO people.sent (territory_id, person_id, batch, sent)
  SELECT $1, d.id, $2, i.sent FROM done d CROSS JOIN LATERAL (
    SELECT i.sent FROM people.intake_person i WHERE i.territory_id = $1 AND i.batch = $2 AND i.row = d.row OFFSET 0
  ) i WHERE i.sent IS NOT NULL
), difference AS (
  SELECT d.row, jsonb_build_object('row', d.row, 'op', CASE WHEN d.there THEN 'changed' ELSE 'created' END, 'code', d.staff_no, 'name', i.name)
         || coalesce(f.fields, '{}') AS difference
  FROM (SELECT * FROM done ORDER BY row LIMIT 10000) d
  CROSS JOIN LATERAL (
    SELECT i.row, btrim(i.name, E' \t\u3000') AS name, btrim(i.unit) AS unit, btrim(i.post) AS post, i.phone_masked, i.provenance, i.sent
    FROM people.intake_person i WHERE i.territory_id = $1 AND i.batch = $2 AND i.row = d.row OFFSET 0
  ) i
  LEFT JOIN LATERAL (
    SELECT cells.changed_fields(
      coalesce(s.sent, '{}') || jsonb_build_object('name', p.name, 'unit', p.unit, 'post', p.post, 'phone', p.phone_masked, 'provenance', p.provenance),
      coalesce(i.sent, s.sent, '{}') || jsonb_build_object('name', i.name, 'unit', coalesce(nullif(i.unit, ''), p.unit), 'post', coalesce(nullif(i.post, ''), p.post),
        'phone', coalesce(nullif(i.phone_masked, ''), p.phone_masked), 'provenance', i.provenance)) AS fields
    FROM (SELECT * FROM people.person p WHERE d.there AND p.territory_id = $1 AND p.id = d.id OFFSET 0) p
    LEFT JOIN LATERAL (SELECT * FROM people.sent s WHERE s.territory_id = $1 AND s.person_id = p.id AND s.batch = p.batch OFFSET 0) s ON true
  ) f ON true
)
SELECT (SELECT count(*) FROM saved), (SELECT count(*) FROM people.intake_person WHERE territory_id = $1 AND batch = $2) - (SELECT count(*) FROM saved),
       (SELECT count(*) FROM done WHERE NOT there),
       coalesce((SELECT jsonb_agg(difference ORDER BY row) FROM difference), '[]')
