-- Brings a batch into the table assignment_taken, with persons and cells as they
-- are known in the edition (NULL when they are not). A row without a code names
-- its cell, or in choice which of several it is.
INSERT INTO assignment_taken (row, staff_no, cell_code, named, candidates, person_id, cell_id, role, layer, post, side, rank, from_at, to_at)
SELECT i.row, i.staff_no, coalesce(v.code, m.code, i.said, ''), CASE WHEN i.said IS NULL THEN concat_ws(' / ', nullif(i.county, ''), nullif(i.town, ''), nullif(i.village, '')) ELSE '' END,
       CASE WHEN m.n > 1 THEN m.candidates END, p.id, coalesce(v.cell_id, CASE WHEN m.n = 1 THEN m.cell_id END),
       btrim(i.role), nullif(btrim(i.layer), ''), btrim(i.post), nullif(btrim(i.side), ''), i.rank, coalesce(i.from_at, $4), nullif(i.to_at, 'infinity')
FROM (
  SELECT i.*, coalesce(nullif(btrim(i.choice), ''), nullif(btrim(i.cell_code), '')) AS said,
         coalesce(btrim(i.county_name), '') AS county, coalesce(btrim(i.town_name), '') AS town, coalesce(btrim(i.cell_name), '') AS village
  FROM people.intake_assignment i WHERE i.territory_id = $1 AND i.batch = $2
) i
LEFT JOIN LATERAL (SELECT p.id FROM people.person p WHERE p.territory_id = $1 AND p.staff_no = btrim(i.staff_no) OFFSET 0) p ON true
LEFT JOIN LATERAL (SELECT v.cell_id, v.code FROM cells.of($1, $3) v WHERE v.code = i.said OFFSET 0) v ON true
LEFT JOIN name_meant m ON i.said IS NULL
  AND m.name = coalesce(nullif(i.village, ''), nullif(i.town, ''), i.county)
  AND m.tier = CASE WHEN i.village <> '' THEN -1 WHEN i.town <> '' THEN 3 ELSE 2 END
  AND m.county = CASE WHEN i.village <> '' OR i.town <> '' THEN i.county ELSE '' END
  AND m.town = CASE WHEN i.village <> '' THEN i.town ELSE '' END
