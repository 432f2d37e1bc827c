-- Makes the posts that a batch names and that aren't there yet.
INSERT INTO people.post (territory_id, unit_id, title, side)
SELECT $1, w.unit_id, w.title, k.side
FROM (
  SELECT DISTINCT ON (h.unit_id, cells.plain_name(h.title)) h.unit_id, h.title
  FROM (
    SELECT CASE WHEN s.unit <> '' THEN v.unit_id WHEN i.unit <> '' THEN u.unit_id ELSE p.unit_id END AS unit_id, s.title
    FROM people.intake_person i
    CROSS JOIN LATERAL people.posts_said(i.post) s
    LEFT JOIN person_unit u ON u.said = i.unit
    LEFT JOIN person_unit v ON v.said = s.unit
    LEFT JOIN person_meant m ON m.row = i.row
    LEFT JOIN people.person p ON p.territory_id = $1 AND p.id = m.person_id
    WHERE i.territory_id = $1 AND i.batch = $2
  ) h ORDER BY h.unit_id, cells.plain_name(h.title), length(h.title), h.title
) w
LEFT JOIN people.unit u ON u.territory_id = $1 AND u.id = w.unit_id
LEFT JOIN people.unit_kind k ON k.code = u.kind
WHERE NOT EXISTS (SELECT FROM people.post o WHERE o.territory_id = $1 AND o.retired_at IS NULL
  AND coalesce(o.unit_id, 0) = coalesce(w.unit_id, 0) AND cells.plain_name(o.title) = cells.plain_name(w.title))
ORDER BY w.unit_id, w.title
