-- Opens the leads of a batch that do not hold yet.
INSERT INTO people.assignment (territory_id, person_id, cell_id, role, layer, post, during, recorded_by)
SELECT DISTINCT ON (i.cell_id, i.layer, i.person_id) $1, i.person_id, i.cell_id, 'lead', i.layer, i.post, tstzrange($3, NULL), $4
FROM people.intake_lead i
WHERE i.territory_id = $1 AND i.batch = $2 AND i.person_id IS NOT NULL
  AND NOT EXISTS (SELECT FROM people.assignment a
    WHERE a.territory_id = $1 AND a.cell_id = i.cell_id AND a.role = 'lead' AND a.layer = i.layer
      AND a.person_id = i.person_id AND a.during @> $3::timestamptz)
ORDER BY i.cell_id, i.layer, i.person_id, i.id
