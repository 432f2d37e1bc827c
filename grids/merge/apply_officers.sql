INSERT INTO people.intake_assignment (territory_id, batch, row, staff_no, cell_code, role, layer)
SELECT $1, $4, row_number() OVER (ORDER BY v.code, p.staff_no, o.layer), p.staff_no, v.code, 'officer', o.layer
FROM merge.officers($1, $2, $5, $6) o
JOIN cells.of($1, $3) v ON v.cell_id = o.cell_id
JOIN people.person p ON p.territory_id = $1 AND p.id = o.person_id
