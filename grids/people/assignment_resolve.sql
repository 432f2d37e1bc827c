-- Brings a batch into the table assignment_taken, with persons and cells as they
-- are known in the edition (NULL when they are not).
INSERT INTO assignment_taken (row, staff_no, cell_code, person_id, cell_id, role, layer, post, side, rank, from_at, to_at)
SELECT i.row, i.staff_no, i.cell_code, p.id, v.cell_id, btrim(i.role), nullif(btrim(i.layer), ''), btrim(i.post),
       nullif(btrim(i.side), ''), i.rank, coalesce(i.from_at, $4), nullif(i.to_at, 'infinity')
FROM people.intake_assignment i
LEFT JOIN people.person p ON p.territory_id = $1 AND p.staff_no = btrim(i.staff_no)
LEFT JOIN cells.of($1, $3) v ON v.code = btrim(i.cell_code)
WHERE i.territory_id = $1 AND i.batch = $2
