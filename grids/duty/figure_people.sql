-- $1 territory, $2 edition, $3 instant, $4 cell, $5 figure, $6 offset, $7 limit
WITH most AS (
  SELECT most_cells, most_rounds FROM duty.settings($1)
), carried AS MATERIALIZED (
  SELECT c.* FROM duty.carried($1, $2, $3, $4) c, most
  WHERE $5 = 'workload' AND c.cells + c.rounds > 0 OR $5 = 'overloaded' AND (c.cells > most.most_cells OR c.rounds > most.most_rounds)
), page AS MATERIALIZED (
  SELECT count(*) OVER ()::int AS matched, row_number() OVER (ORDER BY c.cells + c.rounds DESC, c.enterprises DESC, c.area_m2 DESC, c.person_id) AS n, c.*, $5 <> 'idle' AS holds
  FROM (
    SELECT * FROM carried
    UNION ALL
    SELECT i.person_id, 0, 0, 0, 0, 0, 0, '{}' FROM duty.idle($1, $2, $3, $4) i WHERE $5 = 'idle'
  ) c
  ORDER BY n OFFSET $6 LIMIT $7
)
SELECT g.matched, NULL::jsonb,
       jsonb_build_object('id', p.person_id, 'staff_no', p.staff_no, 'name', p.name, 'unit', p.unit, 'post', p.post),
       NULL::timestamptz, NULL::int, NULL::int, NULL::int,
       CASE WHEN g.holds THEN jsonb_build_object('cells', g.cells, 'acting', g.acting, 'rounds', g.rounds, 'area_m2', g.area_m2, 'objects', g.objects,
         'enterprises', g.enterprises, 'risks', g.risks, 'codes', coalesce((
           SELECT jsonb_agg(h.code ORDER BY h.code USING ~<~) FROM (
             SELECT DISTINCT v.code FROM people.assignment a JOIN duty.below($1, $2, $4) v ON v.cell_id = a.cell_id
             WHERE a.territory_id = $1 AND a.person_id = g.person_id AND a.role IN ('accountable', 'officer') AND a.during @> $3::timestamptz LIMIT 200) h), '[]')) END
FROM page g
JOIN people.person_version p ON p.territory_id = $1 AND p.person_id = g.person_id AND p.during @> $3::timestamptz
ORDER BY g.n
