-- The team of run $2 over edition $3, the draft ($4) or published since: what
-- each had at $6 and has at $5, in a draft as the run would make it; those in
-- state $7 (''): all), person $11 alone (0: all), at most $8 after $9. $10 as in
-- merge.named.
WITH run AS MATERIALIZED (
  SELECT r.layers, r.created_at FROM merge.run r WHERE r.territory_id = $1 AND r.id = $2
), named AS MATERIALIZED (
  SELECT v.person_id, v.cell_id AS layer_cell_id, v.layer, v.code, v.name
  FROM run r JOIN layers.version v ON v.territory_id = $1 AND v.layer = ANY (r.layers) AND v.during @> r.created_at
  WHERE v.person_id IS NOT NULL
), before AS MATERIALIZED (
  SELECT DISTINCT a.person_id, a.cell_id, a.role, a.layer FROM people.assignment a WHERE a.territory_id = $1 AND a.during @> $6::timestamptz
), chosen AS MATERIALIZED (
  SELECT c.cell_id, c.person_id FROM merge.chosen($1, $2) c WHERE $4
), ground AS MATERIALIZED (
  SELECT l.cell_id, l.area_m2 FROM cells.leaves($1, $3) l
), standing AS MATERIALIZED (
  SELECT v.cell_id, v.tier, v.geom FROM cells.of($1, $3) v WHERE $4
), heir AS (
  -- a cell that the draft makes gets the people of the one it has most of (people.CarryAlong)
  SELECT DISTINCT ON (s.cell_id) s.cell_id, p.cell_id AS from_cell
  FROM standing s JOIN cells.of($1, $3 - 1) p ON p.tier = s.tier AND p.geom && s.geom
  WHERE NOT EXISTS (SELECT FROM cells.of($1, $3 - 1) b WHERE b.cell_id = s.cell_id) AND NOT EXISTS (SELECT FROM standing o WHERE o.cell_id = p.cell_id)
  ORDER BY s.cell_id, ST_Area(ST_Intersection(s.geom, p.geom)) DESC, p.cell_id
), held AS (
  SELECT a.person_id, a.cell_id, a.role, a.layer FROM people.assignment a
  WHERE a.territory_id = $1 AND a.during @> $5::timestamptz AND (NOT $4 OR EXISTS (SELECT FROM standing s WHERE s.cell_id = a.cell_id))
  UNION ALL
  SELECT a.person_id, h.cell_id, a.role, a.layer FROM people.assignment a JOIN heir h ON h.from_cell = a.cell_id
  WHERE a.territory_id = $1 AND a.during @> $5::timestamptz
), after AS MATERIALIZED (
  SELECT a.person_id, a.cell_id, a.role, a.layer FROM held a
  WHERE NOT (a.role = 'accountable' AND EXISTS (SELECT FROM chosen c WHERE c.cell_id = a.cell_id))
    AND NOT ($4 AND a.role = 'lead' AND a.layer = ANY ((SELECT layers FROM run)::text[]) AND EXISTS (SELECT FROM ground g WHERE g.cell_id = a.cell_id))
  UNION
  SELECT c.person_id, c.cell_id, 'accountable', NULL FROM chosen c
  UNION
  SELECT n.person_id, n.cell_id, 'lead', n.layer FROM merge.named($1, $2, $10) n WHERE $4 AND n.person_id IS NOT NULL
  UNION
  SELECT o.person_id, o.cell_id, 'officer', o.layer FROM merge.officers($1, $2, $5, $10) o WHERE $4
), moved AS (
  SELECT DISTINCT x.person_id FROM ((SELECT * FROM before EXCEPT SELECT * FROM after) UNION ALL (SELECT * FROM after EXCEPT SELECT * FROM before)) x
), firms AS MATERIALIZED (
  SELECT s.cell_id, max(s.n) AS n FROM (SELECT x.cell_id, sum(x.enterprises) AS n FROM merge.crosswalk x WHERE x.territory_id = $1 AND x.run_id = $2 GROUP BY x.cell_id, x.layer) s GROUP BY s.cell_id
), load_before AS (
  -- of a leaf that several of one person's cells cover, what most of them has
  SELECT s.person_id, sum(s.area_m2) AS area_m2, sum(s.firms) AS firms FROM (
    SELECT p.person_id, p.cell_id, max(p.area_m2) AS area_m2, max(p.firms) AS firms FROM (
      SELECT n.person_id, x.cell_id, sum(x.area_m2) AS area_m2, sum(x.enterprises) AS firms
      FROM named n JOIN merge.crosswalk x ON x.territory_id = $1 AND x.run_id = $2 AND x.layer_cell_id = n.layer_cell_id GROUP BY n.person_id, x.cell_id, n.layer
      UNION ALL
      SELECT b.person_id, b.cell_id, l.area_m2, coalesce(f.n, 0) FROM before b JOIN cells.leaves($1, greatest($3 - 1, 1)) l ON l.cell_id = b.cell_id LEFT JOIN firms f ON f.cell_id = b.cell_id
    ) p GROUP BY p.person_id, p.cell_id
  ) s GROUP BY s.person_id
), load_after AS (
  SELECT a.person_id, sum(g.area_m2) AS area_m2, sum(f.n) AS firms
  FROM (SELECT DISTINCT person_id, cell_id FROM after) a JOIN ground g ON g.cell_id = a.cell_id LEFT JOIN firms f ON f.cell_id = a.cell_id
  GROUP BY a.person_id
), list_before AS (
  SELECT s.person_id, count(*) AS cells, jsonb_agg(s.one ORDER BY s.one ->> 'layer_cell' NULLS FIRST, s.one ->> 'cell') AS list FROM (
    SELECT n.person_id, jsonb_build_object('layer', n.layer, 'layer_cell', n.code, 'name', n.name, 'as', 'accountable') AS one FROM named n
    UNION ALL
    SELECT b.person_id, jsonb_build_object('cell', v.code, 'name', v.name, 'as', b.role, 'layer', b.layer) FROM before b
    CROSS JOIN LATERAL (SELECT v.code, v.name FROM cells.version v WHERE v.territory_id = $1 AND v.cell_id = b.cell_id AND v.from_edition < greatest($3, 2) ORDER BY v.from_edition DESC LIMIT 1) v
  ) s GROUP BY s.person_id
), list_after AS (
  SELECT a.person_id, count(*) AS cells, bool_or(a.role = 'accountable') AS accountable, bool_or(a.role = 'lead') AS leads,
         jsonb_agg(jsonb_build_object('cell', v.code, 'name', v.name, 'as', a.role, 'layer', a.layer) ORDER BY v.code, a.role, a.layer) AS list
  FROM after a
  CROSS JOIN LATERAL (SELECT v.code, v.name FROM cells.version v WHERE v.territory_id = $1 AND v.cell_id = a.cell_id AND v.from_edition <= greatest($3, 1) ORDER BY v.from_edition DESC LIMIT 1) v
  GROUP BY a.person_id
), member AS (
  SELECT q.person_id, p.name, p.staff_no, p.unit, b.cells AS cells_before, b.list AS list_before, lb.area_m2 AS area_before, lb.firms AS firms_before,
         a.cells AS cells_after, a.list AS list_after, la.area_m2 AS area_after, la.firms AS firms_after, d.*,
         CASE WHEN a.accountable THEN 'accountable' WHEN a.leads THEN 'lead' WHEN d.confirmed_at IS NOT NULL THEN 'confirmed' WHEN a.cells > 0 THEN 'officer' ELSE 'unplaced' END AS state
  FROM (SELECT person_id FROM named UNION SELECT person_id FROM before UNION SELECT person_id FROM after
        UNION SELECT e.person_id FROM people.displaced e WHERE e.territory_id = $1 AND e.confirmed_at IS NULL) q
  CROSS JOIN LATERAL (SELECT v.name, v.staff_no, v.unit FROM people.person_version v WHERE v.territory_id = $1 AND v.person_id = q.person_id ORDER BY lower(v.during) DESC LIMIT 1) p
  LEFT JOIN list_before b ON b.person_id = q.person_id
  LEFT JOIN load_before lb ON lb.person_id = q.person_id
  LEFT JOIN list_after a ON a.person_id = q.person_id
  LEFT JOIN load_after la ON la.person_id = q.person_id
  LEFT JOIN LATERAL (SELECT e.displaced_at, e.confirmed_at, e.confirmed_by, e.outcome, e.reason FROM people.displaced e
    WHERE e.territory_id = $1 AND e.person_id = q.person_id ORDER BY e.id DESC LIMIT 1) d ON true
  WHERE $11::bigint = 0 OR q.person_id = $11
)
SELECT m.person_id, m.name, m.staff_no, m.unit, m.state,
       jsonb_build_object('count', coalesce(m.cells_before, 0), 'area_m2', coalesce(m.area_before, 0), 'enterprises', coalesce(m.firms_before, 0), 'cells', coalesce(jsonb_path_query_array(m.list_before, '$[0 to 49]'), '[]')),
       jsonb_build_object('count', coalesce(m.cells_after, 0), 'area_m2', coalesce(m.area_after, 0), 'enterprises', coalesce(m.firms_after, 0), 'cells', coalesce(jsonb_path_query_array(m.list_after, '$[0 to 49]'), '[]')),
       m.displaced_at, m.confirmed_at, m.confirmed_by, m.outcome, coalesce(m.reason, ''),
       m.displaced_at IS NOT NULL AND m.confirmed_at IS NULL AND access.may('assignments.edit') AND people.reached($1, m.person_id), count(*) OVER ()
FROM member m
WHERE $7::text = '' OR m.state = $7
ORDER BY m.state <> 'unplaced', (m.displaced_at IS NULL OR m.confirmed_at IS NOT NULL), NOT EXISTS (SELECT FROM moved x WHERE x.person_id = m.person_id),
  array_position(ARRAY['officer', 'confirmed', 'lead', 'accountable'], m.state), m.staff_no
LIMIT $8::int OFFSET $9::int
