-- What the roster changes, place by place: rows of assignment_taken that put
-- somebody where nobody was or change who or how, and who ends without a
-- successor; and how many of each there are.
WITH held AS (
  SELECT t.row, string_agg(DISTINCT concat_ws(' ', p.name, nullif(h.post, '')), ', ') AS holders
  FROM assignment_taken t
  JOIN roster_held h ON h.cell_id = t.cell_id AND h.role = t.role AND h.during && tstzrange(t.from_at - interval '1 microsecond', t.to_at)
    AND (t.role = 'accountable' OR (h.person_id = t.person_id AND h.layer IS NOT DISTINCT FROM t.layer))
  JOIN people.person p ON p.territory_id = $1 AND p.id = h.person_id
  GROUP BY t.row
), retired AS (
  SELECT DISTINCT h.cell_id, h.role, h.layer, h.person_id, h.post FROM roster_held h
  WHERE NOT h.stays AND h.during && tstzrange($3, NULL) AND NOT (h.role = 'accountable' AND EXISTS (SELECT FROM roster r WHERE r.cell_id = h.cell_id AND r.role = 'accountable'))
), difference AS (
  SELECT t.row, CASE WHEN h.row IS NULL THEN 'created' ELSE 'changed' END AS op, t.cell_id, concat_ws(' ', t.role, t.layer) AS place,
         h.holders AS before, concat_ws(' ', p.name, nullif(t.post, '')) AS after
  FROM assignment_taken t
  JOIN people.person p ON p.territory_id = $1 AND p.id = t.person_id
  LEFT JOIN held h ON h.row = t.row
  UNION ALL
  SELECT NULL, 'retired', r.cell_id, concat_ws(' ', r.role, r.layer), concat_ws(' ', p.name, nullif(r.post, '')), NULL
  FROM retired r JOIN people.person p ON p.territory_id = $1 AND p.id = r.person_id
)
SELECT count(*) FILTER (WHERE op = 'created'), count(*) FILTER (WHERE op = 'changed'), count(*) FILTER (WHERE op = 'retired'),
       coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('row', d.row, 'op', d.op, 'code', v.code, 'name', v.name,
         'before', CASE WHEN d.before IS NOT NULL THEN jsonb_build_object(d.place, d.before) END,
         'after', CASE WHEN d.after IS NOT NULL THEN jsonb_build_object(d.place, d.after) END)) ORDER BY v.code, d.place, d.op), '[]')
FROM difference d JOIN cells.of($1, $2) v ON v.cell_id = d.cell_id
