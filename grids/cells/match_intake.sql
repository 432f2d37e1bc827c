-- Brings into intake_meant which cell the rows of a batch without a code mean.
INSERT INTO intake_meant (row, cell_id, code, candidates)
WITH named AS MATERIALIZED (
  SELECT i.row, i.tier, coalesce(btrim(i.county_name), '') AS county, coalesce(btrim(i.town_name), '') AS town, btrim(i.name) AS name,
         nullif(btrim(i.choice), '') AS choice
  FROM cells.intake i WHERE i.territory_id = $1 AND i.batch = $2 AND i.code = ''
), asked AS MATERIALIZED (
  SELECT DISTINCT tier, county, town, name FROM named WHERE choice IS NULL AND name <> ''
), meant AS MATERIALIZED (
  SELECT a.tier, a.county, a.town, a.name, count(*) AS n, min(m.cell_id) AS cell_id, min(m.code) AS code,
         jsonb_agg(jsonb_build_object('code', m.code, 'name', m.name, 'path', m.path) ORDER BY m.code) AS list
  FROM asked a CROSS JOIN LATERAL cells.match($1, $3, a.tier, a.county, a.town, a.name) m
  GROUP BY a.tier, a.county, a.town, a.name
)
SELECT r.row, coalesce(v.cell_id, CASE WHEN m.n = 1 THEN m.cell_id END), coalesce(v.code, CASE WHEN m.n = 1 THEN m.code END),
       CASE WHEN m.n > 1 THEN m.list END
FROM named r
LEFT JOIN cells.of($1, $3) v ON v.code = r.choice AND v.tier = r.tier
LEFT JOIN meant m ON r.choice IS NULL AND (m.tier, m.county, m.town, m.name) = (r.tier, r.county, r.town, r.name)
