-- Brings into taking_hint which leaf a village named for an unlocated object may
-- mean: a person's answer, else by its code or name under county and town.
INSERT INTO taking_hint (row, cell_id, candidates)
SELECT i.row, CASE WHEN m.n = 1 THEN m.cell_id END, CASE WHEN m.n > 1 THEN m.candidates END
FROM objects.intake i
LEFT JOIN name_meant m ON m.tier = 0
  AND m.county = CASE WHEN btrim(i.choice) <> '' THEN '' ELSE coalesce(btrim(i.county_name), '') END
  AND m.town = CASE WHEN btrim(i.choice) <> '' THEN '' ELSE coalesce(btrim(i.town_name), '') END
  AND m.name = coalesce(nullif(btrim(i.choice), ''), btrim(i.cell_name))
WHERE i.territory_id = $1 AND i.batch = $2 AND i.geom IS NULL AND (btrim(i.cell_name) <> '' OR btrim(i.choice) <> '')
