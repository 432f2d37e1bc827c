-- Brings into intake_meant which cell the rows of a batch without a code mean.
INSERT INTO intake_meant (row, cell_id, code, candidates)
SELECT i.row, coalesce(v.cell_id, CASE WHEN m.n = 1 THEN m.cell_id END), coalesce(v.code, CASE WHEN m.n = 1 THEN m.code END),
       CASE WHEN m.n > 1 THEN m.candidates END
FROM cells.intake i
LEFT JOIN cells.of($1, $3) v ON v.code = nullif(btrim(i.choice), '') AND v.tier = i.tier
LEFT JOIN name_meant m ON coalesce(btrim(i.choice), '') = ''
  AND (m.tier, m.county, m.town, m.name) = (i.tier, coalesce(btrim(i.county_name), ''), coalesce(btrim(i.town_name), ''), btrim(i.name))
WHERE i.territory_id = $1 AND i.batch = $2 AND i.code = ''
