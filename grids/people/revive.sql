-- Cells that are there again with edition $2 get back, from $3 on, who held them
-- when they ended, until when they were to, as far as they are still persons here.
INSERT INTO people.assignment (territory_id, person_id, cell_id, role, layer, post, side, rank, during, recorded_by, reason)
SELECT $1, a.person_id, a.cell_id, a.role, a.layer, a.post, a.side, a.rank, tstzrange($3, upper(h.during)), $4,
       'taken up again with edition ' || $2::int
FROM (
  SELECT v.cell_id, max(b.to_edition) AS ended
  FROM cells.version v JOIN cells.version b ON b.territory_id = $1 AND b.cell_id = v.cell_id AND b.to_edition <= $2
  WHERE v.territory_id = $1 AND v.from_edition = $2
  GROUP BY v.cell_id HAVING max(b.to_edition) < $2
) c
JOIN editions.edition e ON e.territory_id = $1 AND e.seq = c.ended
JOIN people.assignment a ON a.territory_id = $1 AND a.cell_id = c.cell_id AND upper(a.during) = e.effective
  AND a.reason = 'the cell ended with edition ' || c.ended
-- what its period was before the cell's end cut it
CROSS JOIN LATERAL (
  SELECT coalesce((
    SELECT (p.assignment ->> 'during')::tstzrange FROM people.assignment_past p
    WHERE p.territory_id = $1 AND p.assignment_id = a.id ORDER BY upper(p.known) DESC LIMIT 1), tstzrange(lower(a.during), NULL)) AS during
) h
WHERE (upper_inf(h.during) OR upper(h.during) > $3)
  AND EXISTS (SELECT FROM people.person p WHERE p.territory_id = $1 AND p.id = a.person_id)
  AND NOT EXISTS (SELECT FROM people.assignment n
    WHERE n.territory_id = $1 AND n.cell_id = a.cell_id AND n.role = a.role AND n.layer IS NOT DISTINCT FROM a.layer
      AND (n.role = 'accountable' OR n.person_id = a.person_id) AND n.during && tstzrange($3, upper(h.during)))
