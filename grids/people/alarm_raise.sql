-- Raises an alarm for each cell of edition $2 for which somebody acts from two
-- tiers up at $3 and none is open, and ends those that are over.
WITH far AS MATERIALIZED (
  SELECT w.cell_id, w.since FROM people.vacancies($1, $2, $3) w WHERE w.far
), raised AS (
  INSERT INTO people.alarm (territory_id, cell_id, since)
  SELECT $1, f.cell_id, coalesce(f.since, $3) FROM far f
  WHERE NOT EXISTS (SELECT FROM people.alarm a WHERE a.territory_id = $1 AND a.cell_id = f.cell_id AND a.ended_at IS NULL)
  RETURNING 1
), ended AS (
  UPDATE people.alarm a SET ended_at = $3
  WHERE a.territory_id = $1 AND a.ended_at IS NULL AND NOT EXISTS (SELECT FROM far f WHERE f.cell_id = a.cell_id)
  RETURNING 1
)
SELECT (SELECT count(*) FROM raised), (SELECT count(*) FROM ended)
