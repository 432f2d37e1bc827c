-- $1 territory, $2 instant, $3 cells
SELECT a.cell_id, a.person_id, p.name, p.unit, coalesce(nullif(a.post, ''), p.post), a.role, coalesce(a.layer, ''), coalesce(a.side, ''), a.rank
FROM people.assignment a
JOIN people.person_version p ON p.territory_id = $1 AND p.person_id = a.person_id AND p.during @> $2::timestamptz
WHERE a.territory_id = $1 AND a.cell_id = ANY ($3::bigint[]) AND a.during @> $2::timestamptz
ORDER BY a.cell_id, array_position(ARRAY['joint-chief', 'deputy', 'lead', 'officer', 'supervisor', 'liaison', 'technical'],
           CASE a.role WHEN 'accountable' THEN 'joint-chief' ELSE a.role END),
         a.rank, a.side = 'party' DESC NULLS LAST, a.role = 'accountable' DESC, a.layer NULLS FIRST, a.id
