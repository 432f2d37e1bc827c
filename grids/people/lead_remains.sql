-- Leads of the batch's (cell, layer) that hold at $3 or later and are not in it,
-- or not in the same way, with what is left of their periods.
INSERT INTO assignment_remains (id, n, piece)
SELECT a.id, 1, CASE WHEN lower(a.during) < $3 THEN tstzrange(lower(a.during), $3) END
FROM people.assignment a
WHERE a.territory_id = $1 AND a.role = 'lead' AND a.during && tstzrange($3, NULL)
  AND EXISTS (SELECT FROM people.intake_lead i
    WHERE i.territory_id = $1 AND i.batch = $2 AND i.cell_id = a.cell_id AND i.layer = a.layer)
  AND NOT (a.during @> $3 AND upper_inf(a.during) AND EXISTS (SELECT FROM people.intake_lead i
    WHERE i.territory_id = $1 AND i.batch = $2 AND i.cell_id = a.cell_id AND i.layer = a.layer
      AND i.person_id = a.person_id AND i.post = a.post))
