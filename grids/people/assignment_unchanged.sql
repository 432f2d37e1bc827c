-- Takes out of assignment_taken what is recorded already: the same person holds
-- the same, from the same instant or earlier, until the same end.
DELETE FROM assignment_taken t
USING people.assignment a
WHERE a.territory_id = $1 AND a.cell_id = t.cell_id AND a.role = t.role AND a.person_id = t.person_id
  AND a.layer IS NOT DISTINCT FROM t.layer AND a.post = t.post AND a.side IS NOT DISTINCT FROM t.side AND a.rank = t.rank
  AND a.during @> t.from_at AND upper(a.during) IS NOT DISTINCT FROM t.to_at
