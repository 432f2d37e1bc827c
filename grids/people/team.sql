-- $1 territory, $2 instant, $3 cells
SELECT a.cell_id, a.person_id, p.name, p.unit, coalesce(nullif(a.post, ''), p.post), a.role, coalesce(a.layer, ''), coalesce(a.side, ''), a.rank,
       coalesce(CASE WHEN a.role IN ('accountable', 'joint-chief') THEN (SELECT i.name FROM people.instead($1, a.person_id, a.cell_id, $2) i) END, '')
FROM people.assignment a
JOIN people.person_version p ON p.territory_id = $1 AND p.person_id = a.person_id AND p.during @> $2::timestamptz
WHERE a.territory_id = $1 AND a.cell_id = ANY ($3::bigint[]) AND a.during @> $2::timestamptz
ORDER BY a.cell_id, CASE WHEN a.role <> 'accountable' THEN (SELECT r.rank FROM people.role r WHERE r.code = a.role) ELSE (SELECT r.rank FROM people.role r WHERE r.code = 'joint-chief') END,
         a.rank, a.side = 'party' DESC NULLS LAST, a.role = 'accountable' DESC, a.layer NULLS FIRST, a.id
