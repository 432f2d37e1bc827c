-- Brings into the table taking_hint which leaf a village named for an unlocated
-- object may mean: a person's answer, else by its code or name under county and
-- town.
INSERT INTO taking_hint (row, cell_id, candidates)
WITH named AS (
  SELECT i.row, coalesce(btrim(i.county_name), '') AS county, coalesce(btrim(i.town_name), '') AS town, btrim(i.cell_name) AS name,
         nullif(btrim(i.choice), '') AS choice
  FROM objects.intake i
  WHERE i.territory_id = $1 AND i.batch = $2 AND i.geom IS NULL AND (btrim(i.cell_name) <> '' OR btrim(i.choice) <> '')
), asked AS MATERIALIZED (
  SELECT DISTINCT CASE WHEN choice IS NULL THEN county ELSE '' END AS county, CASE WHEN choice IS NULL THEN town ELSE '' END AS town,
         coalesce(choice, name) AS name
  FROM named
), meant AS MATERIALIZED (
  SELECT a.county, a.town, a.name, count(m.cell_id) AS n, min(m.cell_id) AS cell_id,
         jsonb_agg(jsonb_build_object('code', m.code, 'name', m.name, 'path', m.path) ORDER BY m.code) AS list
  FROM asked a CROSS JOIN LATERAL cells.match($1, $3, 0, a.county, a.town, a.name) m
  GROUP BY a.county, a.town, a.name
)
SELECT r.row, CASE WHEN m.n = 1 THEN m.cell_id END, CASE WHEN m.n > 1 THEN m.list END
FROM named r
LEFT JOIN meant m ON m.name = coalesce(r.choice, r.name)
  AND m.county = CASE WHEN r.choice IS NULL THEN r.county ELSE '' END AND m.town = CASE WHEN r.choice IS NULL THEN r.town ELSE '' END
