-- Who answers for each of the cells $4 of edition $2 at $3, in their order.
SELECT v.cell_id, v.code, v.name, v.tier,
       a.person_id, a.name, a.post, a.phone_masked, a.acting, a.holds, a.absent, a.absent_name, h.code AS holds_code, h.name AS holds_name,
       coalesce(l.leads, '[]'), coalesce(c.leaders, '[]')
FROM unnest($4::bigint[]) WITH ORDINALITY AS wanted (cell_id, n)
JOIN cells.version v ON v.territory_id = $1 AND v.cell_id = wanted.cell_id
  AND v.from_edition <= $2 AND (v.to_edition IS NULL OR v.to_edition > $2)
LEFT JOIN LATERAL people.accountable($1, $2, $3, v.cell_id) a ON true
LEFT JOIN cells.version h ON h.territory_id = $1 AND h.cell_id = a.holds
  AND h.from_edition <= $2 AND (h.to_edition IS NULL OR h.to_edition > $2)
LEFT JOIN LATERAL (
  SELECT json_agg(json_build_object('layer', s.layer, 'id', s.person_id, 'name', p.name,
           'post', coalesce(nullif(s.post, ''), p.post), 'phone', p.phone_masked) ORDER BY s.layer, s.rank, s.id) AS leads
  FROM people.assignment s JOIN people.person_version p ON p.territory_id = $1 AND p.person_id = s.person_id AND p.during @> $3::timestamptz
  WHERE s.territory_id = $1 AND s.cell_id = v.cell_id AND s.role = 'lead' AND s.during @> $3::timestamptz
) l ON true
LEFT JOIN LATERAL (
  SELECT json_agg(json_build_object('id', s.person_id, 'name', p.name, 'post', coalesce(nullif(s.post, ''), p.post),
           'side', coalesce(s.side, ''), 'rank', s.rank, 'accountable', s.id = a.assignment_id,
           'acting', a.holds <> v.cell_id AND s.id = a.assignment_id)
           ORDER BY s.rank, s.side = 'party' DESC NULLS LAST, s.id <> a.assignment_id, s.id) AS leaders
  FROM people.assignment s JOIN people.person_version p ON p.territory_id = $1 AND p.person_id = s.person_id AND p.during @> $3::timestamptz
  WHERE s.territory_id = $1 AND s.during @> $3::timestamptz
    AND ((s.cell_id = v.cell_id AND s.role = 'joint-chief') OR (s.id = a.assignment_id AND (people.names_stand_ins() OR a.holds = v.cell_id)))
) c ON true
ORDER BY wanted.n
