-- The run that an edition ($2) rests on so far, if it was over the same layers ($3) and
-- base ($4), by the same method ($5), and its leaves didn't overlap each other.
SELECT (
  SELECT r.id FROM merge.run r
  WHERE r.territory_id = $1 AND r.id = merge.latest($1, $2) AND r.layers = $3::text[] AND r.base = $4 AND r.method = $5 AND r.leaves IS NOT NULL
    AND NOT EXISTS (SELECT FROM merge.conflict c WHERE c.territory_id = $1 AND c.run_id = r.id AND c.reason = 'leaf-overlap')
)
