-- Leaves settled so that another person answers than the one on record.
INSERT INTO people.intake_assignment (territory_id, batch, row, staff_no, cell_code, role)
SELECT $1, $4, row_number() OVER (ORDER BY v.code), s.staff_no, v.code, 'accountable'
FROM merge.conflict c
JOIN cells.of($1, $3) v ON v.cell_id = c.cell_id
CROSS JOIN LATERAL (SELECT substr(c.resolution, length('accountable:') + 1) AS staff_no) s
WHERE c.territory_id = $1 AND c.run_id = $2 AND c.state = 'settled' AND c.resolution LIKE 'accountable:%'
  AND NOT EXISTS (
    SELECT FROM people.assignment a
    JOIN people.person p ON p.territory_id = a.territory_id AND p.id = a.person_id
    WHERE a.territory_id = $1 AND a.cell_id = c.cell_id AND a.role = 'accountable' AND a.during @> $5::timestamptz
      AND p.staff_no = s.staff_no)
