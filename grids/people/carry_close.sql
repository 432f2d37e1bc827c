-- Assignments of cells that end with edition $2, from $3 on, with what is left
-- of their periods.
INSERT INTO assignment_remains (id, n, piece)
SELECT a.id, 1, CASE WHEN lower(a.during) < $3 THEN tstzrange(lower(a.during), $3) END
FROM people.assignment a
WHERE a.territory_id = $1 AND a.during && tstzrange($3, NULL)
  AND EXISTS (SELECT FROM cells.version v
    WHERE v.territory_id = $1 AND v.cell_id = a.cell_id AND v.to_edition = $2)
  AND NOT EXISTS (SELECT FROM cells.of($1, $2) v WHERE v.cell_id = a.cell_id)
