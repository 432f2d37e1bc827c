-- Who holds the roles in undoing_role from $3 on (now), who did when the batch
-- was done (after), and who did before it (before).
INSERT INTO undoing_hold (which, id, cell_id, role, person_id, layer, post, side, rank, during)
SELECT 'now', a.id, a.cell_id, a.role, a.person_id, a.layer, a.post, a.side, a.rank, a.during * tstzrange($3, NULL)
FROM undoing_role r JOIN people.assignment a ON a.territory_id = $1 AND a.cell_id = r.cell_id AND a.role = r.role
WHERE a.during && tstzrange($3, NULL)
UNION ALL
SELECT CASE WHEN j.after THEN 'after' ELSE 'before' END, NULL, j.cell_id, j.role, j.person_id, j.layer, j.post, j.side, j.rank, j.during * tstzrange($3, NULL)
FROM people.assignment_journal j WHERE j.territory_id = $1 AND j.batch = $2 AND j.during && tstzrange($3, NULL)
