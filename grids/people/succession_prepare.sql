-- Who holds the roles of the roster in cell $3 and below it until $4 or later;
-- stays: the roster names the same person in the same place.
INSERT INTO roster_held (id, cell_id, role, layer, person_id, post, side, rank, during, stays)
SELECT a.id, a.cell_id, a.role, a.layer, a.person_id, a.post, a.side, a.rank, a.during,
       EXISTS (SELECT FROM roster r WHERE r.cell_id = a.cell_id AND r.role = a.role AND r.layer IS NOT DISTINCT FROM a.layer AND r.person_id = a.person_id)
FROM people.assignment a
WHERE a.territory_id = $1 AND a.during && tstzrange($4::timestamptz - interval '1 microsecond', NULL)
  AND a.cell_id IN (SELECT d.uid FROM cells.descendants($1, ARRAY[$3::bigint], ARRAY[$2::int]) d)
  AND a.role IN (SELECT r.role FROM roster r)
