-- Of the cells $2 of territory $1, at every instant at which something new was
-- known: those accountable follow one another without hole or overlap from $3 at
-- the latest, for good. And at every instant at which somebody begins or ends, as
-- known now, the function that all answers come from gives exactly one, the
-- cell's own.
WITH cell AS (
  SELECT DISTINCT v.cell_id, v.code FROM cells.version v WHERE v.territory_id = $1 AND v.code = ANY ($2)
), fact AS MATERIALIZED (
  SELECT c.code, a.cell_id, a.id, a.during, a.known FROM cell c
  JOIN people.assignment_known a ON a.territory_id = $1 AND a.cell_id = c.cell_id AND a.role = 'accountable'
), moment AS (
  SELECT DISTINCT cell_id, lower(known) AS known FROM fact
  UNION
  SELECT DISTINCT cell_id, upper(known) FROM fact WHERE upper(known) IS NOT NULL
), seen AS (
  SELECT m.cell_id, m.known, f.code, f.id, lower(f.during) AS begins, upper(f.during) AS ends,
         lag(upper(f.during)) OVER w AS before, row_number() OVER w AS n, lead(f.id) OVER w IS NULL AS last
  FROM moment m LEFT JOIN fact f ON f.cell_id = m.cell_id AND f.known @> m.known
  WINDOW w AS (PARTITION BY m.cell_id, m.known ORDER BY lower(f.during), f.id)
), edge AS (
  SELECT DISTINCT cell_id, code, instant FROM (
    SELECT cell_id, code, lower(during) FROM fact WHERE upper_inf(known)
    UNION ALL SELECT cell_id, code, upper(during) - interval '1 microsecond' FROM fact WHERE upper_inf(known) AND NOT upper_inf(during)
  ) e (cell_id, code, instant) WHERE instant >= $3
), numbered AS (
  SELECT *, row_number() OVER (ORDER BY cell_id, instant) AS n, editions.published($1) AS edition FROM edge
), answer AS (
  SELECT n, count(*) AS people, bool_or(acting) AS acting
  FROM people.accountables($1, (SELECT array_agg(cell_id ORDER BY n) FROM numbered), (SELECT array_agg(edition ORDER BY n) FROM numbered),
    (SELECT array_agg(instant ORDER BY n) FROM numbered))
  GROUP BY n
), wrong AS (
  SELECT code || ' known at ' || known || ': ' || CASE
    WHEN id IS NULL THEN 'nobody'
    WHEN n = 1 AND begins > $3 THEN 'nobody until ' || begins
    WHEN n > 1 AND before < begins THEN 'nobody from ' || before || ' to ' || begins
    WHEN n > 1 AND before IS NULL OR before > begins THEN 'two from ' || begins
    WHEN last AND ends IS NOT NULL THEN 'nobody from ' || ends END AS what
  FROM seen
  UNION ALL
  SELECT m.code || ' at ' || m.instant || ': ' || coalesce(a.people, 0) || ' answer'
  FROM numbered m LEFT JOIN answer a USING (n) WHERE a.people IS DISTINCT FROM 1 OR a.acting
)
SELECT (SELECT count(DISTINCT cell_id) FROM fact), (SELECT count(*) FROM moment),
       coalesce((SELECT array_agg(what) FROM (SELECT what FROM wrong WHERE what IS NOT NULL ORDER BY what LIMIT 20) w), '{}')
