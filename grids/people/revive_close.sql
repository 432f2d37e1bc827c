-- When edition $2 restores an earlier one: what cells that go on got by lineage
-- from cells that had ended since, and which are there again now.
INSERT INTO assignment_remains (id, n, piece)
SELECT a.id, 1, CASE WHEN lower(a.during) < $3 THEN tstzrange(lower(a.during), $3) END
FROM editions.edition e
JOIN people.assignment a ON a.territory_id = $1 AND a.during && tstzrange($3, NULL) AND a.reason LIKE 'carried along from % in edition %'
CROSS JOIN LATERAL (SELECT substring(a.reason FROM ' in edition ([0-9]+)$')::int AS carried) c
WHERE e.territory_id = $1 AND e.seq = $2 AND c.carried > e.restores AND c.carried < $2
  AND EXISTS (SELECT FROM cells.of($1, c.carried - 1) v WHERE v.cell_id = a.cell_id)
  AND EXISTS (SELECT FROM cells.of($1, e.restores) v WHERE v.cell_id = a.cell_id)
