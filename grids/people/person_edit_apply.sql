-- Writes what person_edit says of names, staff numbers, units and posts, the
-- latter as texts (people.follow_texts makes them true).
WITH said AS (
  SELECT e.id, e.name, e.staff_no, u.label,
    CASE WHEN e.posts IS NOT NULL THEN coalesce((
      SELECT string_agg(CASE WHEN x.unit IS NULL OR x.unit = 0 OR x.unit = coalesce(e.unit, p.unit_id) THEN '' ELSE v.label || ':' END || btrim(x.title), '、' ORDER BY x.n)
      FROM ROWS FROM (jsonb_to_recordset(e.posts) AS (title text, unit bigint)) WITH ORDINALITY AS x (title, unit, n)
      LEFT JOIN people.unit v ON v.territory_id = $1 AND v.id = x.unit), '') END AS post,
    CASE WHEN e.unit IS NOT NULL THEN coalesce(u.label, '') END AS unit
  FROM person_edit e
  JOIN people.person p ON p.territory_id = $1 AND p.id = e.id
  LEFT JOIN people.unit u ON u.territory_id = $1 AND u.id = e.unit
)
UPDATE people.person p SET name = coalesce(s.name, p.name), staff_no = coalesce(nullif(s.staff_no, ''), p.staff_no),
  unit = coalesce(s.unit, p.unit), post = coalesce(s.post, p.post)
FROM said s WHERE p.territory_id = $1 AND p.id = s.id
