-- $1 territory, $2 edition, $3 instant, $4 cell, $5 figure, $6 offset, $7 limit
WITH most AS (
  SELECT most_cells, most_rounds FROM duty.settings($1)
), carried AS MATERIALIZED (
  SELECT c.* FROM duty.carried($1, $2, $3, $4) c, most
  WHERE $5 = 'workload' AND c.cells + c.rounds > 0 OR $5 = 'overloaded' AND (c.cells > most.most_cells OR c.rounds > most.most_rounds)
), below AS MATERIALIZED (
  SELECT * FROM duty.below($1, $2, $4)
), idle AS (
  -- who serves no cell: of the territory, or of units of a division in the cell
  SELECT p.id FROM people.person p
  LEFT JOIN people.unit u ON u.territory_id = p.territory_id AND u.id = p.unit_id
  WHERE p.territory_id = $1 AND NOT EXISTS (SELECT FROM people.assignment a WHERE a.territory_id = $1 AND a.person_id = p.id AND a.during @> $3::timestamptz)
    AND (EXISTS (SELECT FROM below b WHERE b.tier = 1) OR u.division IN (SELECT b.code FROM below b))
), page AS MATERIALIZED (
  SELECT count(*) OVER ()::int AS matched, row_number() OVER (ORDER BY c.cells + c.rounds DESC, c.enterprises DESC, c.area_m2 DESC, c.person_id) AS n, c.*, $5 <> 'idle' AS holds
  FROM (
    SELECT * FROM carried
    UNION ALL
    SELECT i.id, 0, 0, 0, 0, 0, 0, '{}' FROM idle i WHERE $5 = 'idle'
  ) c
  ORDER BY n OFFSET $6 LIMIT $7
)
SELECT g.matched, NULL::jsonb,
       jsonb_build_object('id', p.person_id, 'staff_no', p.staff_no, 'name', p.name, 'unit', p.unit, 'post', p.post),
       NULL::timestamptz, NULL::int, NULL::int, NULL::int,
       CASE WHEN g.holds THEN jsonb_build_object('cells', g.cells, 'acting', g.acting, 'rounds', g.rounds, 'area_m2', g.area_m2, 'objects', g.objects,
         'enterprises', g.enterprises, 'risks', g.risks, 'held', coalesce((
           SELECT jsonb_agg(jsonb_build_object('code', h.code, 'name', h.name, 'tier', h.tier, 'lon', ST_X(h.label), 'lat', ST_Y(h.label)) ORDER BY h.code USING ~<~) FROM (
             SELECT DISTINCT ON (v.code) v.code, v.name, v.tier, v.label FROM people.assignment a JOIN below v ON v.cell_id = a.cell_id
             WHERE a.territory_id = $1 AND a.person_id = g.person_id AND a.role IN ('accountable', 'officer') AND a.during @> $3::timestamptz ORDER BY v.code LIMIT 200) h), '[]')) END
FROM page g
JOIN people.person_version p ON p.territory_id = $1 AND p.person_id = g.person_id AND p.during @> $3::timestamptz
ORDER BY g.n
