-- $1 territory, $2 edition, $3 instant, $4 cell
WITH below AS MATERIALIZED (
  SELECT * FROM duty.below($1, $2, $4)
), vacant AS MATERIALIZED (
  SELECT v.*, extract(epoch FROM $3::timestamptz - v.since) / 86400 AS days FROM duty.vacant($1, $2, $3, $4) v
), carried AS MATERIALIZED (
  SELECT * FROM duty.carried($1, $2, $3, $4)
), idle AS (
  -- who serves no cell: of the territory, or of units of a division in the cell
  SELECT p.id FROM people.person p
  LEFT JOIN people.unit u ON u.territory_id = p.territory_id AND u.id = p.unit_id
  WHERE p.territory_id = $1 AND NOT EXISTS (SELECT FROM people.assignment a WHERE a.territory_id = $1 AND a.person_id = p.id AND a.during @> $3::timestamptz)
    AND (EXISTS (SELECT FROM below b WHERE b.tier = 1) OR u.division IN (SELECT b.code FROM below b))
), most AS (
  SELECT most_cells, most_rounds FROM duty.settings($1)
)
SELECT jsonb_build_object(
  'tiers', (SELECT jsonb_agg(jsonb_build_object('tier', t.tier, 'cells', t.cells, 'own', t.cells - t.vacant, 'acting', t.acting, 'without', t.vacant - t.acting) ORDER BY t.tier)
            FROM (SELECT b.tier, count(*) AS cells, count(v.cell_id) AS vacant, count(v.person_id) AS acting
                  FROM below b LEFT JOIN vacant v ON v.cell_id = b.cell_id GROUP BY b.tier) t),
  'vacancies', jsonb_build_object('count', (SELECT count(*) FROM vacant), 'ages', (
     SELECT jsonb_agg(jsonb_build_object('days', a.days, 'count', (SELECT count(*) FROM vacant v WHERE v.days >= a.least AND (a.days IS NULL OR v.days < a.days))) ORDER BY a.least)
     FROM (VALUES (-1, 30), (30, 90), (90, 180), (180, NULL)) AS a (least, days))),
  'acting', jsonb_build_object('count', (SELECT count(person_id) FROM vacant), 'far', (SELECT count(person_id) FROM vacant WHERE steps >= 2), 'steps', coalesce((
     SELECT jsonb_agg(jsonb_build_object('steps', s.steps, 'count', s.n) ORDER BY s.steps)
     FROM (SELECT steps, count(*) AS n FROM vacant WHERE person_id IS NOT NULL GROUP BY steps) s), '[]')),
  'overloaded', jsonb_build_object('count', (SELECT count(*) FROM carried c, most WHERE c.cells > most.most_cells OR c.rounds > most.most_rounds)),
  'idle', jsonb_build_object('count', (SELECT count(*) FROM idle)),
  'understaffed', jsonb_build_object('count', (SELECT count(*) FROM duty.understaffed($1, $2, $3, $4))),
  'questions', jsonb_build_object('count', (SELECT count(*) FROM people.question q JOIN below b ON b.cell_id = q.cell_id WHERE q.territory_id = $1 AND q.answered_at IS NULL)),
  'people', (SELECT jsonb_build_object('count', count(*) FILTER (WHERE cells + rounds > 0), 'cells_each', round(avg(cells + rounds) FILTER (WHERE cells + rounds > 0), 2)::float8,
       'most', coalesce(max(cells + rounds), 0)) FROM carried))
