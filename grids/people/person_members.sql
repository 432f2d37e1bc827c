-- What rows of a batch say of layers and dates of posts otherwise than what is
-- known, into person_member.
INSERT INTO person_member (row, id, staff_no, name, was_home, home, was_supports, supports, was_since, since)
SELECT w.row, w.id, w.staff_no, w.name, w.was_home, w.home, w.was_supports, w.supports, w.was_since, w.since
FROM (
  SELECT k.row, k.id, k.staff_no, p.name, h.layer AS was_home, n.home, s.list AS was_supports,
         CASE WHEN i.supports = '-' THEN '{}' ELSE ARRAY(SELECT DISTINCT x FROM unnest(CASE WHEN i.supports = '' THEN s.list ELSE string_to_array(i.supports, '、') END) x
                                WHERE x IS DISTINCT FROM n.home ORDER BY x) END AS supports,
         d.was AS was_since, d.since
  FROM person_known k
  CROSS JOIN LATERAL (SELECT i.layer, i.supports, i.post_from FROM people.intake_person i WHERE i.territory_id = $1 AND i.batch = $2 AND i.row = k.row OFFSET 0) i
  JOIN people.person p ON p.territory_id = $1 AND p.id = k.id
  LEFT JOIN people.person_layer h ON h.territory_id = $1 AND h.person_id = k.id AND h.home
  CROSS JOIN LATERAL (SELECT CASE i.layer WHEN '' THEN h.layer WHEN '-' THEN NULL ELSE i.layer END AS home) n
  CROSS JOIN LATERAL (SELECT ARRAY(SELECT m.layer FROM people.person_layer m WHERE m.territory_id = $1 AND m.person_id = k.id AND NOT m.home ORDER BY m.layer) AS list) s
  CROSS JOIN LATERAL (
    SELECT coalesce(jsonb_agg(jsonb_build_object('post', q.post_id, 'from', lower(q.during))), '[]') AS was,
           coalesce(jsonb_agg(jsonb_build_object('post', q.post_id, 'from', x.since)), '[]') AS since
    FROM unnest(string_to_array(i.post_from, '、')) WITH ORDINALITY AS t (text, n)
    CROSS JOIN LATERAL (SELECT CASE WHEN t.text NOT IN ('', '-') THEN t.text::timestamptz END AS since) x
    JOIN (SELECT q.post_id, q.during, row_number() OVER (ORDER BY q.position) AS n FROM people.person_post q
          WHERE q.territory_id = $1 AND q.person_id = k.id AND q.during @> $3::timestamptz) q ON q.n = t.n
    WHERE x.since IS DISTINCT FROM lower(q.during) AND x.since < coalesce(upper(q.during), 'infinity')
      AND NOT EXISTS (SELECT FROM people.person_post o WHERE o.territory_id = $1 AND o.person_id = k.id AND o.post_id = q.post_id
        AND o.during <> q.during AND o.during && tstzrange(x.since, upper(q.during)))
  ) d
  WHERE i.layer <> '' OR i.supports <> '' OR i.post_from <> ''
) w
WHERE (w.was_home, w.was_supports, w.was_since) IS DISTINCT FROM (w.home, w.supports, w.since)
