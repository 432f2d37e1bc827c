-- Gives rows without a code the code and the name of the one cell of their layer
-- that their name means; 村, 社区 and the like, blanks and full-width letters
-- count as the same, an exact name goes before. Rows whose name means several
-- cells, none, or the cell of another row are findings and stay without a code.
WITH asked AS MATERIALIZED (
  SELECT i.row, i.layer, i.name FROM layers.intake i
  WHERE i.territory_id = $1 AND i.batch = $2 AND i.code = '' AND i.name <> ''
), hit AS MATERIALIZED (
  SELECT a.row, a.layer, c.id, c.code, c.name, rank() OVER (PARTITION BY a.row ORDER BY cells.plain_name(c.name) <> cells.plain_name(a.name)) AS place
  FROM asked a JOIN layers.cell c ON c.territory_id = $1 AND c.layer = a.layer AND cells.name_key(c.name) = cells.name_key(a.name)
), meant AS MATERIALIZED (
  SELECT row, layer, count(*) AS n, min(code) AS code, min(name) AS name FROM hit WHERE place = 1 GROUP BY row, layer
), twin AS MATERIALIZED (
  SELECT m.row, string_agg(x.row::text, ', ' ORDER BY x.row) AS others
  FROM meant m
  JOIN (SELECT row, layer, code FROM meant WHERE n = 1
        UNION ALL SELECT row, layer, code FROM layers.intake WHERE territory_id = $1 AND batch = $2 AND code <> '') x
    ON x.layer = m.layer AND x.code = m.code AND x.row <> m.row
  WHERE m.n = 1 GROUP BY m.row
), named AS (
  UPDATE layers.intake i SET code = m.code, name = m.name FROM meant m
  WHERE i.territory_id = $1 AND i.batch = $2 AND i.row = m.row AND m.n = 1 AND NOT EXISTS (SELECT FROM twin w WHERE w.row = m.row)
)
SELECT a.row, a.name, CASE WHEN w.row IS NOT NULL THEN m.code ELSE '' END,
       CASE WHEN w.row IS NOT NULL THEN 'duplicate' WHEN m.n > 1 THEN 'ambiguous' ELSE 'unknown-cell' END,
       CASE WHEN w.row IS NOT NULL THEN '与第 ' || w.others || ' 行是同一个网格'
            WHEN m.n > 1 THEN '本条线有几个网格叫这个名称,没有代为选定,请指明是哪一个'
            ELSE '本条线没有这个名称的网格,请填写代码' END,
       CASE WHEN w.row IS NOT NULL THEN 'the same cell as in row ' || w.others
            WHEN m.n > 1 THEN 'several cells of this layer have this name; none was chosen: say which'
            ELSE 'no cell of this layer has this name; give its code' END,
       CASE WHEN m.n > 1 THEN (
         SELECT jsonb_agg(jsonb_build_object('code', h.code, 'name', h.name, 'path', coalesce((
           -- what is there of the unified grid
           SELECT string_agg(v.name, ' / ' ORDER BY v.tier) FROM cells.version v, ST_PointOnSurface(c.geom) AS at
           WHERE v.territory_id = $1 AND v.to_edition IS NULL AND ST_Covers(v.geom, at)), '')) ORDER BY h.code)
         FROM hit h JOIN layers.cell c ON c.territory_id = $1 AND c.id = h.id
         WHERE h.row = a.row AND h.place = 1) END
FROM asked a
LEFT JOIN meant m ON m.row = a.row
LEFT JOIN twin w ON w.row = a.row
WHERE m.n IS DISTINCT FROM 1 OR w.row IS NOT NULL
ORDER BY a.row
