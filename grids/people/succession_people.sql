-- What the roster means for persons: who joins, leaves and stays, with what they
-- hold just before $3 and then; and how many cells lose their accountable person.
WITH seat AS (
  SELECT h.person_id, false AS after, h.cell_id, h.role, h.layer, h.post FROM roster_held h WHERE h.during @> $3::timestamptz - interval '1 microsecond'
  UNION ALL
  SELECT r.person_id, true, r.cell_id, r.role, r.layer, r.post FROM roster r
), person AS (
  SELECT s.person_id, p.staff_no, p.name, bool_or(s.after) AS after, bool_or(NOT s.after) AS before,
         coalesce(jsonb_agg(jsonb_build_object('cell', v.code, 'cell_name', v.name, 'role', s.role, 'layer', s.layer, 'post', coalesce(nullif(s.post, ''), p.post))
           ORDER BY v.code, o.rank) FILTER (WHERE NOT s.after), '[]') AS was,
         coalesce(jsonb_agg(jsonb_build_object('cell', v.code, 'cell_name', v.name, 'role', s.role, 'layer', s.layer, 'post', coalesce(nullif(s.post, ''), p.post))
           ORDER BY v.code, o.rank) FILTER (WHERE s.after), '[]') AS becomes
  FROM seat s
  JOIN people.person p ON p.territory_id = $1 AND p.id = s.person_id
  JOIN cells.of($1, $2) v ON v.cell_id = s.cell_id
  JOIN people.role o ON o.code = s.role
  GROUP BY s.person_id, p.staff_no, p.name
), shown AS (
  SELECT before, after, jsonb_build_object('person', person_id, 'staff_no', staff_no, 'name', name, 'before', was, 'after', becomes) AS who, staff_no FROM person
)
SELECT coalesce((SELECT jsonb_agg(who ORDER BY staff_no) FROM shown WHERE after AND NOT before), '[]'),
       coalesce((SELECT jsonb_agg(who ORDER BY staff_no) FROM shown WHERE before AND NOT after), '[]'),
       coalesce((SELECT jsonb_agg(who ORDER BY staff_no) FROM shown WHERE before AND after), '[]'),
       (SELECT count(DISTINCT cell_id) FROM seat WHERE NOT after AND role = 'accountable'
          AND cell_id NOT IN (SELECT cell_id FROM seat WHERE after AND role = 'accountable'))
