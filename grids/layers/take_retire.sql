-- Retires the cells of layer $3 that batch $2, its whole grid, doesn't name: their
-- versions say which batch it was. A batch that names none retires none. The first
-- ten thousand differences are given.
WITH batch AS MATERIALIZED (
  SELECT DISTINCT code FROM layers.intake WHERE territory_id = $1 AND batch = $2 AND layer = $3
), marked AS MATERIALIZED (
  SELECT set_config('unigrid.layers_batch', $2::text, true) AS batch
), gone AS (
  DELETE FROM layers.cell c
  USING marked
  WHERE c.territory_id = $1 AND c.layer = $3 AND EXISTS (SELECT FROM batch) AND NOT EXISTS (SELECT FROM batch b WHERE b.code = c.code)
  RETURNING c.code, c.name
)
SELECT (SELECT count(*) FROM gone),
  coalesce((SELECT jsonb_agg(jsonb_build_object('op', 'retired', 'code', code, 'name', name) ORDER BY code) FROM (SELECT * FROM gone ORDER BY code LIMIT 10000) g), '[]')
