-- $1 territory, $2 import, $3 its state: does a job wait for it, or run that has
-- not shown in its state yet?
SELECT EXISTS (
  SELECT FROM jobs.river_job
  WHERE kind IN ('import_read', 'import_check', 'import_apply')
    AND (args ->> 'territory')::int = $1 AND (args ->> 'import')::bigint = $2
    AND (state IN ('available', 'scheduled', 'retryable', 'pending')
      OR state = 'running' AND $3 = ANY (CASE kind WHEN 'import_apply' THEN '{read,ready,failed}'::text[] ELSE '{received,read}' END)))
