-- Writes units and posts of a batch the way they are kept: units by label, posts
-- with 、 between them, each once, the unit before those of another unit than the
-- person's. Posts that are known stay with who goes to another unit.
UPDATE people.intake_person i SET unit = w.unit, post = w.post
FROM (
  SELECT i.row, coalesce(u.label, '') AS unit, coalesce((
    SELECT string_agg(CASE WHEN s.unit_id IS NULL OR s.unit_id = h.unit_id THEN '' ELSE s.label || ':' END || s.title, '、' ORDER BY s.position)
    FROM (
      SELECT DISTINCT ON (x.unit_id, cells.plain_name(s.title)) coalesce(o.title, s.title) AS title, x.unit_id, v.label, s.position
      FROM people.posts_said(h.post) s
      LEFT JOIN LATERAL (
        SELECT y.unit_id, y.label FROM person_unit y WHERE y.said = s.unit AND y.unit_id IS NOT NULL
        UNION SELECT y.id, y.label FROM people.unit y WHERE y.territory_id = $1 AND y.retired_at IS NULL AND s.unit <> '' AND y.label = s.unit
      ) v ON true
      CROSS JOIN LATERAL (SELECT coalesce(v.unit_id, h.unit_id) AS unit_id) x
      LEFT JOIN people.post o ON o.territory_id = $1 AND o.retired_at IS NULL AND cells.plain_name(o.title) = cells.plain_name(s.title)
        AND coalesce(o.unit_id, 0) = coalesce(x.unit_id, 0)
      ORDER BY x.unit_id, cells.plain_name(s.title), s.position
    ) s), '') AS post
  FROM people.intake_person i
  LEFT JOIN person_unit u ON u.said = i.unit
  LEFT JOIN person_meant m ON m.row = i.row
  LEFT JOIN people.person p ON p.territory_id = $1 AND p.id = m.person_id
  CROSS JOIN LATERAL (SELECT CASE WHEN i.unit <> '' THEN u.unit_id ELSE p.unit_id END AS unit_id,
    CASE WHEN i.post = '' AND i.unit <> '' AND p.id IS NOT NULL THEN p.post ELSE i.post END AS post) h
  WHERE i.territory_id = $1 AND i.batch = $2
) w
WHERE i.territory_id = $1 AND i.batch = $2 AND i.row = w.row AND (i.unit, i.post) IS DISTINCT FROM (w.unit, w.post)
