-- How many people and objects a conflict's cell holds. Leads and officers of a
-- layer don't count: publishing a merge writes them, and what a conflict touches
-- must not grow by that.
UPDATE merge.conflict c
SET touches = (SELECT count(DISTINCT a.person_id) FROM people.assignment a
    WHERE a.territory_id = $1 AND a.cell_id = c.cell_id AND a.layer IS NULL AND a.during @> $3::timestamptz)
  + (SELECT count(*) FROM objects.placement p
    WHERE p.territory_id = $1 AND p.cell_id = c.cell_id AND upper_inf(p.during))
WHERE c.territory_id = $1 AND c.run_id = $2 AND c.cell_id IS NOT NULL
