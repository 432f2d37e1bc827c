-- Rows of intake_meant of which it isn't clear which cell they mean.
WITH twin AS (
  SELECT m.row, (SELECT string_agg(x.row::text, ', ' ORDER BY x.row) FROM intake_meant x WHERE x.code = m.code AND x.row <> m.row) AS others
  FROM (SELECT *, count(*) OVER (PARTITION BY code) AS n FROM intake_meant WHERE code IS NOT NULL) m WHERE m.n > 1
  UNION ALL
  SELECT m.row, i.row::text FROM intake_meant m JOIN cells.intake i ON i.territory_id = $1 AND i.batch = $2 AND i.code = m.code
)
SELECT i.row, CASE WHEN btrim(i.choice) <> '' THEN 'choice' ELSE 'name' END, coalesce(nullif(btrim(i.choice), ''), i.name),
       f.kind, 'error', coalesce(m.code, ''), f.message, CASE WHEN f.kind = 'ambiguous' THEN m.candidates END
FROM intake_meant m
JOIN cells.intake i ON i.territory_id = $1 AND i.batch = $2 AND i.row = m.row
LEFT JOIN (SELECT row, string_agg(others, ', ') AS others FROM twin GROUP BY row) w ON w.row = m.row
CROSS JOIN LATERAL (
  SELECT CASE WHEN w.others IS NOT NULL THEN 'duplicate' WHEN m.candidates IS NOT NULL THEN 'ambiguous' ELSE 'unknown-cell' END AS kind,
         CASE WHEN w.others IS NOT NULL THEN 'the same cell as in row ' || w.others
              WHEN m.candidates IS NOT NULL THEN 'several cells of this tier have this name; none was chosen: say which'
              ELSE 'no cell of this tier has this name; give its code' END AS message
  WHERE m.code IS NULL OR w.others IS NOT NULL
) f
ORDER BY i.row
