-- Writes units and posts of a batch the way they are kept: units by label, posts
-- with 、 between them, the unit before those of another unit than the person's.
UPDATE people.intake_person i SET unit = w.unit, post = w.post
FROM (
  SELECT i.row, coalesce(u.label, '') AS unit, coalesce((
    SELECT string_agg(CASE WHEN v.unit_id IS NULL OR v.unit_id = coalesce(u.unit_id, p.unit_id) THEN '' ELSE v.label || ':' END || coalesce(o.title, s.title), '、' ORDER BY s.position)
    FROM people.posts_said(i.post) s
    LEFT JOIN person_unit v ON v.said = s.unit
    LEFT JOIN people.post o ON o.territory_id = $1 AND o.retired_at IS NULL AND cells.plain_name(o.title) = cells.plain_name(s.title)
      AND coalesce(o.unit_id, 0) = coalesce(v.unit_id, u.unit_id, p.unit_id, 0)), '') AS post
  FROM people.intake_person i
  LEFT JOIN person_unit u ON u.said = i.unit
  LEFT JOIN person_meant m ON m.row = i.row
  LEFT JOIN people.person p ON p.territory_id = $1 AND p.id = m.person_id
  WHERE i.territory_id = $1 AND i.batch = $2
) w
WHERE i.territory_id = $1 AND i.batch = $2 AND i.row = w.row AND (i.unit, i.post) IS DISTINCT FROM (w.unit, w.post)
