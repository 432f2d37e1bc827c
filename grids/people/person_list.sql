-- What is shown of persons $2 of a territory at $3: units and posts, layers, and
-- the first twenty cells that they hold something in, by the edition $4.
SELECT p.id, p.staff_no, p.name, p.phone_masked, p.provenance, p.version, p.changed_at,
       u.id, coalesce(u.label, ''), coalesce(u.division, ''), coalesce(o.list, '[]'), coalesce(l.list, '[]'), coalesce(c.list, '[]'), coalesce(c.n, 0)
FROM unnest($2::bigint[]) WITH ORDINALITY AS w (id, n)
JOIN people.person p ON p.territory_id = $1 AND p.id = w.id
LEFT JOIN people.unit u ON u.territory_id = $1 AND u.id = p.unit_id
LEFT JOIN LATERAL (
  SELECT jsonb_agg(jsonb_build_object('post', o.id, 'title', o.title, 'unit', v.id, 'unit_label', coalesce(v.label, ''), 'side', o.side, 'rank', o.rank,
           'from', CASE WHEN NOT lower_inf(q.during) THEN to_jsonb(lower(q.during)) END, 'to', CASE WHEN NOT upper_inf(q.during) THEN to_jsonb(upper(q.during)) END,
           'state', CASE WHEN q.during @> $3::timestamptz THEN 'current' WHEN lower(q.during) > $3::timestamptz THEN 'planned' ELSE 'past' END)
         ORDER BY q.during @> $3::timestamptz DESC, coalesce(lower(q.during) > $3::timestamptz, false) DESC, q.position, lower(q.during) DESC, o.title) AS list
  FROM people.person_post q
  JOIN people.post o ON o.territory_id = $1 AND o.id = q.post_id
  LEFT JOIN people.unit v ON v.territory_id = $1 AND v.id = o.unit_id
  WHERE q.territory_id = $1 AND q.person_id = p.id
) o ON true
LEFT JOIN LATERAL (
  SELECT jsonb_agg(jsonb_build_object('layer', m.layer, 'home', m.home) ORDER BY NOT m.home, y.rank, m.layer) AS list
  FROM people.person_layer m JOIN layers.layer y ON y.territory_id = $1 AND y.code = m.layer
  WHERE m.territory_id = $1 AND m.person_id = p.id
) l ON true
LEFT JOIN LATERAL (
  SELECT max(a.n) AS n, jsonb_agg(jsonb_build_object('code', coalesce(v.code, ''), 'name', coalesce(v.name, ''), 'role', a.role, 'layer', a.layer) ORDER BY v.code, a.role) AS list
  FROM (SELECT a.cell_id, a.role, a.layer, count(*) OVER () AS n FROM people.assignment a
        WHERE a.territory_id = $1 AND a.person_id = p.id AND a.during @> $3::timestamptz ORDER BY a.id LIMIT 20) a
  LEFT JOIN LATERAL (
    SELECT v.code, v.name FROM cells.version v
    WHERE v.territory_id = $1 AND v.cell_id = a.cell_id AND v.from_edition <= $4 AND (v.to_edition IS NULL OR v.to_edition > $4) LIMIT 1
  ) v ON true
) c ON true
ORDER BY w.n
