-- Rows of intake_meant of which it isn't clear which cell they mean.
WITH twin AS (
  SELECT m.row, string_agg(x.row::text, ', ' ORDER BY x.row) AS others
  FROM intake_meant m JOIN intake_meant x ON x.code = m.code AND x.row <> m.row
  GROUP BY m.row
  UNION ALL
  SELECT m.row, i.row::text FROM cells.intake i JOIN intake_meant m ON m.code = i.code
  WHERE i.territory_id = $1 AND i.batch = $2 AND i.code <> ''
), doubtful AS MATERIALIZED (
  SELECT m.row, m.code, m.candidates, string_agg(w.others, ', ') AS others
  FROM intake_meant m LEFT JOIN twin w ON w.row = m.row
  WHERE m.code IS NULL OR w.row IS NOT NULL
  GROUP BY m.row, m.code, m.candidates
)
SELECT i.row, CASE WHEN btrim(i.choice) <> '' THEN 'choice' ELSE 'name' END, coalesce(nullif(btrim(i.choice), ''), i.name),
       CASE WHEN d.others IS NOT NULL THEN 'duplicate' WHEN d.candidates IS NOT NULL THEN 'ambiguous' ELSE 'unknown-cell' END, 'error', coalesce(d.code, ''),
       CASE WHEN d.others IS NOT NULL THEN '与第 ' || replace(d.others, ', ', '、') || ' 行是同一网格'
            WHEN d.candidates IS NOT NULL THEN '本级有几个网格同名,未选,请指明'
            ELSE '本级没有这个名称的网格,请填代码' END,
       CASE WHEN d.others IS NOT NULL THEN 'the same cell as in row ' || d.others
            WHEN d.candidates IS NOT NULL THEN 'several cells of this tier have this name; none was chosen: say which'
            ELSE 'no cell of this tier has this name; give its code' END,
       CASE WHEN d.others IS NULL THEN d.candidates END
FROM doubtful d JOIN cells.intake i ON i.territory_id = $1 AND i.batch = $2 AND i.row = d.row
ORDER BY i.row
