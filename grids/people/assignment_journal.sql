-- Keeps who holds the (cell, role) of the rows in assignment_taken, now and to
-- come; $3: after the batch, else before it.
INSERT INTO people.assignment_journal (territory_id, batch, after, cell_id, role, person_id, layer, post, side, rank, during)
SELECT $1, $2, $3, a.cell_id, a.role, a.person_id, a.layer, a.post, a.side, a.rank, a.during
FROM (SELECT DISTINCT cell_id, role FROM assignment_taken) k
JOIN people.assignment a ON a.territory_id = $1 AND a.cell_id = k.cell_id AND a.role = k.role
WHERE a.during && tstzrange(clock_timestamp(), NULL)
