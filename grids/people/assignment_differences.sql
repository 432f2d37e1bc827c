-- How many rows of assignment_taken put somebody where nobody was, and what the
-- first ten thousand rows change: by role, who held it for the period and who
-- does.
WITH held AS (
  SELECT t.row, string_agg(DISTINCT concat_ws(' ', p.name, nullif(j.post, '')), ', ') AS holders
  FROM assignment_taken t
  JOIN people.assignment_journal j ON j.territory_id = $1 AND j.batch = $2 AND NOT j.after AND j.cell_id = t.cell_id AND j.role = t.role
    AND j.during && tstzrange(t.from_at, t.to_at)
    AND (t.role = 'accountable' OR (j.person_id = t.person_id AND j.layer IS NOT DISTINCT FROM t.layer))
  JOIN people.person p ON p.territory_id = $1 AND p.id = j.person_id
  GROUP BY t.row
), difference AS (
  SELECT t.row, jsonb_build_object('row', t.row, 'op', CASE WHEN h.row IS NULL THEN 'created' ELSE 'changed' END, 'code', t.cell_code, 'name', v.name,
           'after', jsonb_build_object(concat_ws(' ', t.role, t.layer), concat_ws(' ', p.name, nullif(t.post, ''))))
         || CASE WHEN h.row IS NULL THEN '{}' ELSE jsonb_build_object('before', jsonb_build_object(concat_ws(' ', t.role, t.layer), h.holders)) END AS difference
  FROM (SELECT * FROM assignment_taken ORDER BY row LIMIT 10000) t
  JOIN people.person p ON p.territory_id = $1 AND p.id = t.person_id
  JOIN cells.of($1, $3) v ON v.cell_id = t.cell_id
  LEFT JOIN held h ON h.row = t.row
)
SELECT (SELECT count(*) FROM assignment_taken t WHERE NOT EXISTS (SELECT FROM held h WHERE h.row = t.row)),
       coalesce((SELECT jsonb_agg(difference ORDER BY row) FROM difference), '[]')
