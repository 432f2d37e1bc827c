-- Makes person_member true, keeps what was before, and gives how many persons
-- have changed by that alone, with what differs.
WITH noted AS (
  INSERT INTO people.membership_before (territory_id, batch, person_id, layers, posts)
  SELECT $1, $2, m.id, coalesce((SELECT jsonb_agg(jsonb_build_object('layer', l.layer, 'home', l.home)) FROM people.person_layer l WHERE l.territory_id = $1 AND l.person_id = m.id), '[]'), m.was_since
  FROM person_member m ON CONFLICT DO NOTHING
), dated AS (
  UPDATE people.person_post q SET during = tstzrange(x."from", upper(q.during))
  FROM person_member m CROSS JOIN LATERAL jsonb_to_recordset(m.since) AS x (post bigint, "from" timestamptz)
  WHERE q.territory_id = $1 AND q.person_id = m.id AND q.post_id = x.post AND q.during @> $3::timestamptz
), marked AS (
  UPDATE people.person p SET batch = $2 FROM person_member m
  WHERE p.territory_id = $1 AND p.id = m.id AND NOT EXISTS (SELECT FROM person_taken t WHERE t.id = m.id)
  RETURNING p.id, m.row
), kept AS (
  INSERT INTO people.sent (territory_id, person_id, batch, sent)
  SELECT $1, d.id, $2, i.sent FROM marked d CROSS JOIN LATERAL (
    SELECT i.sent FROM people.intake_person i WHERE i.territory_id = $1 AND i.batch = $2 AND i.row = d.row OFFSET 0
  ) i WHERE i.sent IS NOT NULL
  ON CONFLICT DO NOTHING
), told AS (
  INSERT INTO person_taken SELECT id FROM marked
)
SELECT (SELECT count(*) FROM marked), coalesce((
  SELECT jsonb_agg(jsonb_build_object('row', m.row, 'op', 'changed', 'code', m.staff_no, 'name', m.name) || cells.changed_fields(
           jsonb_build_object('layer', coalesce(m.was_home, ''), 'supports', array_to_string(m.was_supports, '、'), 'post_from', s.was),
           jsonb_build_object('layer', coalesce(m.home, ''), 'supports', array_to_string(m.supports, '、'), 'post_from', s.since)) ORDER BY m.row)
  FROM (SELECT * FROM person_member ORDER BY row LIMIT 10000) m
  CROSS JOIN LATERAL (
    SELECT coalesce((SELECT string_agg(coalesce(left(x."from", 10), '-'), '、') FROM jsonb_to_recordset(m.was_since) AS x ("from" text)), '') AS was,
           coalesce((SELECT string_agg(coalesce(left(x."from", 10), '-'), '、') FROM jsonb_to_recordset(m.since) AS x ("from" text)), '') AS since
  ) s
), '[]')
