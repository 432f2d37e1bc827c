-- Gives the posts in person_edit their periods: from as it was where none is
-- said, no end where none is said.
UPDATE people.person_post q SET during = tstzrange(coalesce(x.since, lower(q.during)), x.until)
FROM person_edit e
JOIN people.person p ON p.territory_id = $1 AND p.id = e.id
CROSS JOIN LATERAL jsonb_to_recordset(e.posts) AS x (title text, unit bigint, since timestamptz, until timestamptz)
JOIN people.post o ON o.territory_id = $1 AND o.retired_at IS NULL AND cells.plain_name(o.title) = cells.plain_name(x.title)
  AND coalesce(o.unit_id, 0) = coalesce(nullif(x.unit, 0), p.unit_id, 0)
WHERE q.territory_id = $1 AND q.person_id = e.id AND q.post_id = o.id AND q.during @> $2::timestamptz
  AND (lower(q.during), upper(q.during)) IS DISTINCT FROM (coalesce(x.since, lower(q.during)), x.until)
